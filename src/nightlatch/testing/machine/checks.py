"""What must be true of an answer and of what was told with it."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass

from nightlatch.events import (
    ClockJumped,
    Event,
    SessionEnded,
    SessionExtended,
    SessionRefused,
)
from nightlatch.limits import Limits
from nightlatch.manager import Manager
from nightlatch.record import EndReason, Record
from nightlatch.stores.base import Cap, Ended, Live, SessionStore, Swept
from nightlatch.testing.clock import FakeClock
from nightlatch.testing.machine.model import Known, Model, Time, Watch
from nightlatch.testing.machine.store import GatedStore


@dataclass(frozen=True, slots=True)
class Reading:
    """What a request has read, and may store much later."""

    known: Known
    record: Record


class Process:
    """One process of the application: a manager of its own, with its own view of the clock."""

    def __init__(
        self, store: SessionStore, limits: Limits, clock: FakeClock, cap: Cap | None
    ) -> None:
        self.manager = Manager(store, limits, clock=clock, cap=cap)
        self.watch = Watch(clock, limits.slack_ms)
        self.sweeping: Iterator[Swept] | None = None


class Checks:
    """A model, two processes on one store, and the comparison of the two worlds.

    :param store: an empty store; whoever opened it closes it.
    :raises AssertionError: from any method: the rules do not hold; the message says which.
    """

    def __init__(self, store: SessionStore, limits: Limits, cap: Cap | None = None) -> None:
        self.limits = limits
        self.cap = cap
        self.clock = FakeClock()
        self.model = Model(limits)
        self.gate = GatedStore(store)
        self.processes = [Process(self.gate, limits, self.clock, cap) for _ in range(2)]
        self._heard: list[list[Event]] = [[]]
        for process in self.processes:
            process.manager.events.listen(lambda event: self._heard[-1].append(event))

    def _opened(
        self,
        process: Process,
        known: Known,
        token: str,
        answer: Live | Ended | None,
        time: Time,
        expected: list[Event],
        *,
        navigation: bool = False,
        ping: int | None = None,
        asked: EndReason | None = None,
    ) -> Reading | None:
        old = known.old
        stale = old is not None and token == old.token
        if token != known.token and not stale:
            # Malformed, made up, or rotated away twice: worth nothing, and nothing is told.
            assert answer is None, f"{known}: a worthless token was answered {answer}"
            kind = "unknown" if known.sid in token else "malformed"
            sid = known.sid if kind == "unknown" else None
            expected.append(SessionRefused(sid, None, time.now, kind))
            return None
        if answer is None:
            assert known.purgeable, f"{known} is unknown"
            known.gone = True
            expected.append(SessionRefused(known.sid, None, time.now, "unknown"))
            return None
        if isinstance(answer, Ended):
            replayed = answer.fresh and answer.reason is EndReason.REPLAYED
            if replayed:
                assert stale
                assert old is not None
                assert old.closed or time.now >= old.until, f"{known}: replayed inside the overlap"
                assert not self.model.surely_over(known, time), f"{known} was over before"
            expected += self._ended(known, answer, time, asked=asked is answer.reason)
            return None

        self.model.is_usable(known, time)
        record = answer.record
        assert answer.stale is stale, f"{known}: stale {answer.stale}"
        before = known.seen
        level = None
        if stale:
            assert old is not None
            assert not old.closed, f"{known}: an old secret after its overlap"
            assert time.now < old.until, f"{known}: an old secret after its overlap"
            level = old.level
        else:
            self.model.is_current(known, time.now)
            at = time.now if navigation else ping
            if at is not None:
                known.active = max(known.active, at)
            if ping is not None:
                known.written = max(known.written, ping)
        known.seen = record.seen
        assert answer.touched is (record.seen > before), f"{known}: touched {answer.touched}"
        if answer.touched:
            assert navigation or ping is not None, f"{known}: asking has extended"
            assert not stale, f"{known}: an old secret has extended"
            worth = 1 if ping is not None else max(1, self.limits.slack_ms)
            assert record.seen - before >= worth, f"{known}: a write for {record.seen - before} ms"
        if ping is not None and answer.touched:
            expected.append(SessionExtended(known.sid, known.user, time.now, ping))
        self._is_as_known(process, known, record, level)
        return None if stale else Reading(known, record)

    def _is_as_known(
        self, process: Process, known: Known, record: Record, level: int | None = None
    ) -> None:
        limits, seen = self.limits, record.seen
        level = known.level if level is None else level
        assert (record.sid, record.user) == (known.sid, known.user)
        assert record.created == known.created, f"{known}: created has moved"
        assert record.auth_level == level, f"{known}: level {record.auth_level}"
        assert known.written <= seen <= known.active, f"{known}: seen {seen}, {known.active}"
        assert known.active - seen < max(1, limits.slack_ms), f"{known}: seen lags too far"
        values = process.manager.values(record)
        assert values == known.values, f"{known}: {values} where {known.values} was stored"

    def _not_done(self, known: Known, answer: Ended | None, time: Time) -> Iterator[SessionEnded]:
        if answer is None:
            assert known.purgeable, f"{known} is unknown"
            known.gone = True
        else:
            yield from self._ended(known, answer, time)

    def _ended(
        self, known: Known, answer: Ended, time: Time, *, asked: bool = False
    ) -> Iterator[SessionEnded]:
        assert (answer.sid, answer.user) == (known.sid, known.user)
        if answer.fresh:
            assert answer.at == time.now
            self.model.ends(known, answer.reason, time, asked=asked)
            yield SessionEnded(known.sid, known.user, time.now, answer.reason)
        else:
            assert not known.gone, f"{known} had been forgotten"
            assert known.ended == (answer.reason, answer.at), f"{known}: {answer}, {known.ended}"

    @contextmanager
    def _verb(self, process: Process) -> Iterator[tuple[Time, list[Event]]]:
        """Read the clock as the process does, and compare what it tells with what it should."""
        self._heard.append([])
        time = process.watch.read()
        expected: list[Event] = [ClockJumped(time.now, time.jump)] if time.jump else []
        yield time, expected
        heard = self._heard.pop()
        assert Counter(heard) == Counter(expected), f"told {heard} where {expected} happened"
