"""The page that asks somebody who is signed in for their password again.

What was under way is never lost by it. A page that needs a recent proof is simply asked for
again afterwards. A form that needs one keeps its fields in the session first, under its one-time
key, and ``next`` leads to the form with its fields in place (:mod:`bank.transfers.kept`).
"""

from __future__ import annotations

from contextlib import suppress
from dataclasses import dataclass
from urllib.parse import unquote, urlsplit

from flask import Blueprint, current_app, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_login import current_user, login_required
from werkzeug.exceptions import HTTPException

from bank.context import the_bank
from bank.money import pounds_text
from bank.signin import guesses
from bank.signin.forms import ConfirmForm
from bank.signin.recent import proved_recently
from bank.signin.throttle import TooManyTries
from nightlatch import ReauthenticationRequired
from nightlatch.flask import current_session, safe_next

blueprint = Blueprint("confirm", __name__, template_folder="templates")

TOO_LONG = "This page was open for too long, so nothing was done. Enter your password once more."
WRONG = "That is not your password. Check it and try again."


@dataclass(frozen=True, slots=True)
class Purpose:
    """What the password is asked for.

    :ivar doing: goes after "You are about to".
    :ivar back: where to go instead.
    """

    doing: str
    back: str


@blueprint.get("/confirm")
@login_required
def ask() -> ResponseReturnValue:
    """Asks; but whoever has proved it just now, by signing in again perhaps, goes on."""
    if proved_recently():
        return redirect(_onwards())
    return _page(ConfirmForm())


@blueprint.post("/confirm")
@login_required
def prove() -> ResponseReturnValue:
    """Takes the password; the session gets a new token and goes on where it was."""
    form = ConfirmForm()
    if not form.validate():
        stale = bool(form.csrf_token.errors)
        return _page(form, TOO_LONG if stale else "", status=400 if stale else 422)
    bank = the_bank()
    user = current_user.get_id()
    try:
        checked = guesses.check(current_user.name, form.password.data or "", current_user)
    except TooManyTries as error:
        return *_page(form, error.words, status=429), error.headers
    if not checked.ok:
        bank.audit.proof_failed(user, current_session().sid)
        return _page(form, WRONG, status=422)
    bank.audit.proved_again(user, current_session().sid)
    # It is raised for a second press, with the token that the first one has replaced. If the
    # first one is good, so is what comes next; if not, that asks again.
    with suppress(ReauthenticationRequired):
        current_session().step_up()
    return redirect(_onwards(), 303)


def _onwards() -> str:
    return safe_next(url_for("accounts.home"))


def _purpose(onwards: str) -> Purpose:
    match _room(onwards):
        case "transfers":
            above = the_bank().config.confirm_above_pence
            doing = f"send more than {pounds_text(above)}" if above else "send money"
            # The form is there with its fields, sent or not.
            return Purpose(doing, onwards)
        case "sessions":
            return Purpose("sign out another device", url_for("sessions.own"))
        case "admin":
            return Purpose("end sessions of others", url_for("admin.everyone"))
    return Purpose("do something that needs it", url_for("accounts.home"))


def _room(onwards: str) -> str:
    path = unquote(urlsplit(onwards).path).removeprefix(request.script_root)
    try:
        endpoint, _ = current_app.url_map.bind("").match(path)
    except HTTPException:
        return ""
    return str(endpoint).partition(".")[0]


def _page(form: ConfirmForm, problem: str = "", *, status: int = 200) -> tuple[str, int]:
    form.next.data = safe_next("")
    page = render_template(
        "signin/confirm.html", form=form, problem=problem, purpose=_purpose(_onwards())
    )
    return page, status
