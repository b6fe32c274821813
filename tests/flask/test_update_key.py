"""``session.update_key``: counters and lists that no parallel request can undo."""

from __future__ import annotations

import pytest
from flask import request, session

from nightlatch.flask import current_session
from tests.flask.browser import Browser


@pytest.fixture
def app(app):
    """With a view that counts, lets another request in between, and counts again."""

    @app.post("/count")
    def count() -> dict[str, object]:
        current_session().update_key("n", lambda n: (n or 0) + 1)
        if "between" in request.form:
            other = Browser(app)
            other.token = request.cookies["nightlatch"]
            other.submit("/count")
            other.submit("/values", theirs="kept")
        session["ours"] = "kept"
        if "twice" in request.form:
            current_session().update_key("n", lambda n: n + 1)
        return dict(session)

    @app.post("/count-late")
    def count_late() -> str:
        assert dict(session) == {}
        app.extensions["nightlatch"].manager.end_user("george")
        return str(current_session().update_key("n", lambda n: (n or 0) + 1))

    return app


def test_it_counts_for_a_user(george):
    """The new value is there at once and for the next request."""
    assert george.submit("/count").json["n"] == 1
    assert george.submit("/count").json["n"] == 2


def test_it_counts_for_a_visitor(browser):
    """Somebody without a session has nobody to race with; the value begins a session."""
    assert browser.submit("/count").json["n"] == 1
    assert browser.submit("/count").json["n"] == 2


def test_another_request_in_between_loses_nothing(george):
    """Both counts are there, and what each has set besides."""
    george.submit("/count", between="yes", twice="yes")

    assert george.go("/values").json == {"n": 3, "ours": "kept", "theirs": "kept"}


def test_another_request_before_the_last_save_loses_nothing(george):
    """What is saved at the end of the request is merged with what came in between."""
    george.submit("/count", between="yes")

    assert george.go("/values").json == {"n": 2, "ours": "kept", "theirs": "kept"}


def test_a_session_that_was_ended_meanwhile_takes_nothing(george):
    """The request goes on with its own value; nothing is brought back."""
    assert george.submit("/count-late").text == "1"

    assert george.fetch("/session").json["state"] == "ended"
