"""Sessions in PostgreSQL: for many machines.

One statement a verb, so one round trip; where sign-in and *end all* must take turns, a second
statement travels with it. What a request usually does is decided by the statement itself, where
the row is. Whatever it did not do is decided again here, by :mod:`nightlatch.policy`, on the row
as it was read; what is then written is written only if the row is still so, or else the verb
begins anew. Nothing is kept in the server's session, so a pooler that gives each transaction
another connection may stand between.
"""

from __future__ import annotations

import hashlib
import secrets
from dataclasses import replace
from hmac import compare_digest
from typing import Any

from psycopg.errors import UniqueViolation

from nightlatch.errors import StoreUnavailable
from nightlatch.limits import Limits
from nightlatch.policy import Touch, ended_by, seen_after
from nightlatch.record import EndReason, Record, info
from nightlatch.stores import postgres_rows as rows
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
from nightlatch.stores.postgres_connections import Connections
from nightlatch.stores.postgres_drafts import PostgresDrafts
from nightlatch.stores.postgres_schema import read_address
from nightlatch.stores.postgres_turns import EVERYONE, Turns, who
from nightlatch.stores.steps import closed, keep_epochs_ms, tombstone

# Everyone's sessions are ended in one step, however many there are.
EVERYONES_PATIENCE = 30
ANY_NUMBER = 2**31 - 1

Rows = list[tuple[Any, ...]]


class PostgresStore:
    """Sessions in two tables of a PostgreSQL database. URL: ``postgresql://…``.

    The tables are made beforehand, by ``python -m nightlatch.stores.postgres_schema``. A server
    that does not answer at the start is no reason not to start: every verb raises
    ``StoreUnavailable`` until it does.

    :param url: as libpq has it. Of its own it may have, after the question mark, ``schema``,
        ``limit_ms`` and ``connections``, which stand for the arguments of these names.
    :param schema: where the tables are; absent: ``nightlatch``.
    :param limit_ms: how long a verb may take before ``StoreUnavailable``; absent: 2 s.
    :param connections: how many this process opens at most; absent: 10.
    :raises SettingError: not such a URL; or the server answered, and the tables are not there,
        or of another version than this one's. It never repeats the URL.
    """

    def __init__(
        self,
        url: str,
        *,
        schema: str | None = None,
        limit_ms: int | None = None,
        connections: int | None = None,
    ) -> None:
        address = read_address(url, schema=schema, limit_ms=limit_ms, connections=connections)
        self._limit_ms = address.limit_ms
        self._turns = Turns(address.schema)
        self._db = Connections(address)
        self._sql = rows.Statements(address.schema)

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
        if rows.key(record.sid) is None:
            raise ValueError("a sid is 32 hexadecimal digits in lower case")
        values = rows.limit_values(limits, now) | rows.record_values(record)
        values |= {
            "instead": rows.key(instead_of),
            "began": began,
            "count": ANY_NUMBER if cap is None else cap.count,
            "refuse": cap is not None and cap.full == "refuse",
            "whos": [] if record.user is None else [EVERYONE, who(record.user)],
        }
        turn = None if record.user is None else self._turns.of(record.user)
        try:
            found = self._db.ask(
                "create", self._sql.create, values, until=self._db.until(), turn=turn
            )
        except UniqueViolation:
            found = [("exists",)]
        verdict = found[0][0]
        if verdict == "exists":
            raise ValueError(f"session {record.sid} exists already")
        if verdict != "created":
            return Refused(verdict)
        return Created(tuple(_fresh(row, EndReason.REPLACED, now) for row in found[1:]))

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
        until = self._db.until()
        key = rows.key(sid)
        values = rows.limit_values(limits, now, hold_idle) | {"sid": key}
        if touch is not None:
            salt = secrets.token_bytes(16)
            values |= {
                "at": touch.at,
                "due_ms": 1 if touch.always else max(1, limits.slack_ms),
                "salt": salt,
                "salted": hashlib.sha256(secret_hash + salt).digest(),
            }
        while key is not None:
            found = self._look(values, touch, until)
            if found is None:
                # It cannot be written: the request goes on, only this touch is lost.
                touch = None
                continue
            if not found:
                break
            record, touched = rows.as_record(found[0]), found[0][-1]
            previous = record.previous
            current = compare_digest(record.secret_hash, secret_hash)
            if not current and (
                previous is None or not compare_digest(previous.secret_hash, secret_hash)
            ):
                break
            if touched:
                return Live(record, touched=True)
            before = tombstone(record)
            if before is not None:
                return before

            reason = ended_by(record, limits, now, hold_idle=hold_idle)
            if reason is None and previous is not None and not current:
                if now < previous.until:
                    return Live(record, stale=True)
                reason = EndReason.REPLAYED
            if reason is not None:
                if self._bury_if_same("open", record, reason, now, until):
                    return Ended(record.sid, record.user, reason, now, fresh=True)
                continue

            if touch is not None and seen_after(record, limits, touch) is not None:
                continue  # it was changed at the very moment when it was to be touched
            if previous is None or not previous.closes_on_use:
                return Live(record)
            try:
                same = _as_read(record)
                if self._db.ask("open", self._sql.close, same, until=until):
                    return Live(replace(record, previous=closed(previous)))
            except StoreUnavailable:
                return Live(record)
        return None

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
        until = self._db.until()
        statement = self._sql.save
        values = rows.limit_values(limits, now, hold_idle)
        values |= {"sid": rows.key(sid), "version": version, "data": change.data}
        if change.rotate is not None:
            statement = self._sql.rotate
            values |= {
                "secret": change.rotate.secret_hash,
                "until": change.rotate.overlap_until,
                "closes": change.rotate.closes_on_use,
                "auth_at": change.rotate.auth_at,
                "auth_level": change.rotate.auth_level,
            }
        while True:
            found = self._db.ask("save", statement, values, until=until)
            if not found:
                return None
            if found[0][-1]:
                return Saved(version + 1)
            record = rows.as_record(found[0])
            before = tombstone(record)
            if before is not None:
                return before
            reason = ended_by(record, limits, now, hold_idle=hold_idle)
            if reason is not None:
                if self._bury_if_same("save", record, reason, now, until):
                    return Ended(record.sid, record.user, reason, now, fresh=True)
            elif record.version != version:
                return Conflict(record)
            # Otherwise somebody was faster, and what was read is from before that.

    def end(self, target: One | User | Everyone, *, reason: EndReason, now: int) -> Ends:
        """End what the target names; what has ended before stays as it was."""
        until = self._db.until()
        values: dict[str, Any] = {"now": now, "reason": reason.value}
        match target:
            case One(sid, seen_by):
                values |= {"sid": rows.key(sid), "seen_by": seen_by}
                found = self._db.ask("end", self._sql.end_one, values, until=until)
                return Ends(tuple(_fresh((None, *row), reason, now) for row in found))
            case User(user, keep):
                statement, turn = self._sql.end_user, self._turns.of(user)
                values |= {"who": who(user), "user": user, "keep": rows.key(keep)}
            case _:
                statement, turn = self._sql.end_everyone, self._turns.of(None)
                values |= {"who": EVERYONE}
                until += (EVERYONES_PATIENCE - 1) * self._limit_ms
        raised, *ended = self._db.ask("end", statement, values, until=until, turn=turn)
        return Ends(tuple(_fresh(row, reason, now) for row in ended), raised[0])

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
        statement = self._sql.list if user is None else self._sql.list_user
        values = {"user": user, "after": rows.key(after), "count": count}
        found = [
            rows.as_record(row)
            for row in self._db.ask("list", statement, values, until=self._db.until())
        ]
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
        values = rows.limit_values(limits, now, hold_idle) | {
            "after": rows.key(after),
            "count": count,
            "keep_ms": keep_ended_ms,
            "oldest": now - keep_epochs_ms(limits),
        }
        page, purged, *buried = self._db.ask(
            "sweep", self._sql.sweep, values, until=self._db.until()
        )
        return Swept(
            tuple(_fresh(row, EndReason(row[0]), now) for row in buried),
            purged[3],
            page[1].hex if page[3] == count else None,
        )

    def drafts(self) -> PostgresDrafts:
        """The drafts beside these sessions, in the same schema."""
        return PostgresDrafts(self._db, self._turns)

    def close(self) -> None:
        """Release every connection. A second call does nothing."""
        self._db.close()

    # Inside

    def _look(self, values: dict[str, Any], touch: Touch | None, until: int) -> Rows | None:
        """The row, touched if that was due; ``None`` when it cannot be written."""
        if touch is None:
            return self._db.ask("open", self._sql.read, values, until=until)
        try:
            # Half of the time is left for reading alone.
            return self._db.ask("open", self._sql.touch, values, until=until - self._limit_ms // 2)
        except StoreUnavailable:
            return None

    def _bury_if_same(
        self, doing: str, record: Record, reason: EndReason, now: int, until: int
    ) -> bool:
        values = _as_read(record) | {"now": now, "reason": reason.value}
        return bool(self._db.ask(doing, self._sql.bury_if_same, values, until=until))


def _as_read(record: Record) -> dict[str, Any]:
    return {"sid": rows.key(record.sid), "secret": record.secret_hash, "seen": record.seen}


def _fresh(row: tuple[Any, ...], reason: EndReason, now: int) -> Ended:
    return Ended(row[1].hex, row[2], reason, now, fresh=True)
