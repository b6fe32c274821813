"""The status document: the one definition of what the server tells the browser half.

Times are relative and in ms, so that a client's clock does not matter.
"""

from __future__ import annotations

import hashlib
from typing import Literal, TypedDict

from nightlatch.limits import Limits
from nightlatch.policy import remaining
from nightlatch.record import Record
from nightlatch.stores.base import Ended


class Status(TypedDict):
    """How a session stands, as JSON.

    ``state``: ``"anonymous"`` when nobody is signed in. ``reason``: why it ended, else null.
    ``idle_ms``: until the end that the user is promised. ``absolute_ms``: until the absolute
    limit. ``warn_ms``: how long before either the user is warned. ``can_extend``: false when
    activity would not move the end. ``who``: a tag that is equal for the same session only.
    """

    state: Literal["active", "ended", "anonymous"]
    reason: str | None
    idle_ms: int
    absolute_ms: int
    warn_ms: int
    can_extend: bool
    who: str


def status(session: Record | Ended | None, limits: Limits, now: int) -> Status:
    """The document for a live record, an ended session, or nobody."""
    if isinstance(session, Record) and session.user is not None:
        left = remaining(session, limits, now)
        return {
            "state": "active",
            "reason": None,
            "idle_ms": left.idle_ms,
            "absolute_ms": left.absolute_ms,
            "warn_ms": left.warn_ms,
            "can_extend": left.can_extend,
            "who": who(session),
        }
    ended = isinstance(session, Ended) and session.user is not None
    return {
        "state": "ended" if ended else "anonymous",
        "reason": session.reason.value if isinstance(session, Ended) and ended else None,
        "idle_ms": 0,
        "absolute_ms": 0,
        "warn_ms": limits.warn_ms,
        "can_extend": False,
        "who": "",
    }


def who(record: Record) -> str:
    """The tag of this user in this session; it tells neither."""
    named = f"{record.sid}\0{record.user}".encode("utf-8", "surrogatepass")
    return hashlib.sha256(named).hexdigest()[:16]
