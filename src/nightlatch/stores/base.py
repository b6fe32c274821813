"""The contract of a session store: six verbs, in words first.

**What a store is.** A place that keeps one :class:`~nightlatch.record.Record` per session
and one number per user, and changes them only by the verbs below. It knows no web framework,
no cookie and no clock: ``now`` is always an argument, in ms since the epoch, UTC. When a
session has ended by its limits is decided by :mod:`nightlatch.policy`, never by arithmetic of
the store's own (a store whose server evaluates the rule states it once, and passes the suite).

**What every store promises.**

* *An ended session never comes back, whatever was in flight.* ``create`` inserts and only
  inserts. ``save`` and touches change a live row or nothing. Ending leaves a tombstone that
  keeps sid, user, times and reason, and drops the data.
* *Each verb that races is one atomic step that says whether it happened.* Two callers never
  both get told that they ended the same session.
* *The secret is verified, in constant time, before anything is touched.* A store sees only
  SHA-256 of a secret. Knowing a sid is worth nothing.
* *Asking never extends.* Only a ``touch`` moves ``seen``, only forwards, and never on a
  session that has ended. A touch does not raise ``version``.
* *Absence is a value.* ``None`` means never existed, or purged, or the secret is wrong: the
  three are not told apart. A session that has ended is :class:`Ended`, with the reason.
* *A store that cannot answer raises* :class:`~nightlatch.errors.StoreUnavailable`, within a
  bounded time, and nothing else of its driver's. A *touch* that cannot be written does not
  count: ``open`` then answers :class:`Live` with ``touched`` false.
* *Durability*: ``create``, a ``save`` that rotates, and ``end`` are on disk before they
  return. Other saves and touches may be lost with the machine's power, not with the process.

A user's **epoch** is the moment of the last *end all*, in ms since the epoch, and always later
than the epoch before it. It, and no index of sessions, is the authority for *all*: ``create``
refuses an authentication that began at or before it, so a sign-in that was under way when all
sessions were ended cannot slip through. ``Everyone`` has an epoch of their own.

Any class with these methods is a store. Prove it with
``nightlatch.testing.conformance.StoreConformance``, which needs one fixture.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Literal, Protocol

from nightlatch.limits import Limits
from nightlatch.policy import Touch
from nightlatch.record import EndReason, Info, Record

# How long a tombstone is kept: as long as somebody may come back and ask what happened.
KEEP_ENDED_MS = 24 * 3_600_000


@dataclass(frozen=True, slots=True)
class Cap:
    """How many live sessions one user may have at once.

    :ivar full: ``"end-oldest"`` ends the sessions that began first, ``"refuse"`` refuses
        the new one.
    """

    count: int
    full: Literal["refuse", "end-oldest"] = "end-oldest"


@dataclass(frozen=True, slots=True)
class Rotation:
    """A new secret for a session that goes on.

    :ivar secret_hash: SHA-256 of the new secret.
    :ivar overlap_until: the old secret is honoured, read-only, before this moment, in ms since
        the epoch.
    :ivar closes_on_use: the overlap also ends as soon as the new secret is seen.
    :ivar auth_at: when the user has proved again who they are; absent: unchanged. Such a proof
        is activity: ``seen`` moves there too, though never backwards.
    :ivar auth_level: the new level; absent: unchanged.
    """

    secret_hash: bytes = field(repr=False)
    overlap_until: int
    closes_on_use: bool = False
    auth_at: int | None = None
    auth_level: int | None = None


@dataclass(frozen=True, slots=True)
class Change:
    """What ``save`` is to change; what is absent stays as it is."""

    data: bytes | None = field(default=None, repr=False)
    rotate: Rotation | None = None


@dataclass(frozen=True, slots=True)
class One:
    """One session.

    :ivar seen_by: end it only if ``seen`` is at or before this moment; absent: in any case.
    """

    sid: str
    seen_by: int | None = None


@dataclass(frozen=True, slots=True)
class User:
    """Every session of one user, but not the one that they keep.

    :ivar keep: the sid of a session that lives on; absent: none does.
    """

    user: str
    keep: str | None = None


@dataclass(frozen=True, slots=True)
class Everyone:
    """Every session there is, visitors' included."""


@dataclass(frozen=True, slots=True)
class Ended:
    """A session that has ended.

    :ivar at: when, in ms since the epoch.
    :ivar fresh: it was this very call that ended it; true for exactly one caller.
    """

    sid: str
    user: str | None
    reason: EndReason
    at: int
    fresh: bool = False


@dataclass(frozen=True, slots=True)
class Live:
    """A live session, after the touch.

    :ivar stale: the secret was the one before the last rotation: answer this request,
        read-only and at the old level, and send no cookie.
    :ivar touched: ``seen`` was moved by this call.
    """

    record: Record
    stale: bool = False
    touched: bool = False


@dataclass(frozen=True, slots=True)
class Created:
    """The session exists. ``replaced`` were ended for it: to make room, or in whose place it is."""

    replaced: tuple[Ended, ...] = ()


@dataclass(frozen=True, slots=True)
class Refused:
    """Nothing was created: the user's sessions were ended meanwhile, or they have too many."""

    reason: Literal["revoked", "full"]


@dataclass(frozen=True, slots=True)
class Saved:
    """The change is stored under this version."""

    version: int


@dataclass(frozen=True, slots=True)
class Conflict:
    """Nothing was stored: another request was first. ``record`` is what there is now."""

    record: Record


@dataclass(frozen=True, slots=True)
class Ends:
    """What ``end`` ended just now.

    :ivar epoch: the user's (or everyone's) new epoch; 0 when one session was the target.
    """

    ended: tuple[Ended, ...]
    epoch: int = 0


@dataclass(frozen=True, slots=True)
class Page:
    """Live sessions in the order of their sids.

    :ivar after: hand it in to get the next page; ``None`` when there is none.
    """

    sessions: tuple[Info, ...]
    after: str | None


@dataclass(frozen=True, slots=True)
class Swept:
    """What one bounded step of a sweep did.

    :ivar ended: sessions found past a limit and ended now.
    :ivar purged: how many old tombstones were removed.
    :ivar after: hand it in to go on; ``None`` when the sweep is through.
    """

    ended: tuple[Ended, ...]
    purged: int
    after: str | None


class SessionStore(Protocol):
    """The six verbs. The module's text is part of the contract."""

    def create(
        self,
        record: Record,
        *,
        now: int,
        limits: Limits,
        began: int,
        cap: Cap | None = None,
        instead_of: str | None = None,
    ) -> Created | Refused:
        """Insert a new session, or refuse it; never replace a row.

        :param began: when authentication began. Refused as ``revoked`` when the epoch of the
            user, or of everyone, is at or after it. Not looked at for a visitor's session.
        :param cap: how many live sessions the user may have; checked, and made room for, in
            the same atomic step. Sessions past a limit do not count. Absent: any number.
            Not looked at for a visitor's session.
        :param instead_of: the sid of the session that this browser had until now. In the same
            atomic step it ends as *replaced*, so it counts towards no ``cap``: signing in
            again in one browser takes no second place. When the new session is refused it
            goes on. A sid that is unknown, or whose session has ended, changes nothing.
        :raises ValueError: there is a session of that sid already, live or ended.
        """

    def open(
        self,
        sid: str,
        secret_hash: bytes,
        *,
        now: int,
        limits: Limits,
        touch: Touch | None = None,
        hold_idle: bool = False,
    ) -> Live | Ended | None:
        """Load, verify and touch in one step.

        In this order: no such sid: ``None``. Neither the current nor the previous secret:
        ``None``, and nothing changes. Ended before: :class:`Ended`. Past a limit: ended now,
        with that reason. The previous secret inside its overlap: :class:`Live` and ``stale``,
        not touched. The previous secret after it: the session ends as ``replayed``.
        The current secret: touched as :func:`nightlatch.policy.seen_after` says; and an
        overlap that closes on use is closed.

        :param touch: the activity to credit; absent: this call is no activity.
        :param hold_idle: do not end the session for idleness just now.
        """

    def save(
        self,
        sid: str,
        *,
        version: int,
        change: Change,
        now: int,
        limits: Limits,
        hold_idle: bool = False,
    ) -> Saved | Conflict | Ended | None:
        """Change a live session if its version still is ``version``; never insert.

        A session past a limit is ended now, as in ``open``.
        A rotation keeps the old hash as ``previous``, with the level that it stood for.
        ``None``: there is no such session.

        :param hold_idle: do not end the session for idleness just now.
        """

    def end(self, target: One | User | Everyone, *, reason: EndReason, now: int) -> Ends:
        """End what the target names; what has ended before stays as it was.

        ``User`` and ``Everyone`` raise the epoch in the same atomic step, also when they find
        no session at all.
        """

    def list(
        self,
        user: str | None,
        *,
        now: int,
        limits: Limits,
        after: str | None = None,
        count: int = 50,
    ) -> Page:
        """Live sessions of a user, or of everyone for ``None``: without secrets, without data.

        A page may be shorter than ``count``, even empty, and still not be the last.
        """

    def sweep(
        self,
        *,
        now: int,
        limits: Limits,
        after: str | None = None,
        count: int = 500,
        keep_ended_ms: int = KEEP_ENDED_MS,
        hold_idle: bool = False,
    ) -> Swept:
        """End sessions past a limit and purge old tombstones, ``count`` rows at most a call.

        No session that a user could still use is ended: the rule is the same as in ``open``.
        """

    def close(self) -> None:
        """Release every connection. A second call does nothing."""
