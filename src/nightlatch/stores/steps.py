"""Small pure steps that every store in this package takes alike."""

from __future__ import annotations

from dataclasses import replace

from nightlatch.limits import Limits
from nightlatch.record import Previous, Record
from nightlatch.stores.base import KEEP_ENDED_MS, Change, Ended


def changed(record: Record, change: Change) -> Record:
    """The record after a save: one version on, and the old secret kept by a rotation."""
    after = replace(record, version=record.version + 1)
    if change.data is not None:
        after = replace(after, data=change.data)
    rotate = change.rotate
    if rotate is None:
        return after
    return replace(
        after,
        secret_hash=rotate.secret_hash,
        previous=Previous(
            record.secret_hash, rotate.overlap_until, rotate.closes_on_use, record.auth_level
        ),
        # Whoever has just proved who they are is there.
        seen=record.seen if rotate.auth_at is None else max(record.seen, rotate.auth_at),
        auth_at=record.auth_at if rotate.auth_at is None else rotate.auth_at,
        auth_level=record.auth_level if rotate.auth_level is None else rotate.auth_level,
    )


def closed(previous: Previous) -> Previous:
    """The overlap after the new secret was seen: shut, whatever a clock may say later."""
    return replace(previous, until=0, closes_on_use=False)


def tombstone(record: Record) -> Ended | None:
    """What is told of a session that has ended before; ``None`` while it has not."""
    if record.ended is None or record.reason is None:
        return None
    return Ended(record.sid, record.user, record.reason, record.ended)


def epoch_after(before: int | None, now: int) -> int:
    """The epoch of an *end all* at ``now``: always later than the one before it."""
    return now if before is None else max(now, before + 1)


def keep_epochs_ms(limits: Limits) -> int:
    """How long an epoch is kept: longer than any sign-in can be under way, in ms.

    A sign-in in several steps lives in a visitor's session, which the absolute limit ends.
    """
    return max(KEEP_ENDED_MS, limits.absolute_ms)
