"""The one place that asks the operating system for the time."""

from __future__ import annotations

import time
from collections.abc import Callable
from functools import partial
from typing import Protocol

# Larger than any correction that a well-kept clock makes by stepping.
JUMP_MS = 60_000

# Counts through suspend where the system has it, so that waking up is no jump.
_elapsed_ns: Callable[[], int] = (
    partial(time.clock_gettime_ns, time.CLOCK_BOOTTIME)
    if hasattr(time, "CLOCK_BOOTTIME")
    else time.monotonic_ns
)


class Clock(Protocol):
    """What the manager needs to know about time."""

    def now(self) -> int:
        """Milliseconds since the epoch, UTC. May step when somebody sets the clock."""

    def elapsed(self) -> int:
        """Milliseconds since some fixed moment. Never steps, and counts through suspend."""


class SystemClock:
    """The clock of the operating system."""

    def now(self) -> int:
        """Milliseconds since the epoch, UTC."""
        return time.time_ns() // 1_000_000

    def elapsed(self) -> int:
        """Milliseconds since the machine started, suspend included where it can be told."""
        return _elapsed_ns() // 1_000_000


class JumpWatch:
    """Tells when the wall clock has moved further than time has passed.

    After a jump forwards everybody looks idle. Idle expiry is therefore held for
    ``hold_ms``, in which whoever is really there is seen again. The absolute limit
    is never held.
    """

    def __init__(self, clock: Clock, hold_ms: int) -> None:
        self._clock = clock
        self._hold_ms = hold_ms
        # One tuple, replaced whole: threads never see half of another's reading.
        self._last = (clock.now(), clock.elapsed())
        self._held_until = self._last[1]

    def read(self) -> tuple[int, bool, int]:
        """The time now, whether idle expiry is held, and by how much the clock just jumped.

        :returns: milliseconds since the epoch; the hold; the jump in milliseconds, 0 for none,
            negative for one backwards.
        """
        now, elapsed = self._clock.now(), self._clock.elapsed()
        last_now, last_elapsed = self._last
        self._last = (now, elapsed)
        jump = (now - last_now) - (elapsed - last_elapsed)
        if abs(jump) <= JUMP_MS:
            jump = 0
        elif jump > 0:
            self._held_until = elapsed + self._hold_ms
        return now, elapsed < self._held_until, jump


def pause(ms: float) -> None:
    """Let other writers go first. A back-off in ms, never a way to wait for a session's time."""
    time.sleep(ms / 1000)
