"""Ending sessions from within a session: one, all others, everybody's."""

from __future__ import annotations

import pytest

from nightlatch import EndReason, SessionEnded
from nightlatch.flask import current_session
from nightlatch.stores.sqlite import SqliteStore
from tests.flask.apps import bare_app
from tests.flask.browser import Browser


@pytest.fixture
def app(app):
    """With views that end sessions."""
    return with_views(app)


def with_views(app):
    """Add the views."""

    @app.post("/end-one")
    def end_one() -> str:
        from flask import request

        ended = current_session().end_one(request.form["sid"], of=request.form.get("of"))
        return str(ended)

    @app.post("/change-password")
    def change_password() -> str:
        return str(current_session().end_user("george", keep_this=True))

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


def test_ending_another_users_costs_the_store_what_ending_none_does(clock, tmp_path):
    """The same statements with the same values, so no clock tells a session from a guess."""
    store = SqliteStore(tmp_path / "sessions.db")
    app = with_views(bare_app(clock=clock, store=store))
    george, ana = Browser(app), Browser(app)
    for browser, name in ((george, "george"), (ana, "ana")):
        browser.submit("/sign-in", user=name)
    statements: list[str] = []
    with store._file.connection("test") as db:
        db.set_trace_callback(statements.append)

    ran = []
    for wanted in (sid(ana), "0" * 32, "no handle at all", ""):
        answer = george.submit("/end-one", sid=wanted, of="george")
        ran.append((answer.status_code, answer.text, tuple(statements)))
        statements.clear()

    assert len(set(ran)) == 1
    assert ran[0][:2] == (200, "False")
    assert ran[0][2]
    store.close()


def test_a_changed_password_ends_the_others_and_tells_each_end_once(app, george, listing):
    """Four of five sessions of this user, none of another's; repeated, nothing more happens."""
    elsewhere = [Browser(app) for _ in range(4)]
    for browser in elsewhere:
        browser.submit("/sign-in", user="george")
    ana = Browser(app)
    ana.submit("/sign-in", user="ana")
    told: list[SessionEnded] = []
    app.extensions["nightlatch"].manager.events.listen(
        lambda event: told.append(event) if isinstance(event, SessionEnded) else None
    )

    answers = [george.submit("/change-password").text for _ in range(2)]

    assert answers == ["4", "0"]
    assert {event.sid for event in told} == {sid(browser) for browser in elsewhere}
    assert [(event.user, event.reason) for event in told] == [("george", EndReason.REVOKED)] * 4
    assert sorted(listing(app)) == ["ana", "george"]
    assert {browser.fetch("/session").json["reason"] for browser in elsewhere} == {"revoked"}


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
