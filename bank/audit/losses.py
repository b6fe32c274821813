"""How many events a place could not take: counted for all processes, also on a full disk."""

from __future__ import annotations

import fcntl
import os
import threading
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

FILE_NAME = "audit-lost"
PLACES = ("file", "rows")
_DIGITS = 20


class Losses:
    """Counters in a file of fixed size, written in place: that needs no room that is not there.

    What cannot be written even so is kept in this process and added later.
    """

    def __init__(self, home: Path) -> None:
        self._path = home / FILE_NAME
        self._unwritten = dict.fromkeys(PLACES, 0)
        self._lock = threading.Lock()
        # Now, while there is room.
        self._store()

    def add(self, place: str) -> None:
        """Counts one lost event."""
        with self._lock:
            self._unwritten[place] += 1
            self._store()

    def settle(self) -> None:
        """Adds what could not be written before to the count of all processes, if it can now."""
        with self._lock:
            if any(self._unwritten.values()):
                self._store()

    def read(self) -> dict[str, int]:
        """Lost events by place, of all processes."""
        with self._lock:
            counts = dict(self._unwritten)
        try:
            kept = _parse(self._path.read_bytes())
        except OSError:
            return counts
        return {place: counts[place] + kept[place] for place in PLACES}

    def forget(self) -> dict[str, int]:
        """Counts from nothing again.

        :returns: what was counted until now.
        :raises OSError: the file cannot be written; nothing was forgotten.
        """
        with self._lock, self._opened() as handle:
            kept = _parse(os.pread(handle, 1000, 0))
            counts = {place: kept[place] + self._unwritten[place] for place in PLACES}
            _write(handle, dict.fromkeys(PLACES, 0))
            self._unwritten = dict.fromkeys(PLACES, 0)
        return counts

    def _store(self) -> None:
        try:
            with self._opened() as handle:
                kept = _parse(os.pread(handle, 1000, 0))
                _write(handle, {place: kept[place] + self._unwritten[place] for place in PLACES})
        except OSError:
            return
        self._unwritten = dict.fromkeys(PLACES, 0)

    @contextmanager
    def _opened(self) -> Iterator[int]:
        handle = os.open(self._path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
        try:
            fcntl.flock(handle, fcntl.LOCK_EX)
            yield handle
        finally:
            os.close(handle)


def _write(handle: int, counts: Mapping[str, int]) -> None:
    text = "".join(f"{place} {counts[place]:0{_DIGITS}d}\n" for place in PLACES)
    os.pwrite(handle, text.encode("ascii"), 0)


def _parse(data: bytes) -> dict[str, int]:
    counts = dict.fromkeys(PLACES, 0)
    for line in data.decode("ascii", "replace").splitlines():
        place, _, number = line.partition(" ")
        if place in counts and number.isascii() and number.isdigit():
            counts[place] = int(number)
    return counts
