"""The readable reference: every verb of the contract, under one lock, in one process."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from hmac import compare_digest
from threading import Lock

from nightlatch.limits import Limits
from nightlatch.policy import Touch, ended_by, seen_after
from nightlatch.record import EndReason, Record, info
from nightlatch.stores.base import (
    KEEP_ENDED_MS,
    Cap,
    Change,
    Conflict,
    Created,
    Ended,
    Ends,
    Everyone,
    Live,
    One,
    Page,
    Refused,
    Saved,
    Swept,
    User,
)
from nightlatch.stores.memory_drafts import MemoryDrafts
from nightlatch.stores.steps import changed, closed, epoch_after, keep_epochs_ms, tombstone


class MemoryStore:
    """Sessions in this process's memory; they are gone when it ends.

    For tests, trials and as the reference that other stores are compared with. URL: ``memory://``.

    :cvar shared: false: no other process reaches them, and none keeps them. A store without
        this attribute is shared.
    """

    shared = False

    def __init__(self) -> None:
        self._lock = Lock()
        self._records: dict[str, Record] = {}
        self._epochs: dict[User | Everyone, int] = {}
        self._drafts = MemoryDrafts()

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
        """Insert a new session, or refuse it; never replace one."""
        with self._lock:
            if record.sid in self._records:
                raise ValueError(f"session {record.sid} exists already")
            excess: list[Record] = []
            if record.user is not None:
                users = (User(record.user), Everyone())
                if began <= max(self._epochs.get(who, began - 1) for who in users):
                    return Refused("revoked")
            if record.user is not None and cap is not None:
                live = sorted(
                    (one for one in self._live(record.user, now, limits) if one.sid != instead_of),
                    key=lambda one: (one.created, one.sid),
                )
                excess = live[: max(0, len(live) + 1 - cap.count)]
                if excess and cap.full == "refuse":
                    return Refused("full")
            before = self._records.get(instead_of or "")
            if before is not None and before.ended is None:
                excess.append(before)
            replaced = tuple(self._end(one, EndReason.REPLACED, now) for one in excess)
            self._records[record.sid] = record
            return Created(replaced)

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
        """Load, verify and touch in one step."""
        with self._lock:
            record = self._records.get(sid)
            if record is None:
                return None
            previous = record.previous
            current = compare_digest(record.secret_hash, secret_hash)
            if not current and (
                previous is None or not compare_digest(previous.secret_hash, secret_hash)
            ):
                return None
            before = tombstone(record)
            if before is not None:
                return before
            reason = ended_by(record, limits, now, hold_idle=hold_idle)
            if reason is not None:
                return self._end(record, reason, now)
            if previous is not None and not current:
                if now < previous.until:
                    return Live(record, stale=True)
                return self._end(record, EndReason.REPLAYED, now)

            seen = None if touch is None else seen_after(record, limits, touch)
            if seen is not None:
                record = replace(record, seen=seen)
            if previous is not None and previous.closes_on_use:
                record = replace(record, previous=closed(previous))
            self._records[sid] = record
            return Live(record, touched=seen is not None)

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
        """Change a live session if its version still is ``version``; never insert."""
        with self._lock:
            record = self._records.get(sid)
            if record is None:
                return None
            before = tombstone(record)
            if before is not None:
                return before
            reason = ended_by(record, limits, now, hold_idle=hold_idle)
            if reason is not None:
                return self._end(record, reason, now)
            if record.version != version:
                return Conflict(record)
            self._records[sid] = changed(record, change)
            return Saved(version + 1)

    def end(self, target: One | User | Everyone, *, reason: EndReason, now: int) -> Ends:
        """End what the target names; what has ended before stays as it was."""
        with self._lock:
            meant = [one for one in self._records.values() if one.ended is None]
            epoch = 0
            match target:
                case One(sid, seen_by):
                    meant = [
                        one
                        for one in meant
                        if one.sid == sid and (seen_by is None or one.seen <= seen_by)
                    ]
                case User(user, keep):
                    meant = [one for one in meant if one.user == user and one.sid != keep]
                    epoch = self._raise_epoch(User(user), now)
                case _:
                    epoch = self._raise_epoch(target, now)
            return Ends(tuple(self._end(one, reason, now) for one in meant), epoch)

    def list(
        self,
        user: str | None,
        *,
        now: int,
        limits: Limits,
        after: str | None = None,
        count: int = 50,
    ) -> Page:
        """Live sessions of a user, or of everyone for ``None``, in the order of their sids."""
        with self._lock:
            live = sorted(self._live(user, now, limits), key=lambda one: one.sid)
        rest = [info(one) for one in live if after is None or one.sid > after]
        return Page(tuple(rest[:count]), rest[count - 1].sid if len(rest) > count else None)

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
        """End sessions past a limit and purge old tombstones, ``count`` at most a call."""
        with self._lock:
            rest = sorted(sid for sid in self._records if after is None or sid > after)
            ends: list[Ended] = []
            purged = 0
            for record in [self._records[sid] for sid in rest[:count]]:
                if record.ended is None:
                    reason = ended_by(record, limits, now, hold_idle=hold_idle)
                    if reason is not None:
                        ends.append(self._end(record, reason, now))
                elif record.ended + keep_ended_ms <= now:
                    del self._records[record.sid]
                    purged += 1
            oldest = now - keep_epochs_ms(limits)
            self._epochs = {who: at for who, at in self._epochs.items() if at > oldest}
            return Swept(tuple(ends), purged, rest[count - 1] if len(rest) > count else None)

    def drafts(self) -> MemoryDrafts:
        """The drafts beside these sessions."""
        return self._drafts

    def close(self) -> None:
        """Nothing is held that would need releasing."""

    # Inside; the lock is held

    def _live(self, user: str | None, now: int, limits: Limits) -> Iterator[Record]:
        for record in self._records.values():
            if (
                record.ended is None
                and user in (None, record.user)
                and ended_by(record, limits, now) is None
            ):
                yield record

    def _end(self, record: Record, reason: EndReason, now: int) -> Ended:
        self._records[record.sid] = replace(
            record, ended=now, reason=reason, data=b"", device="", address=""
        )
        return Ended(record.sid, record.user, reason, now, fresh=True)

    def _raise_epoch(self, who: User | Everyone, now: int) -> int:
        self._epochs[who] = epoch_after(self._epochs.get(who), now)
        return self._epochs[who]
