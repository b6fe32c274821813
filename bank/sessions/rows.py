"""A session as a line of a list: in words, and without anything that could open it."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from bank.sessions.devices import device_words
from nightlatch import Info


@dataclass(frozen=True, slots=True)
class Row:
    """One live session.

    :ivar sid: its public handle.
    :ivar user_id: whose it is.
    :ivar device: the browser and its system, in words.
    :ivar address: where it began.
    :ivar created_ms: when it began, ms since the epoch; :ivar seen_ms: its last activity, at
        most the limits' slack behind the truth.
    :ivar current: the list is being looked at in this one.
    """

    sid: str
    user_id: int
    device: str
    address: str
    created_ms: int
    seen_ms: int
    current: bool


def rows_of(sessions: Iterable[Info], current_sid: str | None) -> list[Row]:
    """Signed-in sessions: the one that asks first, then the latest used.

    A visitor's session is nobody's and no line of a list of people.

    :param current_sid: the session that asks; None when there is none.
    """
    rows = [_row(info, info.user, current_sid) for info in sessions if info.user is not None]
    return sorted(rows, key=lambda row: (not row.current, -row.seen_ms, row.sid))


def _row(info: Info, user: str, current_sid: str | None) -> Row:
    return Row(
        sid=info.sid,
        user_id=int(user),
        device=device_words(info.device),
        address=info.address,
        created_ms=info.created,
        seen_ms=info.seen,
        current=info.sid == current_sid,
    )
