"""Sensitive actions are for who has proved a short while ago who they are."""

from __future__ import annotations

import pytest
from flask import Flask
from flask_login import LoginManager

from nightlatch.errors import ReauthenticationRequired, SettingError
from nightlatch.flask import current_session, require_recent
from tests.flask.apps import bare_app, login_app
from tests.flask.browser import Browser


def with_safe(app: Flask) -> Flask:
    """Add a page for which the proof must be 5 minutes old at most, and a way to give it."""

    @app.route("/safe", methods=["GET", "POST"])
    @require_recent(5)
    def safe() -> str:
        return "open"

    @app.get("/vault")
    @require_recent(5, level=2)
    def vault() -> str:
        return "open"

    @app.post("/prove/<int:level>")
    def prove(level: int) -> str:
        current_session().step_up(level)
        return "proved"

    return app


@pytest.fixture
def safe_app(clock):
    """An application whose page for proving again is a path."""
    return with_safe(bare_app(clock=clock, reauth_view="/again?from=safe"))


@pytest.fixture
def george(safe_app):
    """George, signed in a moment ago."""
    browser = Browser(safe_app)
    browser.submit("/sign-in", user="george")
    return browser


def test_signing_in_is_a_recent_proof(george):
    """Right after it nothing more is asked."""
    assert george.go("/safe").text == "open"


def test_it_is_recent_up_to_the_millisecond(george, clock):
    """Five minutes less a millisecond are recent, five minutes are not."""
    clock.advance(minutes=5, ms=-1)
    assert george.go("/safe").status_code == 200

    clock.advance(ms=1)

    assert george.go("/safe").status_code == 303


def test_a_person_is_led_to_prove_it_again_and_back(george, clock):
    """The page for it gets the way back, after whatever stands in its address already."""
    clock.advance(minutes=5)

    answer = george.go("/safe?account=1")

    assert answer.location == "/again?from=safe&next=%2Fsafe%3Faccount%3D1"


def test_a_form_leads_back_to_the_page_that_it_was_on(george, clock):
    """A form cannot be sent again by following a link."""
    clock.advance(minutes=5)

    answer = george.ask("POST", "/safe", {"Referer": "http://localhost/form?a=b"})

    assert answer.location == "/again?from=safe&next=%2Fform%3Fa%3Db"


def test_a_form_from_nowhere_leads_back_to_nowhere(george, clock):
    """A browser that tells no page, or another site's, is not led there."""
    clock.advance(minutes=5)

    answers = [
        george.ask("POST", "/safe", headers) for headers in ({}, {"Referer": "http://evil/form"})
    ]

    assert [answer.location for answer in answers] == ["/again?from=safe"] * 2


def test_a_script_is_told(george, clock):
    """It gets 401, the live status, the reason, and where to prove it."""
    clock.advance(minutes=5)

    answer = george.fetch("/safe")

    assert answer.status_code == 401
    assert answer.json["state"] == "active"
    assert answer.json["reason"] == "reauthenticate"
    assert answer.json["reauth_url"] == "/again?from=safe"
    assert answer.headers["Cache-Control"] == "no-store"


def test_a_new_proof_opens_it_and_changes_the_token(george, clock):
    """Who has proved it again has a token that nobody has seen (ASVS 7.2.4)."""
    clock.advance(minutes=5)
    before = george.token

    george.submit("/prove/1")

    assert george.token != before
    assert george.go("/safe").text == "open"


def test_the_secret_before_the_proof_is_not_recent(george, clock):
    """A request under way with it reads on, at the old level, and does nothing sensitive."""
    clock.advance(minutes=5)
    late = Browser(george.client.application)
    late.token = george.token
    george.submit("/prove/2")

    assert late.go("/").status_code == 200
    assert late.go("/safe").status_code == 303
    assert late.submit("/prove/2").status_code == 303
    assert george.go("/vault").text == "open"


def test_a_level_is_asked_for(george):
    """A recent proof that is not strong enough is not enough."""
    assert george.go("/vault").status_code == 303

    george.submit("/prove/2")

    assert george.go("/vault").text == "open"


def test_who_is_not_signed_in_signs_in_first(clock):
    """A visitor is led to the sign-in page, a script gets 401."""
    browser = Browser(with_safe(login_app(clock=clock)))

    assert browser.go("/safe").location == "/login?next=%2Fsafe"
    assert browser.fetch("/safe").json["state"] == "anonymous"


def test_a_visitor_of_an_application_without_flask_login_is_led_to_its_ended_page(safe_app):
    """There is no sign-in page that we know of, and that page leads to one."""
    assert Browser(safe_app).go("/safe").location == "/?reason=&next=%2Fsafe"


def test_without_a_page_for_it_there_is_401(clock):
    """An application that has nowhere to prove it still does not let anybody through."""
    browser = Browser(with_safe(bare_app(clock=clock)))
    browser.submit("/sign-in", user="george")
    clock.advance(minutes=5)

    assert browser.go("/safe").status_code == 401
    assert browser.fetch("/safe").json["reauth_url"] is None


def test_flask_logins_refresh_view_is_the_page_for_it(clock):
    """An application that has told Flask-Login need not tell it twice."""
    app = with_safe(login_app(clock=clock))
    manager: LoginManager = app.login_manager  # type: ignore[attr-defined]
    manager.refresh_view = "login"
    browser = Browser(app)
    browser.submit("/login", user="george")
    clock.advance(minutes=5)

    assert browser.go("/safe").location == "/login?next=%2Fsafe"


def test_a_visitor_whom_a_view_asks_by_hand(clock):
    """The same check inside a view answers a visitor as ``login_required`` does."""
    app = login_app(clock=clock)

    @app.get("/by-hand")
    def by_hand() -> str:
        current_session().require_recent(1)
        raise AssertionError

    assert Browser(app).go("/by-hand").location == "/login?next=%2Fby-hand"


def test_a_span_that_allows_nobody_is_refused():
    """It would look like protection and be a locked door."""
    with pytest.raises(SettingError, match="require_recent is 0"):
        require_recent(0)


def test_the_error_says_what_to_do():
    """An application that answers it in its own way can show it."""
    assert "Authenticate again" in str(ReauthenticationRequired())
