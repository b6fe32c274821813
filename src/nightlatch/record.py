"""What a store keeps about one session."""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import StrEnum


class EndReason(StrEnum):
    """Why a session ended; kept so that its user is told the truth, and for the trail."""

    SIGNED_OUT = "signed-out"
    """The user pressed *Sign out*."""
    IDLE = "idle"
    """Nobody was there for as long as the idle limit says."""
    ABSOLUTE = "absolute"
    """It had lasted as long as any session may."""
    REVOKED = "revoked"
    """The user, an administrator or a password change ended it from elsewhere."""
    REPLACED = "replaced"
    """Another session took its place: sign-in, or the limit of parallel sessions."""
    REPLAYED = "replayed"
    """A secret that had been rotated away was presented again."""
    CORRUPT = "corrupt"
    """What was stored could not be read."""


@dataclass(frozen=True, slots=True)
class Previous:
    """The secret before the last rotation, while requests under way may still carry it.

    :ivar until: the moment, in ms since the epoch, from which it is a replay.
    :ivar closes_on_use: the window shuts as soon as the new secret is seen (periodic renewal).
    :ivar auth_level: the level that the old secret stood for.
    """

    secret_hash: bytes = field(repr=False)
    until: int
    closes_on_use: bool = False
    auth_level: int = 0


@dataclass(frozen=True, slots=True)
class Record:
    """One session. Times are ms since the epoch, UTC; *absent* is ``None``.

    :ivar sid: 32 hexadecimal digits; the public handle, safe in logs, lists and URLs.
    :ivar secret_hash: SHA-256 of the secret in the cookie. The secret itself is nowhere.
    :ivar user: whose session it is; ``None`` for a visitor who has not signed in.
    :ivar created: when it began; the absolute limit counts from here.
    :ivar seen: the last activity, at most *slack* behind the truth. Never moves backwards.
    :ivar absolute_at: when it ends at the latest, by the limits in force when it began.
    :ivar auth_at: when the user last proved who they are.
    :ivar auth_level: what that proof was worth; 0 for none, higher is stronger.
    :ivar version: raised by every save; touching ``seen`` leaves it alone.
    :ivar data: the application's values, encoded by :mod:`nightlatch.codec`.
    :ivar device: the browser's own description of itself, cut to a sensible length.
    :ivar address: where the session began, as the application knows it.
    :ivar ended: when it ended; ``None`` while nobody and nothing has ended it.
    :ivar reason: why it ended.
    """

    sid: str
    secret_hash: bytes = field(repr=False)
    user: str | None
    created: int
    seen: int
    absolute_at: int
    auth_at: int | None = None
    auth_level: int = 0
    version: int = 1
    data: bytes = field(default=b"", repr=False)
    device: str = ""
    address: str = ""
    previous: Previous | None = None
    ended: int | None = None
    reason: EndReason | None = None


@dataclass(frozen=True, slots=True)
class Info:
    """What a list shows of a session: no secret, no data. Fields as in :class:`Record`."""

    sid: str
    user: str | None
    created: int
    seen: int
    absolute_at: int
    auth_level: int
    device: str
    address: str


def info(record: Record) -> Info:
    """The part of a record that may be shown to its user and to an administrator."""
    return Info(
        record.sid,
        record.user,
        record.created,
        record.seen,
        record.absolute_at,
        record.auth_level,
        record.device,
        record.address,
    )
