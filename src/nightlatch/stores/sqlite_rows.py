"""Rows of :mod:`nightlatch.stores.sqlite`: its SQL, and records to and from it."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from typing import Any

from nightlatch.record import EndReason, Previous, Record
from nightlatch.stores.base import Change, Ended
from nightlatch.stores.sqlite_file import Connection
from nightlatch.stores.steps import changed, closed, epoch_after

COLUMNS = (
    "sid, secret_hash, user, created, seen, absolute_at, auth_at, auth_level, version, "
    "previous_hash, previous_until, previous_closes_on_use, previous_auth_level, "
    "ended, reason, device, address"
)
# Written together once, from constants alone.
READ = f"SELECT {COLUMNS}, data FROM session WHERE sid = ?"  # noqa: S608
EXISTS = "SELECT 1 FROM session WHERE sid = ?"
INSERT = f"INSERT INTO session ({COLUMNS}, data) VALUES ({', '.join('?' * 18)})"  # noqa: S608
PURGE = "DELETE FROM session WHERE sid = ?"

# Scans leave the data where it is.
ALL = f"SELECT {COLUMNS}, x'' FROM session WHERE true"  # noqa: S608
LIVE = f"{ALL} AND ended IS NULL"
LIVE_ONE = f"{LIVE} AND sid = ?"
LIVE_OF_USER = f"{LIVE} AND user = ?"
PAGE = " AND sid > ? ORDER BY sid LIMIT ?"

REVOKED = "SELECT 1 FROM epoch WHERE user IN (?, ?) AND at >= ?"
OLD_EPOCHS = "SELECT user, at FROM epoch WHERE at <= ? LIMIT ?"
PURGE_EPOCH = "DELETE FROM epoch WHERE user = ? AND at = ?"

TOUCH = """UPDATE session SET seen = ?, previous_until = ?, previous_closes_on_use = ?
    WHERE sid = ? AND ended IS NULL AND secret_hash = ? AND seen = ?"""
# Not the previous secret: its overlap may be closing at this very moment.
SAVE_DATA = """UPDATE session SET version = ?, data = ?
    WHERE sid = ? AND ended IS NULL AND version = ?"""
SAVE_ROTATED = """UPDATE session SET version = ?, data = ?, secret_hash = ?,
    seen = max(seen, ?), auth_at = ?, auth_level = ?, previous_hash = ?, previous_until = ?,
    previous_closes_on_use = ?, previous_auth_level = ?
    WHERE sid = ? AND ended IS NULL AND version = ?"""
BURY = """UPDATE session SET ended = ?, reason = ?, data = x'', device = '', address = ''
    WHERE sid = ? AND ended IS NULL"""
# Decided on what was read, so only while that still holds.
BURY_IF_SAME = f"{BURY} AND secret_hash = ? AND seen = ?"
RAISE_EPOCH = """INSERT INTO epoch (user, at) VALUES (?, ?)
    ON CONFLICT (user) DO UPDATE SET at = excluded.at"""

# Stands for everyone in `epoch`: a BLOB equals no TEXT.
EVERYONE = b""


def key(sid: str) -> bytes:
    """The key of a sid; of what is none, a key that no row has."""
    try:
        key = bytes.fromhex(sid)
    except ValueError:
        return b""
    return key if key.hex() == sid else b""


def first(db: Connection, sql: str, *values: object) -> tuple[Any, ...] | None:
    """The first row of an answer, or ``None``."""
    # Read to the end: a statement that is still open would pin its snapshot under the next write.
    rows = db.execute(sql, values).fetchall()
    return rows[0] if rows else None


def scan(db: Connection, sql: str, *values: object) -> Iterator[Record]:
    """Every row of an answer, as a record."""
    return map(as_record, db.execute(sql, values).fetchall())


def as_record(row: tuple[Any, ...]) -> Record:
    """A row of all columns in their order, as a record."""
    (
        sid,
        secret_hash,
        user,
        created,
        seen,
        absolute_at,
        auth_at,
        auth_level,
        version,
        previous_hash,
        previous_until,
        previous_closes_on_use,
        previous_auth_level,
        ended,
        reason,
        device,
        address,
        data,
    ) = row
    return Record(
        sid.hex(),
        secret_hash,
        user,
        created,
        seen,
        absolute_at,
        auth_at,
        auth_level,
        version,
        data,
        device,
        address,
        None
        if previous_hash is None
        else Previous(
            previous_hash, previous_until, bool(previous_closes_on_use), previous_auth_level
        ),
        ended,
        None if reason is None else EndReason(reason),
    )


def row_values(record: Record) -> tuple[object, ...]:
    """A record as the values of a row, in the order of the columns."""
    return (
        key(record.sid),
        record.secret_hash,
        record.user,
        record.created,
        record.seen,
        record.absolute_at,
        record.auth_at,
        record.auth_level,
        record.version,
        *_previous(record.previous),
        record.ended,
        record.reason,
        record.device,
        record.address,
        record.data,
    )


def _previous(previous: Previous | None) -> tuple[object, ...]:
    if previous is None:
        return (None, None, None, None)
    return (
        previous.secret_hash,
        previous.until,
        previous.closes_on_use,
        previous.auth_level,
    )


# Writes; each is one statement, and says whether it happened


def touch(db: Connection, record: Record, seen: int | None, closing: bool) -> Record | None:
    """Move ``seen`` and close the overlap; ``None`` when the row is no longer as it was read."""
    after = record if seen is None else replace(record, seen=seen)
    previous = after.previous
    if previous is not None and closing:
        previous = closed(previous)
        after = replace(after, previous=previous)
    _, until, closes_on_use, _ = _previous(previous)
    touched = db.execute(
        TOUCH,
        (after.seen, until, closes_on_use, key(record.sid), record.secret_hash, record.seen),
    )
    return after if touched.rowcount else None


def save(db: Connection, before: Record, change: Change) -> bool:
    """Store a change of a live row of this version; false when there is none any more."""
    after = changed(before, change)
    values: tuple[object, ...] = (after.version, after.data)
    if change.rotate is not None:
        values += (after.secret_hash, after.seen, after.auth_at, after.auth_level)
        values += _previous(after.previous)
    saved = db.execute(
        SAVE_DATA if change.rotate is None else SAVE_ROTATED,
        (*values, key(before.sid), before.version),
    )
    return bool(saved.rowcount)


def bury(db: Connection, record: Record, reason: EndReason, now: int) -> Ended:
    """End one session, in a transaction that has seen it live."""
    db.execute(BURY, (now, reason, key(record.sid)))
    return Ended(record.sid, record.user, reason, now, fresh=True)


def bury_if_same(db: Connection, record: Record, reason: EndReason, now: int) -> bool:
    """End one session, durably, if its row is still as it was read."""
    if not db.in_transaction:
        db.sync(True)
    buried = db.execute(
        BURY_IF_SAME, (now, reason, key(record.sid), record.secret_hash, record.seen)
    )
    return bool(buried.rowcount)


def raise_epoch(db: Connection, who: str | bytes, now: int) -> int:
    """The new epoch of a user or of everyone, in a transaction."""
    row = first(db, "SELECT at FROM epoch WHERE user = ?", who)
    epoch = epoch_after(row[0] if row else None, now)
    db.execute(RAISE_EPOCH, (who, epoch))
    return epoch
