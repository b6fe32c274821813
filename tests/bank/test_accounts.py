"""What people see of their money."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from itertools import pairwise

import pytest

from bank import Bank
from bank.accounts.ledger import lines, month_bounds
from bank.signin.models import User
from bank.words import moment_utc
from nightlatch.testing import FakeClock
from tests.bank.visitor import Visitor

PAGES = ["/", "/another-page", "/transfer", "/transfer/anything"]


@pytest.mark.parametrize("path", PAGES)
def test_a_stranger_sees_no_account(visitor: Visitor, path: str) -> None:
    """Without a session every page leads to sign-in, and shows no money on the way."""
    answer = visitor.get(path)

    assert answer.status_code in (302, 303)
    assert answer.location.startswith("/login")
    assert "£" not in answer.text


def test_home_shows_the_accounts_and_what_moved_last(signed_in: Callable[..., Visitor]) -> None:
    """Home has the accounts and the latest movements, money in and out told apart by sign."""
    page = signed_in("george").get("/").text

    assert "Current account" in page
    assert "Savings account" in page
    assert "Rail season ticket" in page
    assert "−£148.90" in page
    assert "+£64.00" in page


def test_people_see_their_own_money_only(signed_in: Callable[..., Visitor]) -> None:
    """Nobody's statement holds a line of somebody else's."""
    georges = signed_in("george").get("/another-page").text
    oconnors = signed_in("O’Connor").get("/another-page").text

    assert "Rail season ticket" in georges
    assert "Rail season ticket" not in oconnors
    assert "Seán Ó Súilleabháin" not in georges


@pytest.mark.parametrize("path", ["/", "/another-page", "/transfer"])
def test_every_page_offers_the_way_out_and_the_session_monitor(
    signed_in: Callable[..., Visitor], path: str
) -> None:
    """Signed-in pages have one sign-out form and load the browser half once."""
    page = signed_in().get(path).text

    assert 'method="post" action="/session/end" data-nightlatch-sign-out' in page
    assert page.count("data-nightlatch ") + page.count('data-nightlatch=""') == 1


def test_the_statement_is_of_this_month(
    signed_in: Callable[..., Visitor], clock: FakeClock
) -> None:
    """Without a month in the address, the statement is of the one that is running."""
    page = signed_in().get("/another-page").text

    assert f"<h1>Statement for {moment_utc(clock.now()):%B %Y}</h1>" in page


def test_the_statement_is_of_the_month_that_was_asked_for(
    signed_in: Callable[..., Visitor],
) -> None:
    """The month in the address decides what is shown, and its sections can be linked to."""
    page = signed_in("O’Connor").get("/another-page?month=2025-12").text

    assert "<h1>Statement for December 2025</h1>" in page
    assert 'id="money-in"' in page
    assert 'id="money-out"' in page
    assert "Seán Ó Súilleabháin" in page
    assert "Boiler service" not in page


def test_a_month_without_movements_says_so(signed_in: Callable[..., Visitor]) -> None:
    """An empty month is told in words instead of an empty table."""
    page = signed_in().get("/another-page?month=2001-02").text

    assert "No money came in this month." in page
    assert "No money went out this month." in page


@pytest.mark.parametrize(
    "month", ["x", "2026-13", "2026", "9999-12", "1969-12", "-1-1", "2026-1-1", "٢٠٢٦-x", "<b>"]
)
def test_what_is_no_month_is_said_to_be_none(signed_in: Callable[..., Visitor], month: str) -> None:
    """A mistyped month is shown as such, escaped, beside the present one; never an error."""
    answer = signed_in().get(f"/another-page?month={month}")

    assert answer.status_code == 200
    assert "is not a month" in answer.text
    assert "<b>" not in answer.text


def test_months_are_chosen_across_a_new_year(
    signed_in: Callable[..., Visitor], clock: FakeClock
) -> None:
    """The choice of months goes back past January."""
    assert moment_utc(clock.now()).month == 1

    page = signed_in().get("/another-page").text

    for month in ("2026-01", "2025-12", "2025-11", "2025-10"):
        assert f"month={month}" in page


@pytest.mark.parametrize(
    ("first", "begin", "end"),
    [
        (date(2026, 2, 1), "2026-02-01", "2026-03-01"),
        (date(2025, 12, 31), "2025-12-01", "2026-01-01"),
    ],
)
def test_a_month_ends_where_the_next_begins(first: date, begin: str, end: str) -> None:
    """A month's bounds are its first moment and the next month's, in UTC."""
    assert [f"{moment_utc(ms):%Y-%m-%d}" for ms in month_bounds(first)] == [begin, end]


def test_balances_run_on_from_line_to_line(bank: Bank) -> None:
    """Each balance is the one before it plus the amount, from the first entry on."""
    with bank.database.read() as session:
        george = session.query(User).filter_by(name="george").one()
        current = [line for line in lines(session, george) if line.account == "Current account"]

    for later, earlier in pairwise(current):
        assert later.balance_pence == earlier.balance_pence + later.amount_pence
    assert current[-1].balance_pence == current[-1].amount_pence


def test_a_part_of_the_lines_has_the_balances_of_the_whole(bank: Bank) -> None:
    """Leaving lines out, by number or by time, changes no balance of those that stay."""
    with bank.database.read() as session:
        george = session.query(User).filter_by(name="george").one()
        every = lines(session, george)

        assert lines(session, george, limit=3) == every[:3]
        newest = every[0].made_ms
        assert lines(session, george, since_ms=newest) == every[:1]
        assert lines(session, george, until_ms=newest) == every[1:]
