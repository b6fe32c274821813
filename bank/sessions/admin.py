"""The administrator's page: who is signed in, and the end of it."""

from __future__ import annotations

import re
from collections.abc import Iterable

from flask import Blueprint, abort, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_login import current_user, login_required
from sqlalchemy import select

from bank.context import the_bank
from bank.sessions.paging import people_page
from bank.sessions.review import Review, unanswered
from bank.sessions.rows import rows_of
from bank.signin.models import User, find_user
from bank.signin.recent import needs_recent_proof
from nightlatch.flask import current_session

blueprint = Blueprint("admin", __name__, url_prefix="/admin", template_folder="templates")

_SID = re.compile(r"[0-9a-f]{32}")
WHERE_THEY_WERE = "They are told that the session was ended from elsewhere, and can sign in again."


@blueprint.before_request
@login_required
def administrators_only() -> None:
    """To everybody else there is no such page."""
    if not current_user.is_admin:
        the_bank().audit.refused(current_user.get_id(), "admin")
        abort(404)


@blueprint.get("/sessions")
def everyone() -> ResponseReturnValue:
    """Live sessions of all users, or of one who is searched for, page by page."""
    bank = the_bank()
    wanted = request.args.get("user", "").strip()
    after = request.args.get("after", "")
    user = _named(wanted) if wanted else None
    page = None
    if user is not None or not wanted:
        page = people_page(
            bank.sessions,
            user.get_id() if user else None,
            after=after if _SID.fullmatch(after) else None,
        )
    rows = rows_of(page.sessions if page else (), current_session().sid)
    return render_template(
        "sessions/everyone.html",
        rows=rows,
        people=_people(row.user_id for row in rows),
        page=page,
        wanted=wanted,
        user=user,
        first=not after,
        now=bank.now(),
    )


@blueprint.route("/users/<int(max=2147483647):user_id>/sessions/<sid>/end", methods=["GET", "POST"])
@needs_recent_proof
def end_one(user_id: int, sid: str) -> ResponseReturnValue:
    """Ends one session of a user."""
    user = _user(user_id)
    session = current_session()
    rows = rows_of(the_bank().sessions.list(user.get_id()), session.sid)
    row = next((row for row in rows if row.sid == sid), None)
    if row is None:
        abort(404)
    title = f"End this session of {user.full_name}?"
    asked = unanswered(Review(title, WHERE_THEY_WERE, "End session", _back(), [row]))
    if asked is not None:
        return asked
    session.end_one(sid, of=user.get_id())
    the_bank().audit.administered(current_user.get_id(), "end_session", of=user.get_id())
    return _done(f"The session of {user.full_name} is ended.")


@blueprint.route("/users/<int(max=2147483647):user_id>/sessions/end", methods=["GET", "POST"])
@needs_recent_proof
def end_user(user_id: int) -> ResponseReturnValue:
    """Ends all sessions of a user, sign-ins that are under way included."""
    user = _user(user_id)
    session = current_session()
    rows = rows_of(the_bank().sessions.list(user.get_id()), session.sid)
    title = f"End all sessions of {user.full_name}?"
    asked = unanswered(Review(title, WHERE_THEY_WERE, "End all of them", _back(), rows))
    if asked is not None:
        return asked
    ended = session.end_user(user.get_id())
    the_bank().audit.administered(
        current_user.get_id(), "end_user", of=user.get_id(), ended=str(ended)
    )
    return _done(f"All sessions of {user.full_name} were ended ({ended}).")


@blueprint.route("/sessions/end", methods=["GET", "POST"])
@needs_recent_proof
def end_everyone() -> ResponseReturnValue:
    """Ends every session there is, this one and visitors' included."""
    text = (
        "Every person is signed out at once, you too; what they had typed and not sent may be "
        f"lost. {WHERE_THEY_WERE}"
    )
    review = Review("End everyone’s sessions?", text, "End everyone’s sessions", _back())
    asked = unanswered(review)
    if asked is not None:
        return asked
    admin = current_user.get_id()
    ended = current_session().end_everyone()
    the_bank().audit.administered(admin, "end_everyone", ended=str(ended))
    return redirect(url_for("signin.logged_out", reason="revoked"), 303)


def _back() -> str:
    return url_for("admin.everyone")


def _done(said: str) -> ResponseReturnValue:
    if current_session().user is None:
        # It was the administrator's own, and a message would begin a session for nobody.
        return redirect(url_for("signin.logged_out", reason="revoked"), 303)
    flash(said)
    return redirect(_back(), 303)


def _named(name: str) -> User | None:
    with the_bank().database.read() as session:
        return find_user(session, name)


def _user(user_id: int) -> User:
    return _people([user_id]).get(user_id) or abort(404)


def _people(user_ids: Iterable[int]) -> dict[int, User]:
    with the_bank().database.read() as session:
        found = session.scalars(select(User).where(User.id.in_(set(user_ids))))
        return {user.id: user for user in found}
