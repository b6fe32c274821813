"""The administrator's page: everyone who is signed in, and the end of it."""

from __future__ import annotations

import re
from collections.abc import Callable

import pytest

from bank import Bank
from bank.sessions.paging import people_page
from bank.signin.models import User
from tests.bank.visitor import Visitor, alive, sid

ENDS = re.compile(r"/admin/users/\d+/sessions/([0-9a-f]{32})/end")
PATHS = [
    "/admin/sessions",
    "/admin/sessions/end",
    "/admin/users/1/sessions/end",
    f"/admin/users/1/sessions/{'0' * 32}/end",
]


@pytest.fixture
def admin(signed_in: Callable[..., Visitor]) -> Visitor:
    return signed_in("admin")


def next_page(page: str) -> str | None:
    found = re.search(r'href="([^"]+)">Next page</a>', page)
    return found[1].replace("&amp;", "&") if found else None


def test_everyone_who_is_signed_in_is_listed_and_no_visitor_is_taken_for_a_person(
    admin: Visitor, signed_in: Callable[..., Visitor], bank: Bank
) -> None:
    """Their full names, and how many visitors were left out."""
    george, niamh = signed_in("george"), signed_in("O’Connor")
    visitor = bank.sessions.start(None, values={"a": 1})

    page = admin.get("/admin/sessions").text

    assert set(ENDS.findall(page)) == {sid(george), sid(niamh), sid(admin)}
    assert visitor.record.sid not in page
    assert "<bdi>Niamh O’Connor</bdi>" in page
    assert "Left out here: 1 visitor who is not signed in." in page
    assert page.count("This session") == 1


@pytest.mark.parametrize("name", ["O'Connor", "o’connor", "O’Connor"])
def test_one_person_is_found_in_any_spelling_of_their_name(
    admin: Visitor, signed_in: Callable[..., Visitor], name: str
) -> None:
    """Theirs only, with an end for all of them."""
    niamh = signed_in("O’Connor")
    signed_in("george")

    page = admin.get("/admin/sessions", query={"user": name}).text

    assert ENDS.findall(page) == [sid(niamh)]
    assert "Sessions of <bdi>Niamh O’Connor</bdi>" in page
    assert 'href="/admin/users/2/sessions/end"' in page


@pytest.mark.parametrize("name", ["nobody", "<b>", "a\0b", "x" * 5_000])
def test_a_name_that_nobody_has_is_said_so(admin: Visitor, name: str) -> None:
    """In words, escaped, and without a list."""
    page = admin.get("/admin/sessions", query={"user": name})

    assert page.status_code == 200
    assert "Nobody of that name" in page.text
    assert ENDS.findall(page.text) == []
    assert "<b>" not in page.text


def test_somebody_who_is_not_signed_in_is_said_so(admin: Visitor) -> None:
    """Their name is right, and there is nothing to end."""
    page = admin.get("/admin/sessions", query={"user": "george"}).text

    assert "<bdi>George Harper</bdi> is not signed in anywhere." in page
    assert "/admin/users/1/sessions/end" not in page


def test_a_long_list_comes_page_by_page_with_everyone_once(admin: Visitor, bank: Bank) -> None:
    """50 to a page, visitors in between, until there is no next page."""
    sids = {bank.sessions.start("1").record.sid for _ in range(120)} | {sid(admin)}
    for _ in range(60):
        bank.sessions.start(None, values={"a": 1})

    path: str | None = "/admin/sessions"
    pages = []
    while path:
        text = admin.get(path).text
        pages.append(ENDS.findall(text))
        path = next_page(text)

    assert [len(page) for page in pages] == [50, 50, 21]
    assert {each for page in pages for each in page} == sids
    assert ">First page</a>" in text


def test_a_store_full_of_visitors_keeps_no_request_busy(bank: Bank) -> None:
    """After a bounded number of reads the page is handed out, and leads on."""
    for _ in range(45):
        bank.sessions.start(None, values={"a": 1})

    page = people_page(bank.sessions, None, rows=2)

    assert (page.sessions, page.visitors) == ((), 40)
    assert page.after is not None
    rest = people_page(bank.sessions, None, rows=2, after=page.after)
    assert (rest.visitors, rest.after) == (5, None)


@pytest.mark.parametrize("after", ["x", "0" * 31 + "'", "\0"])
def test_a_made_up_place_in_the_list_is_its_beginning(admin: Visitor, after: str) -> None:
    """Nothing but a handle is handed to the store."""
    page = admin.get("/admin/sessions", query={"after": after})

    assert ENDS.findall(page.text) == [sid(admin)]


def test_a_page_after_the_last_says_so(admin: Visitor) -> None:
    """It leads back to the first."""
    page = admin.get("/admin/sessions", query={"after": "f" * 32}).text

    assert "There is nobody more." in page
    assert 'href="/admin/sessions">First page</a>' in page


@pytest.mark.parametrize("path", PATHS)
def test_scenario_49_for_others_there_is_no_such_page(
    signed_in: Callable[..., Visitor], bank: Bank, path: str
) -> None:
    """The 404 of an address that was made up, by link and by form, and a line of audit."""
    george = signed_in("george")
    nowhere = george.get("/admin/nowhere")
    george.get("/sessions/end-others")

    answers = [george.send(path), george.get(path)]

    for answer in answers:
        assert answer.status_code in (404, 405)
        assert answer.status_code == 405 or answer.text == nowhere.text
    assert answers[1].status_code == 404
    assert alive(bank, george)
    assert "authz_fail:1,admin" in bank.audit.chain.path.read_text(encoding="utf-8")


def test_a_user_who_is_no_longer_known_is_listed_as_a_number(admin: Visitor, bank: Bank) -> None:
    """Their session is live all the same."""
    bank.sessions.start("77")

    assert "User 77, no longer known" in admin.get("/admin/sessions").text


def test_the_administrator_has_other_links_than_a_customer(
    admin: Visitor, signed_in: Callable[..., Visitor]
) -> None:
    """No accounts, so the first page is the list; a customer is not told of it."""
    assert admin.get("/").location == "/admin/sessions"
    page = admin.get("/admin/sessions").text
    assert 'href="/sessions">Devices</a>' in page
    assert "Send money" not in page

    home = signed_in("george").get("/").text

    assert 'href="/sessions">Devices</a>' in home
    assert "/admin" not in home


def test_a_bank_from_before_there_were_administrators_starts(bank: Bank) -> None:
    """The flag is a table of its own, so the table of users needs no change."""
    assert "administrator" not in {column.name for column in User.__table__.columns}
    with bank.database.read() as session:
        flags = {user.name: user.is_admin for user in session.query(User)}
    assert flags == {"george": False, "O’Connor": False, "admin": True}
