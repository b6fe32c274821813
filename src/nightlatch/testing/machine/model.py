"""What must be true of sessions, in as few words as it takes; written from the rules alone.

Nothing here is taken from :mod:`nightlatch.policy` or from a store: this is the second opinion.
It knows when a session *may* have ended and when it *must* have. Between the two lies one slack,
because a navigation need not be written down.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

from nightlatch.limits import Limits
from nightlatch.record import EndReason
from nightlatch.testing.clock import FakeClock

# A step of the wall clock by more than this is a jump.
JUMP_MS = 60_000
# A tombstone, and a user's epoch, may be gone after this time.
KEEP_MS = 24 * 3_600_000
# How long the secret before a rotation is honoured: step-up, periodic renewal.
STEP_UP_MS, RENEWAL_MS = 30_000, 60_000


@dataclass(frozen=True, slots=True)
class Time:
    """One moment, as one process knows it.

    :ivar held: the clock has jumped, and nobody may be ended for idleness just now.
    :ivar jump: how far it jumped since the process last looked; 0 for not at all.
    """

    now: int
    held: bool
    jump: int


class Watch:
    """What one process must make of its clock."""

    def __init__(self, clock: FakeClock, hold_ms: int) -> None:
        self._clock = clock
        self._hold_ms = hold_ms
        self._last = (clock.now(), clock.elapsed())
        self._held_until = 0

    def read(self) -> Time:
        """The time now; asked exactly when the process asks."""
        now, elapsed = self._clock.now(), self._clock.elapsed()
        unexplained = (now - self._last[0]) - (elapsed - self._last[1])
        self._last = (now, elapsed)
        jump = unexplained if abs(unexplained) > JUMP_MS else 0
        if jump > 0:
            self._held_until = elapsed + self._hold_ms
        return Time(now, elapsed < self._held_until, jump)


@dataclass(slots=True)
class Old:
    """The secret before the last rotation.

    :ivar closes: the overlap ends when the new secret is seen; ``closed``: it has been.
    """

    token: str = field(repr=False)
    until: int
    closes: bool
    level: int
    closed: bool = False


@dataclass(slots=True, eq=False)
class Known:
    """One session as it should be.

    :ivar active: the last activity that was accepted; ``written``: the last that a record must
        hold exactly (sign-in, ping, step-up).
    :ivar seen: what the record was last found to hold.
    :ivar ended: why and when it ended; ``purgeable``: a sweep may have removed even that;
        ``gone``: it has.
    """

    sid: str
    user: str | None
    token: str = field(repr=False)
    created: int
    active: int
    written: int
    seen: int
    level: int
    values: dict[str, Any]
    old: Old | None = None
    older: list[str] = field(default_factory=list, repr=False)
    ended: tuple[EndReason, int] | None = None
    purgeable: bool = False
    gone: bool = False

    def __str__(self) -> str:
        return f"{self.sid[:6]} of {self.user}"


class Model:
    """All sessions that ever were, and the epochs of *end all*."""

    def __init__(self, limits: Limits) -> None:
        self.limits = limits
        self.promise_ms = limits.idle_ms - limits.slack_ms
        self.sessions: dict[str, Known] = {}
        # None stands for everyone. Old ones may or may not be remembered.
        self.epochs: dict[str | None, int] = {}
        self.forgotten: dict[str | None, int] = {}

    # When a session may have ended, and when it must have

    def lived(self, known: Known) -> int:
        """The absolute limit of a session."""
        return known.created + self.limits.absolute_ms

    def surely_over(self, known: Known, time: Time) -> bool:
        """Past a limit, by any reading of the slack."""
        idle = time.now >= known.active + self.limits.idle_ms and not time.held
        return idle or time.now >= self.lived(known)

    def surely_live(self, known: Known, time: Time) -> bool:
        """Not ended, and neither limit near."""
        return (
            known.ended is None
            and time.now < known.active + self.promise_ms
            and time.now < self.lived(known)
        )

    def possibly_live(self, known: Known, time: Time) -> bool:
        """Not ended by anybody, and not surely over."""
        return known.ended is None and not self.surely_over(known, time)

    def not_ended(self, user: str | None = None) -> Iterator[Known]:
        """The sessions, of one user or of everyone, that nobody and nothing has ended."""
        for known in self.sessions.values():
            if known.ended is None and user in (None, known.user):
                yield known

    # What a verb has said about a session

    def is_usable(self, known: Known, time: Time) -> None:
        """A verb has used this session; it must have been live."""
        assert known.ended is None, f"{known} is back after {known.ended}"
        assert not self.surely_over(known, time), (
            f"{known} is used {time.now - known.active} ms after its last activity, "
            f"{time.now - known.created} ms after it began"
        )

    def ends(self, known: Known, reason: EndReason, time: Time, *, asked: bool = False) -> None:
        """A verb has ended this session just now, for this reason.

        :param asked: a browser asked for it, at the moment that it had been promised.
        """
        assert known.ended is None, f"{known} ended as {reason} after {known.ended}"
        if reason is EndReason.IDLE:
            quiet = time.now - known.active
            assert not time.held, f"{known} ended for idleness right after the clock jumped"
            due = quiet >= self.promise_ms
            if asked:
                # The record may lag behind a navigation; a browser reports that one first.
                due = quiet > self.promise_ms - max(1, self.limits.slack_ms)
                due = due and time.now >= known.written + self.promise_ms
            assert due, f"{known} ended for idleness {quiet} ms after its last activity"
        elif reason is EndReason.ABSOLUTE:
            assert time.now >= self.lived(known), f"{known} ended before its absolute limit"
        known.ended = (reason, time.now)

    def is_current(self, known: Known, now: int) -> None:
        """The secret in use has been seen: a renewal's overlap is over."""
        if known.old is not None and known.old.closes:
            known.old.closed = True

    # Rotation and epochs

    def rotates(self, known: Known, token: str, now: int, level: int | None) -> None:
        """A session has a new secret; a level: its user has proved again who they are."""
        if known.old is not None:
            known.older.append(known.old.token)
        overlap = RENEWAL_MS if level is None else STEP_UP_MS
        known.old = Old(known.token, now + overlap, level is None, known.level)
        known.token = token
        if level is not None:
            known.level = level
            known.active = max(known.active, now)
            known.written = max(known.written, now)

    def revokes(self, who: str | None, epoch: int, now: int) -> None:
        """All sessions of a user, or of everyone, were ended."""
        before = self.epochs.get(who)
        assert epoch >= now, f"epoch {epoch} before {now}"
        assert before is None or epoch > before, f"epoch {epoch} not after {before}"
        self.epochs[who] = epoch

    def forget(self, now: int) -> None:
        """A sweep may have removed old tombstones, and epochs that no sign-in can be older than."""
        for known in self.sessions.values():
            if known.ended is not None and known.ended[1] + KEEP_MS <= now:
                known.purgeable = True
        for who, epoch in list(self.epochs.items()):
            if epoch + max(KEEP_MS, self.limits.absolute_ms) <= now:
                self.forgotten[who] = self.epochs.pop(who)

    def sign_in_is_revoked(self, user: str | None, began: int) -> bool | None:
        """Whether a sign-in that began then must be refused; ``None``: it may be either way."""
        if user is None:
            return False
        if any(began <= self.epochs.get(who, began - 1) for who in (user, None)):
            return True
        if any(began <= self.forgotten.get(who, began - 1) for who in (user, None)):
            return None
        return False
