"""The breaker: when nobody asks any more, who asks first, and when everybody may again."""

from __future__ import annotations

import threading
from collections.abc import Callable
from typing import Any

import pytest

from nightlatch.breaker import PROBE_MS, RETRY_MS, SLOW_MS, Breaker
from nightlatch.errors import StoreUnavailable
from nightlatch.limits import Limits
from nightlatch.manager import Manager
from nightlatch.policy import Touch
from nightlatch.record import EndReason
from nightlatch.stores.base import Live, User
from nightlatch.stores.memory import MemoryStore
from nightlatch.testing import FakeClock
from nightlatch.testing.conformance.desk import LIMITS, NOW, SLACK, a_record, begin, live, look


class Line(MemoryStore):
    """A store whose line is cut, for reading or writing or both, and takes its time to say so."""

    def __init__(self, clock: FakeClock) -> None:
        super().__init__()
        self.clock = clock
        self.asked = 0
        self.cut: tuple[str, ...] = ()
        self.takes_ms = 0
        self.meanwhile: Callable[[], object] = lambda: None

    def _ask(self, verb: str) -> None:
        self.asked += 1
        meanwhile, self.meanwhile = self.meanwhile, lambda: None
        meanwhile()
        if verb in self.cut:
            self.clock.advance(ms=self.takes_ms)
            raise StoreUnavailable(verb, "the line is cut", retry_after_s=7)

    def open(self, *args: Any, **kwargs: Any) -> Any:
        self._ask("open")
        return super().open(*args, **kwargs)

    def save(self, *args: Any, **kwargs: Any) -> Any:
        self._ask("save")
        return super().save(*args, **kwargs)


@pytest.fixture
def clock() -> FakeClock:
    return FakeClock()


@pytest.fixture
def line(clock: FakeClock) -> Line:
    return Line(clock)


@pytest.fixture
def breaker(line: Line, clock: FakeClock) -> Breaker:
    return Breaker(line, clock)


def unavailable(breaker: Breaker) -> StoreUnavailable:
    with pytest.raises(StoreUnavailable) as caught:
        look(breaker, a_record())
    return caught.value


def test_one_slow_failure_is_enough(breaker: Breaker, line: Line, clock: FakeClock) -> None:
    """The second request does not wait: the store is not asked, and the answer says when to."""
    line.cut, line.takes_ms = ("open",), SLOW_MS
    first = unavailable(breaker)

    second = unavailable(breaker)

    assert line.asked == 1
    assert (first.cause, first.retry_after_s) == ("the line is cut", 7)
    assert (second.doing, second.cause) == ("open", "the line is cut a moment ago")
    assert second.retry_after_s == RETRY_MS / 1000
    clock.advance(ms=RETRY_MS - 1)
    assert unavailable(breaker).retry_after_s == 1
    assert line.asked == 1


def test_five_quick_failures_in_a_row_are_enough(breaker: Breaker, line: Line) -> None:
    """Four are bad luck, and an answer between them starts the count again."""
    record = begin(line)
    line.cut = ("open",)
    for _ in range(4):
        unavailable(breaker)
    line.cut = ()
    live(breaker, record)
    line.cut = ("open",)

    for _ in range(7):
        unavailable(breaker)

    assert line.asked == 4 + 1 + 5


def test_it_recovers_by_itself(breaker: Breaker, line: Line, clock: FakeClock) -> None:
    """After the pause the next call asks, and when that is answered everybody does again."""
    record = begin(line)
    line.cut, line.takes_ms = ("open",), SLOW_MS
    unavailable(breaker)
    line.cut = ()
    clock.advance(ms=RETRY_MS)

    assert [live(breaker, record) for _ in range(3)] == [record] * 3


def test_a_failed_probe_starts_the_pause_again(
    breaker: Breaker, line: Line, clock: FakeClock
) -> None:
    """Also a quick one."""
    line.cut, line.takes_ms = ("open",), SLOW_MS
    unavailable(breaker)
    clock.advance(ms=RETRY_MS)
    line.takes_ms = 0

    unavailable(breaker)
    unavailable(breaker)

    assert line.asked == 2


def test_one_probe_at_a_time(breaker: Breaker, line: Line, clock: FakeClock) -> None:
    """While one call tries, the others fail at once, however long it takes; not for ever."""
    line.cut, line.takes_ms = ("open",), SLOW_MS
    unavailable(breaker)
    clock.advance(ms=RETRY_MS)
    seen = []

    def others() -> None:
        clock.advance(ms=PROBE_MS - 1)
        asked = line.asked
        seen.append((unavailable(breaker).retry_after_s, line.asked - asked))
        clock.advance(ms=1)
        unavailable(breaker)
        seen.append((0, line.asked - asked))

    line.meanwhile = others
    unavailable(breaker)

    assert seen == [(1, 0), (0, 1)]


def test_one_probe_of_many_threads(breaker: Breaker, line: Line, clock: FakeClock) -> None:
    """Sixteen threads at the moment of the retry: the store is asked once."""
    line.cut, line.takes_ms = ("open",), SLOW_MS
    unavailable(breaker)
    clock.advance(ms=RETRY_MS)
    start, finish = threading.Barrier(16), threading.Event()
    line.meanwhile = lambda: finish.wait(30)
    failed = threading.Semaphore(0)

    def ask() -> None:
        start.wait()
        unavailable(breaker)
        failed.release()

    threads = [threading.Thread(target=ask) for _ in range(16)]
    for thread in threads:
        thread.start()
    for _ in range(15):
        assert failed.acquire(timeout=30)
    asked = line.asked
    finish.set()
    for thread in threads:
        thread.join(30)

    assert asked == 2


def test_recovered_while_waiting_for_the_lock(breaker: Breaker) -> None:
    """Who was about to be refused when the store came back is not refused."""
    breaker._reading._wait_or_probe("open")


def test_reading_goes_on_where_writing_fails(breaker: Breaker, line: Line) -> None:
    """A full disk signs nobody out and stops nobody from reading; touches are left out."""
    record = begin(line)
    manager_save = {"version": 1, "change": None, "now": NOW, "limits": LIMITS}
    line.cut, line.takes_ms = ("save",), SLOW_MS
    with pytest.raises(StoreUnavailable, match="save"):
        breaker.save(record.sid, **manager_save)

    answer = breaker.open(
        record.sid, record.secret_hash, now=NOW + SLACK, limits=LIMITS, touch=Touch(NOW + SLACK)
    )

    assert answer == Live(record)


def test_touches_are_written_again_after_the_pause(
    breaker: Breaker, line: Line, clock: FakeClock
) -> None:
    """They do not wait for somebody to save something."""
    record = begin(line)
    line.cut, line.takes_ms = ("save",), SLOW_MS
    with pytest.raises(StoreUnavailable):
        breaker.save(record.sid)
    clock.advance(ms=RETRY_MS)

    answer = breaker.open(
        record.sid, record.secret_hash, now=NOW + SLACK, limits=LIMITS, touch=Touch(NOW + SLACK)
    )

    assert isinstance(answer, Live)
    assert answer.touched


def test_a_touch_that_is_not_written_is_an_answer(breaker: Breaker, line: Line) -> None:
    """However often: the store did answer."""
    record = begin(line)

    for _ in range(10):
        look(breaker, record)

    assert line.asked == 10


def test_a_refusal_is_an_answer(breaker: Breaker, line: Line, clock: FakeClock) -> None:
    """A mistake of the caller's opens nothing, and closes what was open."""
    record = begin(breaker)
    line.cut, line.takes_ms = ("save",), SLOW_MS
    with pytest.raises(StoreUnavailable):
        breaker.save(record.sid)
    clock.advance(ms=RETRY_MS)

    with pytest.raises(ValueError, match="exists already"):
        breaker.create(record, now=NOW, limits=LIMITS, began=NOW)

    begin(breaker)


def test_every_verb_goes_through(clock: FakeClock) -> None:
    """A manager works on it as on the store itself."""
    store = Breaker(MemoryStore())
    manager = Manager(store, Limits(), clock=clock)
    started = manager.start("ana")

    manager.save(started.record, {"a": 1})
    assert [one.sid for one in manager.list()] == [started.record.sid]
    assert len(store.end(User("ana"), reason=EndReason.REVOKED, now=clock.now()).ended) == 1
    clock.advance(hours=25)
    assert [step.purged for step in manager.sweep()] == [1]
    manager.close()
