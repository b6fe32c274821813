"""The way in, and the page at the way out. The way out itself is the library's."""

from __future__ import annotations

import logging

from flask import Blueprint, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_login import current_user, login_user
from sqlalchemy.exc import SQLAlchemyError

from bank.context import the_bank
from bank.sessions.rows import rows_of
from bank.signin import guesses
from bank.signin.forms import SignInForm
from bank.signin.models import User, find_user, replace_hash
from bank.signin.reasons import farewell
from bank.signin.throttle import TooManyTries
from nightlatch import SignInRefused
from nightlatch.flask import current_session, safe_next

blueprint = Blueprint("signin", __name__, template_folder="templates")
log = logging.getLogger(__name__)

TOO_LONG = "This page was open for too long, so nothing was sent. Enter your password once more."
NO_MATCH = "That user name and password do not match. Check both and try again."
REFUSED = "Your sign-in was stopped, because your sessions were ended meanwhile. Try again."


@blueprint.get("/login")
def login() -> ResponseReturnValue:
    """The sign-in form; whoever is signed in goes on to where they were going."""
    if current_user.is_authenticated:
        return redirect(_onwards())
    return _page(SignInForm(next=safe_next("")))


@blueprint.post("/login")
def sign_in() -> ResponseReturnValue:
    """Signs in, as somebody else too: that ends the session that this browser had."""
    form = SignInForm()
    if not form.validate():
        if form.csrf_token.errors:
            return _page(form, TOO_LONG, status=400)
        return _page(form, status=422)
    try:
        user = _recognise(form.username.data or "", form.password.data or "")
    except TooManyTries as error:
        return *_page(form, error.words, status=429), error.headers
    if user is None:
        return _page(form, NO_MATCH, status=422)
    try:
        login_user(user)
    except SignInRefused as error:
        return _full(user) if error.reason == "full" else _page(form, REFUSED, status=409)
    the_bank().audit.signed_in(user.get_id(), current_session().sid)
    return redirect(_onwards(), 303)


@blueprint.get("/logged-out")
def logged_out() -> ResponseReturnValue:
    """Says why the session is over, and how to go on where it was."""
    if current_user.is_authenticated:
        return redirect(url_for("accounts.home"))
    words = farewell(request.args.get("reason", ""), the_bank().limits)
    onwards = safe_next("")
    again = url_for("signin.login", next=onwards) if onwards else url_for("signin.login")
    return render_template("signin/logged_out.html", farewell=words, again=again)


def _full(user: User) -> ResponseReturnValue:
    """Says that the user has as many sessions as they may, to somebody who is that user."""
    bank = the_bank()
    rows = rows_of(bank.sessions.list(user.get_id()), None)
    page = render_template(
        "signin/full.html", rows=rows, now=bank.now(), limits=bank.limits, onwards=safe_next("")
    )
    return page, 409


def _onwards() -> str:
    return safe_next(url_for("accounts.home"))


def _recognise(name: str, password: str) -> User | None:
    database = the_bank().database
    with database.read() as session:
        user = find_user(session, name)
    # Whoever is disabled costs what everybody else costs, and is told no more.
    may = user if user and user.disabled_ms is None else None
    checked = guesses.check(name, password, may)
    if user is None or not checked.ok:
        the_bank().audit.sign_in_failed(name, user.get_id() if user else None)
        return None
    if checked.replacement:
        try:
            with database.write() as session:
                replace_hash(session, user, checked.replacement)
        except SQLAlchemyError:
            # The password was right. The next sign-in tries again to strengthen the hash.
            log.warning("user %s: the hash could not be replaced", user.id)
    return user


def _page(form: SignInForm, problem: str = "", *, status: int = 200) -> tuple[str, int]:
    form.next.data = safe_next("")
    page = render_template(
        "signin/login.html", form=form, problem=problem, limits=the_bank().limits
    )
    return page, status
