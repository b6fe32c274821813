"""The rule of when a session ends and what its user is told."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from nightlatch.limits import Limits
from nightlatch.policy import (
    Remaining,
    Stage,
    Touch,
    absolute_at,
    credited_at,
    ended_by,
    promise_kept,
    remaining,
    seen_after,
    stage,
)
from nightlatch.record import EndReason, Record
from nightlatch.testing.clock import START_MS as NOW


@st.composite
def any_limits(draw: st.DrawFn) -> Limits:
    """Limits of any size that can be right, exact ones included."""
    idle = draw(st.integers(10, 7_200_000))
    slack = draw(st.just(0) | st.integers(0, idle // 2))
    warn = draw(st.integers(1, idle - slack - 1))
    absolute = draw(st.integers(idle, 20 * idle))
    return Limits(
        *(timedelta(milliseconds=ms) for ms in (idle, absolute, warn)),
        ping_every=timedelta(milliseconds=1),
        slack=timedelta(milliseconds=slack),
        demo=True,
    )


def a_record(limits: Limits, **fields: int) -> Record:
    times = {"created": NOW, "seen": NOW, "absolute_at": NOW + limits.absolute_ms} | fields
    return Record("0" * 32, b"", "ana", **times)


# Shares of the idle limit, so that every size of limits gets traffic of every density.
GAPS = st.floats(0, 1.2) | st.floats(0, 0.05)
TRAFFIC = st.lists(st.tuples(GAPS, st.booleans(), st.floats(0, 0.5)), max_size=40)


@given(any_limits(), TRAFFIC)
def test_nobody_early_nobody_late(limits: Limits, traffic: list[tuple[float, bool, float]]) -> None:
    """Under any traffic, idle expiry falls between the promise and the limit after the truth.

    ``truth`` is the last activity that was accepted, written or not.
    """
    record, truth, now = a_record(limits), NOW, NOW
    for gap, is_ping, ago in traffic:
        now += round(gap * limits.idle_ms)
        reason = ended_by(record, limits, now)
        if reason is not None:
            if reason is EndReason.IDLE:
                assert now >= truth + limits.promise_ms
            else:
                assert now >= absolute_at(record, limits)
            return
        assert now < truth + limits.idle_ms

        at = credited_at(now, round(ago * limits.idle_ms)) if is_ping else now
        seen = seen_after(record, limits, Touch(at, always=is_ping))
        assert seen is None or seen > record.seen
        record = record if seen is None else replace(record, seen=seen)
        truth = max(truth, at)

        assert record.seen <= truth < record.seen + max(1, limits.slack_ms)
        left = remaining(record, limits, now)
        assert left.idle_ms <= max(0, truth + limits.promise_ms - now)
        assert ended_by(record, limits, now + min(left.idle_ms, left.absolute_ms) - 1) is None or (
            min(left.idle_ms, left.absolute_ms) == 0
        )

    assert ended_by(record, limits, truth + limits.promise_ms - 1) is not EndReason.IDLE
    assert ended_by(record, limits, truth + limits.idle_ms) is not None


@given(any_limits(), st.integers(-(10**9), 10**9), st.integers(-(10**9), 10**9))
def test_told_no_more_than_there_is(limits: Limits, seen: int, now: int) -> None:
    """What a user is told never exceeds what is left, nor the limits, whatever the clock says."""
    record = a_record(limits, seen=NOW + seen)

    left = remaining(record, limits, NOW + now)

    truly = min(absolute_at(record, limits), record.seen + limits.idle_ms) - (NOW + now)
    assert min(left.idle_ms, left.absolute_ms) <= max(0, truly)
    assert 0 <= left.idle_ms <= limits.promise_ms
    assert 0 <= left.absolute_ms <= limits.absolute_ms
    assert left.can_extend is (record.seen + limits.promise_ms < absolute_at(record, limits))


@given(any_limits(), st.booleans(), st.integers(-(10**9), 10**9))
def test_seen_only_moves_forwards(limits: Limits, always: bool, step: int) -> None:
    """Whatever moment is credited, ``seen`` moves forwards or not at all, and to that moment."""
    record = a_record(limits)

    seen = seen_after(record, limits, Touch(NOW + step, always))

    if seen is None:
        assert step <= 0 or (not always and step < limits.slack_ms)
    else:
        assert seen == NOW + step > NOW


LIMITS = Limits(timedelta(minutes=15), timedelta(hours=8), timedelta(minutes=2))
PROMISE, IDLE, ABSOLUTE, SLACK = 855_000, 900_000, 28_800_000, 45_000


@pytest.mark.parametrize(
    ("seen", "now", "hold", "reason"),
    [
        (0, IDLE - 1, False, None),
        (0, IDLE, False, EndReason.IDLE),
        (0, IDLE, True, None),
        (ABSOLUTE - 1, ABSOLUTE - 1, False, None),
        (ABSOLUTE - 1, ABSOLUTE, False, EndReason.ABSOLUTE),
        (ABSOLUTE - 1, ABSOLUTE, True, EndReason.ABSOLUTE),
        (0, ABSOLUTE, False, EndReason.ABSOLUTE),
        (0, -3_600_000, False, None),
    ],
)
def test_ended_by(seen: int, now: int, hold: bool, reason: EndReason | None) -> None:
    """The limits to the millisecond; the absolute one is the reason when both have passed."""
    record = a_record(LIMITS, seen=NOW + seen)

    assert ended_by(record, LIMITS, NOW + now, hold_idle=hold) is reason


def test_the_promise_of_the_design() -> None:
    """For PCI's 15 minutes the user is promised 14:15; for 60 minutes it is 59."""
    assert (LIMITS.promise_ms, LIMITS.slack_ms) == (PROMISE, SLACK)
    assert Limits().promise_ms == 59 * 60_000


def test_a_lowered_limit_acts_at_once() -> None:
    """A session goes by the limits of now where they are shorter than those it began under."""
    record = a_record(LIMITS)
    short = Limits(timedelta(minutes=15), timedelta(hours=1))
    long = Limits(timedelta(minutes=15), timedelta(hours=24))

    assert absolute_at(record, short) == NOW + 3_600_000
    assert absolute_at(record, long) == NOW + ABSOLUTE


@pytest.mark.parametrize(
    ("step", "always", "seen"),
    [
        (SLACK - 1, False, None),
        (SLACK, False, SLACK),
        (1, True, 1),
        (0, True, None),
        (-5, True, None),
        (-SLACK, False, None),
    ],
)
def test_seen_after(step: int, always: bool, seen: int | None) -> None:
    """A navigation is written from the slack on; a ping whenever it moves the record."""
    answer = seen_after(a_record(LIMITS), LIMITS, Touch(NOW + step, always))

    assert answer == (None if seen is None else NOW + seen)


def test_no_slack_writes_every_millisecond_once() -> None:
    """Without slack every navigation is written, but not a second one in the same ms."""
    exact = Limits(timedelta(minutes=15), slack=timedelta(0))

    assert seen_after(a_record(exact), exact, Touch(NOW + 1)) == NOW + 1
    assert seen_after(a_record(exact), exact, Touch(NOW)) is None


@pytest.mark.parametrize(("idle_for", "ago"), [(0, 0), (1_000, 1_000), (-1, 0), (-(10**12), 0)])
def test_credited_at(idle_for: int, ago: int) -> None:
    """A browser may say that it was idle for longer, never that input is still to come."""
    assert credited_at(NOW, idle_for) == NOW - ago


@pytest.mark.parametrize(
    ("reason", "now", "kept"),
    [
        (EndReason.IDLE, PROMISE - 1, False),
        (EndReason.IDLE, PROMISE, True),
        (EndReason.ABSOLUTE, PROMISE, False),
        (EndReason.ABSOLUTE, ABSOLUTE - 1, False),
        (EndReason.ABSOLUTE, ABSOLUTE, True),
    ],
)
def test_promise_kept(reason: EndReason, now: int, kept: bool) -> None:
    """A browser gets the end that it asks for from the promised moment on."""
    assert promise_kept(a_record(LIMITS), LIMITS, NOW + now, reason) is kept


@pytest.mark.parametrize(
    ("now", "expected"),
    [
        (0, Remaining(PROMISE, ABSOLUTE, 120_000, True)),
        (1, Remaining(PROMISE - 1, ABSOLUTE - 1, 120_000, True)),
        (PROMISE + 1, Remaining(0, ABSOLUTE - PROMISE - 1, 120_000, True)),
        (-60_000, Remaining(PROMISE, ABSOLUTE, 120_000, True)),
        (ABSOLUTE, Remaining(0, 0, 120_000, True)),
    ],
)
def test_remaining(now: int, expected: Remaining) -> None:
    """What is left, clamped at nothing and at the whole."""
    assert remaining(a_record(LIMITS), LIMITS, NOW + now) == expected


@pytest.mark.parametrize(("later", "can_extend"), [(0, False), (1, True), (-1, False)])
def test_can_extend(later: int, can_extend: bool) -> None:
    """There is something to extend exactly while the absolute limit is the later one."""
    record = a_record(LIMITS, absolute_at=NOW + PROMISE + later)

    assert remaining(record, LIMITS, NOW).can_extend is can_extend


LEFT = Remaining(idle_ms=100, absolute_ms=500, warn_ms=30, can_extend=True)


@pytest.mark.parametrize(
    ("left", "elapsed", "expected"),
    [
        (LEFT, 0, Stage("active", "idle", 100)),
        (LEFT, -50, Stage("active", "idle", 100)),
        (LEFT, 69, Stage("active", "idle", 31)),
        (LEFT, 70, Stage("warning", "idle", 30)),
        (LEFT, 99, Stage("warning", "idle", 1)),
        (LEFT, 100, Stage("over", "idle", 0)),
        (LEFT, 10**9, Stage("over", "idle", 0)),
        (replace(LEFT, absolute_ms=100), 0, Stage("active", "absolute", 100)),
        (replace(LEFT, absolute_ms=99), 70, Stage("warning", "absolute", 29)),
        (replace(LEFT, absolute_ms=0), 0, Stage("over", "absolute", 0)),
    ],
)
def test_stage(left: Remaining, elapsed: int, expected: Stage) -> None:
    """Active, warning, over; the absolute limit is named when both are as near."""
    assert stage(left, elapsed) == expected


@given(
    st.builds(
        Remaining,
        *(st.integers(0, 10**6) for _ in range(3)),
        st.booleans(),
    ),
    st.lists(st.integers(-(10**6), 2 * 10**6), min_size=2),
)
def test_stages_come_in_order(left: Remaining, times: list[int]) -> None:
    """As time passes, less remains, and no phase comes back."""
    stages = [stage(left, elapsed) for elapsed in sorted(times)]

    order = ["active", "warning", "over"]
    phases = [order.index(one.phase) for one in stages]
    rest = [one.remaining_ms for one in stages]
    assert phases == sorted(phases)
    assert rest == sorted(rest, reverse=True)
    assert all((one.phase == "over") is (one.remaining_ms == 0) for one in stages)
