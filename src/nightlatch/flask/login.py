"""Flask-Login on our sessions: signing in and out there begins and ends them here.

Flask-Login is optional; without it an application calls ``current_session().sign_in(user)``.
"""

from __future__ import annotations

import inspect
import logging
from collections.abc import Callable
from functools import partial
from typing import Any

from flask import Flask, Response, abort, current_app, flash, redirect, request
from flask.typing import ResponseReturnValue

from nightlatch.errors import SignInRefused, SignOutUnconfirmed, StoreUnavailable
from nightlatch.flask.activity import is_script
from nightlatch.flask.installed import installed
from nightlatch.flask.redirects import asked_for
from nightlatch.flask.session import ServerSession, current_session

_log = logging.getLogger("nightlatch")

USER_KEY = "_user_id"
LOGIN_KEYS = (USER_KEY, "_fresh", "_id")
REMEMBER_KEYS = ("_remember", "_remember_seconds")


def connect(app: Flask) -> None:
    """Join Flask-Login's signals for this application, if Flask-Login is installed."""
    try:
        from flask_login import user_logged_in, user_logged_out, user_login_confirmed
    except ImportError:
        return
    # Strong references: the application lives as long as its sessions do.
    user_logged_in.connect(_signed_in, app, weak=False)
    user_logged_out.connect(_signed_out, app, weak=False)
    user_login_confirmed.connect(_confirmed, app, weak=False)


def settle(app: Flask) -> None:
    """Adjust the application's ``LoginManager``, once, when it surely exists.

    Flask-Login's remember cookie is the same on every sign-in and good for ever, also after
    signing out: it would defeat every limit, so it is neither sent nor believed. And a visitor
    whose session has ended is told so, unless the application has a handler of its own.
    """
    manager: Any = getattr(app, "login_manager", None)
    if manager is None:
        return
    manager._load_user_from_remember_cookie = lambda cookie: None
    manager._set_cookie = lambda response: None
    if not isinstance(manager._load_user, partial):
        manager._load_user = partial(_load_user, manager._load_user)
    # Flask-Login looks into the session after every answer, so every picture and style sheet
    # would ask the store and be kept out of caches.
    after = app.after_request_funcs.get(None, [])
    ours = partial(_clear_remember_cookie, manager)
    after[:] = [ours if one == manager._update_remember_cookie else one for one in after]
    if manager.unauthorized_callback is None:
        manager.unauthorized_callback = unauthorized


def reconcile(session: ServerSession) -> None:
    """Follow an application that signs in or out by writing ``flask.session`` itself.

    Many do: ``session.clear()`` to sign out, ``session["_user_id"] = …`` in their tests.
    """
    if getattr(current_app, "login_manager", None) is None:
        return
    user, before = session.get(USER_KEY), session.was(USER_KEY)
    if user == before:
        return
    if user is not None:
        if str(user) != session.user:
            _begin(session, str(user))
    else:
        # What the user had does not become a visitor's; a message set just now may.
        kept = {key: value for key, value in session.items() if value != session.was(key)}
        session.sign_out()
        session.update(kept)


def unauthorized() -> ResponseReturnValue:
    """Flask-Login's answer to who is not signed in, with the truth about why.

    A person is led to where they can sign in; a script gets 401 and the status document, never
    a sign-in page under the name of the data that it asked for.
    """
    here = installed()
    session = current_session()
    if session.unavailable is not None:
        raise session.unavailable  # nobody knows whether they are signed in
    if is_script(request):
        return here.document(session.open(), 401)
    came_for = asked_for() if request.method in ("GET", "HEAD") else None
    if session.ended is not None:
        return redirect(here.ended_url(session.ended.reason.value, came_for))
    return _to_sign_in(came_for)


def _to_sign_in(came_for: str | None) -> Response:
    manager: Any = getattr(current_app, "login_manager", None)
    if manager is None:
        return redirect(installed().ended_url("", came_for))  # type: ignore[return-value]
    views = manager.blueprint_login_views
    view = (
        views.get(request.blueprint, manager.login_view)
        if request.blueprint
        else manager.login_view
    )
    if not view:
        abort(401)
    message = manager.login_message
    if message:
        in_their_words = manager.localize_callback
        flash(
            in_their_words(message) if in_their_words else message,
            category=manager.login_message_category,
        )
    from flask_login.utils import login_url

    target: str = login_url(view, next_url=came_for)
    return redirect(target)  # type: ignore[return-value]


def _signed_in(app: Flask, **_: object) -> None:
    session = current_session()
    if session.get("_remember") == "set":
        for key in REMEMBER_KEYS:
            session.pop(key, None)
        _log.warning(
            "login_user(remember=True) was ignored: Flask-Login's remember cookie outlives every "
            "timeout and every sign-out. Leave it out; a longer absolute limit is the honest way."
        )
    try:
        _begin(session, str(session[USER_KEY]))
    except SignInRefused:
        for key in LOGIN_KEYS:
            session.pop(key, None)
        manager: Any = app.login_manager  # type: ignore[attr-defined]
        manager._update_request_context_with_user()
        raise


def _load_user(load: Callable[[], None]) -> None:
    """Flask-Login's own look for the user; but who is leaving leaves, store or no store."""
    try:
        load()
    except StoreUnavailable:
        # logout_user() first asks who that is, and would get no further than this.
        if _is_leaving():
            current_session().sign_out()
        raise


def _is_leaving() -> bool:
    """Whether this happens inside ``logout_user()``, which has no other way to be told."""
    from flask_login import logout_user

    frame = inspect.currentframe()
    while frame is not None and frame.f_code is not logout_user.__code__:
        frame = frame.f_back
    return frame is not None


def _signed_out(app: Flask, **_: object) -> None:
    session = current_session()
    # Flask-Login's own mark to delete an old remember cookie; it takes it back before we save.
    remember = session.get("_remember")
    try:
        session.sign_out()
    except SignOutUnconfirmed:
        # The page that says so is nobody's.
        manager: Any = app.login_manager  # type: ignore[attr-defined]
        manager._update_request_context_with_user()
        raise
    if remember is not None:
        session["_remember"] = remember


def _confirmed(app: Flask, **_: object) -> None:
    current_session().step_up()


def _begin(session: ServerSession, user: str) -> None:
    login = {key: session[key] for key in LOGIN_KEYS if key in session}
    session.sign_in(user, device=request.user_agent.string, address=request.remote_addr or "")
    # Equal for two users of one browser, so they look like values of the user before.
    session.update(login)


def _clear_remember_cookie(manager: Any, response: Response) -> Response:
    if current_session().used:
        manager._update_remember_cookie(response)
    return response
