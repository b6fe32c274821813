"""Sensitive actions: allowed to who has proved a short while ago who they are.

A session that is hours old may be at a desk that its user has left. So what ends other
sessions, moves much money or changes how somebody signs in asks for the password, or whatever
else the application takes as proof, once more (OWASP ASVS 5.0, 7.5.1 to 7.5.3).
"""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from typing import Any, TypeVar
from urllib.parse import urlencode

from flask import abort, current_app, jsonify, redirect, request, url_for
from flask.typing import ResponseReturnValue
from werkzeug.exceptions import HTTPException

from nightlatch.errors import ReauthenticationRequired, SettingError
from nightlatch.flask import login
from nightlatch.flask.activity import is_script
from nightlatch.flask.installed import installed
from nightlatch.flask.redirects import asked_for, came_from
from nightlatch.flask.session import current_session
from nightlatch.stores.base import Live

View = TypeVar("View", bound=Callable[..., object])

REASON = "reauthenticate"
# Set on each guarded view, also through further decorators that use functools.wraps.
GUARDED = "_nightlatch_recent_within_ms"
MINUTE_MS = 60_000


def require_recent(minutes: float, *, level: int = 0) -> Callable[[View], View]:
    """Lets a view be used only within ``minutes`` of the user's last proof of who they are.

    ::

        @app.post("/sessions/end")
        @require_recent(5)
        def end_session(): ...

    Signing in is such a proof, and so is :meth:`ServerSession.step_up`, which Flask-Login's
    ``confirm_login()`` calls. When the last one is longer ago, a person is led to the
    ``reauth_view``, whose ``next`` is where they were; a script gets 401 and the status
    document with ``reason`` ``"reauthenticate"`` and ``reauth_url``. Who is not signed in at
    all is answered as by ``login_required``. To ask inside a view, see
    :meth:`ServerSession.require_recent`.

    :param minutes: more than 0.
    :param level: the least ``auth_level`` of the proof; any when absent.
    :raises SettingError: ``minutes`` allows nobody.
    """
    if not minutes > 0:
        raise SettingError("require_recent", minutes, "a number of minutes, more than 0")
    within_ms = int(minutes * MINUTE_MS)

    def guard(view: View) -> View:
        @wraps(view)
        def guarded(*args: Any, **kwargs: Any) -> Any:
            session = current_session()
            if session.user is None:
                return login.unauthorized()
            session.require_recent(within_ms, level=level)
            return current_app.ensure_sync(view)(*args, **kwargs)

        setattr(guarded, GUARDED, within_ms)
        return guarded  # type: ignore[return-value]

    return guard


def answer(error: ReauthenticationRequired) -> ResponseReturnValue:
    """Leads a person to the page for it, and tells a script."""
    try:
        return _lead_on(error)
    except HTTPException as refusal:
        # Raised inside an error handler it would end as a 500.
        return current_app.handle_http_exception(refusal)


def _lead_on(error: ReauthenticationRequired) -> ResponseReturnValue:
    here = installed()
    session = current_session()
    if session.user is None:
        return login.unauthorized()
    manager: Any = getattr(current_app, "login_manager", None)
    view = here.reauth_view or (manager.refresh_view if manager else None)
    address = None
    if view is not None:
        address = view if view.startswith("/") else url_for(view)
    if is_script(request):
        found = session.open()
        assert isinstance(found, Live)
        document = here.manager.status(found) | {"reason": REASON, "reauth_url": address}
        response = jsonify(document)
        response.status_code = 401
        response.headers["Cache-Control"] = "no-store"
        return response
    if address is None:
        abort(401, str(error))
    # A form cannot be repeated by following a link, so the way back leads to the form.
    onwards = asked_for() if request.method in ("GET", "HEAD") else came_from()
    query = f"{'&' if '?' in address else '?'}{urlencode({'next': onwards})}" if onwards else ""
    return redirect(address + query, 303)
