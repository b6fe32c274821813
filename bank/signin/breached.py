"""Passwords that are known from breaches elsewhere, looked up without a network.

The folder holds the range files of *Pwned Passwords*, as its downloader writes them: one file for
each 5 hexadecimal digits that a SHA-1 can begin with, ``21BD1`` or ``21BD1.txt``, with a line
``0018A45C4D1DEF81644B54AB7F969B88D65:10`` for each password.
"""

from __future__ import annotations

import hashlib
import unicodedata
from pathlib import Path


class Breached:
    """A set of breached passwords.

    :param folder: the range files; None: there is no such set, and nothing is in it.
    """

    def __init__(self, folder: Path | None) -> None:
        self._folder = folder

    def holds(self, password: str) -> bool:
        """Whether the password has been in a breach.

        :raises OSError: the file that would say so cannot be read, or is not there.
        :raises ValueError: it is no range file.
        """
        if self._folder is None:
            return False
        typed = unicodedata.normalize("NFC", password).encode()
        # The list is of these digests; nothing is kept under one here.
        digest = hashlib.sha1(typed, usedforsecurity=False).hexdigest().upper()
        prefix, suffix = digest[:5], digest[5:]
        for line in _read(self._folder, prefix).splitlines():
            found, _, times = line.partition(":")
            if found.upper() == suffix:
                # A range that was padded has lines of passwords that never were.
                return int(times) > 0
        return False


def _read(folder: Path, prefix: str) -> str:
    try:
        return (folder / f"{prefix}.txt").read_text(encoding="ascii")
    except FileNotFoundError:
        return (folder / prefix).read_text(encoding="ascii")
