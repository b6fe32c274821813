"""Flask-Login goes on as it is: signing in and out there begins and ends sessions here."""

import sys

import pytest
from flask import session
from flask_login import FlaskLoginClient, current_user, login_user, logout_user

from nightlatch import Cap, SignInRefused
from nightlatch.flask import current_session
from tests.flask.apps import User, bare_app, login_app
from tests.flask.browser import Browser


def test_login_user_begins_a_session(with_login, listing):
    """For that user, from that browser, with a token that nobody has seen."""
    browser = Browser(with_login)
    browser.submit("/values", basket="tea")
    visitor = browser.token

    browser.submit("/login", user="george")

    (info,) = with_login.extensions["nightlatch"].manager.list()
    assert (info.user, info.address) == ("george", "127.0.0.1")
    assert info.device.startswith("Werkzeug/")
    assert browser.token.split(".")[1] != visitor.split(".")[1]
    assert browser.go("/private").text.endswith("<p>george</p>")
    assert browser.go("/values").json["basket"] == "tea"


def test_logout_user_ends_it_on_the_server(with_login, member, listing):
    """A copied cookie is worth nothing."""
    token = member.token

    member.submit("/logout")

    assert listing(with_login) == []
    assert member.token is None
    member.token = token
    assert member.fetch("/private").status_code == 401


def test_an_expired_session_is_nobody_to_flask_login(with_login, member, clock):
    """``current_user`` is anonymous from the moment of the limit."""
    clock.advance(hours=1)

    assert member.fetch("/private").json["reason"] == "idle"


def test_clearing_the_session_signs_out(with_login, listing):
    """Many applications sign out so; and what the user had does not become a visitor's."""

    @with_login.post("/clear")
    def clear():
        session.clear()
        session["message"] = "Goodbye."
        return ""

    browser = Browser(with_login)
    browser.submit("/login", user="george")
    browser.submit("/values", address="6 Elm Street")
    token = browser.token

    browser.submit("/clear")

    assert browser.go("/values").json["message"] == "Goodbye."
    assert "address" not in browser.go("/values").json
    assert listing(with_login) == [None]
    browser.token = token
    assert browser.go("/session").json["reason"] == "signed-out"


def test_taking_the_user_out_of_the_session_signs_out(with_login, listing):
    """The user's other values are not left to whoever is next at this browser."""

    @with_login.post("/pop")
    def pop():
        session.pop("_user_id")
        return ""

    browser = Browser(with_login)
    browser.submit("/login", user="george")
    browser.submit("/values", address="6 Elm Street")

    browser.submit("/pop")

    assert browser.go("/values").json == {}
    assert listing(with_login) == []


def test_the_test_client_of_flask_login_works(with_login, listing):
    """It writes ``session["_user_id"]`` by itself."""
    with_login.test_client_class = FlaskLoginClient

    client = with_login.test_client(user=User("george"))

    assert "<p>george</p>" in client.get("/private").text
    assert listing(with_login) == ["george"]


def test_writing_another_user_into_the_session_begins_that_users(with_login, listing):
    """Whom Flask-Login serves and whose session it is stay the same person."""

    @with_login.post("/become/<user>")
    def become(user):
        session["_user_id"] = user
        return ""

    browser = Browser(with_login)
    browser.submit("/login", user="george")
    browser.submit("/values", address="6 Elm Street")
    before = browser.token

    browser.submit("/become/victoria")

    assert browser.token != before
    assert listing(with_login) == ["victoria"]
    assert "<p>victoria</p>" in browser.go("/private").text
    assert "address" not in browser.go("/values").json


@pytest.mark.parametrize("protection", ["basic", "strong"])
def test_a_second_user_at_the_same_browser_is_as_fresh_as_the_first(clock, protection, listing):
    """Nothing of the first one carries over but what is equal for both of them."""
    app = login_app({"SESSION_PROTECTION": protection}, clock=clock)
    browser = Browser(app)
    browser.submit("/login", user="george")
    first = browser.go("/values").json
    browser.submit("/values", address="6 Elm Street")

    browser.submit("/login", user="victoria")

    assert browser.go("/values").json == {**first, "_user_id": "victoria"}
    assert "<p>victoria</p>" in browser.go("/private").text
    assert listing(app) == ["victoria"]


def test_strong_protection_ends_the_session_of_a_browser_that_changed(clock, listing):
    """Flask-Login takes the user out; the session ends with that."""
    app = login_app({"SESSION_PROTECTION": "strong"}, clock=clock)
    browser = Browser(app)
    browser.submit("/login", user="george")

    response = browser.go("/private", headers={"User-Agent": "somebody else's"})

    assert response.status_code == 302
    assert "george" not in listing(app)


def test_confirm_login_rotates_the_token(member):
    """The user has just proved again who they are."""
    before = member.token

    member.submit("/confirm")

    assert member.token != before
    assert member.token.split(".")[1] == before.split(".")[1]
    assert member.go("/values").json["_fresh"] is True


def test_signing_out_and_in_again_in_one_request(with_login, listing):
    """The first session ends, the second is the one that counts."""

    @with_login.post("/switch/<user>")
    def switch(user):
        logout_user()
        login_user(User(user))
        return current_user.id

    browser = Browser(with_login)
    browser.submit("/login", user="george")

    assert browser.submit("/switch/victoria").text == "victoria"
    assert listing(with_login) == ["victoria"]
    assert "<p>victoria</p>" in browser.go("/private").text


def test_a_refused_sign_in_leaves_nobody_signed_in(clock, listing):
    """The cap is reached: 403, and neither the session nor the request believes otherwise."""
    app = login_app(clock=clock, cap=Cap(1, "refuse"))
    seen = []

    @app.post("/try")
    def attempt():
        try:
            login_user(User("george"))
        except SignInRefused:
            seen.append((current_user.is_authenticated, dict(session)))
            raise
        return "in"

    Browser(app).submit("/login", user="george")
    second = Browser(app)

    assert second.submit("/try").status_code == 403
    assert seen == [(False, {})]
    assert second.token is None
    assert second.go("/private").status_code == 302
    assert listing(app).count("george") == 1


def test_a_sign_in_written_by_hand_is_refused_as_well(clock, listing):
    """Fail closed: an error, and nobody is signed in."""
    app = login_app(clock=clock, cap=Cap(1, "refuse"))

    @app.post("/become/<user>")
    def become(user):
        session["_user_id"] = user
        return "in"

    Browser(app).submit("/login", user="george")
    second = Browser(app)

    assert second.submit("/become/george").status_code == 500
    assert second.go("/private").status_code == 302
    assert listing(app).count("george") == 1


def test_an_application_may_begin_the_session_itself_and_tell_flask_login(with_login, listing):
    """``sign_in`` and then the key that Flask-Login reads: one session, not two."""

    @with_login.post("/come-in")
    def come_in():
        current_session().sign_in("george")
        session["_user_id"] = "george"
        return current_session().sid

    browser = Browser(with_login)

    sid = browser.submit("/come-in").text

    assert browser.token.split(".")[1] == sid
    assert listing(with_login) == ["george"]
    assert "<p>george</p>" in browser.go("/private").text


def test_without_flask_login_nothing_is_missing(monkeypatch, clock):
    """It is optional: where it is not installed, the application starts and signs in."""
    monkeypatch.setitem(sys.modules, "flask_login", None)
    browser = Browser(bare_app(clock=clock))

    browser.submit("/sign-in", user="george")

    assert browser.go("/session").json["state"] == "active"
