"""Other sites' pages can neither extend nor end a session."""

import pytest

from tests.flask.browser import Browser

OTHERS = [
    {"Sec-Fetch-Site": "cross-site"},
    {"Sec-Fetch-Site": "same-site"},
    {"Sec-Fetch-Site": "none"},
    {"Sec-Fetch-Site": "cross-site", "Origin": "http://localhost"},
    {"Origin": "https://evil.example"},
    {"Origin": "http://evil.localhost"},
    {"Origin": "http://localhost:81"},
    {"Origin": "http://localhost.evil.example"},
    {"Origin": "null"},
    {"Origin": ""},
    {"Origin": "http://[::1"},
]
OURS = [
    {},
    {"Sec-Fetch-Site": "same-origin"},
    {"Sec-Fetch-Site": "same-origin", "Origin": "http://localhost"},
    {"Origin": "http://localhost"},
    {"Origin": "http://LOCALHOST"},
    {"Origin": "https://localhost"},
]


@pytest.mark.parametrize("headers", OTHERS)
@pytest.mark.parametrize("path", ["/session/extend", "/session/end"])
@pytest.mark.parametrize("kind", ["json", "form"])
def test_another_sites_request_is_refused(george, clock, path, headers, kind):
    """403 before anything is looked at; the session goes on as it was."""
    clock.advance(minutes=30)
    body = {"json": {}} if kind == "json" else {"data": {}}

    response = george.ask("POST", path, headers, **body)

    assert response.status_code == 403
    assert "its own site" in response.json["error"]
    document = george.fetch("/session").json
    assert (document["state"], document["idle_ms"]) == ("active", 29 * 60_000)


@pytest.mark.parametrize("headers", OURS)
def test_our_own_pages_are_let_in(george, clock, headers):
    """Also curl, which says nothing, and an application behind a proxy that ends TLS."""
    clock.advance(minutes=30)

    response = george.ask("POST", "/session/extend", headers, json={})

    assert response.status_code == 200
    assert response.json["idle_ms"] == 59 * 60_000


def test_a_form_of_ours_under_a_no_referrer_policy_signs_out(george):
    """Browsers send ``Origin: null`` there; Fetch Metadata still tells whose page it was."""
    headers = {"Sec-Fetch-Site": "same-origin", "Sec-Fetch-Mode": "navigate", "Origin": "null"}

    assert george.ask("POST", "/session/end", headers, data={}).status_code == 303


def test_another_host_of_the_same_application_is_another_origin(app):
    """The host that the browser named is what counts."""
    browser = Browser(app, "https://bank.example")

    wrong = browser.ask("POST", "/session/extend", {"Origin": "https://localhost"}, json={})
    right = browser.ask("POST", "/session/extend", {"Origin": "https://bank.example"}, json={})

    assert (wrong.status_code, right.status_code) == (403, 401)


def test_another_site_may_ask_but_learns_nothing(george):
    """GET is not refused: without a CORS header no other page can read the answer."""
    response = george.ask("GET", "/session", {"Origin": "https://evil.example"})

    assert "Access-Control-Allow-Origin" not in response.headers
