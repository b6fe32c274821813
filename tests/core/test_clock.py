"""The clock, its fake, and the watch for jumps."""

from __future__ import annotations

import time

import pytest

from nightlatch.clock import JUMP_MS, JumpWatch, SystemClock, pause
from nightlatch.testing import FakeClock
from nightlatch.testing.clock import START_MS

HOUR_MS = 3_600_000
HOLD_MS = 60_000


@pytest.fixture
def clock() -> FakeClock:
    return FakeClock()


@pytest.fixture
def watch(clock: FakeClock) -> JumpWatch:
    return JumpWatch(clock, HOLD_MS)


def test_the_systems_time() -> None:
    """The system's clock counts whole milliseconds since the epoch."""
    before = time.time_ns() // 1_000_000

    now = SystemClock().now()

    assert before <= now <= time.time_ns() // 1_000_000
    assert type(now) is int


def test_the_systems_stopwatch() -> None:
    """Elapsed time never goes back, and is in milliseconds."""
    clock = SystemClock()

    first, second = clock.elapsed(), clock.elapsed()

    assert type(first) is int
    assert 0 <= second - first < 10_000


def test_a_pause_is_in_milliseconds() -> None:
    """A back-off waits for at least that long."""
    before = time.monotonic_ns()

    pause(1)

    assert time.monotonic_ns() - before >= 900_000


def test_time_passes(clock: FakeClock, watch: JumpWatch) -> None:
    """Time that passes for both clocks is no jump, however long, suspend included."""
    for hours in (0, 1, 1_000):
        clock.advance(hours=hours)
        assert watch.read() == (clock.now(), False, 0)


def test_a_jump_forwards(clock: FakeClock, watch: JumpWatch) -> None:
    """A jump forwards is told once, and holds idle expiry for the hold, to the millisecond."""
    clock.step(HOUR_MS)

    assert watch.read() == (START_MS + HOUR_MS, True, HOUR_MS)
    clock.advance(ms=HOLD_MS - 1)
    assert watch.read() == (clock.now(), True, 0)
    clock.advance(ms=1)
    assert watch.read() == (clock.now(), False, 0)


def test_a_jump_backwards(clock: FakeClock, watch: JumpWatch) -> None:
    """A jump backwards is told and holds nothing: nobody looks idle because of it."""
    clock.step(-HOUR_MS)

    assert watch.read() == (START_MS - HOUR_MS, False, -HOUR_MS)


@pytest.mark.parametrize("ms", [JUMP_MS, -JUMP_MS, 1, -1])
def test_a_correction(clock: FakeClock, watch: JumpWatch, ms: int) -> None:
    """A correction of up to a minute is no jump."""
    clock.step(ms)

    assert watch.read() == (START_MS + ms, False, 0)


@pytest.mark.parametrize("sign", [1, -1])
def test_just_a_jump(clock: FakeClock, watch: JumpWatch, sign: int) -> None:
    """A millisecond more is one."""
    clock.step(sign * (JUMP_MS + 1))

    assert watch.read()[2] == sign * (JUMP_MS + 1)


def test_a_second_jump_holds_anew(clock: FakeClock, watch: JumpWatch) -> None:
    """Each jump forwards begins its own hold; one backwards does not shorten it."""
    clock.step(HOUR_MS)
    watch.read()
    clock.advance(ms=HOLD_MS - 1)
    clock.step(HOUR_MS)
    watch.read()
    clock.advance(ms=HOLD_MS - 1)
    clock.step(-HOUR_MS)

    assert watch.read() == (clock.now(), True, -HOUR_MS)


def test_no_hold_is_no_hold(clock: FakeClock) -> None:
    """With a hold of zero a jump is told, and nothing is held."""
    watch = JumpWatch(clock, 0)
    clock.step(HOUR_MS)

    assert watch.read() == (clock.now(), False, HOUR_MS)


def test_the_fake_moves_when_told(clock: FakeClock) -> None:
    """The fake clock stands still, advances in every unit, and steps only on the wall."""
    assert (clock.now(), clock.elapsed()) == (START_MS, 0)
    assert clock.advance(ms=1, seconds=1.5, minutes=1, hours=1) == START_MS + 3_661_501
    assert clock.step(-1_000) == START_MS + 3_660_501
    assert (clock.now(), clock.elapsed()) == (START_MS + 3_660_501, 3_661_501)


def test_the_fake_starts_where_it_is_told() -> None:
    """The fake clock may start at any time."""
    assert FakeClock(5).now() == 5


def test_the_fake_does_not_go_back(clock: FakeClock) -> None:
    """Time does not pass backwards; the error says what does."""
    with pytest.raises(ValueError, match=r"advance\(-1000 ms\) .* use step\(\)"):
        clock.advance(seconds=-1)
