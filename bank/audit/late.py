"""The cookie of a session that has ended, used once more."""

from __future__ import annotations

from flask import Flask, Response, request, session

from bank.audit.events import WARN, AuditEvent
from bank.audit.trail import Trail


def watch(app: Flask, trail: Trail) -> None:
    """Tells when a page is asked for with a session that had ended before.

    The library's own routes are left out: an open tab asks them how its session stands.
    """

    def look(response: Response) -> Response:
        # Only if the request has looked at its session anyway.
        ended = session.ended if getattr(session, "opened", False) else None  # type: ignore[attr-defined]
        if ended and not ended.fresh and not (request.endpoint or "").startswith("nightlatch."):
            trail.tell(
                AuditEvent(
                    f"session_use_after_expire:{ended.user}",
                    trail.now(),
                    # The vocabulary says CRITICAL, and so it is for a token that nobody knows.
                    # This one is somebody's who comes back to a page they had left open.
                    WARN,
                    f"A page was asked for after the session had ended: {ended.reason.value}",
                    ended.user,
                    trail.prints.of_session(ended.sid),
                )
            )
        return response

    app.after_request(look)
