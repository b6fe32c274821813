"""*Where you are signed in*: a user's own sessions, and the end of any of them."""

from __future__ import annotations

from flask import Blueprint, abort, flash, redirect, render_template, url_for
from flask.typing import ResponseReturnValue
from flask_login import current_user, login_required

from bank.context import the_bank
from bank.sessions.review import Review, unanswered
from bank.sessions.rows import Row, rows_of
from bank.signin.recent import needs_recent_proof
from nightlatch.flask import current_session

blueprint = Blueprint("sessions", __name__, template_folder="templates")


@blueprint.get("/sessions")
@login_required
def own() -> ResponseReturnValue:
    """Every live session of whoever asks, and nobody else's."""
    return render_template("sessions/own.html", rows=_own_rows(), now=the_bank().now())


@blueprint.route("/sessions/<sid>/end", methods=["GET", "POST"])
@login_required
@needs_recent_proof
def end_one(sid: str) -> ResponseReturnValue:
    """Signs out one of them."""
    session = current_session()
    row = next((row for row in _own_rows() if row.sid == sid), None)
    if row is None:
        return _not_theirs()
    asked = unanswered(_about(row))
    if asked is not None:
        return asked
    if row.current:
        session.sign_out()
        return redirect(url_for("signin.logged_out", reason="signed-out"), 303)
    # Whether this ends it or something else did in between: it is signed out.
    session.end_one(sid, of=current_user.get_id())
    flash(f"{row.device} is signed out.")
    return redirect(url_for("sessions.own"), 303)


@blueprint.route("/sessions/end-others", methods=["GET", "POST"])
@login_required
@needs_recent_proof
def end_others() -> ResponseReturnValue:
    """Signs out everywhere but here, sign-ins that are under way included."""
    review = Review(
        "Sign out everywhere else?",
        "You stay signed in here. Everywhere else, what was typed and not sent may be lost.",
        "Sign out everywhere else",
        url_for("sessions.own"),
        [row for row in _own_rows() if not row.current],
    )
    asked = unanswered(review)
    if asked is not None:
        return asked
    ended = current_session().end_user(current_user.get_id(), keep_this=True)
    flash(f"You are signed in here only. Ended elsewhere: {ended}.")
    return redirect(url_for("sessions.own"), 303)


def _own_rows() -> list[Row]:
    return rows_of(the_bank().sessions.list(current_user.get_id()), current_session().sid)


def _about(row: Row) -> Review:
    if row.current:
        text = "This is the session that you are looking from. You can sign in again at any time."
    else:
        text = (
            "Whoever uses it is signed out at once; what was typed there and not sent may be lost."
        )
    title = "Sign out here?" if row.current else f"Sign out {row.device}?"
    return Review(title, text, "Sign out", url_for("sessions.own"), [row])


def _not_theirs() -> ResponseReturnValue:
    # Another user's, an ended one and one that never was are the same to whoever asks.
    the_bank().audit.refused(current_user.get_id(), "session")
    abort(404)
