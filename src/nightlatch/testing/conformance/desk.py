"""What the conformance tests work with: limits, records, and shorthands for the verbs."""

from __future__ import annotations

import secrets
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from threading import Barrier
from typing import Any

from nightlatch.limits import Limits
from nightlatch.policy import Touch
from nightlatch.record import EndReason, Info, Record
from nightlatch.stores.base import (
    Created,
    Ended,
    Ends,
    Live,
    One,
    Rotation,
    SessionStore,
    Swept,
)
from nightlatch.testing.clock import START_MS

NOW = START_MS
LIMITS = Limits(timedelta(minutes=30), timedelta(hours=8))
IDLE = LIMITS.idle_ms
ABSOLUTE = LIMITS.absolute_ms
SLACK = LIMITS.slack_ms


def a_record(user: str | None = "ana", *, at: int = NOW, **fields: Any) -> Record:
    """A session that begins at ``at``, with a sid and a secret of its own."""
    values: dict[str, Any] = {
        "sid": secrets.token_hex(16),
        "secret_hash": a_hash(),
        "user": user,
        "created": at,
        "seen": at,
        "absolute_at": at + ABSOLUTE,
    }
    return Record(**values | fields)


def a_hash() -> bytes:
    """What a store sees of a secret: 32 bytes."""
    return secrets.token_bytes(32)


def begin(store: SessionStore, user: str | None = "ana", *, at: int = NOW, **fields: Any) -> Record:
    """A session in the store, authenticated at the moment when it begins."""
    record = a_record(user, at=at, **fields)
    assert store.create(record, now=at, limits=LIMITS, began=at) == Created()
    return record


def look(
    store: SessionStore, record: Record, *, at: int = NOW, hold_idle: bool = False
) -> Live | Ended | None:
    """Open without activity."""
    return store.open(record.sid, record.secret_hash, now=at, limits=LIMITS, hold_idle=hold_idle)


def touch(
    store: SessionStore, record: Record, *, at: int, always: bool = False
) -> Live | Ended | None:
    """Open with activity at that moment."""
    return store.open(
        record.sid, record.secret_hash, now=at, limits=LIMITS, touch=Touch(at, always)
    )


def live(store: SessionStore, record: Record, *, at: int = NOW) -> Record:
    """The record of a session that must be live."""
    answer = look(store, record, at=at)
    assert isinstance(answer, Live), answer
    return answer.record


def end(
    store: SessionStore,
    record: Record,
    *,
    at: int = NOW,
    reason: EndReason = EndReason.SIGNED_OUT,
) -> Ends:
    """End this one session."""
    return store.end(One(record.sid), reason=reason, now=at)


def a_rotation(*, until: int = NOW, **fields: Any) -> Rotation:
    """A rotation to a new secret, whose overlap ends at ``until``."""
    return Rotation(a_hash(), until, **fields)


def listed(
    store: SessionStore, user: str | None = None, *, at: int = NOW, count: int = 50
) -> list[Info]:
    """Every page of a list, one after the other."""
    found: list[Info] = []
    after: str | None = None
    while True:
        page = store.list(user, now=at, limits=LIMITS, after=after, count=count)
        assert len(page.sessions) <= count
        found += page.sessions
        after = page.after
        if after is None:
            return found


def sids(store: SessionStore, user: str | None = None, *, at: int = NOW) -> set[str]:
    """Which sessions are live."""
    return {one.sid for one in listed(store, user, at=at)}


def swept(store: SessionStore, *, at: int, count: int = 500, **options: Any) -> Iterator[Swept]:
    """Every step of a sweep."""
    after: str | None = None
    while True:
        step = store.sweep(now=at, limits=LIMITS, after=after, count=count, **options)
        yield step
        after = step.after
        if after is None:
            return


def together(*calls: Callable[[], Any]) -> list[Any]:
    """Run calls in threads of their own that start at once; their answers, in order."""
    ready = Barrier(len(calls))

    def one(call: Callable[[], Any]) -> Any:
        ready.wait()
        return call()

    with ThreadPoolExecutor(len(calls)) as pool:
        return [*pool.map(one, calls)]
