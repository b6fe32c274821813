"""The administrator ends sessions: one, all of a user, everyone's."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from bank import Bank
from nightlatch import Live
from nightlatch.testing import FakeClock
from tests.bank.visitor import Visitor, alive, sid, token

PATHS = [
    "/admin/sessions/end",
    "/admin/users/1/sessions/end",
    f"/admin/users/1/sessions/{'0' * 32}/end",
]


@pytest.fixture
def admin(signed_in: Callable[..., Visitor]) -> Visitor:
    return signed_in("admin")


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
    assert "The session of George Harper is ended." in admin.get(done.location).text
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


@pytest.mark.parametrize("path", PATHS)
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
    paths = [*PATHS[:2], f"/admin/users/1/sessions/{sid(george)}/end"]

    answers = [admin.client.post(path, data={}).status_code for path in paths]

    assert answers == [400] * 3
    assert alive(bank, george)


def test_a_question_about_many_sessions_shows_some_and_counts_the_rest(
    admin: Visitor, bank: Bank
) -> None:
    """A page that asks stays one that can be read."""
    for _ in range(23):
        bank.sessions.start("1")

    page = admin.get("/admin/users/1/sessions/end").text

    assert page.count('role="rowheader"') == 20
    assert "And 3 more." in page
