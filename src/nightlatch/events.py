"""What happened to sessions, for a trail. The library emits; the application records.

Every event carries the sid, which is a public handle, and never a secret.
"""

from __future__ import annotations

import logging
from collections.abc import Callable
from dataclasses import dataclass

from nightlatch.record import EndReason

_log = logging.getLogger("nightlatch")


@dataclass(frozen=True, slots=True)
class SessionStarted:
    """A session began.

    :ivar user: ``None`` for a visitor who has not signed in.
    :ivar at: ms since the epoch, as in every event.
    """

    sid: str
    user: str | None
    at: int


@dataclass(frozen=True, slots=True)
class SessionExtended:
    """A browser reported activity, or its user chose to stay.

    :ivar seen: the moment that was credited, in ms since the epoch.
    """

    sid: str
    user: str | None
    at: int
    seen: int


@dataclass(frozen=True, slots=True)
class SessionRotated:
    """A session got a new secret and went on."""

    sid: str
    user: str | None
    at: int


@dataclass(frozen=True, slots=True)
class SessionEnded:
    """A session ended; told once for each."""

    sid: str
    user: str | None
    at: int
    reason: EndReason


@dataclass(frozen=True, slots=True)
class SessionRefused:
    """A session was not given: a sign-in was refused, or a token not accepted.

    :ivar sid: the handle that was presented; ``None`` when there was none to read.
    :ivar reason: ``"revoked"``, ``"full"``, ``"unknown"`` or ``"malformed"``.
    """

    sid: str | None
    user: str | None
    at: int
    reason: str


@dataclass(frozen=True, slots=True)
class ClockJumped:
    """The wall clock moved further than time passed; idle expiry is held for one slack.

    :ivar by_ms: how far; negative when it was set back, which holds nothing.
    """

    at: int
    by_ms: int


Event = (
    SessionStarted | SessionExtended | SessionRotated | SessionEnded | SessionRefused | ClockJumped
)
Listener = Callable[[Event], object]


class Events:
    """Hands every event to every listener, in the order in which they joined."""

    def __init__(self) -> None:
        self._listeners: list[Listener] = []

    def listen(self, listener: Listener) -> Listener:
        """Call ``listener`` with each event from now on. Usable as a decorator."""
        self._listeners.append(listener)
        return listener

    def emit(self, event: Event) -> None:
        """Tell everyone. A listener that fails is logged and fails nobody's request."""
        for listener in self._listeners:
            try:
                listener(event)
            except Exception:
                _log.exception("A listener failed on %s", type(event).__name__)
