"""The sign-in page: who gets in, where to, and what the others are told."""

from __future__ import annotations

import re
from html import unescape
from urllib.parse import quote

import argon2
import pytest
from flask import Flask
from sqlalchemy import text, update

from bank import Bank
from bank.signin import passwords
from bank.signin.forms import SignInForm
from bank.signin.models import User
from bank.signin.passwords import Checked, Scheme
from nightlatch.testing import FakeClock
from tests.bank.visitor import NAVIGATION, Visitor

NO_MATCH = "That user name and password do not match."


def without_tokens(page: str) -> str:
    return re.sub(r'(name="csrf_token"[^>]*value=)"[^"]*"', r"\1", page)


@pytest.mark.parametrize(
    ("name", "greeting"), [("george", "George Harper"), ("O’Connor", "Niamh O’Connor")]
)
def test_a_user_signs_in_and_is_greeted(visitor: Visitor, name: str, greeting: str) -> None:
    """Name and password lead home, where the name is right to the apostrophe."""
    answer = visitor.sign_in(name)

    assert (answer.status_code, answer.location) == (303, "/")
    home = visitor.get("/")
    assert home.status_code == 200
    assert greeting in home.text
    assert f"<bdi>{name}</bdi>" in home.text


@pytest.mark.parametrize("name", ["O'Connor", " o’connor", "O\N{MODIFIER LETTER APOSTROPHE}CONNOR"])
def test_a_name_may_be_spelled_as_the_keyboard_has_it(visitor: Visitor, name: str) -> None:
    """A straight apostrophe, spaces or capitals keep nobody out."""
    assert visitor.sign_in(name, "o’connor").status_code == 303


def test_the_page_says_how_long_one_may_be_away(visitor: Visitor) -> None:
    """WCAG 2.2, 2.2.6: the limit is told before it can cost anything."""
    page = visitor.get("/login").text

    assert "We will sign you out after 59 minutes without activity." in page


def test_password_managers_and_paste_are_welcome(visitor: Visitor) -> None:
    """WCAG 2.2, 1.3.5 and 3.3.8: the fields say what they are and stop no paste."""
    page = visitor.get("/login").text

    assert 'autocomplete="username"' in page
    assert 'autocomplete="current-password"' in page
    assert "onpaste" not in page


def test_a_protected_page_leads_to_sign_in_and_back(visitor: Visitor) -> None:
    """Path and query that a stranger came for are where sign-in ends."""
    answer = visitor.get("/another-page?month=2025-12")
    assert answer.status_code in (302, 303)
    assert answer.location.startswith("/login?next=")

    visitor.get(answer.location)
    back = visitor.send("/login", username="george", password="george")

    assert back.location == "/another-page?month=2025-12"


def test_path_query_and_hash_survive_a_wrong_password(visitor: Visitor) -> None:
    """The way back is carried through a failed attempt, the hash too."""
    target = "/another-page?month=2025-12&x=a%26b#money-out"
    visitor.get("/login?next=" + quote(target))

    visitor.send("/login", username="george", password="wrong")
    answer = visitor.send("/login", username="george", password="george")

    assert answer.location == target


@pytest.mark.parametrize(
    "target", ["https://evil.example/", "//evil.example", "/\\evil.example", "javascript:alert(1)"]
)
def test_nobody_is_led_off_the_site(visitor: Visitor, target: str) -> None:
    """An address elsewhere is neither handed out nor followed when it is sent."""
    visitor.get("/login?next=" + quote(target))
    assert visitor.hidden()["next"] == ""

    answer = visitor.send("/login", username="george", password="george", next=target)

    assert answer.location == "/"


def test_an_unknown_name_and_a_wrong_password_get_the_same_answer(
    visitor: Visitor, another_visitor: Visitor
) -> None:
    """Status, headers and body tell nobody which names exist."""
    wrong = visitor.sign_in("george", "no such password")
    unknown = another_visitor.sign_in("georgf", "no such password")

    assert wrong.status_code == unknown.status_code == 422
    assert NO_MATCH in wrong.text
    assert without_tokens(wrong.text).replace("george", "georgf") == without_tokens(unknown.text)
    assert set(wrong.headers.keys()) == set(unknown.headers.keys())


@pytest.mark.parametrize(
    ("name", "password"),
    [
        ("george", "wrong"),
        ("nobody", "wrong"),
        ("george", "george"),
        ("a\0b", "x"),
        ("x" * 5_000, "x"),
        ("george", "x" * 5_000),
    ],
)
def test_every_attempt_costs_one_verification(
    visitor: Visitor, monkeypatch: pytest.MonkeyPatch, name: str, password: str
) -> None:
    """Nor does the work: one check per attempt, whatever was typed."""
    checks = []
    real = passwords.check

    def counted(typed: str, stored: str | None, scheme: Scheme) -> Checked:
        checks.append(stored)
        return real(typed, stored, scheme)

    monkeypatch.setattr(passwords, "check", counted)

    visitor.sign_in(name, password)

    assert len(checks) == 1


@pytest.mark.parametrize("name", ["a\0b", "x" * 5_000, "\ufeff", "👨‍👩‍👧", "‮egroeg", "a\nb"])
def test_odd_names_are_nobody(visitor: Visitor, name: str) -> None:
    """NUL, length, joiners and direction marks get the ordinary refusal."""
    answer = visitor.sign_in(name, "x")

    assert answer.status_code == 422
    assert NO_MATCH in answer.text


@pytest.mark.parametrize("field", [b"username", b"password"])
def test_half_a_surrogate_pair_is_no_disaster(visitor: Visitor, field: bytes) -> None:
    """Bytes that are no UTF-8 get the ordinary refusal."""
    visitor.get("/login")
    token = visitor.hidden()["csrf_token"].encode()
    fields = {b"username": b"george", b"password": b"george", field: b"%ED%B2%80"}
    body = b"csrf_token=" + token + b"".join(b"&%b=%b" % pair for pair in fields.items())

    answer = visitor.client.post(
        "/login", data=body, content_type="application/x-www-form-urlencoded", headers=NAVIGATION
    )

    assert answer.status_code == 422
    assert NO_MATCH in answer.text


def test_empty_fields_are_named_and_linked(visitor: Visitor) -> None:
    """WCAG 2.2, 3.3.1: each error is in words, linked to its field and tied to it."""
    visitor.get("/login")
    answer = visitor.send("/login", username="", password="")

    assert answer.status_code == 422
    assert '<a class="alert-link" href="#username">Enter your user name.</a>' in answer.text
    assert 'aria-describedby="password-error"' in answer.text
    assert 'aria-invalid="true"' in answer.text


def test_the_name_is_kept_and_the_password_is_not(visitor: Visitor) -> None:
    """What comes back is the name, escaped, and never the password."""
    answer = visitor.sign_in("O’Connor<b>", "canary-password")

    assert 'value="O’Connor<b>"' in unescape(answer.text)
    assert "<b>" not in answer.text
    assert "canary-password" not in answer.text


def test_a_page_whose_token_died_asks_for_the_password_once_more(visitor: Visitor) -> None:
    """400, the name kept, and the very next press works and leads on."""
    visitor.get("/login?next=/transfer")
    visitor.client.delete_cookie("bank_form")

    stale = visitor.send("/login", username="george", password="george")

    assert stale.status_code == 400
    assert "open for too long" in stale.text
    assert 'value="george"' in stale.text
    again = visitor.send("/login", username="george", password="george")
    assert again.location == "/transfer"


def test_a_sign_in_page_is_good_for_as_long_as_the_browser_runs(
    visitor: Visitor, clock: FakeClock
) -> None:
    """A page left open for days still signs in: no session had to be kept for it."""
    visitor.get("/login")

    clock.advance(hours=100)

    answer = visitor.send("/login", username="george", password="george")
    assert answer.status_code == 303


def test_a_form_from_elsewhere_is_refused(visitor: Visitor, another_visitor: Visitor) -> None:
    """A token from another browser signs nobody in (login forgery)."""
    another_visitor.get("/login")
    planted = another_visitor.hidden()["csrf_token"]
    visitor.get("/login")

    answer = visitor.send("/login", username="george", password="george", csrf_token=planted)

    assert answer.status_code == 400
    assert visitor.get("/").status_code in (302, 303)


def test_looking_at_the_sign_in_page_begins_no_session(visitor: Visitor) -> None:
    """Neither a look nor a failure writes a session for a stranger."""
    visitor.get("/login")
    visitor.sign_in("george", "wrong")

    assert visitor.cookie("nightlatch") is None


def test_over_tls_the_form_cookie_is_bound_to_this_host(visitor: Visitor) -> None:
    """The cookie has the __Host- prefix and what that demands."""
    answer = visitor.client.get("/login", base_url="https://localhost")

    cookie = answer.headers["Set-Cookie"]
    assert cookie.startswith("__Host-bank_form=")
    assert {"Secure", "HttpOnly", "SameSite=Lax", "Path=/"} <= set(cookie.split("; "))


@pytest.mark.parametrize(
    ("path", "target"),
    [
        ("/login", "/"),
        ("/login?next=/transfer", "/transfer"),
        ("/logged-out", "/"),
        ("/logged-out?reason=idle&next=/transfer", "/"),
    ],
)
def test_whoever_is_signed_in_goes_on(visitor: Visitor, path: str, target: str) -> None:
    """Sign-in and signed-out pages lead on while the session lives."""
    visitor.sign_in()

    assert visitor.get(path).location == target


def test_another_user_may_sign_in_over_the_first(visitor: Visitor) -> None:
    """A sign-in page from before still works, begins a new session, and shows the new user."""
    visitor.get("/login")
    form = visitor.hidden()
    visitor.sign_in("george")
    before = visitor.cookie("nightlatch")

    answer = visitor.client.post(
        "/login",
        data=form | {"username": "O’Connor", "password": "o’connor"},
        headers=NAVIGATION,
    )

    assert answer.status_code == 303
    assert visitor.cookie("nightlatch") != before
    assert "Niamh O’Connor" in visitor.get("/").text


def test_the_token_of_a_form_changes_with_the_user(visitor: Visitor) -> None:
    """A form of the user before is refused under the next one."""
    visitor.sign_in("george")
    visitor.get("/transfer")
    old = visitor.hidden()["csrf_token"]
    visitor.sign_out()
    visitor.sign_in("O’Connor")
    visitor.get("/transfer")

    answer = visitor.send("/transfer", csrf_token=old, payee="x", amount="1")

    assert answer.status_code == 400
    assert "open for too long" in answer.text


def test_signing_out_ends_the_session_on_the_server(visitor: Visitor) -> None:
    """The page says so, and the old cookie opens nothing."""
    visitor.sign_in()
    old = visitor.cookie("nightlatch")
    assert old is not None

    answer = visitor.sign_out()

    assert answer.status_code == 303
    assert "You have signed out safely." in visitor.get(answer.location).text
    visitor.client.set_cookie("nightlatch", old)
    assert visitor.get("/").status_code in (302, 303)


def test_a_weaker_hash_is_replaced_when_its_user_signs_in(visitor: Visitor, bank: Bank) -> None:
    """Signing in brings the stored hash up to today's strength."""
    weak = argon2.PasswordHasher(time_cost=1, memory_cost=8, parallelism=1).hash("george")
    with bank.database.write() as session:
        session.execute(update(User).where(User.name == "george").values(password_hash=weak))

    assert visitor.sign_in().status_code == 303

    with bank.database.read() as session:
        now = session.query(User).filter_by(name="george").one().password_hash
    assert now.startswith("$argon2id$v=19$m=19456,t=2,p=1$")


def test_a_password_change_in_between_wins_over_a_stronger_hash(
    visitor: Visitor, bank: Bank, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The hash is replaced by compare-and-swap."""
    weak = argon2.PasswordHasher(time_cost=1, memory_cost=8, parallelism=1).hash("george")
    changed = passwords.make_hash("another password")
    with bank.database.write() as session:
        session.execute(update(User).where(User.name == "george").values(password_hash=weak))
    real = passwords.check

    def check_and_change(typed: str, stored: str | None, scheme: Scheme) -> Checked:
        checked = real(typed, stored, scheme)
        with bank.database.write() as session:
            session.execute(update(User).where(User.name == "george").values(password_hash=changed))
        return checked

    monkeypatch.setattr(passwords, "check", check_and_change)

    visitor.sign_in()

    with bank.database.read() as session:
        assert session.query(User).filter_by(name="george").one().password_hash == changed


def test_a_hash_that_cannot_be_replaced_does_not_stop_the_sign_in(
    visitor: Visitor, bank: Bank, caplog: pytest.LogCaptureFixture
) -> None:
    """A disk that is full costs a warning without the hash, not the sign-in."""
    weak = argon2.PasswordHasher(time_cost=1, memory_cost=8, parallelism=1).hash("george")
    with bank.database.write() as session:
        session.execute(update(User).where(User.name == "george").values(password_hash=weak))
        session.execute(
            text(
                "CREATE TRIGGER full BEFORE UPDATE ON users "
                "BEGIN SELECT RAISE(ABORT, 'the disk is full'); END"
            )
        )

    assert visitor.sign_in().status_code == 303
    assert "the hash could not be replaced" in caplog.text
    assert "$argon2" not in caplog.text


def test_a_sign_in_that_was_overtaken_is_refused(
    visitor: Visitor, bank: Bank, clock: FakeClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    """All sessions ended while the password was checked: the sign-in does not go through."""
    real = passwords.check

    def check_while_all_are_ended(typed: str, stored: str | None, scheme: Scheme) -> Checked:
        clock.advance(seconds=1)
        with bank.database.read() as session:
            user = session.query(User).filter_by(name="george").one()
        bank.sessions.end_user(user.get_id())
        return real(typed, stored, scheme)

    monkeypatch.setattr(passwords, "check", check_while_all_are_ended)

    answer = visitor.sign_in()

    assert answer.status_code == 409
    assert "Your sign-in was stopped" in answer.text
    assert visitor.get("/").status_code in (302, 303)


def test_a_session_of_a_user_who_is_gone_is_nobodys(visitor: Visitor, bank: Bank) -> None:
    """A user who was deleted is not signed in any more."""
    visitor.sign_in()
    with bank.database.write() as session:
        session.execute(text("PRAGMA defer_foreign_keys = ON"))
        session.execute(text("UPDATE accounts SET owner_id = 2 WHERE owner_id = 1"))
        session.execute(text("DELETE FROM users WHERE id = 1"))

    assert visitor.get("/").status_code in (302, 303)


def test_two_forms_on_one_page_have_the_token_of_one_browser(app: Flask) -> None:
    """A browser is told apart from others once for each request."""
    with app.test_request_context("/login"):
        first, second = SignInForm(), SignInForm()

        assert first.csrf_token.current_token == second.csrf_token.current_token
