"""A clock that moves when it is told to, so that no test waits."""

from __future__ import annotations

# 2026-01-05 09:00:00 UTC, a Monday; any fixed moment would do.
START_MS = 1_767_603_600_000


class FakeClock:
    """A :class:`nightlatch.clock.Clock` for tests.

    :param now_ms: where the wall clock starts, in ms since the epoch.
    """

    def __init__(self, now_ms: int = START_MS) -> None:
        self._now = now_ms
        self._elapsed = 0

    def now(self) -> int:
        """Milliseconds since the epoch, UTC."""
        return self._now

    def elapsed(self) -> int:
        """Milliseconds since this clock was made."""
        return self._elapsed

    def advance(
        self, *, ms: int = 0, seconds: float = 0, minutes: float = 0, hours: float = 0
    ) -> int:
        """Let time pass, on the wall and by the stopwatch alike.

        :returns: the new time, in ms since the epoch.
        :raises ValueError: time does not pass backwards; :meth:`step` sets the clock back.
        """
        passed = ms + round(((hours * 60 + minutes) * 60 + seconds) * 1000)
        if passed < 0:
            raise ValueError(
                f"advance({passed} ms) would go back in time; use step() to set the clock"
            )
        self._now += passed
        self._elapsed += passed
        return self._now

    def step(self, ms: int) -> int:
        """Set the wall clock forwards or back, as an operator or a time server does.

        :returns: the new time, in ms since the epoch.
        """
        self._now += ms
        return self._now
