"""Signing in and out without Flask-Login: ``current_session()`` and its verbs."""

import pytest
from flask import session

from nightlatch import Cap, EndReason, SignInRefused
from nightlatch.flask import Nightlatch, current_session
from tests.flask.apps import add_bare_views, bare_app, new_app
from tests.flask.browser import Browser


def test_signing_in_begins_a_session_with_a_token_that_nobody_has_seen(app, browser, listing):
    """The visitor's ends; what the visitor had goes along."""
    browser.submit("/values", basket="tea")
    before = browser.token

    browser.submit("/sign-in", user="george")

    assert browser.token != before
    assert browser.token.split(".")[1] != before.split(".")[1]
    assert browser.go("/values").json == {"basket": "tea"}
    assert listing(app) == ["george"]


def test_signing_out_ends_it(app, george, listing):
    """On the server, not just in the browser."""
    token = george.token

    george.submit("/sign-out")
    george.token = token

    assert listing(app) == []
    assert george.go("/session").json["reason"] == "signed-out"


def test_another_users_values_do_not_carry_over(app, george):
    """Only what this very request has set does."""
    george.submit("/values", address="6 Elm Street")

    george.submit("/sign-in", user="victoria")

    assert george.go("/values").json == {}


def test_what_the_sign_in_itself_stores_is_kept(browser, app):
    """Set before or after the call, also over another user's session."""

    @app.post("/come-in/<user>")
    def come_in(user):
        session["before"] = user
        current_session().sign_in(user)
        session["after"] = user
        return ""

    browser.submit("/come-in/george")
    browser.submit("/come-in/victoria")

    assert browser.go("/values").json == {"before": "victoria", "after": "victoria"}


def test_signing_in_again_as_the_same_user_keeps_their_values(george):
    """It is the same person's browser; the token is new all the same."""
    george.submit("/values", theme="dark")
    before = george.token

    george.submit("/sign-in", user="george")

    assert george.token != before
    assert george.go("/values").json == {"theme": "dark"}


def test_a_message_for_the_signed_out_page_is_a_visitors(app, browser, listing):
    """Values set after the sign-out begin a visitor's session; the old ones stay behind."""

    @app.post("/leave")
    def leave():
        current_session().sign_out()
        session["message"] = "Goodbye."
        return ""

    browser.submit("/sign-in", user="george")
    browser.submit("/values", address="6 Elm Street")

    browser.submit("/leave")

    assert browser.go("/values").json == {"message": "Goodbye."}
    assert listing(app) == [None]


def test_a_session_can_be_ended_for_another_reason(app, browser):
    """The application knows why, and the user is told."""

    @app.post("/close-account")
    def close_account():
        current_session().sign_out(EndReason.REVOKED)
        return ""

    browser.submit("/sign-in", user="george")
    token = browser.token

    browser.submit("/close-account")
    browser.token = token

    assert browser.go("/session").json["reason"] == "revoked"


@pytest.mark.parametrize(("keep_this", "state"), [(True, "active"), (False, "ended")])
def test_all_sessions_of_a_user_end_with_or_without_this_one(app, keep_this, state, listing):
    """A password change in one of three browsers."""
    counts = []

    @app.post("/change-password")
    def change_password():
        here = current_session()
        counts.append(here.end_user(here.user, keep_this=keep_this))
        return ""

    browsers = [Browser(app) for _ in range(3)]
    for browser in browsers:
        browser.submit("/sign-in", user="george")
    token = browsers[0].token

    browsers[0].submit("/change-password")

    assert counts == [2 if keep_this else 3]
    assert browsers[1].go("/session").json["reason"] == "revoked"
    assert (browsers[0].token is not None) is keep_this
    browsers[0].token = token
    assert browsers[0].go("/session").json["state"] == state


def test_ending_all_sessions_and_signing_in_again_works_in_one_request(app, browser, listing):
    """The usual end of a password change."""

    @app.post("/change-password")
    def change_password():
        here = current_session()
        here.end_user("george")
        here.sign_in("george")
        return ""

    browser.submit("/sign-in", user="george")

    assert browser.submit("/change-password").status_code == 200
    assert browser.go("/session").json["state"] == "active"
    assert listing(app) == ["george"]


def test_somebody_who_ends_all_sessions_of_a_user_from_outside_keeps_their_own(app, browser):
    """An administrator who is signed in, or a visitor with a reset link."""

    @app.post("/lock/<user>")
    def lock(user):
        return str(current_session().end_user(user, keep_this=True))

    george = Browser(app)
    george.submit("/sign-in", user="george")
    assert browser.submit("/lock/george").text == "1"
    browser.submit("/sign-in", user="admin")

    assert browser.submit("/lock/admin").text == "0"
    assert george.go("/session").json["reason"] == "revoked"


def test_a_sign_in_that_was_under_way_when_all_were_ended_is_refused(app, browser, clock, listing):
    """403, in words; the visitor stays a visitor."""

    @app.post("/slow-sign-in")
    def slow_sign_in():
        clock.advance(seconds=1)
        app.extensions["nightlatch"].manager.end_user("george")
        clock.advance(seconds=1)
        current_session().sign_in("george")
        return "in"

    response = browser.submit("/slow-sign-in")

    assert response.status_code == 403
    assert "sign in again" in response.text
    assert browser.token is None
    assert listing(app) == []


@pytest.mark.parametrize("first", [True, False])
def test_an_application_may_answer_a_refused_sign_in_itself(clock, first):
    """Its own error handler is left alone, whether it was there before nightlatch or came after."""
    app = new_app()

    def ours(error):
        return f"ours: {error.reason}", 409

    if first:
        app.register_error_handler(SignInRefused, ours)
    Nightlatch(app, store="memory://", clock=clock, cap=Cap(1, "refuse"))
    if not first:
        app.register_error_handler(SignInRefused, ours)
    add_bare_views(app)
    Browser(app).submit("/sign-in", user="george")

    response = Browser(app).submit("/sign-in", user="george")

    assert (response.status_code, response.text) == (409, "ours: full")


def test_with_a_cap_the_oldest_browser_is_signed_out_and_told_so(clock):
    """``cap=1``: one browser at a time."""
    app = bare_app(clock=clock, cap=1)
    first, second = Browser(app), Browser(app)
    first.submit("/sign-in", user="george")
    clock.advance(minutes=1)

    second.submit("/sign-in", user="george")

    assert first.go("/session").json["reason"] == "replaced"
    assert second.go("/session").json["state"] == "active"


def test_outside_a_request_there_is_no_session(app):
    """And in an application without nightlatch the error says what to do."""
    with (
        new_app().test_request_context(),
        pytest.raises(RuntimeError, match=r"call Nightlatch\(app\)"),
    ):
        current_session()
    with pytest.raises(RuntimeError, match="outside of request context"):
        current_session()
