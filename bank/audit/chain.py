"""The file: one JSON object in a line, and each line seals the one before it.

A line ends with the HMAC-SHA-256 of all that stands before it, and says by which key it was
sealed and what the seal of its predecessor is. Whoever changes, removes, moves or inserts a line
without the bank's audit key breaks the chain where they did it; :mod:`bank.audit.verify` names
the place.

Any number of processes and threads append: under a lock, each reads the end of the file first.
A line that was torn, because the power or the disk failed in the middle of it, stays where it
is; the next writer ends it and says in a line of its own that it did.
"""

from __future__ import annotations

import fcntl
import hashlib
import hmac
import json
import os
import re
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager, suppress
from datetime import UTC, datetime
from pathlib import Path
from typing import NamedTuple

from bank.audit.events import WARN, AuditEvent
from bank.audit.keys import Keys, id_of

FILE_NAME = "audit.jsonl"
FIRST_PREV = "0" * 64
RECOVERED = "sys_audit_recovered:bank"

# How long a writer waits for the others, who need well under a millisecond each; on a busy machine
# one of them may be kept from running with the lock in its hand, and what is given up on is lost.
LOCK_PATIENCE_S = 5.0
_LOCK_PAUSE_S = 0.002

# Many times the longest line; the end is read in pieces of this size until a good line is found.
TAIL_BYTES = 64 * 1024

SEALED = re.compile(rb'(\{"seq":([1-9]\d{0,17}),.*),"hash":"([0-9a-f]{64})"\}', re.DOTALL)


class Written(NamedTuple):
    """A line as it stands in the file, without its end."""

    seq: int
    hash: str
    line: str


class Tail(NamedTuple):
    """How the file ends.

    :ivar torn: what stands behind the last line end; nothing when all is well.
    """

    seq: int
    hash: str
    torn: bytes


class Chain:
    """Appends to the trail of one home folder."""

    def __init__(self, home: Path, keys: Keys) -> None:
        self.path = home / FILE_NAME
        self.keys = keys
        self._lock_path = home / ".audit-lock"

    def append(
        self,
        event: AuditEvent,
        *,
        recovered: Callable[[AuditEvent, Written], object] = lambda _event, _written: None,
    ) -> Written:
        """Writes one event; it is in the file, whole, when this returns.

        :param recovered: told of the line that was written before it, if there had to be one.
        :raises OSError: it could not be written; the file is as it was, as far as the system
            lets us undo what it has begun.
        """
        key = self.keys.current()
        with self._opened() as handle:
            tail = _read_tail(handle)
            if tail.torn:
                note = _note(tail, event.at)
                # In one piece with the line end that it needs, or it would be taken for torn.
                first = _sealed(note, key, tail)
                _write(handle, b"\n" + first.line.encode() + b"\n")
                recovered(note, first)
                tail = Tail(first.seq, first.hash, b"")
            written = _sealed(event, key, tail)
            _write(handle, written.line.encode() + b"\n")
            return written

    def check_writable(self) -> None:
        """Opens the file as a writer does, and writes nothing.

        :raises OSError: it cannot be written now.
        """
        with self._opened():
            return

    @contextmanager
    def _opened(self) -> Iterator[int]:
        with _locked(self._lock_path):
            flags = os.O_RDWR | os.O_APPEND | os.O_CREAT | os.O_CLOEXEC | os.O_NOFOLLOW
            handle = os.open(self.path, flags, 0o600)
            try:
                yield handle
            finally:
                os.close(handle)


def seal(key: bytes, body: bytes) -> str:
    """What the line beginning with ``body`` ends with, if it was sealed with this key."""
    return hmac.new(key, b"audit line\0" + body, "sha256").hexdigest()


def _sealed(event: AuditEvent, key: bytes, tail: Tail) -> Written:
    seq = tail.seq + 1
    body = line_body(event, seq, tail.hash, id_of(key))
    made = seal(key, body.encode())
    return Written(seq, made, f'{body},"hash":"{made}"}}')


def _note(tail: Tail, at: int) -> AuditEvent:
    return AuditEvent(
        RECOVERED,
        at,
        WARN,
        "The line before this one was never finished",
        details={
            "torn_bytes": len(tail.torn),
            "torn_sha256": hashlib.sha256(tail.torn).hexdigest(),
        },
    )


def line_body(event: AuditEvent, seq: int, prev: str, key_id: str = "") -> str:
    """A line up to its seal: ASCII, so that no terminal, editor or encoding changes its meaning.

    :param key_id: of the key that will seal it; empty for a line that nothing seals.
    """
    fields: dict[str, object] = {
        "seq": seq,
        "datetime": utc(event.at),
        "appid": "bank",
        "event": event.name,
        "level": event.level,
        "description": event.description,
    }
    fields |= {
        name: value
        for name in ("user", "session", "address", "agent", "method", "endpoint")
        if (value := getattr(event, name)) is not None
    }
    fields |= event.details
    fields |= {"pid": os.getpid(), "key": key_id, "prev": prev}
    text = json.dumps(fields, ensure_ascii=True, separators=(",", ":"))
    # The one control character that JSON leaves as it is.
    return text.removesuffix("}").replace("\x7f", "\\u007f")


def utc(ms: int) -> str:
    """RFC 3339 in UTC, to the millisecond."""
    moment = datetime.fromtimestamp(ms / 1000, UTC)
    return moment.isoformat(timespec="milliseconds").replace("+00:00", "Z")


def fields_of(body: bytes) -> Mapping[str, object] | None:
    """What the part of a line before its seal says; None when it is no JSON object."""
    try:
        fields = json.loads(body + b"}")
    except ValueError:
        return None
    return fields if isinstance(fields, dict) else None


def _read_tail(handle: int) -> Tail:
    size = start = os.fstat(handle).st_size
    end = b""
    while start > 0:
        # One line may begin in one piece and end in the next, so the pieces are put together.
        start, behind = max(0, start - max(TAIL_BYTES, size - start)), start
        end = os.pread(handle, behind - start, start) + end
        whole, _, torn = end.rpartition(b"\n")
        for line in reversed(whole.split(b"\n")):
            # One that was spoilt is for the check to find; the chain goes on from the last good
            # one.
            if found := SEALED.fullmatch(line):
                return Tail(int(found[2]), found[3].decode(), torn)
    return Tail(0, FIRST_PREV, end.rpartition(b"\n")[2])


def _write(handle: int, data: bytes) -> None:
    before = os.fstat(handle).st_size
    try:
        done = os.write(handle, data)
        if done < len(data):
            # What is left says why there was no room for it.
            os.write(handle, data[done:])
    except OSError:
        with suppress(OSError):
            os.ftruncate(handle, before)
        raise


@contextmanager
def _locked(path: Path) -> Iterator[None]:
    # Opened anew each time: a handle that threads or forks share would not keep them apart.
    handle = os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
    try:
        give_up = time.monotonic() + LOCK_PATIENCE_S
        while True:
            try:
                fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
                break
            except BlockingIOError:
                # A stopped process may hold it for ever, and a request is waiting here.
                if time.monotonic() > give_up:
                    raise
                time.sleep(_LOCK_PAUSE_S)
        yield
    finally:
        os.close(handle)
