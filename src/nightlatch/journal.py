"""Sign-outs that the store did not confirm, kept in a file until it does.

A line says that a session was signed out, or that this is done. Lines are only ever appended; the
file is emptied when everything in it is done. So a process that is killed at any moment leaves
at worst half a line, which counts as nothing, or a sign-out that is carried out twice, which
does no harm. The file knows the SHA-256 of a secret, as the store does, and no secret.
"""

from __future__ import annotations

import logging
import os
import re
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

# Windows has none. There, two processes of one machine may at worst do the same work twice.
fcntl: Any = None
with suppress(ImportError):
    import fcntl

_log = logging.getLogger("nightlatch")

# By then the limits of any profile have ended the session.
KEEP_MS = 24 * 3_600_000
# Some 8,000 sign-outs: whoever invents cookies during an outage cannot fill the disk.
MAX_BYTES = 1 << 20
# One request may be the first after an outage and does not end everybody's sessions alone.
AT_ONCE = 50

_LINE = re.compile(rb"(out|done) ([0-9a-f]{32}) ([0-9a-f]{64}) (\d{1,15})\n", re.ASCII)
_NOTHING = (0, 0, 0)
_FLAGS = os.O_RDWR | os.O_CREAT | os.O_APPEND | getattr(os, "O_BINARY", 0)


@dataclass(frozen=True, slots=True)
class Noted:
    """One sign-out: the session's handle, the SHA-256 of its secret, and when it happened.

    :ivar at: ms since the epoch.
    """

    sid: str
    secret_hash: bytes = field(repr=False)
    at: int


class Journal:
    """A journal of sign-outs, for the processes of one machine.

    :param path: where the file is; made, with its folder, at the first sign-out that needs it.
        Its mode is 0600.
    :param keep_ms: how old a sign-out may grow before it is forgotten.
    """

    def __init__(self, path: str | os.PathLike[str], *, keep_ms: int = KEEP_MS) -> None:
        # Absolute, so that a later change of the working directory changes nothing.
        self.path = Path(path).absolute()
        self._keep_ms = keep_ms
        self._read: tuple[tuple[int, int, int], dict[tuple[str, bytes], int]] = (_NOTHING, {})

    def note(self, sid: str, secret_hash: bytes, *, now: int) -> bool:
        """Keep a sign-out; it is on disk when the call returns.

        :returns: false when it could not be kept: no place, no right, or too many already.
        """
        try:
            with self._file() as handle:
                if (sid, secret_hash) in self._parse(handle):
                    return True
                if os.fstat(handle).st_size >= MAX_BYTES:
                    _log.error("The journal of sign-outs is full; one was not kept: %s", sid)
                    return False
                _append(handle, [_line(b"out", Noted(sid, secret_hash, now))])
        except OSError as error:
            _log.error("A sign-out could not be kept (%s): %s", type(error).__name__, sid)
            return False
        return True

    def pending(self) -> bool:
        """Whether there may be something to do; costs one look at the file's size."""
        return self._stamp()[0] > 0

    def holds(self, sid: str, secret_hash: bytes) -> int | None:
        """When this session was signed out, in ms since the epoch; ``None``: it was not."""
        return self._noted().get((sid, secret_hash))

    def replay(self, end: Callable[[Noted], object], *, now: int) -> None:
        """Carry out what is noted, some of it at a time; what is too old is forgotten.

        :param end: ends the session durably, if it is still live. What it raises ends the
            replay and is passed on; what was done before is crossed out.
        """
        done: list[bytes] = []
        self._read = (_NOTHING, {})
        try:
            for (sid, secret_hash), at in list(self._noted().items())[:AT_ONCE]:
                noted = Noted(sid, secret_hash, at)
                if now - at < self._keep_ms:
                    end(noted)
                done.append(_line(b"done", noted))
        finally:
            # When it cannot be written, all is done once more: that changes nothing.
            with suppress(OSError), self._file() as handle:
                _append(handle, done)
                if not self._parse(handle):
                    os.ftruncate(handle, 0)
                    os.fsync(handle)

    # Inside

    def _stamp(self) -> tuple[int, int, int]:
        try:
            found = os.stat(self.path)
        except OSError:
            return _NOTHING
        return found.st_size, found.st_mtime_ns, found.st_ino

    def _noted(self) -> dict[tuple[str, bytes], int]:
        stamp = self._stamp()
        if not stamp[0]:
            return {}
        if stamp != self._read[0]:
            try:
                with self._file() as handle:
                    self._read = (stamp, self._parse(handle))
            except OSError:
                return {}
        return self._read[1]

    @contextmanager
    def _file(self) -> Iterator[int]:
        """The file, held against other processes and threads."""
        self.path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        handle = os.open(self.path, _FLAGS, 0o600)
        try:
            if fcntl is not None:
                fcntl.flock(handle, fcntl.LOCK_EX)
            yield handle
        finally:
            os.close(handle)

    def _parse(self, handle: int) -> dict[tuple[str, bytes], int]:
        os.lseek(handle, 0, os.SEEK_SET)
        noted: dict[tuple[str, bytes], int] = {}
        # Twice the limit, because crossing out makes it longer.
        for line in os.read(handle, 4 * MAX_BYTES).splitlines(keepends=True):
            match = _LINE.fullmatch(line)
            if match is None:
                continue  # half a line, of a process that was killed
            key = (match[2].decode(), bytes.fromhex(match[3].decode()))
            if match[1] == b"out":
                noted.setdefault(key, int(match[4]))
            else:
                noted.pop(key, None)
        return noted


def _line(what: bytes, noted: Noted) -> bytes:
    return b"%s %s %s %d\n" % (
        what,
        noted.sid.encode(),
        noted.secret_hash.hex().encode(),
        noted.at,
    )


def _append(handle: int, lines: list[bytes]) -> None:
    if not lines:
        return
    os.lseek(handle, max(0, os.fstat(handle).st_size - 1), os.SEEK_SET)
    # After half a line of a process that was killed, a whole one begins on its own.
    whole = os.read(handle, 1) in (b"", b"\n")
    text = (b"" if whole else b"\n") + b"".join(lines)
    if os.write(handle, text) != len(text):
        raise OSError("half a line was written: the disk is full")
    os.fsync(handle)
