"""The routes of the browser half: ask, extend, end, and the files it is made of."""

from __future__ import annotations

from pathlib import PurePath
from typing import Any

from flask import (
    Blueprint,
    Response,
    abort,
    current_app,
    jsonify,
    redirect,
    request,
    send_from_directory,
)
from flask.typing import ResponseReturnValue
from werkzeug.exceptions import RequestEntityTooLarge

from nightlatch.errors import SignOutUnconfirmed
from nightlatch.flask import assets
from nightlatch.flask.activity import passive
from nightlatch.flask.installed import installed
from nightlatch.flask.origin import is_cross_site
from nightlatch.flask.session import current_session
from nightlatch.record import EndReason
from nightlatch.stores.base import Ended, Live

blueprint = Blueprint("nightlatch", __name__)

# What a browser half may send is a few dozen bytes.
LONGEST_BODY = 1024
LIMITS = {"idle": EndReason.IDLE, "absolute": EndReason.ABSOLUTE}


@blueprint.before_request
def refuse_other_sites() -> ResponseReturnValue | None:
    """Unsafe calls come from our own pages only."""
    if request.method not in ("GET", "HEAD", "OPTIONS") and is_cross_site(request):
        return refusal(403, "This address takes requests from its own site's pages only.")
    return None


@blueprint.get("")
@passive
def status() -> ResponseReturnValue:
    """How the session stands. Asking never extends."""
    found = installed().manager.peek(current_session().presented)
    return _answer(found, anonymous=200)


@blueprint.post("/extend")
@passive
def extend() -> ResponseReturnValue:
    """Credit activity ``idle_for`` ms ago; absent: now."""
    body = json_body()
    if isinstance(body, Response):
        return body
    idle_for = body.get("idle_for", 0)
    # A bool is an int to Python; to whoever sent it, it is a mistake.
    if not isinstance(idle_for, int) or isinstance(idle_for, bool):
        return refusal(400, "idle_for must be a whole number of milliseconds since the last input.")
    found = installed().manager.extend(current_session().presented, idle_for_ms=idle_for)
    return _answer(found, anonymous=401)


@blueprint.post("/end")
@passive
def end() -> ResponseReturnValue:
    """Sign out; or, with ``reason``, end the session if that limit has passed.

    A script gets the status document, a plain form is led to the page that says it is done.
    """
    if request.mimetype != "application/json":
        current_session().sign_out()
        return redirect(installed().ended_url(EndReason.SIGNED_OUT.value), 303)
    body = json_body()
    if isinstance(body, Response):
        return body
    reason = body.get("reason")
    if reason is not None and not (isinstance(reason, str) and reason in LIMITS):
        return refusal(400, "reason must be absent (sign out), 'idle' or 'absolute'.")
    session = current_session()
    if reason is None:
        try:
            was_live = session.sign_out()
        except SignOutUnconfirmed as error:
            return _unconfirmed(error)
        return _answer(session.open(), anonymous=401, ended=200 if was_live else 401)
    found = installed().manager.end_if_due(session.presented, LIMITS[reason])
    if isinstance(found, Ended):
        session.forget(found)
    return _answer(
        found, anonymous=401, ended=200 if isinstance(found, Ended) and found.fresh else 401
    )


@blueprint.get("/assets/<version>/<name>")
@passive
def asset(version: str, name: str) -> ResponseReturnValue:
    """One of the browser half's files; it may be kept for a year under its current address."""
    if name not in assets.names():
        abort(404)
    response = send_from_directory(
        assets.FOLDER, name, mimetype=assets.TYPES[PurePath(name).suffix]
    )
    if version == assets.version():
        response.headers["Cache-Control"] = f"public, max-age={assets.YEAR_S}, immutable"
    else:
        response.headers["Cache-Control"] = "no-cache"
    return response


def _answer(found: Live | Ended | None, *, anonymous: int, ended: int = 401) -> ResponseReturnValue:
    here = installed()
    state = here.manager.status(found)["state"]
    return here.document(found, {"active": 200, "ended": ended, "anonymous": anonymous}[state])


def json_body(longest: int = LONGEST_BODY) -> dict[str, Any] | Response:
    """The request's JSON object; nothing at all counts as an empty one.

    :param longest: how many bytes it may take.
    :returns: the refusal, when it is none.
    """
    request.max_content_length = longest
    try:
        # Not the stream itself: the application may have read it before us, to log it.
        text = request.get_data()
    except RequestEntityTooLarge:
        text = None
    if text is None or len(text) > longest:
        return refusal(413, f"The body takes more than {longest} bytes.")
    if not text and not request.content_length:
        return {}
    body = _parse(text)
    if not isinstance(body, dict):
        return refusal(400, "The body must be a JSON object.")
    return body


def _parse(text: bytes) -> object:
    try:
        return current_app.json.loads(text)
    except (ValueError, RecursionError):
        return None


def _unconfirmed(error: SignOutUnconfirmed) -> Response:
    response = refusal(503, str(error))
    response.set_data(
        current_app.json.dumps(
            {"error": str(error), "signed_out": "unconfirmed", "noted": error.noted}
        )
    )
    response.headers["Retry-After"] = str(error.retry_after_s)
    return response


def refusal(code: int, message: str, **more: str) -> Response:
    """An answer that says what was wrong with the request."""
    response = jsonify(error=message, **more)
    response.status_code = code
    response.headers["Cache-Control"] = "no-store"
    return response
