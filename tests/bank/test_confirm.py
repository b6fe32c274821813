"""The password once more: who is asked, why, and that nothing under way is lost."""

from __future__ import annotations

from collections.abc import Callable
from html import unescape
from urllib.parse import quote

import pytest
from flask import Flask

from bank import Bank
from nightlatch import Live
from nightlatch.testing import FakeClock
from tests.bank.visitor import NAVIGATION, Visitor, token


@pytest.fixture
def george(signed_in: Callable[..., Visitor]) -> Visitor:
    return signed_in("george")


@pytest.fixture
def george_later(george: Visitor, clock: FakeClock) -> Visitor:
    """Signed in for longer than a proof is recent, on the transfer page."""
    clock.advance(minutes=5)
    george.get("/transfer")
    return george


@pytest.mark.parametrize(
    ("onwards", "why", "back"),
    [
        ("/sessions", "sign out another device", "/sessions"),
        ("/transfer?kept=x", "send more than £1,000.00", "/transfer?kept=x"),
        ("/admin/sessions/end", "end sessions of others", "/admin/sessions"),
        ("/", "do something that needs it", "/"),
        ("/no%2Fwhere", "do something that needs it", "/"),
        ("https://evil.example/sessions", "do something that needs it", "/"),
    ],
)
def test_the_page_says_whom_it_asks_and_why(
    george_later: Visitor, onwards: str, why: str, back: str
) -> None:
    """Full name and user name, what comes next, and the way out of it."""
    page = unescape(george_later.get("/confirm?next=" + quote(onwards)).text)

    assert "<bdi>George Harper</bdi>" in page
    assert 'value="george" autocomplete="username"' in page
    assert 'autocomplete="current-password"' in page
    assert f"You are about to {why}." in page
    assert f'href="{back}">Not now</a>' in page


def test_the_right_password_gives_a_new_token_and_leads_on(
    george_later: Visitor, bank: Bank, clock: FakeClock
) -> None:
    """ASVS 7.2.4: the token rotates, the session and its start stay, and the trail has it."""
    old = token(george_later)
    before = bank.sessions.peek(old)
    george_later.get("/confirm?next=/another-page")

    answer = george_later.send("/confirm", password="george")

    assert (answer.status_code, answer.location) == (303, "/another-page")
    assert token(george_later) != old
    after = bank.sessions.peek(token(george_later))
    assert isinstance(before, Live)
    assert isinstance(after, Live)
    assert (after.record.sid, after.record.created) == (before.record.sid, before.record.created)
    assert after.record.auth_at == clock.now()
    trail = bank.audit.chain.path.read_text(encoding="utf-8")
    assert trail.count("authn_login_success:1") == 2


@pytest.mark.parametrize(
    ("password", "why"), [("canary-password", "not your password"), ("", "Enter your")]
)
def test_a_wrong_password_proves_nothing(
    george_later: Visitor, bank: Bank, password: str, why: str
) -> None:
    """422 as on the sign-in page, the reason in words, the way on kept, the token as it was."""
    old = token(george_later)
    george_later.get("/confirm?next=/sessions")

    answer = george_later.send("/confirm", password=password)

    assert answer.status_code == 422
    assert why in answer.text
    assert 'role="alert"' in answer.text
    assert "canary-password" not in answer.text
    assert george_later.hidden()["next"] == "/sessions"
    assert token(george_later) == old
    assert george_later.get("/sessions/end-others").location.startswith("/confirm")


def test_a_wrong_password_is_written_down_without_itself(george_later: Visitor, bank: Bank) -> None:
    """As a failed sign-in of this user."""
    george_later.get("/confirm")

    george_later.send("/confirm", password="canary-password")

    trail = bank.audit.chain.path.read_text(encoding="utf-8")
    assert "authn_login_fail:1" in trail
    assert "canary-password" not in trail


def test_another_users_password_is_wrong(george_later: Visitor) -> None:
    """It is asked of whoever is signed in."""
    george_later.get("/confirm")

    assert george_later.send("/confirm", password="o’connor").status_code == 422


def test_a_confirmation_from_elsewhere_proves_nothing(george_later: Visitor) -> None:
    """Without this page's token it is asked again, with 400."""
    answer = george_later.client.post("/confirm", data={"password": "george"}, headers=NAVIGATION)

    assert answer.status_code == 400
    assert "open for too long" in answer.text
    assert george_later.get("/sessions/end-others").location.startswith("/confirm")


@pytest.mark.parametrize("target", ["https://evil.example/", "//evil.example", "/\\evil.example"])
def test_nobody_is_led_off_the_site(george_later: Visitor, target: str) -> None:
    """An address elsewhere is neither handed out nor followed when it is sent."""
    george_later.get("/confirm?next=" + quote(target))
    assert george_later.hidden()["next"] == ""

    assert george_later.send("/confirm", password="george", next=target).location == "/"


def test_whoever_has_just_proved_it_goes_on(george: Visitor) -> None:
    """Somebody who had to sign in on the way is not asked twice."""
    assert george.get("/confirm?next=/sessions").location == "/sessions"


def test_a_stranger_is_led_to_sign_in(visitor: Visitor) -> None:
    """There is nobody to confirm."""
    assert visitor.get("/confirm").location.startswith("/login?next=")


def test_pressing_twice_is_no_disaster(george_later: Visitor) -> None:
    """The second press comes with the token before, changes nothing, and leads on."""
    george_later.get("/confirm?next=/sessions")
    form, old = george_later.hidden(), token(george_later)
    george_later.send("/confirm", password="george")
    new = token(george_later)
    second = Visitor(george_later.client.application)
    second.client.set_cookie("nightlatch", old)

    answer = second.client.post("/confirm", data=form | {"password": "george"}, headers=NAVIGATION)

    assert (answer.status_code, answer.location) == (303, "/sessions")
    assert second.cookie("nightlatch") == old
    assert second.get("/sessions/end-others").location.startswith("/confirm")
    george_later.client.set_cookie("nightlatch", new)
    assert george_later.get("/sessions/end-others").status_code == 200


def test_the_token_before_proves_nothing_any_more(george_later: Visitor) -> None:
    """A copy of the cookie from before the confirmation does not gain by it."""
    old = token(george_later)
    george_later.get("/confirm")
    george_later.send("/confirm", password="george")
    copy = Visitor(george_later.client.application)
    copy.client.set_cookie("nightlatch", old)

    assert copy.get("/sessions/end-others").location.startswith("/confirm")


def test_the_page_works_under_a_path(app: Flask, george: Visitor, clock: FakeClock) -> None:
    """Mounted below an address of its own, the way on is still known for what it is."""
    clock.advance(minutes=5)

    page = george.client.get(
        "/confirm?next=/bank/sessions",
        headers=NAVIGATION,
        environ_overrides={"SCRIPT_NAME": "/bank"},
    )

    assert "sign out another device" in page.text


def test_an_auditor_finds_the_guarded_views_and_their_page(app: Flask) -> None:
    """ASVS 7.5.2: every view that ends another session has the library's own guard."""
    result = app.test_cli_runner().invoke(
        args=["nightlatch", "check", "--profile", "owasp-asvs", "--json"]
    )

    assert "5 views guarded by require_recent; its page: confirm.ask" in result.stdout
