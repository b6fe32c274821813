"""The audit key: made when the first event is written, and kept when another takes its place."""

from __future__ import annotations

import hmac
import os
import threading
from contextlib import suppress
from pathlib import Path

from bank.audit import scrub
from bank.home import locked, secret_key

NAME = "audit-key"
_BEFORE = f"{NAME}-before-"


def id_of(key: bytes) -> str:
    """What a line says of the key that sealed it: 8 hexadecimal digits that do not betray it."""
    return hmac.new(key, b"audit key id", "sha256").hexdigest()[:8]


class Keys:
    """The keys of one home folder.

    Nothing is made by looking: a trail whose key is missing can be checked and stays as it is.
    """

    def __init__(self, home: Path) -> None:
        self._home = home
        self._lock = threading.Lock()
        self._current: bytes | None = None
        with suppress(OSError):
            # The bank starts all the same; whoever writes or checks is told why they cannot.
            scrub.know(*(key.decode() for key in self.all().values()))

    def current(self) -> bytes:
        """The key for new lines, the same for as long as this process lives.

        :raises OSError: there is none, and none can be made.
        """
        with self._lock:
            if self._current is None:
                key = secret_key(self._home, NAME)
                scrub.know(key)
                self._current = key.encode()
            return self._current

    def all(self) -> dict[str, bytes]:
        """Every key that the folder has at this moment, by what lines say of it.

        The current one is the last.

        :raises OSError: one of them cannot be read.
        """
        paths = sorted(self._home.glob(f"{_BEFORE}*"))
        paths += [path for path in (self._home / NAME,) if path.exists()]
        return {id_of(key): key for key in (path.read_bytes() for path in paths)}

    def rotate(self) -> tuple[str, str]:
        """Puts a new key in the place of the current one, which is kept to check old lines by.

        Processes that run already go on with the key they have; both are good.

        :returns: what lines say of the old one, and of the new one.
        :raises OSError: it could not be done; the current key is still the current one.
        """
        old = secret_key(self._home, NAME).encode()
        with locked(self._home):
            # It may be there: a process was killed before it took the other name away.
            with suppress(FileExistsError):
                os.link(self._home / NAME, self._home / f"{_BEFORE}{id_of(old)}")
            (self._home / NAME).unlink()
        with self._lock:
            self._current = None
        return id_of(old), id_of(self.current())
