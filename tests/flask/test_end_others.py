"""Ending sessions from within a session: one, all others, everybody's."""

from __future__ import annotations

import pytest

from nightlatch.flask import current_session
from tests.flask.browser import Browser


@pytest.fixture
def app(app):
    """With views that end sessions."""

    @app.post("/end-one")
    def end_one() -> str:
        from flask import request

        ended = current_session().end_one(request.form["sid"], of=request.form.get("of"))
        return str(ended)

    @app.post("/end-everyone")
    def end_everyone() -> str:
        return str(current_session().end_everyone())

    return app


@pytest.fixture
def elsewhere(app, george):
    """George's other browser."""
    browser = Browser(app)
    browser.submit("/sign-in", user="george")
    return browser


def sid(browser: Browser) -> str:
    """The public handle of a browser's session."""
    assert browser.token is not None
    return browser.token.split(".")[1]


def test_one_is_ended_from_another(george, elsewhere):
    """Its next request is refused, with the reason; the session that ended it goes on."""
    assert george.submit("/end-one", sid=sid(elsewhere), of="george").text == "True"

    assert elsewhere.fetch("/session").json["reason"] == "revoked"
    assert george.fetch("/session").json["state"] == "active"


def test_another_users_is_not_told_from_none(app, george):
    """Who guesses a handle learns nothing and ends nothing."""
    ana = Browser(app)
    ana.submit("/sign-in", user="ana")

    answers = [
        george.submit("/end-one", sid=wanted, of="george").text for wanted in (sid(ana), "0" * 32)
    ]

    assert answers == ["False", "False"]
    assert ana.fetch("/session").json["state"] == "active"


def test_its_own_takes_the_cookie_away(george):
    """Ending the session that one is in is signing out."""
    answer = george.submit("/end-one", sid=sid(george))

    assert answer.text == "True"
    assert george.token is None


def test_everyone_includes_oneself(app, george, elsewhere, listing):
    """Nobody is left, and the browser that did it has no cookie any more."""
    assert george.submit("/end-everyone").text == "2"

    assert listing(app) == []
    assert george.token is None
