"""Watches the whole suite of the bank for a password or a hash where none may be.

It reads what everybody else could read: every log record at every level, what goes to stdout and
stderr, what commands print, every page, and the audit trail. A hash is known by its shape, a
password by having been typed into a form of the test.
"""

from __future__ import annotations

import logging
import re
from collections.abc import Iterable, Mapping
from contextlib import suppress
from pathlib import Path

from bank.audit import redaction
from bank.seed import PEOPLE

HASH = re.compile(
    r"\$argon2(?:id|i|d)\$v=\d+\$m=|\$2[aby]\$\d\d\$[./\w]{20}|\$bank\$v=|\$[156]\$[./\w=]+\$[./\w]{20}"
    r"|\$[PH]\$[./\w]{31}|pbkdf2[_:]sha\d+[$:]\d+\$|scrypt:\d+:\d+:\d+\$|\{S?SHA\}[\w+/]{27}"
)
# A shorter one, or one that is somebody's name as well, stands on pages for other reasons.
SHORTEST = 8
_NAMES = {person.name.casefold() for person in PEOPLE}


class Canary(logging.Handler):
    """Everything that it finds is kept until :meth:`take` is asked for it."""

    def __init__(self) -> None:
        super().__init__(logging.NOTSET)
        self.setFormatter(logging.Formatter("%(name)s %(message)s"))
        self.found: list[str] = []
        self.typed: set[str] = set()

    def emit(self, record: logging.LogRecord) -> None:
        """Reads a log record as any handler would."""
        # Tests of the guard take it away, to see what it keeps back.
        if redaction.is_installed():
            self.read(f"log of {record.name}", self.format(record))

    def type(self, fields: object) -> None:
        """Takes note of the passwords in a form that is being sent."""
        if isinstance(fields, Mapping):
            self.typed |= {
                value
                for name, value in fields.items()
                if "password" in str(name)
                and isinstance(value, str)
                and len(value) >= SHORTEST
                and value.casefold() not in _NAMES
            }

    def read(self, where: str, text: str) -> None:
        """Searches a text."""
        if HASH.search(text):
            self.found.append(f"a hash in the {where}")
        self.found += [f"a password in the {where}" for typed in self.typed if typed in text]

    def read_files(self, paths: Iterable[Path]) -> None:
        """Searches files."""
        for path in paths:
            # Some tests leave one that cannot be read.
            with suppress(OSError):
                self.read(path.name, path.read_text(encoding="utf-8", errors="replace"))

    def take(self) -> list[str]:
        """What was found since the last time; passwords that were typed are forgotten."""
        found, self.found = self.found, []
        self.typed = set()
        return found
