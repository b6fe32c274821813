"""Sending money: once, to whom it was meant, and never more than there is."""

from __future__ import annotations

import re
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from html import escape

import pytest
from sqlalchemy import func, select

from bank import Bank
from bank.accounts.models import CLEARING, Account, Entry, Transfer
from bank.signin.models import User
from tests.bank.visitor import NAVIGATION, Visitor


@pytest.fixture
def george(signed_in: Callable[..., Visitor]) -> Visitor:
    """On the transfer page."""
    visitor = signed_in("george")
    visitor.get("/transfer")
    return visitor


def balance(bank: Bank, name: str = "george", kind: str = "current") -> int:
    with bank.database.read() as session:
        return session.scalars(
            select(Account.balance_pence)
            .join(User, User.id == Account.owner_id)
            .where(User.name == name, Account.kind == kind)
        ).one()


def account_id(bank: Bank, name: str, kind: str = "current") -> int:
    with bank.database.read() as session:
        return session.scalars(
            select(Account.id)
            .join(User, User.id == Account.owner_id)
            .where(User.name == name, Account.kind == kind)
        ).one()


def count_sent(bank: Bank) -> int:
    with bank.database.read() as session:
        return session.scalars(
            select(func.count(Transfer.id)).where(Transfer.made_by.is_not(None))
        ).one()


def order(bank: Bank, **changes: object) -> dict[str, object]:
    return {
        "from_account": account_id(bank, "george"),
        "payee": "José Ωmega",
        "amount": "12.50",
        "reference": "Birthday",
    } | changes


def test_both_names_are_right_on_the_confirmation(
    signed_in: Callable[..., Visitor], bank: Bank
) -> None:
    """O’Connor and José Ωmega stand in the bytes of the page as they are spelled."""
    visitor = signed_in("O’Connor")
    visitor.get("/transfer")

    answer = visitor.send("/transfer", **order(bank, from_account=account_id(bank, "O’Connor")))

    assert answer.status_code == 303
    assert re.fullmatch(r"/transfer/[\w-]{16}", answer.location)
    raw = visitor.get(answer.location).data
    assert "<bdi>Niamh O’Connor</bdi> to <bdi>José Ωmega</bdi>".encode() in raw
    assert "£12.50".encode() in raw
    assert b"Birthday" in raw


def test_the_money_leaves_the_account_and_the_ledger_sums_to_zero(
    george: Visitor, bank: Bank
) -> None:
    """To the penny; and every balance is the sum of its entries."""
    before = balance(bank)

    george.send("/transfer", **order(bank, amount="1,000.01"))

    assert balance(bank) == before - 100_001
    with bank.database.read() as session:
        assert session.scalars(select(func.sum(Entry.amount_pence))).one() == 0
        assert session.scalars(select(func.sum(Account.balance_pence))).one() == 0
        per_account = select(Entry.account_id, func.sum(Entry.amount_pence)).group_by(
            Entry.account_id
        )
        kept = select(Account.id, Account.balance_pence)
        assert sorted(map(tuple, session.execute(per_account))) == sorted(
            map(tuple, session.execute(kept))
        )


def test_a_name_is_kept_composed(george: Visitor, bank: Bank) -> None:
    """A decomposed payee is stored and shown in NFC."""
    answer = george.send("/transfer", **order(bank, payee="  Jose\u0301 Ωmega "))

    assert "<bdi>José Ωmega</bdi>" in george.get(answer.location).text


@pytest.mark.parametrize(
    "payee",
    ["عمر", "日本太郎", "Łukasz Żółć", "👨‍👩‍👧", "<script>alert(1)</script>", "% {} {{ 7*7 }}"],
)
def test_any_name_comes_back_as_it_was_typed(george: Visitor, bank: Bank, payee: str) -> None:
    """Scripts, joiners, markup and template signs are text, and stay it."""
    answer = george.send("/transfer", **order(bank, payee=payee))

    assert f"<bdi>{escape(payee)}</bdi>" in george.get(answer.location).text


def test_a_reference_may_be_left_out(george: Visitor, bank: Bank) -> None:
    """No empty line stands on the confirmation for it."""
    answer = george.send("/transfer", **order(bank, reference=""))

    assert "Reference" not in george.get(answer.location).text


def test_pressing_twice_sends_once(george: Visitor, bank: Bank) -> None:
    """The second press leads to the first one's confirmation."""
    before = balance(bank)
    form = george.hidden()

    first = george.send("/transfer", **order(bank))
    again = george.client.post("/transfer", data=form | order(bank), headers=NAVIGATION)

    assert first.location == again.location
    assert count_sent(bank) == 1
    assert balance(bank) == before - 1250


def test_copies_of_one_form_that_arrive_together_send_once(george: Visitor, bank: Bank) -> None:
    """16 copies in 8 threads make one transfer and one confirmation."""
    form = george.hidden() | order(bank)
    cookie = george.cookie("nightlatch")
    assert cookie is not None
    app = george.client.application

    def press(_: int) -> str:
        client = app.test_client()
        client.set_cookie("nightlatch", cookie)
        return client.post("/transfer", data=form, headers=NAVIGATION).location

    with ThreadPoolExecutor(8) as pool:
        locations = set(pool.map(press, range(16)))

    assert len(locations) == 1
    assert count_sent(bank) == 1


def test_a_used_form_with_other_contents_sends_nothing_and_says_what_it_sent(
    george: Visitor, bank: Bank
) -> None:
    """Back, a change and another press: asked first, and then a transfer of its own."""
    form = george.hidden()
    george.send("/transfer", **order(bank))
    before = balance(bank)

    answer = george.send("/transfer", **form | order(bank, amount="99"))

    assert answer.status_code == 409
    assert "already sent £12.50 to José Ωmega" in answer.text
    assert balance(bank) == before
    wanted = george.send("/transfer", **order(bank, amount="99"))
    assert wanted.status_code == 303
    assert balance(bank) == before - 9900


@pytest.mark.parametrize(
    ("changes", "why"),
    [
        ({"payee": ""}, "Enter the name of the person"),
        ({"payee": "   "}, "Enter the name of the person"),
        ({"payee": "a\0b"}, "letters, digits, spaces and signs only"),
        ({"payee": "x" * 71}, "70 characters or fewer"),
        ({"amount": ""}, "such as 12.50"),
        ({"amount": "a lot"}, "such as 12.50"),
        ({"amount": "0"}, "at least £0.01"),
        ({"amount": "2000000"}, "at most £1,000,000.00"),
        ({"amount": "999,999"}, "does not hold £999,999.00"),
        ({"reference": "x" * 36}, "35 characters or fewer"),
        ({"from_account": "99"}, "Choose one of your accounts."),
        ({"from_account": "x"}, "Choose one of your accounts."),
    ],
)
def test_what_cannot_be_sent_is_explained_and_kept(
    george: Visitor, bank: Bank, changes: dict[str, object], why: str
) -> None:
    """422, the reason in words, nothing sent; put right, the same form goes through."""
    answer = george.send("/transfer", **order(bank, **changes))

    assert answer.status_code == 422
    assert why in answer.text
    assert 'role="alert"' in answer.text
    assert count_sent(bank) == 0
    # Put right, the very same form goes through.
    assert george.send("/transfer", **order(bank)).status_code == 303


def test_half_a_surrogate_pair_is_no_disaster(george: Visitor, bank: Bank) -> None:
    """Bytes that are no UTF-8 never break the page."""
    hidden = george.hidden()
    account = account_id(bank, "george")
    body = f"csrf_token={hidden['csrf_token']}&form_key={hidden['form_key']}"
    body += f"&from_account={account}&amount=1&reference=&payee=%ED%B2%80"

    answer = george.client.post(
        "/transfer",
        data=body.encode(),
        content_type="application/x-www-form-urlencoded",
        headers=NAVIGATION,
    )

    assert answer.status_code in (303, 422)


def test_all_of_the_money_can_be_sent_and_no_penny_more(george: Visitor, bank: Bank) -> None:
    """Zero is a balance; one penny less is not."""
    everything = balance(bank)

    answer = george.send("/transfer", **order(bank, amount=f"{everything / 100:.2f}"))
    assert answer.status_code == 303
    assert balance(bank) == 0
    george.get("/transfer")
    answer = george.send("/transfer", **order(bank, amount="0.01"))

    assert answer.status_code == 422
    assert "does not hold £0.01" in answer.text


def test_another_persons_account_cannot_be_chosen(george: Visitor, bank: Bank) -> None:
    """An account number from elsewhere is refused, and its money stays."""
    before = balance(bank, "O’Connor")

    answer = george.send("/transfer", **order(bank, from_account=account_id(bank, "O’Connor")))

    assert answer.status_code == 422
    assert balance(bank, "O’Connor") == before


def test_the_banks_own_account_cannot_be_chosen(george: Visitor, bank: Bank) -> None:
    """The one account that may be below zero is nobody's to send from."""
    with bank.database.read() as session:
        clearing = session.scalars(select(Account.id).where(Account.kind == CLEARING)).one()

    assert george.send("/transfer", **order(bank, from_account=clearing)).status_code == 422


def test_a_confirmation_is_for_whoever_sent_it(
    george: Visitor, signed_in: Callable[..., Visitor], bank: Bank
) -> None:
    """Another user gets the same 404 as for an address that was made up."""
    address = george.send("/transfer", **order(bank)).location

    assert george.get(address).status_code == 200
    assert signed_in("O’Connor").get(address).status_code == 404
    assert george.get("/transfer/made-up").status_code == 404


@pytest.mark.parametrize("field", ["csrf_token", "form_key"])
@pytest.mark.parametrize("value", ["", "made up"])
def test_a_form_that_we_did_not_hand_out_sends_nothing(
    george: Visitor, bank: Bank, field: str, value: str
) -> None:
    """400, what was typed is kept, and the new form works."""
    answer = george.send("/transfer", **order(bank), **{field: value})

    assert answer.status_code == 400
    assert "nothing was sent" in answer.text
    assert count_sent(bank) == 0
    # What was typed is still there, and the form is now a good one.
    assert "José Ωmega" in answer.text
    assert george.send("/transfer", **order(bank)).status_code == 303


def test_transfers_at_once_never_take_more_than_there_is(george: Visitor, bank: Bank) -> None:
    """Ten at once with money for five: five are sent and five refused."""
    cookie = george.cookie("nightlatch")
    assert cookie is not None
    app = george.client.application
    each_pence = balance(bank) // 5

    def send(_: int) -> int:
        visitor = Visitor(app)
        visitor.client.set_cookie("nightlatch", cookie)
        visitor.get("/transfer")
        return visitor.send(
            "/transfer", **order(bank, amount=f"{each_pence / 100:.2f}")
        ).status_code

    with ThreadPoolExecutor(8) as pool:
        answers = list(pool.map(send, range(10)))

    assert answers.count(303) == 5
    assert answers.count(422) == 5
    assert 0 <= balance(bank) < each_pence
