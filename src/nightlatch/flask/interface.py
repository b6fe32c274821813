"""Between Flask and its session on our store: the cookie and the headers."""

from __future__ import annotations

from collections.abc import Callable

from flask import Flask, Request, Response
from flask.sessions import SessionInterface, SessionMixin

from nightlatch.cookie import CookiePolicy
from nightlatch.errors import StoreUnavailable
from nightlatch.flask.activity import is_activity, is_navigation
from nightlatch.flask.optional import is_optional
from nightlatch.flask.session import CSRF_KEY, ServerSession
from nightlatch.manager import Manager

# Headers that tell about a body that is not sent after all.
ABOUT_THE_BODY = (
    "Accept-Ranges",
    "Content-Disposition",
    "Content-Encoding",
    "Content-Range",
    "ETag",
    "Expires",
    "Last-Modified",
    "Location",
)

Hook = Callable[[ServerSession], None]


class ServerSessionInterface(SessionInterface):
    """Gives every request its :class:`ServerSession` and sends what became of it.

    :param before_commit: called with a session that has been used, before it is stored.
    :ivar cookie: as given.
    """

    def __init__(self, manager: Manager, cookie: CookiePolicy, *, before_commit: Hook) -> None:
        self._manager = manager
        self.cookie = cookie
        self._before_commit = before_commit

    def is_secure(self, app: Flask, request: Request) -> bool:
        """Whether the cookie travels with ``Secure`` and ``__Host-``."""
        return request.is_secure or bool(app.config["SESSION_COOKIE_SECURE"])

    def open_session(self, app: Flask, request: Request) -> ServerSession:
        """Flask's own hook: a session that has not been read yet."""
        name = self.cookie.name_for(secure=self.is_secure(app, request))
        # Two different ones: one was planted, and nothing tells which. Joined they are no token.
        token = " ".join({*request.cookies.getlist(name)})
        return ServerSession(
            self._manager,
            token or None,
            activity=lambda: is_activity(app, request),
            optional=lambda: is_optional(app, request),
            csrf_key=app.config.get("WTF_CSRF_FIELD_NAME", CSRF_KEY),
        )

    def save_session(self, app: Flask, session: SessionMixin, response: Response) -> None:
        """Flask's own hook: store the changes, send the cookie if it changed, forbid caches."""
        from flask import request

        assert isinstance(session, ServerSession)
        if not session.opened and session.unavailable is None:
            return
        secure = self.is_secure(app, request)
        try:
            if session.used and not session.dropped:
                self._before_commit(session)
            session.commit(device=request.user_agent.string, address=request.remote_addr or "")
        except StoreUnavailable as error:
            answer_unavailable(response, error)
        response.vary.add("Cookie")
        if session.token_to_send is not None:
            response.headers.add(
                "Set-Cookie", self.cookie.set(session.token_to_send.text(), secure=secure)
            )
        elif session.cookie_to_delete:
            response.headers.add("Set-Cookie", self.cookie.delete(secure=secure))
        private = session.presented or session.token_to_send
        if private and not response.cache_control.public:
            response.headers["Cache-Control"] = "no-store"
        ended = session.opened and session.ended
        if session.cookie_to_delete or (ended and is_navigation(request)):
            # Copies of private pages in the browser's caches go, the back/forward cache included.
            response.headers["Clear-Site-Data"] = '"cache"'


def answer_unavailable(response: Response, error: StoreUnavailable) -> None:
    """Turn a response into *503, try again*: unknown is not signed out."""
    response.status_code = 503
    if callable(close := getattr(response.response, "close", None)):
        close()  # a file or a generator that nobody will read to its end
    response.direct_passthrough = False
    response.set_data(str(error))
    response.mimetype = "text/plain"
    for name in ABOUT_THE_BODY:
        response.headers.pop(name, None)
    response.headers["Retry-After"] = str(error.retry_after_s)
    response.headers["Cache-Control"] = "no-store"
