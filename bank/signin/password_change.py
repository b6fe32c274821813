"""A new password for whoever is signed in, after which nobody else is signed in as them."""

from __future__ import annotations

import logging
import unicodedata

from flask import Blueprint, flash, redirect, render_template, url_for
from flask.typing import ResponseReturnValue
from flask_login import current_user, login_required
from flask_wtf import FlaskForm
from wtforms import PasswordField
from wtforms.validators import InputRequired

from bank.audit.causes import By, ended_by
from bank.context import the_bank
from bank.signin import guesses
from bank.signin.models import replace_hash
from bank.signin.password_rules import MIN_CHARS, fault
from bank.signin.throttle import TooManyTries
from nightlatch import Live, StoreUnavailable
from nightlatch.flask import current_session

blueprint = Blueprint("password_change", __name__, template_folder="templates")
log = logging.getLogger(__name__)

TOO_LONG = "This page was open for too long, so nothing was changed. Enter both once more."
WRONG = "That is not the password that you have now."
SAME = "This is the password that you have now. Choose another."
BREACHED = (
    "This password has been stolen from some other site, so it will be tried here. Choose another."
)
OVERTAKEN = "Your password was changed elsewhere meanwhile, so it was not changed here."


class ChangeForm(FlaskForm):
    """The password as it is, and as it shall be.

    The new one is asked for once: whoever wants to be sure can look at it.
    """

    current = PasswordField(
        "Current password",
        validators=[InputRequired("Enter the password that you have now.")],
        render_kw={"autocomplete": "current-password"},
    )
    new = PasswordField(
        "New password",
        validators=[InputRequired("Enter a new password.")],
        render_kw={"autocomplete": "new-password"},
    )


@blueprint.get("/password")
@login_required
def ask() -> ResponseReturnValue:
    """The form."""
    return _page(ChangeForm())


@blueprint.post("/password")
@login_required
def change() -> ResponseReturnValue:
    """Changes it, ends the user's other sessions, and gives this one a new token."""
    session = current_session()
    found = session.open()
    if isinstance(found, Live) and found.stale:
        # A second press: the first one has changed it, and with it the token.
        return redirect(url_for("sessions.own"), 303)
    form = ChangeForm()
    if not form.validate():
        stale = bool(form.csrf_token.errors)
        return _page(form, TOO_LONG if stale else "", status=400 if stale else 422)
    audit, user, sid = the_bank().audit, current_user.get_id(), session.sid
    try:
        current = guesses.check(current_user.name, form.current.data or "", current_user)
    except TooManyTries as error:
        return *_page(form, error.words, status=429), error.headers
    if not current.ok:
        form.current.errors = [WRONG]
    if refusal := _refusal(form):
        form.new.errors = [refusal]
    if form.errors:
        audit.password_kept(user, "refused" if current.ok else "wrong", sid)
        return _page(form, status=422)
    return _carry_out(form)


def _carry_out(form: ChangeForm) -> ResponseReturnValue:
    bank, session, user = the_bank(), current_session(), current_user.get_id()
    new = guesses.make_hash(form.new.data or "")
    # First what may fail for the sake of the sessions: then nothing has been changed.
    session.step_up()
    with bank.database.write() as database:
        changed = replace_hash(database, current_user, new)
    if not changed:
        bank.audit.password_kept(user, "overtaken", session.sid)
        return _page(form, OVERTAKEN, status=409)
    bank.audit.password_changed(user)
    try:
        # After the change: whoever is signing in with the old one at this moment is refused too.
        with ended_by(By.PASSWORD_CHANGE, user):
            ended = session.end_user(user, keep_this=True)
    except StoreUnavailable as error:
        log.warning("user %s: the password is changed, other sessions have not ended", user)
        page = render_template("signin/password_changed.html")
        return page, 503, {"Retry-After": str(error.retry_after_s)}
    flash(f"Your password is changed. You are signed in here only. Ended elsewhere: {ended}.")
    return redirect(url_for("sessions.own"), 303)


def _refusal(form: ChangeForm) -> str | None:
    new = form.new.data or ""
    refusal = fault(new, (current_user.name, current_user.full_name))
    if refusal:
        return refusal
    if _composed(new) == _composed(form.current.data or ""):
        return SAME
    return BREACHED if _is_breached(new) else None


def _is_breached(password: str) -> bool:
    bank = the_bank()
    try:
        return bank.breached.holds(password)
    except (OSError, ValueError) as error:
        # A list that is away keeps nobody from leaving a password that they must leave.
        bank.audit.breaches_unread(type(error).__name__)
        return False


def _composed(text: str) -> str:
    return unicodedata.normalize("NFC", text)


def _page(form: ChangeForm, problem: str = "", *, status: int = 200) -> tuple[str, int]:
    page = render_template("signin/password.html", form=form, problem=problem, min_chars=MIN_CHARS)
    return page, status
