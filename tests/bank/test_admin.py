"""The administrator's page: everyone who is signed in, and the end of it."""

from __future__ import annotations

import re
from collections.abc import Callable

import pytest

from bank import Bank
from bank.sessions.paging import people_page
from bank.signin.models import User
from nightlatch import Live
from nightlatch.testing import FakeClock
from tests.bank.visitor import Visitor

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


def token(visitor: Visitor) -> str:
    cookie = visitor.cookie("nightlatch")
    assert cookie is not None
    return cookie


def sid(visitor: Visitor) -> str:
    return token(visitor).split(".")[1]


def alive(bank: Bank, visitor: Visitor) -> bool:
    return isinstance(bank.sessions.peek(token(visitor)), Live)


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


def test_scenario_51_an_administrator_ends_one_session(
    admin: Visitor, signed_in: Callable[..., Visitor], bank: Bank
) -> None:
    """Its cookie is refused at once, the others' are not, and its user is told the truth."""
    george, other = signed_in("george"), signed_in("george")
    path = f"/admin/users/1/sessions/{sid(george)}/end"

    asked = admin.get(path)
    assert "End this session of George Harper?" in asked.text
    assert alive(bank, george)
    done = admin.send(path)

    assert done.location == "/admin/sessions"
    assert "1 session of George Harper was ended." in admin.get(done.location).text
    assert (alive(bank, george), alive(bank, other)) == (False, True)
    assert "by the bank" in george.get(george.get("/").location).text
    assert "authz_admin:3,end_session" in bank.audit.chain.path.read_text(encoding="utf-8")


def test_scenario_51_an_administrator_ends_all_of_a_user(
    admin: Visitor, signed_in: Callable[..., Visitor], bank: Bank
) -> None:
    """Every one of theirs, and nobody else's."""
    georges = [signed_in("george") for _ in range(3)]
    niamh = signed_in("O’Connor")

    admin.get("/admin/users/1/sessions/end")
    done = admin.send("/admin/users/1/sessions/end")

    assert "All sessions of George Harper were ended (3)." in admin.get(done.location).text
    assert [alive(bank, each) for each in georges] == [False] * 3
    assert alive(bank, niamh)
    assert alive(bank, admin)


def test_scenario_51_an_administrator_ends_everyones_sessions(
    admin: Visitor, signed_in: Callable[..., Visitor], bank: Bank, clock: FakeClock
) -> None:
    """Old cookies are refused at once, the administrator's too; signing in again works."""
    people = [signed_in("george"), signed_in("O’Connor"), admin]
    old = [token(each) for each in people]
    visitor = bank.sessions.start(None, values={"a": 1})

    admin.get("/admin/sessions/end")
    done = admin.send("/admin/sessions/end")

    assert done.location == "/logged-out?reason=revoked"
    assert [isinstance(bank.sessions.peek(each), Live) for each in old] == [False] * 3
    assert not isinstance(bank.sessions.peek(visitor.token.text()), Live)
    assert list(bank.sessions.list()) == []
    assert "reason=revoked" in people[0].get("/").location
    # In the same millisecond it would count as a sign-in that was under way.
    clock.advance(ms=1)
    assert people[0].sign_in("george").status_code == 303


@pytest.mark.parametrize("path", ["/admin/users/3/sessions/end", "/admin/users/3/sessions/{}/end"])
def test_an_administrator_may_end_their_own(admin: Visitor, bank: Bank, path: str) -> None:
    """It ends like any other, and begins no session to say so."""
    path = path.format(sid(admin))
    admin.get(path)

    done = admin.send(path)

    assert done.location == "/logged-out?reason=revoked"
    assert list(bank.sessions.list()) == []


@pytest.mark.parametrize("path", PATHS[1:])
def test_ending_needs_a_recent_proof(admin: Visitor, clock: FakeClock, path: str) -> None:
    """The password is asked for on the way to the page that asks."""
    clock.advance(minutes=5)

    asked = admin.get(path)

    assert asked.location.startswith("/confirm?next=%2Fadmin%2F")
    assert "You are about to end sessions of others." in admin.get(asked.location).text


@pytest.mark.parametrize(
    "path",
    [
        "/admin/users/99/sessions/end",
        "/admin/users/99999999999999999999/sessions/end",
        f"/admin/users/1/sessions/{'0' * 32}/end",
        "/admin/users/1/sessions/made-up/end",
    ],
)
def test_what_is_not_there_is_404(admin: Visitor, path: str) -> None:
    """Users and sessions that nobody has."""
    assert admin.get(path).status_code == 404


def test_a_session_is_ended_under_its_own_user_only(
    admin: Visitor, signed_in: Callable[..., Visitor]
) -> None:
    """Another user's number in the address finds nothing."""
    george = signed_in("george")

    assert admin.get(f"/admin/users/2/sessions/{sid(george)}/end").status_code == 404


def test_a_form_from_elsewhere_ends_nothing(
    admin: Visitor, signed_in: Callable[..., Visitor], bank: Bank
) -> None:
    """Without this page's token it is asked again, with 400."""
    george = signed_in("george")
    paths = [*PATHS[1:3], f"/admin/users/1/sessions/{sid(george)}/end"]

    answers = [admin.client.post(path, data={}).status_code for path in paths]

    assert answers == [400] * 3
    assert alive(bank, george)


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
