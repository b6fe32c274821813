"""The session cookie over HTTP: its attributes, and that it travels only when it must."""

import pytest
from flask import session

from nightlatch.flask import current_session
from tests.flask.apps import bare_app
from tests.flask.browser import Browser, cookies


@pytest.fixture
def secure(app):
    """A browser on a secure connection."""
    return Browser(app, "https://localhost")


def test_on_a_secure_connection_the_cookie_belongs_to_this_host_alone(secure):
    """``__Host-``, Secure, HttpOnly, no Domain, no Max-Age."""
    (header,) = cookies(secure.submit("/sign-in", user="george"))

    name, _, attributes = header.partition("=v1.")
    assert name == "__Host-nightlatch"
    assert attributes.partition("; ")[2] == "Secure; HttpOnly; Path=/; SameSite=Lax"


def test_on_a_plain_connection_the_cookie_works_without_them(browser):
    """For development on localhost."""
    (header,) = cookies(browser.submit("/sign-in", user="george"))

    assert header.startswith("nightlatch=v1.")
    assert header.partition("; ")[2] == "HttpOnly; Path=/; SameSite=Lax"


def test_behind_a_proxy_that_ends_tls_the_application_can_say_that_it_is_secure(app, browser):
    """Flask's own SESSION_COOKIE_SECURE."""
    app.config["SESSION_COOKIE_SECURE"] = True

    (header,) = cookies(browser.submit("/sign-in", user="george"))

    assert header.startswith("__Host-nightlatch=")
    assert "; Secure" in header


def test_name_and_same_site_can_be_chosen():
    """As options of the extension."""
    browser = Browser(bare_app(cookie_name="latch", same_site="Strict"))

    (header,) = cookies(browser.submit("/sign-in", user="george"))

    assert header.startswith("latch=v1.")
    assert header.endswith("SameSite=Strict")


@pytest.mark.parametrize("address", ["http://localhost", "https://localhost"])
def test_the_cookie_is_sent_when_a_session_begins_and_ends_and_at_no_other_time(app, address):
    """Not with reading, storing, asking or extending."""
    browser = Browser(app, address)

    began = cookies(browser.submit("/values", a="1"))
    signed_in = cookies(browser.submit("/sign-in", user="george"))
    between = [
        cookies(response)
        for response in (
            browser.go("/"),
            browser.go("/values"),
            browser.submit("/values", b="2"),
            browser.fetch("/session"),
            browser.fetch("/session/extend", json={}),
            browser.fetch("/session/end", json={"reason": "idle"}),
        )
    ]
    ended = cookies(browser.submit("/sign-out"))

    assert [len(began), len(signed_in), len(ended)] == [1, 1, 1]
    assert between == [[]] * 6
    assert "Max-Age=0" in ended[0]
    assert browser.token is None


def test_a_rotation_hands_out_the_new_token(app, browser):
    """The handle stays, the secret does not; the old one reads for a moment, without a cookie."""

    @app.post("/prove")
    def prove():
        current_session().step_up(2)
        return ""

    browser.submit("/sign-in", user="george")
    before = browser.token
    other = Browser(app)
    other.token = before

    (header,) = cookies(browser.submit("/prove"))
    late = other.submit("/values", late="yes")

    assert header.startswith(f"nightlatch={before.rpartition('.')[0]}.")
    assert browser.token != before
    assert cookies(late) == []
    assert browser.go("/values").json == {}
    assert other.go("/session").json["state"] == "active"


def test_a_rotation_keeps_what_another_request_saved_meanwhile(app, browser):
    """And what this one has changed itself."""

    @app.post("/prove")
    def prove():
        session["mine"] = 1
        other = Browser(app)
        other.token = browser.token
        other.submit("/values", theirs="2")
        current_session().step_up()
        return ""

    browser.submit("/sign-in", user="george")

    browser.submit("/prove")

    assert browser.go("/values").json == {"mine": 1, "theirs": "2"}


def test_stepping_up_without_a_session_does_nothing(app, browser):
    """There is nothing to rotate."""

    @app.post("/prove")
    def prove():
        current_session().step_up(2)
        return ""

    assert cookies(browser.submit("/prove")) == []


def test_stepping_up_in_a_session_that_ended_meanwhile_gives_no_token(app, browser, listing):
    """Signed out elsewhere between the look at the session and the proof."""

    @app.post("/prove")
    def prove():
        here = current_session()
        assert here.user == "george"
        here.manager.end_user("george")
        here.step_up(2)
        assert here.user is None
        assert here.ended.reason == "revoked"
        return ""

    browser.submit("/sign-in", user="george")

    assert cookies(browser.submit("/prove")) == []
    assert listing(app) == []


def test_a_request_under_way_with_a_replaced_token_gets_no_cookie(app, browser, listing):
    """It would arrive after the new session's cookie and take its place."""
    browser.submit("/values", a="1")
    late = Browser(app)
    late.token = browser.token
    browser.submit("/sign-in", user="george")

    response = late.submit("/values", b="2")

    assert cookies(response) == []
    assert listing(app) == ["george"]


def test_long_after_the_sign_in_the_replaced_token_is_a_visitors_like_any_other(
    app, browser, clock, listing
):
    """Five seconds later nothing of that page load is under way any more."""
    browser.submit("/values", a="1")
    late = Browser(app)
    late.token = browser.token
    browser.submit("/sign-in", user="george")
    clock.advance(seconds=5)

    late.submit("/values", b="2")

    assert late.go("/values").json == {"b": "2"}
    assert sorted(listing(app), key=str) == [None, "george"]
