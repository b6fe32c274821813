"""When a session ends, is worth a write, and warns: pure functions of record, limits and now.

The rule, in one place. ``I`` is the idle time promised to the user, ``c`` the slack:

* a navigation moves ``seen`` only when it would move by ``c`` or more; a ping always does;
* the user is promised ``P = min(absolute, seen + I)``, which the warning counts down to;
* the session has ended at ``min(absolute, seen + I + c)``, and ``I + c`` is the idle limit.

So nobody is signed out for idleness before ``I`` after their last activity (the record lags
by less than ``c``), and nobody outlives the idle limit (the record is never ahead).
Every time is in ms since the epoch; every age that would be negative counts as 0.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from nightlatch.limits import Limits
from nightlatch.record import EndReason, Record

Phase = Literal["active", "warning", "over"]
Which = Literal["idle", "absolute"]


@dataclass(frozen=True, slots=True)
class Touch:
    """Activity to be credited to a session.

    :ivar at: when it happened, ms since the epoch; never later than now.
    :ivar always: write it however little it moves (ping, *Stay*), not only past the slack.
    """

    at: int
    always: bool = False


@dataclass(frozen=True, slots=True)
class Remaining:
    """What is left of a session, in ms: relative, so that nobody's clock matters.

    :ivar idle_ms: until the promise ``seen + I``; 0 when it has passed.
    :ivar absolute_ms: until the absolute limit; 0 when it has passed.
    :ivar warn_ms: how long before the end the user is warned.
    :ivar can_extend: whether activity would move the end at all.
    """

    idle_ms: int
    absolute_ms: int
    warn_ms: int
    can_extend: bool


@dataclass(frozen=True, slots=True)
class Stage:
    """Where a session stands at one moment, as its user sees it.

    :ivar which: the limit that is nearer; the absolute one when they coincide.
    :ivar remaining_ms: until that limit; 0 when it has passed.
    """

    phase: Phase
    which: Which
    remaining_ms: int


def absolute_at(record: Record, limits: Limits) -> int:
    """When the session ends at the latest.

    A limit lowered in the configuration acts at once on live sessions; one that was raised
    lengthens none of them.
    """
    return min(record.absolute_at, record.created + limits.absolute_ms)


def ended_by(
    record: Record, limits: Limits, now: int, *, hold_idle: bool = False
) -> EndReason | None:
    """The limit that has ended this session, or ``None`` while it is live.

    :param hold_idle: do not end it for idleness just now (the clock has jumped).
    """
    if now >= absolute_at(record, limits):
        return EndReason.ABSOLUTE
    if now >= record.seen + limits.idle_ms and not hold_idle:
        return EndReason.IDLE
    return None


def seen_after(record: Record, limits: Limits, touch: Touch) -> int | None:
    """What ``seen`` becomes through this activity, or ``None`` when no write is due."""
    moved = touch.at - record.seen
    due = moved > 0 if touch.always else moved >= max(1, limits.slack_ms)
    return touch.at if due else None


def credited_at(now: int, idle_for_ms: int) -> int:
    """The moment of the last input that a ping reports; never later than now.

    One before the session's own ``seen`` moves nothing, so there is no lower bound to check.
    """
    return now - max(0, idle_for_ms)


def promise_kept(record: Record, limits: Limits, now: int, reason: EndReason) -> bool:
    """Whether a browser that asks for this end may have it: the promised moment has passed."""
    if reason is EndReason.ABSOLUTE:
        return now >= absolute_at(record, limits)
    return now >= record.seen + limits.promise_ms


def remaining(record: Record, limits: Limits, now: int) -> Remaining:
    """What the user is told is left; never more than there is, also after a step backwards."""
    idle_at = record.seen + limits.promise_ms
    last = absolute_at(record, limits)
    return Remaining(
        idle_ms=min(limits.promise_ms, max(0, idle_at - now)),
        absolute_ms=min(limits.absolute_ms, max(0, last - now)),
        warn_ms=limits.warn_ms,
        can_extend=last > idle_at,
    )


def stage(left: Remaining, elapsed_ms: int) -> Stage:
    """Where the user stands ``elapsed_ms`` after :func:`remaining` was asked.

    ``static/nightlatch/monitor.js`` is the same function; both read
    ``tests/vectors/phases.json``.
    """
    which: Which = "absolute" if left.absolute_ms <= left.idle_ms else "idle"
    remaining_ms = max(0, min(left.absolute_ms, left.idle_ms) - max(0, elapsed_ms))
    phase: Phase = "over"
    if remaining_ms > 0:
        phase = "warning" if remaining_ms <= left.warn_ms else "active"
    return Stage(phase, which, remaining_ms)
