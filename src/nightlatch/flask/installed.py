"""What nightlatch knows about one application: its manager, its addresses, its HTML."""

from __future__ import annotations

import hmac
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlencode

from flask import Response, current_app, jsonify, url_for
from markupsafe import Markup

from nightlatch.errors import SettingError
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
    :ivar sign_in_again: likewise.
    """

    manager: Manager
    prefix: str
    ended_view: str | None
    reauth_view: str | None = None
    sign_in_again: bool | str = False

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
        return _address(self.ended_view or _login_view() or "/")

    def sign_in_address(self) -> str:
        """The page whose form signs in without leaving.

        :raises SettingError: nobody has said which.
        """
        view = self.sign_in_again if isinstance(self.sign_in_again, str) else _login_view()
        if not view:
            raise SettingError(
                "sign_in_again",
                "True",
                "True where Flask-Login has a login_view; else the sign-in page's endpoint or path",
            )
        return _address(view)

    def html(self, *, sign_in_again: bool | None = None) -> Markup:
        """What ``{{ nightlatch() }}`` writes: the browser half for a signed-in page, else nothing.

        Without JavaScript the page still says when the session will end (WCAG 2.2, 2.2.6).

        :param sign_in_again: for this page, whether signing in without leaving it is offered.
            Absent: what the application's setting says.
        :raises SettingError: it is, and nobody has said where the sign-in page is.
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
        if self.sign_in_again if sign_in_again is None else sign_in_again:
            attributes["data-sign-in-url"] = self.sign_in_address()
            attributes["data-user"] = _same_user(found.record.user)
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


def _address(view: str) -> str:
    return view if view.startswith("/") else url_for(view)


def _login_view() -> str | None:
    manager: Any = getattr(current_app, "login_manager", None)
    return manager.login_view if manager else None


def _same_user(user: str) -> str:
    # Keyed, because users may have short numbers for names.
    key = str(current_app.secret_key).encode("utf-8", "surrogatepass")
    named = b"nightlatch same user\0" + user.encode("utf-8", "surrogatepass")
    return hmac.new(key, named, "sha256").hexdigest()[:16]


def words(span_ms: int) -> str:
    """A span of time in words, rounded down so that nobody is promised more than there is."""
    for size_ms, unit in ((3_600_000, "hour"), (60_000, "minute")):
        if span_ms >= 2 * size_ms or span_ms == size_ms:
            count = span_ms // size_ms
            return f"{count} {unit}{'' if count == 1 else 's'}"
    count = span_ms // 1000
    return f"{count} second{'' if count == 1 else 's'}"
