"""A large transfer needs the password once more, and loses nothing by it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from html import unescape

import pytest
from sqlalchemy import func, select

from bank import Bank, BankConfig, bank_of, create_app
from bank.accounts.models import Transfer
from nightlatch.testing import FakeClock
from tests.bank.visitor import Visitor

LARGE = {"payee": "José Ωmega", "amount": "1,200.00", "reference": "O’Connor’s roof"}


@pytest.fixture
def george(signed_in: Callable[..., Visitor]) -> Visitor:
    return signed_in("george")


@pytest.fixture
def george_later(george: Visitor, clock: FakeClock) -> Visitor:
    """Signed in for longer than a proof is recent, on the transfer page."""
    clock.advance(minutes=5)
    george.get("/transfer")
    return george


def first_account(visitor: Visitor) -> str:
    page = visitor.get("/transfer").text
    return page.partition('<option value="')[2].partition('"')[0]


def sent(bank: Bank) -> int:
    with bank.database.read() as session:
        return session.scalars(
            select(func.count(Transfer.id)).where(Transfer.made_by.is_not(None))
        ).one()


def test_a_large_transfer_asks_and_loses_nothing(george_later: Visitor, bank: Bank) -> None:
    """Password, the same form with every field in place, one more press, sent once."""
    account = first_account(george_later)
    asked = george_later.send("/transfer", from_account=account, **LARGE)

    assert asked.status_code == 303
    assert asked.location.startswith("/confirm?next=/transfer?kept%3D")
    assert sent(bank) == 0
    assert "send more than £1,000.00" in george_later.get(asked.location).text
    back = george_later.send("/confirm", password="george")
    page = george_later.get(back.location)
    shown = unescape(page.text)
    for value in LARGE.values():
        assert f'value="{value}"' in shown
    assert f'selected value="{account}"' in shown
    assert "Nothing has been sent yet" in shown
    done = george_later.send("/transfer", from_account=account, **LARGE)
    assert "<bdi>José Ωmega</bdi>" in george_later.get(done.location).text
    assert sent(bank) == 1


def test_not_now_leads_back_to_the_form_as_it_was(george_later: Visitor) -> None:
    """Without a proof it is there too, and says nothing of one."""
    asked = george_later.send("/transfer", from_account=first_account(george_later), **LARGE)
    page = george_later.get(asked.location).text
    way_out = unescape(page.partition("Not now")[0].rpartition('href="')[2].partition('"')[0])

    shown = george_later.get(way_out).text

    assert 'value="José Ωmega"' in shown
    assert "You have confirmed" not in shown
    again = george_later.send("/transfer", from_account=first_account(george_later), **LARGE)
    assert again.location.startswith("/confirm")


def test_a_kept_form_goes_when_it_is_sent(george_later: Visitor, bank: Bank) -> None:
    """Afterwards its address is an empty form, and the old one cannot be sent again."""
    account = first_account(george_later)
    asked = george_later.send("/transfer", from_account=account, **LARGE)
    george_later.get(asked.location)
    back = george_later.send("/confirm", password="george").location
    george_later.get(back)
    form = george_later.hidden()
    first = george_later.send("/transfer", from_account=account, **LARGE)

    again = george_later.send("/transfer", from_account=account, **form | LARGE)

    assert again.location == first.location
    assert sent(bank) == 1
    assert "José" not in george_later.get(back).text


def test_two_tabs_keep_two_forms_and_a_fifth_lets_the_first_go(george_later: Visitor) -> None:
    """What waits is bounded."""
    account = first_account(george_later)
    places = []
    for number in range(5):
        george_later.get("/transfer")
        places.append("/transfer?kept=" + george_later.hidden()["form_key"])
        george_later.send("/transfer", from_account=account, **LARGE | {"payee": f"Tab {number}"})

    shown = [
        f'value="Tab {number}"' in george_later.get(at).text for number, at in enumerate(places)
    ]

    assert shown == [False, True, True, True, True]


def test_what_is_kept_is_its_users_alone(
    george_later: Visitor, signed_in: Callable[..., Visitor]
) -> None:
    """Another user who has the address gets an empty form."""
    asked = george_later.send("/transfer", from_account=first_account(george_later), **LARGE)
    george_later.get(asked.location)
    place = george_later.hidden()["next"]

    assert "José" not in signed_in("O’Connor").get(place).text


@pytest.mark.parametrize(("amount", "asks"), [("1000.00", False), ("1000.01", True)])
def test_the_limit_itself_is_not_above_it(george_later: Visitor, amount: str, asks: bool) -> None:
    """A thousand pounds go at once; a penny more does not."""
    account = first_account(george_later)

    answer = george_later.send("/transfer", from_account=account, payee="x", amount=amount)

    assert answer.location.startswith("/confirm") is asks


def test_a_large_transfer_right_after_signing_in_is_not_asked_about(george: Visitor) -> None:
    """Signing in is a proof too."""
    account = first_account(george)

    answer = george.send("/transfer", from_account=account, **LARGE)

    assert answer.location.startswith("/transfer/")


def test_limit_and_minutes_are_settings(config: BankConfig, clock: FakeClock) -> None:
    """Every transfer, and one minute."""
    app = create_app(replace(config, confirm_above_pence=0, confirm_within_minutes=1), clock=clock)
    visitor = Visitor(app)
    visitor.sign_in("george")
    account = first_account(visitor)
    assert visitor.send(
        "/transfer", from_account=account, payee="x", amount="0.01"
    ).location.startswith("/transfer/")

    clock.advance(minutes=1)
    visitor.get("/transfer")
    answer = visitor.send("/transfer", from_account=account, payee="x", amount="0.01")

    assert answer.location.startswith("/confirm")
    assert "send more than £0.00" not in visitor.get(answer.location).text
    bank_of(app).close()
