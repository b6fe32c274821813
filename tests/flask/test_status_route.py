"""``GET /session``: how the session stands, without touching it."""

import pytest

from tests.flask.apps import bare_app
from tests.flask.browser import Browser, cookies

MINUTE_MS = 60_000


def test_a_visitor_is_told_that_nobody_is_signed_in(browser):
    """200: that is no error."""
    response = browser.fetch("/session")

    assert response.status_code == 200
    assert response.mimetype == "application/json"
    assert response.json == {
        "state": "anonymous",
        "reason": None,
        "idle_ms": 0,
        "absolute_ms": 0,
        "warn_ms": 10 * MINUTE_MS,
        "can_extend": False,
        "who": "",
    }


def test_a_visitor_with_a_session_is_a_visitor(browser):
    """A row for a basket is no sign-in."""
    browser.submit("/values", basket="tea")

    assert browser.fetch("/session").json["state"] == "anonymous"


def test_a_signed_in_user_is_told_what_is_left(george, clock):
    """To the promise, not to the hard end: 59 minutes of an hour."""
    clock.advance(minutes=9)

    response = george.fetch("/session")

    assert response.status_code == 200
    assert response.json == {
        "state": "active",
        "reason": None,
        "idle_ms": 50 * MINUTE_MS,
        "absolute_ms": (12 * 60 - 9) * MINUTE_MS,
        "warn_ms": 10 * MINUTE_MS,
        "can_extend": True,
        "who": response.json["who"],
    }
    assert len(response.json["who"]) == 16


@pytest.mark.parametrize("ask", ["fetch", "go"])
def test_asking_never_extends(george, clock, ask):
    """Not even as a page navigation: after an hour of asking the session is over."""
    for _ in range(59):
        clock.advance(minutes=1)
        assert getattr(george, ask)("/session").json["state"] == "active"

    clock.advance(minutes=1)

    assert george.fetch("/session").status_code == 401


@pytest.mark.parametrize("method", ["HEAD", "OPTIONS"])
def test_other_questions_do_not_extend_either(george, clock, method):
    """HEAD and OPTIONS are answered, and credit nothing."""
    clock.advance(minutes=5)

    response = george.ask(method, "/session", {})

    assert response.status_code == 200
    assert george.fetch("/session").json["idle_ms"] == 54 * MINUTE_MS


def test_an_ended_session_is_told_with_its_reason_as_often_as_asked(george, clock):
    """401 with the document; the cookie stays, so that the next page can say why, too."""
    clock.advance(minutes=60)

    for _ in range(2):
        response = george.fetch("/session")
        assert response.status_code == 401
        assert (response.json["state"], response.json["reason"]) == ("ended", "idle")
        assert cookies(response) == []


def test_the_absolute_limit_ends_a_busy_session(george, clock):
    """Twelve hours after the sign-in, whatever the user does."""
    for _ in range(12 * 2 - 1):
        clock.advance(minutes=30)
        assert george.go("/").status_code == 200
    assert george.fetch("/session").json["can_extend"] is False

    clock.advance(minutes=30)

    assert george.fetch("/session").json["reason"] == "absolute"


def test_the_prefix_can_be_chosen(clock):
    """All routes move with it."""
    browser = Browser(bare_app(clock=clock, prefix="/auth/latch"))

    assert browser.fetch("/auth/latch").json["state"] == "anonymous"
    assert browser.fetch("/session").status_code == 404
