"""Drafts: what somebody has typed into a form and not sent, kept for them on the server.

**What a draft is.** The fields of one form on one page, for one user: whatever ends their
session, the same user finds them there after signing in again. A draft belongs to the user and
the page and never to a session. Whoever is not signed in has none, and nobody is ever given
another user's.

**A sheet** is what one load of a page writes on. It is handed out when the page asks for its
draft, and tells when that was and for whom. Two rules hang on it:

* *What was used, discarded or dropped does not come back.* A sheet that was handed out at or
  before the moment of a drop is refused after it, however late its last save arrives.
* *Tabs do not overwrite each other.* A draft is replaced by the sheet that wrote it, by a later
  save of it only, or by a sheet that was handed out with it. Any other is refused.

**A store of drafts** is any class with the methods of :class:`DraftStore`. What races there is
one atomic step that says what became of it, as :func:`verdict` decides. ``now`` is always an
argument, in ms since the epoch. A draft is kept for ``KEEP_MS`` after it was last saved, and so
are the marks of drops. A user has ``MOST`` drafts and ``MOST`` marks at most: the one that was
saved longest ago makes room. A store that cannot answer raises
:class:`~nightlatch.errors.StoreUnavailable`. Prove one with
``nightlatch.testing.conformance.drafts.DraftConformance``.
"""

from __future__ import annotations

import hashlib
import logging
import re
import secrets
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Protocol

from nightlatch.breaker import FAILURES, RETRY_MS, SLOW_MS, Circuit
from nightlatch.clock import Clock, SystemClock
from nightlatch.errors import StoreUnavailable
from nightlatch.record import EndReason

_log = logging.getLogger("nightlatch")

KEEP_MS = 24 * 3_600_000
MOST = 20
SWEEP = 500

# Ended on purpose, or because somebody else may hold the token: whoever comes next to the
# account is not to find what was typed before. Time limits, and a newer session, keep drafts.
DROPPED_BY = frozenset({EndReason.SIGNED_OUT, EndReason.REVOKED, EndReason.REPLAYED})

_SHEET = re.compile(r"([0-9a-f]{1,12})-[0-9a-f]{16}-([0-9a-f]{16})")


@dataclass(frozen=True, slots=True)
class Draft:
    """One form as it was last saved.

    :ivar page: which form on which page.
    :ivar sheet: what it was written on.
    :ivar opened: when that sheet was handed out, in ms since the epoch.
    :ivar serial: the number of the save, counted by the sheet.
    :ivar at: when it was saved, in ms since the epoch.
    :ivar fields: what was typed, as the adapter writes it.
    """

    page: str
    sheet: str
    opened: int
    serial: int
    at: int
    fields: bytes = field(repr=False)


@dataclass(frozen=True, slots=True)
class Found:
    """What a store has for one form.

    :ivar draft: ``None`` when there is none, or none any more.
    :ivar dropped: when it, or all of the user's, or everybody's, was dropped last, in ms since
        the epoch; 0 when that is not known to have happened.
    """

    draft: Draft | None
    dropped: int = 0


@dataclass(frozen=True, slots=True)
class Offer:
    """A sheet for a page to write on, and the draft that it may go on with, if there is one.

    :ivar age_ms: how long ago that was saved; 0 without one.
    """

    sheet: str
    draft: Draft | None
    age_ms: int = 0


class Verdict(StrEnum):
    """What became of a save."""

    KEPT = "kept"
    DROPPED = "dropped"
    ELSEWHERE = "elsewhere"
    LATE = "late"


def verdict(found: Found, draft: Draft, instead_of: str | None) -> Verdict:
    """Whether a save replaces what there is: the rule that every store follows.

    :param found: what there is, without what is past its time.
    :param instead_of: the sheet of the draft that this one's sheet was handed out with.
    """
    before = found.draft
    if draft.opened <= found.dropped:
        return Verdict.DROPPED
    if before is None or before.sheet == instead_of:
        return Verdict.KEPT
    if before.sheet != draft.sheet:
        return Verdict.ELSEWHERE
    return Verdict.KEPT if draft.serial > before.serial else Verdict.LATE


class DraftStore(Protocol):
    """Where drafts are kept. The module's text is part of the contract."""

    def put(self, user: str, draft: Draft, *, instead_of: str | None = None) -> Verdict:
        """Keep a draft, if :func:`verdict` allows it; ``draft.at`` is now."""

    def get(self, user: str, page: str, *, now: int) -> Found:
        """The draft of one form, and when one was dropped there last."""

    def drop(self, user: str, page: str, *, now: int) -> bool:
        """Drop a draft and leave a mark, which is always later than the mark before.

        :returns: whether there was one.
        """

    def drop_all(self, user: str | None, *, now: int) -> int:
        """Drop all drafts of a user, or of everybody for ``None``, and leave a mark.

        :returns: how many there were.
        """

    def sweep(self, *, now: int, count: int = SWEEP) -> int:
        """Remove what is past its time, ``count`` drafts and as many marks at most.

        :returns: how many drafts were removed; the sweep is through when they are fewer than
            ``count``.
        """

    def close(self) -> None:
        """Release every connection. A second call does nothing."""


class Drafts:
    """The drafts of one application.

    Behind a circuit breaker: while the store does not answer, a save fails in milliseconds.

    :param store: where they are kept.
    :param clock: what time it is; absent: the system's clock.
    :ivar store: as given.
    """

    def __init__(self, store: DraftStore, clock: Clock | None = None) -> None:
        self.store = store
        self._clock = clock or SystemClock()
        self._circuit = Circuit(self._clock, SLOW_MS, FAILURES, RETRY_MS)

    def offer(self, user: str, page: str) -> Offer:
        """The draft of one form, and a sheet to write on from now on."""
        now = self._clock.now()
        with self._circuit.asking("get a draft"):
            found = self.store.get(user, page, now=now)
        # After a drop in this very millisecond, or before a clock was set back.
        sheet = f"{max(now, found.dropped + 1):x}-{secrets.token_hex(8)}-{_tag(user)}"
        age_ms = 0 if found.draft is None else max(0, now - found.draft.at)
        return Offer(sheet, found.draft, age_ms)

    def keep(
        self,
        user: str,
        page: str,
        fields: bytes,
        *,
        sheet: str,
        serial: int,
        instead_of: str | None = None,
    ) -> Verdict:
        """Keep what has been typed so far.

        :param sheet: what :meth:`offer` has handed out; for another user it counts as dropped.
        :param serial: higher with every save of this sheet.
        :param instead_of: the sheet of the draft that was offered with this one; absent: none.
        """
        opened = opened_at(sheet, user)
        if opened is None:
            return Verdict.DROPPED
        draft = Draft(page, sheet, opened, serial, self._clock.now(), fields)
        with self._circuit.asking("keep a draft"):
            return self.store.put(user, draft, instead_of=instead_of)

    def drop(self, user: str, page: str) -> bool:
        """Drop one draft: it has been used, or its user does not want it.

        :returns: whether there was one.
        """
        with self._circuit.asking("drop a draft"):
            return self.store.drop(user, page, now=self._clock.now())

    def forget(self, user: str | None) -> bool:
        """Drop all drafts of a user, or of everybody for ``None``.

        Never fails: a sign-out must not. What cannot be dropped goes when its time is over.

        :returns: whether it was done.
        """
        try:
            with self._circuit.asking("drop drafts"):
                self.store.drop_all(user, now=self._clock.now())
        except StoreUnavailable as error:
            _log.warning("Drafts were not dropped at the end of a session: %s", error)
            return False
        return True

    def sweep(self) -> int:
        """Remove what is past its time. Nothing depends on it: no such draft is ever offered.

        :returns: how many drafts there were.
        """
        removed = 0
        while True:
            step = self.store.sweep(now=self._clock.now())
            removed += step
            if step < SWEEP:
                return removed

    def close(self) -> None:
        """Release the store's connections."""
        self.store.close()


def opened_at(sheet: str, user: str) -> int | None:
    """When a sheet was handed out, ms since the epoch; ``None`` when it is not this user's."""
    read = _SHEET.fullmatch(sheet)
    return int(read[1], 16) if read is not None and read[2] == _tag(user) else None


def _tag(user: str) -> str:
    return hashlib.sha256(user.encode("utf-8", "surrogatepass")).hexdigest()[:16]
