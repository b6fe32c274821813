"""Flask-Login's remember cookie outlives every limit: it is neither sent nor believed."""

import logging

import pytest
from flask import Flask
from flask_login import LoginManager, encode_cookie, login_user, logout_user

from tests.flask.apps import User, add_login_views, login_app
from tests.flask.browser import Browser, cookies


@pytest.fixture
def remembered(with_login):
    """A remember cookie as Flask-Login itself would have set it, before nightlatch came."""
    plain = Flask("plain")
    plain.secret_key = with_login.secret_key
    LoginManager(plain).user_loader(User)
    add_login_views(plain)
    client = plain.test_client()
    client.post("/login", data={"user": "george", "remember": "yes"})
    return client.get_cookie("remember_token").value


def test_asking_for_it_is_ignored_with_a_warning(with_login, caplog):
    """The sign-in works, no remember cookie is sent, and the log says why."""
    browser = Browser(with_login)

    with caplog.at_level(logging.WARNING, "nightlatch"):
        response = browser.submit("/login", user="george", remember="yes")

    assert [cookie.partition("=")[0] for cookie in cookies(response)] == ["nightlatch"]
    assert "remember=True) was ignored" in caplog.text
    assert "_remember" not in browser.go("/values").json
    assert "<p>george</p>" in browser.go("/private").text


def test_signing_in_without_it_warns_nobody(with_login, caplog):
    """The usual case."""
    Browser(with_login).submit("/login", user="george")

    assert caplog.records == []


def test_an_old_remember_cookie_is_not_believed(with_login, remembered, listing):
    """Signed, valid, from before: nobody is signed in by it."""
    browser = Browser(with_login)
    browser.client.set_cookie("remember_token", remembered)

    assert browser.go("/private").status_code == 302
    assert browser.fetch("/private").status_code == 401
    assert "george" not in listing(with_login)


def test_a_remember_cookie_does_not_bring_a_timed_out_session_back(
    with_login, member, clock, remembered
):
    """This is what it would have done to every limit."""
    member.client.set_cookie("remember_token", remembered)
    clock.advance(hours=1)

    assert member.fetch("/private").json["reason"] == "idle"


def test_signing_out_takes_an_old_remember_cookie_away(with_login, member, remembered):
    """As Flask-Login does; nothing of it is kept in a session."""
    member.client.set_cookie("remember_token", remembered)

    response = member.submit("/logout")

    assert [cookie.partition("=")[0] for cookie in cookies(response)] == [
        "remember_token",
        "nightlatch",
    ]
    assert member.client.get_cookie("remember_token") is None
    assert member.token is None


def test_signing_in_right_after_signing_out_takes_it_away_too_and_warns_nobody(
    with_login, remembered, caplog
):
    """*Clear the old cookie* is no wish for a new one."""

    @with_login.post("/switch")
    def switch():
        logout_user()
        login_user(User("victoria"))
        return ""

    browser = Browser(with_login)
    browser.submit("/login", user="george")
    browser.client.set_cookie("remember_token", remembered)

    browser.submit("/switch")

    assert browser.client.get_cookie("remember_token") is None
    assert caplog.records == []
    assert "<p>victoria</p>" in browser.go("/private").text


def test_refreshing_it_on_every_request_is_off_as_well(clock, listing):
    """REMEMBER_COOKIE_REFRESH_EACH_REQUEST would send one to whoever is signed in."""
    app = login_app({"REMEMBER_COOKIE_REFRESH_EACH_REQUEST": True}, clock=clock)
    browser = Browser(app)
    browser.submit("/login", user="george")

    assert cookies(browser.go("/private")) == []
    assert browser.client.get_cookie("remember_token") is None


def test_the_application_still_can_write_such_cookies_for_its_own_ends(with_login):
    """Only the session does not believe them."""
    with with_login.test_request_context():
        assert encode_cookie("george").startswith("george|")
