"""``POST /session/end``: signs out, or ends what is over by the server's record."""

import pytest

from tests.flask.browser import Browser, cookies

MINUTE_MS = 60_000


def test_signing_out_ends_the_session_and_takes_the_cookie(george, app, listing):
    """200 with the ended document."""
    token = george.token

    response = george.fetch("/session/end", json={})

    assert response.status_code == 200
    assert (response.json["state"], response.json["reason"]) == ("ended", "signed-out")
    assert "Max-Age=0" in cookies(response)[0]
    assert response.headers["Clear-Site-Data"] == '"cache"'
    assert george.token is None
    assert listing(app) == []
    copied = Browser(app)
    copied.token = token
    assert copied.fetch("/session").status_code == 401


def test_signing_out_twice_is_answered_with_how_it_ended(app, george):
    """401 and the first reason."""
    token = george.token
    george.fetch("/session/end", json={})
    george.token = token

    response = george.fetch("/session/end", json={})

    assert response.status_code == 401
    assert response.json["reason"] == "signed-out"


def test_signing_out_as_nobody(browser):
    """401 anonymous: there was nothing to end, and no cookie to take."""
    response = browser.fetch("/session/end", json={})

    assert response.status_code == 401
    assert response.json["state"] == "anonymous"
    assert cookies(response) == []


def test_a_visitors_session_ends_with_signing_out(browser, app, listing):
    """What was stored for the visitor is gone."""
    browser.submit("/values", basket="tea")

    browser.fetch("/session/end", json={})

    assert browser.token is None
    assert listing(app) == []


@pytest.mark.parametrize("reason", ["idle", "absolute"])
def test_a_browser_that_thinks_the_time_has_come_is_told_when_it_has_not(george, clock, reason):
    """Another tab was active: 200 with the live document, the cookie untouched."""
    clock.advance(ms=59 * MINUTE_MS - 1)

    response = george.fetch("/session/end", json={"reason": reason})

    assert response.status_code == 200
    assert response.json["state"] == "active"
    assert response.json["idle_ms"] == 1
    assert cookies(response) == []


def test_at_the_promised_moment_the_browser_gets_the_end_that_it_asks_for(george, clock, app):
    """59 minutes: ended as idle, cookie and caches cleared."""
    clock.advance(minutes=59)

    response = george.fetch("/session/end", json={"reason": "idle"})

    assert response.status_code == 200
    assert (response.json["state"], response.json["reason"]) == ("ended", "idle")
    assert "Max-Age=0" in cookies(response)[0]
    assert response.headers["Clear-Site-Data"] == '"cache"'


def test_the_absolute_limit_is_an_end_of_its_own(george, clock):
    """Asked for and given at twelve hours."""
    for _ in range(24):
        clock.advance(minutes=29, seconds=59)
        george.go("/")
    clock.advance(seconds=24)

    response = george.fetch("/session/end", json={"reason": "absolute"})

    assert response.status_code == 200
    assert response.json["reason"] == "absolute"


def test_a_session_that_another_tab_has_ended_is_told_with_that_tabs_reason(george, clock, app):
    """401: this call ended nothing."""
    token = george.token
    george.submit("/sign-out")
    george.token = token
    clock.advance(minutes=59)

    response = george.fetch("/session/end", json={"reason": "idle"})

    assert response.status_code == 401
    assert response.json["reason"] == "signed-out"
    assert george.token is None


def test_nobodys_session_is_not_due(browser):
    """401 anonymous."""
    response = browser.fetch("/session/end", json={"reason": "idle"})

    assert response.status_code == 401
    assert response.json["state"] == "anonymous"


@pytest.mark.parametrize("reason", ["revoked", "signed-out", "", 5, True, [], {}, ["idle"]])
def test_a_browser_cannot_make_up_a_reason(george, reason):
    """400, and the session goes on: the trail's words are the server's."""
    response = george.fetch("/session/end", json={"reason": reason})

    assert response.status_code == 400
    assert "'idle' or 'absolute'" in response.json["error"]
    assert george.fetch("/session").json["state"] == "active"


def test_a_plain_form_signs_out_and_leads_to_the_page_that_says_so(george, app, listing):
    """Without JavaScript: 303, so that reloading does not post again."""
    response = george.submit("/session/end")

    assert response.status_code == 303
    assert response.headers["Location"] == "/?reason=signed-out"
    assert george.token is None
    assert listing(app) == []


def test_a_plain_form_of_somebody_who_is_signed_out_already_leads_there_too(browser):
    """Pressed twice, or after the session timed out."""
    assert browser.submit("/session/end").headers["Location"] == "/?reason=signed-out"


def test_a_plain_form_cannot_end_for_a_reason(george):
    """A field of that name is not read: a form is pressed by a person, who signs out."""
    response = george.submit("/session/end", reason="idle")

    assert response.headers["Location"] == "/?reason=signed-out"


def test_only_posting_ends(george):
    """A link or a picture of another page signs nobody out."""
    assert george.go("/session/end").status_code == 405
    assert george.fetch("/session").json["state"] == "active"
