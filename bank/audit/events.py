"""What is worth a line, in the words of OWASP's logging vocabulary.

An event is a fixed set of fields. Nothing that a stranger typed is among them but the browser's
description of itself, which is searched for secrets and cut; a name that nobody has is a
fingerprint, because people type passwords into the field for names.
"""

from __future__ import annotations

import hmac
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace

from flask import has_request_context, request

from bank.audit.causes import cause_of
from bank.audit.scrub import scrub
from bank.names import BadText, name_key
from nightlatch import (
    ClockJumped,
    EndReason,
    Event,
    SessionEnded,
    SessionExtended,
    SessionRefused,
    SessionRotated,
    SessionStarted,
)

# A line of the trail is about one thing that happened, and what happened has one line.
INFO, WARN, CRITICAL = "INFO", "WARN", "CRITICAL"
MAX_AGENT_CHARS = 200

PASSWORDS_WRAPPED = "sys_passwords_wrapped:bank"


@dataclass(frozen=True, slots=True)
class AuditEvent:
    """One thing that happened.

    :ivar name: its word and, after a colon, what the vocabulary puts there.
    :ivar at: ms since the epoch, UTC.
    :ivar user: whose account it is about, by number; None when that is not known.
    :ivar session: the fingerprint of the session.
    :ivar details: what else; short values of our own making.
    """

    name: str
    at: int
    level: str = INFO
    description: str = ""
    user: str | None = None
    session: str | None = None
    details: Mapping[str, str | int] = field(default_factory=dict)
    address: str | None = None
    agent: str | None = None
    method: str | None = None
    endpoint: str | None = None


class Fingerprints:
    """Stands for what must not be written down: equal for equal things, and not to be undone.

    :param key: asked for the bank's audit key each time. Without the key nobody can try out what
        a fingerprint is of.
    """

    def __init__(self, key: Callable[[], bytes]) -> None:
        self._key = key

    def of(self, kind: str, value: str) -> str:
        """16 hexadecimal digits; other kinds of the same value differ."""
        message = f"{kind}\0{value}".encode(errors="surrogatepass")
        return hmac.new(self._key(), message, "sha256").hexdigest()[:16]

    def of_session(self, sid: str | None) -> str | None:
        """The fingerprint of a session's handle; the same for all its tokens."""
        return None if sid is None else self.of("session", sid)

    def of_name(self, name: str) -> str:
        """The fingerprint of a user name; spellings that mean the same have the same one."""
        try:
            return self.of("name", name_key(name))
        except BadText:
            return self.of("name", name)


def with_request(event: AuditEvent) -> AuditEvent:
    """The event with where it came from, if it happened in a request."""
    if not has_request_context():
        return event
    return replace(
        event,
        address=request.remote_addr,
        agent=scrub(request.user_agent.string[:MAX_AGENT_CHARS]),
        method=request.method,
        # Not the path: what a stranger asks for is a stranger's text.
        endpoint=request.endpoint,
    )


def belongs_to_request(event: Event) -> bool:
    """Whether the request under way is where this came from.

    A request may carry out a sign-out that somebody else's outage has left behind, and may find
    another session past its limit; neither is its own doing.
    """
    if not isinstance(event, SessionEnded) or event.reason in _DONE_FROM_ELSEWHERE:
        return True
    if not has_request_context():
        return False
    return any(event.sid in value for value in request.cookies.values())


def told_by_sessions(event: Event, prints: Fingerprints) -> AuditEvent:
    """What the library says about sessions, in the words of the vocabulary: one for one."""
    return _BY_KIND[type(event)](event, prints)


def _started(event: SessionStarted, prints: Fingerprints) -> AuditEvent:
    return _about(event, prints, "session_created", "A session began")


def _extended(event: SessionExtended, prints: Fingerprints) -> AuditEvent:
    return _about(event, prints, "session_renewed", "Activity was credited")


def _rotated(event: SessionRotated, prints: Fingerprints) -> AuditEvent:
    what = "The session got a new token"
    return _about(event, prints, "authn_token_created", what, "session")


def _ended(event: SessionEnded, prints: Fingerprints) -> AuditEvent:
    reason = "logout" if event.reason is EndReason.SIGNED_OUT else event.reason.value
    what = f"The session ended: {reason}"
    cause = cause_of(event.reason)
    details = {"by": cause.by.value}
    if cause.actor is not None:
        details["actor"] = cause.actor
    level = INFO
    if event.reason is EndReason.REPLAYED:
        # The vocabulary has two words for this. It happened once, so it is one line with both.
        details["also"] = "authn_token_reuse"
        what = "A token that had been replaced was used again, so the session ended"
        level = CRITICAL
    ended = _about(event, prints, "session_expired", what, reason, level=level)
    return replace(ended, details=details)


def _refused(event: SessionRefused, prints: Fingerprints) -> AuditEvent:
    match event.reason:
        case "unknown":
            what = "A token was used whose session is no more, or never was"
            return _about(event, prints, "session_use_after_expire", what, level=CRITICAL)
        case "malformed":
            what = "A session cookie held something that is no token"
            made = _about(event, prints, "input_validation_fail", what, level=WARN)
            return replace(made, name="input_validation_fail:session_cookie,anonymous")
        case reason:
            what = f"The sign-in was right, and refused: {reason}"
            made = _about(event, prints, "authn_login_fail", what, level=WARN)
            return replace(made, details={"reason": reason})


def _jumped(event: ClockJumped, _prints: Fingerprints) -> AuditEvent:
    return AuditEvent(
        "sys_clock_jumped:bank",
        event.at,
        WARN,
        "The wall clock moved further than time passed",
        details={"by_ms": event.by_ms},
    )


def _about(
    event: SessionStarted | SessionExtended | SessionRotated | SessionEnded | SessionRefused,
    prints: Fingerprints,
    word: str,
    description: str,
    *more: str,
    level: str = INFO,
) -> AuditEvent:
    who = "anonymous" if event.user is None else event.user
    name = f"{word}:{','.join((who, *more))}"
    session = prints.of_session(event.sid)
    return AuditEvent(name, event.at, level, description, event.user, session)


_DONE_FROM_ELSEWHERE = frozenset({EndReason.REVOKED, EndReason.REPLACED})
_BY_KIND: Mapping[type, Callable[..., AuditEvent]] = {
    SessionStarted: _started,
    SessionExtended: _extended,
    SessionRotated: _rotated,
    SessionEnded: _ended,
    SessionRefused: _refused,
    ClockJumped: _jumped,
}
