"""What the playground has changed, shared by all processes of one demonstration."""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path
from typing import Any

from bank.home import locked
from nightlatch import Clock, Limits, SettingError

TIMES = ("idle", "absolute", "warn", "ping_every")
# A visitor may skip a day at once, which is longer than any session.
LONGEST_SKIP_S = 24 * 3600


@dataclass(frozen=True, slots=True)
class Changes:
    """What is different from how the bank was started.

    :ivar skipped_ms: how far its clock has been put forward; it never goes back.
    :ivar timing_s: seconds of ``idle``, ``absolute``, ``warn`` and ``ping_every``; empty: the
        timing that it was started with.
    """

    skipped_ms: int = 0
    timing_s: dict[str, int] = field(default_factory=dict)


class Playground:
    """The changes, in a small file in the bank's folder.

    :param home: that folder.
    """

    def __init__(self, home: Path) -> None:
        self._home = home
        self._path = home / "playground.json"
        self._read_at: int | None = None
        self._changes = Changes()

    def changes(self) -> Changes:
        """As they are now; a file that cannot be read counts as none."""
        try:
            written = self._path.stat().st_mtime_ns
            if written != self._read_at:
                self._changes = Changes(**json.loads(self._path.read_bytes()))
                self._read_at = written
        except (OSError, ValueError, TypeError):
            return self._changes
        return self._changes

    def skip(self, seconds: int) -> None:
        """Puts the bank's clock forward, for everybody.

        :raises ValueError: less than a second, or more than :data:`LONGEST_SKIP_S`.
        """
        if not 1 <= seconds <= LONGEST_SKIP_S:
            raise ValueError(f"Skip from 1 to {LONGEST_SKIP_S} seconds, not {seconds}.")
        with locked(self._home):
            before = self.changes()
            self._write(Changes(before.skipped_ms + seconds * 1000, before.timing_s))

    def set_timing(self, timing_s: dict[str, int]) -> None:
        """Other limits, for every session from its next request on.

        :param timing_s: empty: those that the bank was started with.
        :raises SettingError: such limits cannot work.
        """
        if timing_s:
            limits_of(timing_s)
        with locked(self._home):
            self._write(Changes(self.changes().skipped_ms, timing_s))

    def _write(self, changes: Changes) -> None:
        draft = self._path.with_suffix(".new")
        text = json.dumps({"skipped_ms": changes.skipped_ms, "timing_s": changes.timing_s})
        draft.write_text(text, encoding="ascii")
        draft.replace(self._path)
        self._read_at = None


class PlayClock:
    """The bank's clock, put forward by what has been skipped.

    Both of its hands move, so that the library sees time that has passed and not a clock that
    somebody has set.
    """

    def __init__(self, clock: Clock, playground: Playground) -> None:
        self._clock = clock
        self._playground = playground

    def now(self) -> int:
        """Milliseconds since the epoch, UTC."""
        return self._clock.now() + self._playground.changes().skipped_ms

    def elapsed(self) -> int:
        """Milliseconds since some fixed moment."""
        return self._clock.elapsed() + self._playground.changes().skipped_ms


def limits_of(timing_s: dict[str, int]) -> Limits:
    """The limits that a visitor asked for; short ones are allowed here.

    :raises SettingError: they cannot work; it says which and what would.
    """
    times: dict[str, Any] = {}
    for name in TIMES:
        seconds = timing_s.get(name)
        if seconds is None:
            continue
        if not 1 <= seconds <= 30 * LONGEST_SKIP_S:
            raise SettingError(name, f"{seconds} seconds", "1 second to 30 days")
        times[name] = timedelta(seconds=seconds)
    return Limits(**times, demo=True)
