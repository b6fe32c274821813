"""``POST /session/extend``: credits real input, and nothing else."""

import pytest
from flask import request

from nightlatch.flask import current_session
from tests.flask.apps import bare_app
from tests.flask.browser import Browser, cookies

MINUTE_MS = 60_000


def left(browser):
    """Idle time left, in minutes."""
    return browser.fetch("/session").json["idle_ms"] / MINUTE_MS


def test_an_empty_object_is_input_now(george, clock):
    """The session is promised its whole idle time again; the answer says so."""
    clock.advance(minutes=30)

    response = george.fetch("/session/extend", json={})

    assert response.status_code == 200
    assert response.json["idle_ms"] == 59 * MINUTE_MS
    assert left(george) == 59
    assert cookies(response) == []


def test_no_body_at_all_is_input_now(george, clock):
    """As an empty object is."""
    clock.advance(minutes=30)

    george.ask("POST", "/session/extend", {})

    assert left(george) == 59


def test_input_some_time_ago_is_credited_to_that_moment(george, clock):
    """Not to the moment of the report."""
    clock.advance(minutes=30)

    response = george.fetch("/session/extend", json={"idle_for": 10 * MINUTE_MS})

    assert response.json["idle_ms"] == 49 * MINUTE_MS


@pytest.mark.parametrize(
    ("idle_for", "minutes_left"),
    [(-1, 59), (-(10**15), 59), (31 * MINUTE_MS, 29), (10**200, 29)],
)
def test_an_impossible_time_is_taken_for_the_nearest_possible_one(
    george, clock, idle_for, minutes_left
):
    """Input in the future was now; input before the last activity moves nothing."""
    clock.advance(minutes=30)

    response = george.fetch("/session/extend", json={"idle_for": idle_for})

    assert response.status_code == 200
    assert left(george) == minutes_left


@pytest.mark.parametrize("idle_for", [None, "1000", 1.5, 1e3, True, False, [], {}, [1]])
def test_what_is_no_whole_number_is_refused(george, clock, idle_for):
    """400 with a sentence, and nothing is credited."""
    clock.advance(minutes=30)

    response = george.fetch("/session/extend", json={"idle_for": idle_for})

    assert response.status_code == 400
    assert "whole number of milliseconds" in response.json["error"]
    assert left(george) == 29


BAD = [
    b"{",
    b"[]",
    b"1",
    b'"idle_for"',
    b"null",
    b"\xff\xfe",
    b"[" * 1000,
    b'{"idle_for": 1' + b"0" * 900,
    b" ",
]


@pytest.mark.parametrize("body", BAD)
@pytest.mark.parametrize("path", ["/session/extend", "/session/end"])
def test_what_is_no_json_object_is_refused(george, clock, path, body):
    """400, never 500; the session goes on as it was."""
    clock.advance(minutes=30)

    response = george.ask("POST", path, {}, data=body, content_type="application/json")

    assert response.status_code == 400
    assert response.json == {"error": "The body must be a JSON object."}
    assert left(george) == 29


@pytest.mark.parametrize("path", ["/session/extend", "/session/end"])
@pytest.mark.parametrize("length", [1025, 200_000])
def test_a_huge_body_is_refused_unread(george, path, length):
    """413: what a browser half may send is a few dozen bytes."""
    body = b'{"idle_for": 0, "padding": "' + b"x" * length + b'"}'

    response = george.ask("POST", path, {}, data=body, content_type="application/json")

    assert response.status_code == 413
    assert response.json == {"error": "The body takes more than 1024 bytes."}
    assert george.fetch("/session").json["state"] == "active"


@pytest.mark.parametrize(("keep", "code"), [(True, 200), (False, 400)])
def test_a_body_that_was_read_before_is_never_taken_for_an_empty_one(clock, keep, code):
    """An application that logs bodies: *end if idle* must not become *sign out*."""
    app = bare_app(clock=clock)

    @app.before_request
    def log_body():
        request.get_data(cache=keep)

    @app.get("/come-in")
    def come_in():
        current_session().sign_in("george")
        return ""

    george = Browser(app)
    george.go("/come-in")

    response = george.fetch("/session/end", json={"reason": "idle"})

    assert response.status_code == code
    assert george.fetch("/session").json["state"] == "active"


def test_a_huge_body_that_was_read_before_is_refused_all_the_same(clock):
    """The limit is on what is taken from it."""
    app = bare_app(clock=clock)
    app.before_request(lambda: request.get_data() and None)

    response = Browser(app).fetch("/session/extend", json={"padding": "x" * 2000})

    assert response.status_code == 413


def test_nobody_is_extended_without_a_session(browser, listing, app):
    """401 with the document; no row is made."""
    response = browser.fetch("/session/extend", json={})

    assert response.status_code == 401
    assert response.json["state"] == "anonymous"
    assert listing(app) == []


def test_an_ended_session_is_not_revived(george, clock):
    """401 with the reason, also a millisecond late and with input from before the end."""
    clock.advance(minutes=60)

    response = george.fetch("/session/extend", json={"idle_for": 30 * MINUTE_MS})

    assert response.status_code == 401
    assert (response.json["state"], response.json["reason"]) == ("ended", "idle")


def test_extending_does_not_move_the_absolute_limit(george, clock):
    """The document says when nothing can be extended any more."""
    for _ in range(23):
        clock.advance(minutes=30)
        document = george.fetch("/session/extend", json={}).json

    assert document["absolute_ms"] == 30 * MINUTE_MS
    assert document["can_extend"] is False


def test_only_posting_extends(george, clock):
    """A picture or a prefetch of another page cannot."""
    clock.advance(minutes=30)

    assert george.fetch("/session/extend").status_code == 405
    assert left(george) == 29
