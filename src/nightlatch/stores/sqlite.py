"""Sessions in one SQLite file: for many processes and threads on one machine.

Readers never wait. Writers wait for each other for a bounded time, and a touch that had to wait
too long is left undone rather than failing its request. Rules are decided in Python, by
:mod:`nightlatch.policy`, on the row as it was read; what is then written is written only if the
row is still as it was, or else everything is decided again.
"""

from __future__ import annotations

import sqlite3
from hmac import compare_digest
from os import PathLike
from pathlib import Path

from nightlatch.errors import SettingError
from nightlatch.limits import Limits
from nightlatch.policy import Touch, ended_by, seen_after
from nightlatch.record import EndReason, Record, info
from nightlatch.stores import sqlite_rows as rows
from nightlatch.stores.base import (
    KEEP_ENDED_MS,
    Cap,
    Change,
    Conflict,
    Created,
    Ended,
    Ends,
    Everyone,
    Live,
    One,
    Page,
    Refused,
    Saved,
    Swept,
    User,
)
from nightlatch.stores.sqlite_drafts import SqliteDrafts
from nightlatch.stores.sqlite_file import SessionFile
from nightlatch.stores.steps import keep_epochs_ms, tombstone

BUSY_TIMEOUT_MS = 2_000


class SqliteStore:
    """Sessions in one SQLite file, in WAL mode. URL: ``sqlite:///path``.

    The file must be on a disk of this machine: WAL does not work over a network.

    :param path: where the file is; made, with its folder, when it is missing.
    :param busy_timeout_ms: how long a verb waits for another writer before it gives up.
    :param make: absent: yes. No: the file was made by the process that started this one, as by
        the master of a server's workers. It is looked for by the first verb, and while it is
        missing every verb raises ``StoreUnavailable``: a worker that is replaced during an
        outage neither puts an empty file in its place, which would sign everybody out, nor
        fails to start.
    :raises SettingError: the file cannot be reached or made, is no SQLite file, is another
        application's, or of a newer version of this one.
    :raises StoreUnavailable: another process did not let go of the file.
    """

    def __init__(
        self,
        path: str | PathLike[str],
        *,
        busy_timeout_ms: int = BUSY_TIMEOUT_MS,
        make: bool = True,
    ) -> None:
        if str(path) in ("", ":memory:"):
            raise SettingError("store", f"sqlite:///{path}", "the path of a file, or memory://")
        # Absolute, so that a later change of the working directory changes nothing.
        self._file = SessionFile(Path(path).absolute(), busy_timeout_ms, make=make)
        self._busy_timeout_ms = busy_timeout_ms
        self._make = make

    def create(
        self,
        record: Record,
        *,
        now: int,
        limits: Limits,
        began: int,
        cap: Cap | None = None,
        instead_of: str | None = None,
    ) -> Created | Refused:
        """Insert a new session, or refuse it; never replace a row."""
        key = rows.key(record.sid)
        if not key:
            raise ValueError("a sid is hexadecimal digits in lower case, two for each byte")
        with self._file.transaction("create") as db:
            if rows.first(db, rows.EXISTS, key):
                raise ValueError(f"session {record.sid} exists already")
            if record.user is not None and rows.first(
                db, rows.REVOKED, record.user, rows.EVERYONE, began
            ):
                return Refused("revoked")
            excess: list[Record] = []
            if record.user is not None and cap is not None:
                live = [
                    one
                    for one in rows.scan(db, rows.LIVE_OF_USER, record.user)
                    if one.sid != instead_of and ended_by(one, limits, now) is None
                ]
                live.sort(key=lambda one: (one.created, one.sid))
                excess = live[: max(0, len(live) + 1 - cap.count)]
                if excess and cap.full == "refuse":
                    return Refused("full")
            excess += rows.scan(db, rows.LIVE_ONE, rows.key(instead_of or ""))
            replaced = tuple(rows.bury(db, one, EndReason.REPLACED, now) for one in excess)
            db.execute(rows.INSERT, rows.row_values(record))
        return Created(replaced)

    def open(
        self,
        sid: str,
        secret_hash: bytes,
        *,
        now: int,
        limits: Limits,
        touch: Touch | None = None,
        hold_idle: bool = False,
    ) -> Live | Ended | None:
        """Load, verify and touch in one step."""
        key = rows.key(sid)
        with self._file.connection("open") as db:
            while True:
                row = rows.first(db, rows.READ, key)
                if row is None:
                    return None
                record = rows.as_record(row)
                previous = record.previous
                current = compare_digest(record.secret_hash, secret_hash)
                if not current and (
                    previous is None or not compare_digest(previous.secret_hash, secret_hash)
                ):
                    return None
                before = tombstone(record)
                if before is not None:
                    return before

                reason = ended_by(record, limits, now, hold_idle=hold_idle)
                if reason is None and previous is not None and not current:
                    if now < previous.until:
                        return Live(record, stale=True)
                    reason = EndReason.REPLAYED
                if reason is not None:
                    if rows.bury_if_same(db, record, reason, now):
                        return Ended(record.sid, record.user, reason, now, fresh=True)
                    continue

                seen = None if touch is None else seen_after(record, limits, touch)
                closing = previous is not None and previous.closes_on_use
                if seen is None and not closing:
                    return Live(record)
                try:
                    after = rows.touch(db, record, seen, closing)
                except sqlite3.OperationalError:
                    # Busy, read-only or full: the request goes on, only this touch is lost.
                    return Live(record)
                if after is not None:
                    return Live(after, touched=seen is not None)

    def save(
        self,
        sid: str,
        *,
        version: int,
        change: Change,
        now: int,
        limits: Limits,
        hold_idle: bool = False,
    ) -> Saved | Conflict | Ended | None:
        """Change a live session if its version still is ``version``; never insert."""
        key = rows.key(sid)
        with self._file.connection("save", durable=change.rotate is not None) as db:
            while True:
                row = rows.first(db, rows.READ, key)
                if row is None:
                    return None
                record = rows.as_record(row)
                before = tombstone(record)
                if before is not None:
                    return before
                reason = ended_by(record, limits, now, hold_idle=hold_idle)
                if reason is not None:
                    if rows.bury_if_same(db, record, reason, now):
                        return Ended(record.sid, record.user, reason, now, fresh=True)
                    continue
                if record.version != version:
                    return Conflict(record)
                if rows.save(db, record, change):
                    return Saved(version + 1)

    def end(self, target: One | User | Everyone, *, reason: EndReason, now: int) -> Ends:
        """End what the target names; what has ended before stays as it was."""
        with self._file.transaction("end") as db:
            match target:
                case One(sid, seen_by):
                    epoch = 0
                    meant = [
                        one
                        for one in rows.scan(db, rows.LIVE_ONE, rows.key(sid))
                        if seen_by is None or one.seen <= seen_by
                    ]
                case User(user, keep):
                    epoch = rows.raise_epoch(db, user, now)
                    meant = [
                        one for one in rows.scan(db, rows.LIVE_OF_USER, user) if one.sid != keep
                    ]
                case _:
                    epoch = rows.raise_epoch(db, rows.EVERYONE, now)
                    meant = list(rows.scan(db, rows.LIVE))
            return Ends(tuple(rows.bury(db, one, reason, now) for one in meant), epoch)

    def list(
        self,
        user: str | None,
        *,
        now: int,
        limits: Limits,
        after: str | None = None,
        count: int = 50,
    ) -> Page:
        """Live sessions of a user, or of everyone for ``None``, in the order of their sids."""
        start = rows.key(after or "")
        with self._file.connection("list") as db:
            if user is None:
                found = [*rows.scan(db, rows.LIVE + rows.PAGE, start, count)]
            else:
                found = [*rows.scan(db, rows.LIVE_OF_USER + rows.PAGE, user, start, count)]
        live = tuple(info(one) for one in found if ended_by(one, limits, now) is None)
        return Page(live, found[-1].sid if len(found) == count else None)

    def sweep(
        self,
        *,
        now: int,
        limits: Limits,
        after: str | None = None,
        count: int = 500,
        keep_ended_ms: int = KEEP_ENDED_MS,
        hold_idle: bool = False,
    ) -> Swept:
        """End sessions past a limit and purge old tombstones, ``count`` rows at most a call."""
        oldest = now - keep_epochs_ms(limits)
        with self._file.connection("sweep") as db:
            found = [*rows.scan(db, rows.ALL + rows.PAGE, rows.key(after or ""), count)]
            epochs = db.execute(rows.OLD_EPOCHS, (oldest, count)).fetchall()
        over = [
            (one, reason)
            for one in found
            if one.ended is None
            and (reason := ended_by(one, limits, now, hold_idle=hold_idle)) is not None
        ]
        old = [one for one in found if one.ended is not None and one.ended + keep_ended_ms <= now]

        ends: list[Ended] = []
        purged = 0
        # Most steps find nothing, and then take no lock.
        if over or old or epochs:
            with self._file.transaction("sweep") as db:
                for one, reason in over:
                    if rows.bury_if_same(db, one, reason, now):
                        ends.append(Ended(one.sid, one.user, reason, now, fresh=True))
                for one in old:
                    gone = db.execute(rows.PURGE, (rows.key(one.sid),))
                    purged += gone.rowcount
                db.executemany(rows.PURGE_EPOCH, epochs)
        return Swept(tuple(ends), purged, found[-1].sid if len(found) == count else None)

    def drafts(self) -> SqliteDrafts:
        """The drafts beside these sessions: in ``sessions-drafts.db`` beside ``sessions.db``.

        :raises SettingError, StoreUnavailable: as for the sessions' file.
        """
        path = self._file.path
        beside = path.with_name(f"{path.stem}-drafts{path.suffix}")
        return SqliteDrafts(beside, self._busy_timeout_ms, make=self._make)

    def close(self) -> None:
        """Release every connection. A second call does nothing."""
        self._file.close()
