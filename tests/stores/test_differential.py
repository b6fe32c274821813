"""Whatever is asked of them in whatever order, memory and SQLite give the same answers."""

from __future__ import annotations

import shutil
import tempfile
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, rule

from nightlatch.policy import Touch
from nightlatch.record import EndReason
from nightlatch.stores.base import (
    Cap,
    Change,
    Created,
    Ends,
    Everyone,
    One,
    Rotation,
    SessionStore,
    User,
)
from nightlatch.stores.memory import MemoryStore
from nightlatch.stores.sqlite import SqliteStore
from nightlatch.testing.conformance.desk import (
    ABSOLUTE,
    IDLE,
    LIMITS,
    NOW,
    SLACK,
    a_record,
    listed,
    swept,
)

# Few of each, so that they meet.
SIDS = st.sampled_from([digit * 32 for digit in "0123"] + ["no sid"])
HASHES = st.sampled_from([digit * 32 for digit in (b"a", b"b", b"c")])
USERS = st.sampled_from(["ana", "O’Connor", None])
NAMES = st.sampled_from(["ana", "O’Connor"])
REASONS = st.sampled_from(EndReason)
STEPS = st.sampled_from([0, 1, SLACK - 1, SLACK, IDLE - 1, IDLE, ABSOLUTE, -1, -SLACK])
SPANS = st.sampled_from([0, 1, SLACK, IDLE])
CAPS = st.none() | st.builds(Cap, st.integers(1, 2), st.sampled_from(["refuse", "end-oldest"]))


class Stores(RuleBasedStateMachine):
    """Every verb is asked of both stores; the memory store is the oracle."""

    def __init__(self) -> None:
        super().__init__()
        self.folder = Path(tempfile.mkdtemp())
        self.memory = MemoryStore()
        self.sqlite = SqliteStore(self.folder / "sessions.db")
        self.now = NOW

    def teardown(self) -> None:
        self.sqlite.close()
        shutil.rmtree(self.folder)

    def same(self, ask: Callable[[SessionStore], Any]) -> Any:
        expected = _answer(ask, self.memory)
        assert _answer(ask, self.sqlite) == expected
        return expected

    @rule(ms=STEPS)
    def time_passes(self, ms: int) -> None:
        self.now += ms

    @rule(sid=SIDS, secret=HASHES, user=USERS, data=st.binary(max_size=9), cap=CAPS, ago=SPANS)
    def create(
        self, sid: str, secret: bytes, user: str | None, data: bytes, cap: Cap | None, ago: int
    ) -> None:
        if sid == "no sid":
            return
        record = a_record(user, at=self.now, sid=sid, secret_hash=secret, data=data)
        self.same(
            lambda store: store.create(
                record, now=self.now, limits=LIMITS, began=self.now - ago, cap=cap
            )
        )

    @rule(
        sid=SIDS,
        secret=HASHES,
        ago=st.none() | SPANS,
        always=st.booleans(),
        hold=st.booleans(),
    )
    def open(self, sid: str, secret: bytes, ago: int | None, always: bool, hold: bool) -> None:
        touch = None if ago is None else Touch(self.now - ago, always)
        self.same(
            lambda store: store.open(
                sid, secret, now=self.now, limits=LIMITS, touch=touch, hold_idle=hold
            )
        )

    @rule(
        sid=SIDS,
        version=st.integers(1, 4),
        data=st.none() | st.binary(max_size=9),
        rotation=st.none() | st.tuples(HASHES, SPANS, st.booleans(), st.none() | st.integers(0, 2)),
        hold=st.booleans(),
    )
    def save(
        self,
        sid: str,
        version: int,
        data: bytes | None,
        rotation: tuple[bytes, int, bool, int | None] | None,
        hold: bool,
    ) -> None:
        rotate = None
        if rotation is not None:
            secret, span, closes, level = rotation
            at = None if level is None else self.now
            rotate = Rotation(secret, self.now + span, closes, at, level)
        self.same(
            lambda store: store.save(
                sid,
                version=version,
                change=Change(data, rotate),
                now=self.now,
                limits=LIMITS,
                hold_idle=hold,
            )
        )

    @rule(
        meant=st.builds(One, SIDS, st.none() | SPANS.map(lambda span: NOW + span))
        | st.builds(User, NAMES, st.none() | SIDS)
        | st.just(Everyone()),
        reason=REASONS,
    )
    def end(self, meant: One | User | Everyone, reason: EndReason) -> None:
        self.same(lambda store: store.end(meant, reason=reason, now=self.now))

    @rule(count=st.integers(1, 4), keep_ms=SPANS, hold=st.booleans())
    def sweep(self, count: int, keep_ms: int, hold: bool) -> None:
        def sweep(store: SessionStore) -> object:
            steps = [*swept(store, at=self.now, count=count, keep_ended_ms=keep_ms, hold_idle=hold)]
            return [one for step in steps for one in step.ended], sum(step.purged for step in steps)

        self.same(sweep)

    @rule(user=USERS, count=st.integers(1, 4))
    def list(self, user: str | None, count: int) -> None:
        self.same(lambda store: listed(store, user, at=self.now, count=count))

    @invariant()
    def same_sessions(self) -> None:
        self.same(lambda store: listed(store, at=self.now))


def _answer(ask: Callable[[SessionStore], Any], store: SessionStore) -> object:
    """An answer without what a store may choose: the order in which sessions end."""
    try:
        answer = ask(store)
    except ValueError as error:
        return str(error)
    if isinstance(answer, Created):
        return replace(answer, replaced=tuple(sorted(answer.replaced, key=lambda one: one.sid)))
    if isinstance(answer, Ends):
        return replace(answer, ended=tuple(sorted(answer.ended, key=lambda one: one.sid)))
    return answer


TestStores = Stores.TestCase
TestStores.settings = settings(max_examples=60, stateful_step_count=30, deadline=None)
