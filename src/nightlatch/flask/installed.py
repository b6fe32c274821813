"""What nightlatch knows about one application: its manager, its addresses, its HTML."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any
from urllib.parse import urlencode

from flask import Response, current_app, jsonify, url_for
from markupsafe import Markup

from nightlatch.flask import assets
from nightlatch.flask.session import current_session
from nightlatch.manager import Manager
from nightlatch.stores.base import Ended, Live

NAME = "nightlatch"


@dataclass(frozen=True, slots=True)
class Installed:
    """nightlatch in one application; ``app.extensions["nightlatch"]``.

    :ivar manager: the sessions' verbs.
    :ivar prefix: where the routes are.
    :ivar ended_view: as given to :class:`Nightlatch`; :ivar reauth_view: likewise.
    """

    manager: Manager
    prefix: str
    ended_view: str | None
    reauth_view: str | None = None

    def document(self, session: Live | Ended | None, code: int = 200) -> Response:
        """The status document as an answer that no cache keeps."""
        response = jsonify(self.manager.status(session))
        response.status_code = code
        response.headers["Cache-Control"] = "no-store"
        response.vary.add("Cookie")
        return response

    def ended_url(self, reason: str, came_for: str | None = None) -> str:
        """The page that says why a session ended, and leads back after signing in.

        :param came_for: path and query of the page that was asked for; absent: none.
        """
        query = {"reason": reason} | ({"next": came_for} if came_for else {})
        address = self.ended_address()
        return f"{address}{'&' if '?' in address else '?'}{urlencode(query)}"

    def ended_address(self) -> str:
        """The same page without reason and return."""
        manager: Any = getattr(current_app, "login_manager", None)
        view = self.ended_view or (manager.login_view if manager else None) or "/"
        return view if view.startswith("/") else url_for(view)

    def html(self) -> Markup:
        """What ``{{ nightlatch() }}`` writes: the browser half for a signed-in page, else nothing.

        Without JavaScript the page still says when the session will end (WCAG 2.2, 2.2.6).
        """
        found = current_session().open()
        if not isinstance(found, Live) or found.record.user is None:
            return Markup()
        attributes: dict[str, object] = {
            "data-nightlatch": "",
            "data-status": current_app.json.dumps(self.manager.status(found)),
            "data-ping-every-ms": self.manager.limits.ping_every_ms,
            "data-url": url_for("nightlatch.status"),
            "data-ended-url": self.ended_address(),
        }
        if current_session().is_activity():
            # The record may lag behind this page's own request by less than the slack.
            attributes["data-active"] = ""
        written = Markup(" ").join(
            Markup('{}="{}"').format(name, value) for name, value in attributes.items()
        )
        return Markup(
            '<link rel="stylesheet" href="{}"><script type="module" src="{}" {}></script>'
            '<noscript><p class="nightlatch-notice">{}</p></noscript>'
        ).format(assets.url("nightlatch.css"), assets.url("nightlatch.js"), written, self.notice())

    def notice(self) -> str:
        """When the session will end, in words; for pages without JavaScript."""
        limits = self.manager.limits
        return (
            f"You will be signed out after {words(limits.promise_ms)} without activity, "
            f"and {words(limits.absolute_ms)} after you signed in."
        )


def installed() -> Installed:
    """Nightlatch in the current application.

    :raises RuntimeError: ``Nightlatch(app)`` has not been called.
    """
    here = current_app.extensions.get(NAME)
    if not isinstance(here, Installed):
        raise RuntimeError("This application does not use nightlatch: call Nightlatch(app) first.")
    return here


def words(span_ms: int) -> str:
    """A span of time in words, rounded down so that nobody is promised more than there is."""
    for size_ms, unit in ((3_600_000, "hour"), (60_000, "minute")):
        if span_ms >= 2 * size_ms or span_ms == size_ms:
            count = span_ms // size_ms
            return f"{count} {unit}{'' if count == 1 else 's'}"
    count = span_ms // 1000
    return f"{count} second{'' if count == 1 else 's'}"
