"""The pages on which money is sent."""

from __future__ import annotations

from typing import Any

from flask import Blueprint, abort, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_login import current_user, login_required

from bank.accounts.ledger import NotEnoughMoney, accounts_of
from bank.context import the_bank
from bank.money import pounds_text
from bank.signin.recent import proved_recently
from bank.transfers.forms import TransferForm
from bank.transfers.kept import keep, kept, let_go
from bank.transfers.orders import AlreadySent, carry_out, find_sent
from nightlatch.flask import current_session, discard_draft

blueprint = Blueprint("transfers", __name__, template_folder="templates")

TOO_LONG = "This page was open for too long, so nothing was sent. Check it and send it once more."


@blueprint.get("/transfer")
@login_required
def transfer() -> ResponseReturnValue:
    """An empty form, or the one that waited until its sender had proved who they are."""
    fields = kept(request.args.get("kept", ""))
    if fields is not None:
        return _page(_form(data=fields), waited=True)
    form = _form()
    form.renew_key()
    return _page(form)


@blueprint.post("/transfer")
@login_required
def send() -> ResponseReturnValue:
    """Sends the money and goes on to the page that confirms it.

    More than the bank's limit needs a recent proof of who sends it. Without one the form is kept,
    the password is asked for, and the form comes back as it was, to be sent by one more press:
    what was prepared by somebody else at this screen is seen before it is sent.
    """
    form = _form()
    if not form.validate():
        stale = bool(form.csrf_token.errors or form.form_key.errors)
        if form.form_key.errors:
            form.renew_key()
        return _page(form, TOO_LONG if stale else "", status=400 if stale else 422)
    order = form.order()
    bank = the_bank()
    if order.amount_pence > bank.config.confirm_above_pence and not proved_recently():
        come_back = url_for("transfers.transfer", kept=keep(form))
        return redirect(url_for("confirm.ask", next=come_back), 303)
    try:
        with bank.database.write() as session:
            done, is_new = carry_out(session, current_user, order, now_ms=bank.now())
    except NotEnoughMoney:
        form.amount.errors = [
            f"This account does not hold {pounds_text(order.amount_pence)}. Enter less, or "
            "choose another account."
        ]
        return _page(form, status=422)
    except AlreadySent as error:
        form.renew_key()
        return _page(form, _already(error), status=409)
    let_go(order.form_key)
    discard_draft()
    if is_new:
        # Not for a second press of the button, which finds what the first one has sent.
        bank.audit.money_sent(
            current_user.get_id(), done.public_id, done.amount_pence, current_session().sid
        )
    return redirect(url_for("transfers.sent", public_id=done.public_id), 303)


@blueprint.get("/transfer/<public_id>")
@login_required
def sent(public_id: str) -> ResponseReturnValue:
    """Confirms a transfer to whoever made it, and to nobody else."""
    with the_bank().database.read() as session:
        found = find_sent(session, current_user, public_id)
    if found is None:
        abort(404)
    return render_template("transfers/sent.html", transfer=found[0], account=found[1])


def _form(**given: Any) -> TransferForm:
    with the_bank().database.read() as session:
        return TransferForm(accounts_of(session, current_user), **given)


def _already(error: AlreadySent) -> str:
    return (
        f"This form has already sent {pounds_text(error.amount_pence)} to {error.payee}. "
        "To make a second transfer as it now stands, press Send money again."
    )


def _page(
    form: TransferForm, problem: str = "", *, status: int = 200, waited: bool = False
) -> ResponseReturnValue:
    page = render_template(
        "transfers/transfer.html",
        form=form,
        problem=problem,
        confirmed=waited and proved_recently(),
        confirm_above_pence=the_bank().config.confirm_above_pence,
    )
    return page, status
