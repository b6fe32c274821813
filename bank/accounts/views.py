"""The first page after sign-in, and the statement of a month."""

from __future__ import annotations

from datetime import date

from flask import Blueprint, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_login import current_user, login_required

from bank.accounts import ledger
from bank.context import the_bank
from bank.words import moment_utc

blueprint = Blueprint("accounts", __name__, template_folder="templates")

RECENT_LINES = 8
MONTHS_SHOWN = 4


@blueprint.get("/")
@login_required
def home() -> ResponseReturnValue:
    """Accounts and the latest that moved on them; an administrator who has none has other work."""
    with the_bank().database.read() as session:
        accounts = ledger.accounts_of(session, current_user)
        latest = ledger.lines(session, current_user, limit=RECENT_LINES)
    if current_user.is_admin and not accounts:
        return redirect(url_for("admin.everyone"))
    total = sum(account.balance_pence for account in accounts)
    return render_template("accounts/home.html", accounts=accounts, latest=latest, total=total)


@blueprint.get("/another-page")
@login_required
def statement() -> ResponseReturnValue:
    """One month's movements; without ``?month=YYYY-MM``, this month's."""
    this_month = moment_utc(the_bank().now()).date().replace(day=1)
    asked = request.args.get("month", "")
    shown = _month(asked)
    begin, end = ledger.month_bounds(shown or this_month)
    with the_bank().database.read() as session:
        lines = ledger.lines(session, current_user, since_ms=begin, until_ms=end)
    return render_template(
        "accounts/statement.html",
        month=shown or this_month,
        months=_months_before(this_month),
        unreadable=asked if asked and shown is None else "",
        money_in=[line for line in lines if line.amount_pence > 0],
        money_out=[line for line in lines if line.amount_pence < 0],
    )


def _month(text: str) -> date | None:
    try:
        year, month = text.split("-")
        first = date(int(year), int(month), 1)
    except ValueError:
        return None
    # The calendar's last year has no month after its last one.
    return first if 1970 <= first.year < date.max.year else None


def _months_before(first: date) -> list[date]:
    months = [first]
    while len(months) < MONTHS_SHOWN:
        last = months[-1]
        months.append(date(last.year - (last.month == 1), (last.month - 2) % 12 + 1, 1))
    return months
