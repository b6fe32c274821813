"""What must not work for whoever speaks HTTP by hand, tried against real servers.

Requests are sent as ``curl`` sends them: with no header that a browser adds by itself, unless
the header is what is tried.
"""

import base64
import secrets
from urllib.parse import urljoin, urlsplit

import pytest

from tests.processes.client import COOKIE, NAVIGATION, Browser, Curl, csrf_token

PAGES = ("/", "/another-page", "/transfer", "/notes")

OTHER_ORIGINS = {
    "another host": {"Origin": "https://evil.example"},
    "another port of this host": {"Origin": "http://127.0.0.1:1"},
    "no origin that can be named": {"Origin": "null"},
    "another site": {"Sec-Fetch-Site": "cross-site"},
    "another host of this site": {"Sec-Fetch-Site": "same-site"},
    "a bookmark or a typed address": {"Sec-Fetch-Site": "none"},
    "what says one thing and does another": {
        "Origin": "https://evil.example",
        "Sec-Fetch-Site": "cross-site",
        "X-Requested-With": "XMLHttpRequest",
    },
}

UNSAFE_CALLS = {
    "extend": ("/session/extend", {"document": {"idle_for": 0}}),
    "extend with nothing": ("/session/extend", {}),
    "sign out": ("/session/end", {"document": {}}),
    "end by reason": ("/session/end", {"document": {"reason": "idle"}}),
    "sign out by a form": ("/session/end", {"form": {"any": "thing"}}),
}

OFF_SITE = (
    "//evil.example",
    "///evil.example",
    "////evil.example/",
    "/\\evil.example",
    "\\/evil.example",
    "\\\\evil.example",
    "https://evil.example/",
    "HTTPS://evil.example",
    "https:evil.example",
    "http:/evil.example",
    "%2f%2fevil.example",
    "/%2fevil.example",
    "/%2f/evil.example",
    "/%5cevil.example",
    "/%09/evil.example",
    "/\t/evil.example",
    "\t//evil.example",
    " //evil.example",
    "/\n/evil.example",
    "/\r\nSet-Cookie: a=b",
    "\x00//evil.example",
    "\u3000//evil.example",
    "//evil.example\\@127.0.0.1/",
    "//127.0.0.1@evil.example/",
    "///127.0.0.1@evil.example/",
    "http://127.0.0.1@evil.example/",
    "javascript:alert(1)",
    "JavaScript:alert(1)",
    " javascript:alert(1)",
    "java\tscript:alert(1)",
    "data:text/html,evil.example",
    "evil.example",
    "evil.example/path",
    "@evil.example",
    ".evil.example",
    "?//evil.example",
    "//[evil.example",
)


@pytest.fixture(scope="module")
def server(shared_town):
    """One server for all of this file."""
    return shared_town.start_notes()


@pytest.fixture
def browser(server):
    """Somebody who has signed in."""
    with Browser(server.port) as browser:
        yield browser.sign_in()


def seen(town, browser):
    """Return the moment of the session's last activity by the server's record."""
    return town.row(browser.sid).seen


# A cookie after sign-out


def test_a_cookie_is_worth_nothing_after_sign_out(shared_town, server, browser):
    """Every page and call refuses it, also on a connection that was open all the time."""
    sid = browser.sid
    with Curl(server.port, browser.cookies) as thief:
        assert thief.get("/", headers=NAVIGATION).signed_in
        token = csrf_token(thief.get("/transfer"))

        browser.sign_out()

        answers = [thief.get(page) for page in PAGES]
        answers += [thief.get(page, headers=NAVIGATION) for page in PAGES]
        answers.append(thief.post("/transfer", form={"csrf_token": token, "payee": "Evil"}))
        answers.append(thief.post("/notes", document={"note": 1}))
        asked = [
            thief.get("/session"),
            thief.post("/session/extend", document={}),
            thief.post("/session/end", document={}),
            thief.post("/session/end", document={"reason": "idle"}),
        ]
    assert not any(answer.signed_in for answer in answers)
    assert {answer.status for answer in answers} <= {302, 303, 401}
    assert {(one.status, one.document["reason"]) for one in asked} == {(401, "signed-out")}
    assert shared_town.row(sid).reason == "signed-out"


# Extending by asking


def test_asking_never_extends(shared_town, server, browser):
    """GET and HEAD of /session leave the record as it is; a report of activity moves it."""
    before = seen(shared_town, browser)
    with Curl(server.port, browser.cookies) as curl:
        for _ in range(5):
            assert curl.get("/session").document["state"] == "active"
            assert curl.send("HEAD", "/session").status == 200
            assert curl.get("/session", headers=NAVIGATION).status == 200
        assert seen(shared_town, browser) == before

        assert curl.post("/session/extend", document={"idle_for": 0}).status == 200
    assert seen(shared_town, browser) > before


@pytest.mark.parametrize("path", ["/session/extend", "/session/end"])
@pytest.mark.parametrize("method", ["GET", "HEAD", "PUT", "DELETE"])
def test_only_a_post_extends_or_ends(shared_town, browser, method, path):
    """Every other method is answered 405: a link or a picture signs nobody out."""
    before = shared_town.row(browser.sid)

    answer = browser.send(method, path, headers={"Sec-Fetch-Site": "same-origin"})

    assert answer.status == 405
    assert shared_town.row(browser.sid) == before


# From another origin


@pytest.mark.parametrize("call", UNSAFE_CALLS)
@pytest.mark.parametrize("origin", OTHER_ORIGINS)
def test_another_origin_neither_extends_nor_ends(shared_town, server, browser, origin, call):
    """It is refused with 403, and the record is as before."""
    before = shared_town.row(browser.sid)
    path, body = UNSAFE_CALLS[call]

    with Curl(server.port, browser.cookies) as curl:
        answer = curl.post(path, headers=OTHER_ORIGINS[origin], **body)

    assert answer.status == 403
    assert not answer.cookies
    assert shared_town.row(browser.sid) == before


def test_another_origin_may_not_read_the_status(server, browser):
    """No answer carries a header that would let another origin read it."""
    with Curl(server.port, browser.cookies) as curl:
        asked = curl.get("/session", headers={"Origin": "https://evil.example"})
        preflight = curl.send(
            "OPTIONS",
            "/session/extend",
            headers={
                "Origin": "https://evil.example",
                "Access-Control-Request-Method": "POST",
                "Access-Control-Request-Headers": "content-type",
            },
        )
    for answer in (asked, preflight):
        assert not [name for name in answer.headers if name.lower().startswith("access-control")]


def test_our_own_origin_may(server, browser):
    """The same calls with the headers of our own page's script do what they say."""
    own = {"Origin": f"http://127.0.0.1:{server.port}", "Sec-Fetch-Site": "same-origin"}
    with Curl(server.port, browser.cookies) as curl:
        extended = curl.post("/session/extend", document={}, headers=own)
        ended = curl.post("/session/end", document={}, headers=own)
    assert (extended.status, extended.document["state"]) == (200, "active")
    assert (ended.status, ended.document["state"]) == (200, "ended")


# Made-up tokens


def forged(browser):
    """Yield tokens that the server never gave, some of them close to one that it did."""
    sid, secret = browser.token.split(".")[1:]
    other = base64.urlsafe_b64encode(secrets.token_bytes(32)).decode().rstrip("=")
    yield "random, in our own form", f"v1.{secrets.token_hex(16)}.{other}"
    yield "a real handle, a wrong secret", f"v1.{sid}.{other}"
    yield "a real handle, no secret", f"v1.{sid}."
    yield "a real handle, half the secret", f"v1.{sid}.{secret[:20]}"
    yield "a real handle, more than the secret", f"v1.{sid}.{secret}A"
    yield "another version", f"v2.{sid}.{secret}"
    yield "in capitals", f"v1.{sid.upper()}x.{secret}"
    yield "the handle alone", sid
    yield "with another handle", f"v1.{secrets.token_hex(16)}.{secret}"
    yield "the two changed over", f"v1.{secret}.{sid}"
    yield "text", "george"
    yield "quoted", f'"v1.{sid}.{other}"'
    yield "SQL", "' OR 1=1 --"
    yield "long", "v1." + "0" * 4000


def test_a_made_up_token_is_never_adopted(shared_town, server, browser):
    """It is nobody's, moves nobody's record, leaves no row, and signing in gives a new token."""
    before = shared_town.row(browser.sid)
    rows = shared_town.query("SELECT count(*) FROM session")
    for what, token in forged(browser):
        with Curl(server.port, {COOKIE: token}) as curl:
            asked = curl.get("/session")
            pages = [curl.get(page, headers=NAVIGATION) for page in PAGES]
            extended = curl.post("/session/extend", document={"idle_for": 0})
            ended = curl.post("/session/end", document={})
            left = curl.post("/session/end", form={})
        assert (asked.status, asked.document["state"]) == (200, "anonymous"), what
        assert not any(page.signed_in for page in pages), what
        assert (extended.status, extended.document["state"]) == (401, "anonymous"), what
        assert (ended.status, ended.document["state"]) == (401, "anonymous"), what
        assert left.status == 303, what
        assert not any(COOKIE in one.cookies for one in (asked, *pages, extended, ended)), what
        assert shared_town.row(browser.sid) == before, what
    assert shared_town.query("SELECT count(*) FROM session") == rows


def test_a_planted_token_is_replaced_at_sign_in(shared_town, server):
    """Whoever makes up a token and plants it holds nothing after its victim has signed in."""
    planted = f"v1.{secrets.token_hex(16)}.{'A' * 43}"
    with Browser(server.port, {COOKIE: planted}) as victim:
        victim.sign_in()
        assert victim.token != planted
        assert victim.sid != planted.split(".")[1]
    with Curl(server.port, {COOKIE: planted}) as attacker:
        assert attacker.get("/session").document["state"] == "anonymous"
    assert shared_town.row(planted.split(".")[1]) is None


# Off the site


def goes_to(answer, port):
    """Return the host to which a browser would follow this answer."""
    # As the URL standard reads it: tabs and line ends fall out, backslashes are slashes.
    location = answer.headers["Location"].strip().replace("\\", "/")
    for char in "\t\r\n":
        location = location.replace(char, "")
    return urlsplit(urljoin(f"http://127.0.0.1:{port}/login", location)).netloc


@pytest.mark.parametrize("target", OFF_SITE)
def test_next_never_leads_off_the_site(server, target):
    """Neither from the form nor from the address, before or after signing in."""
    here = f"127.0.0.1:{server.port}"
    with Browser(server.port) as browser:
        page = browser.send("GET", quoted("/login", target))
        assert "evil.example" not in page.text
        assert "javascript:" not in page.text.lower()
        in_form = browser.try_to_sign_in("george", "george", next=target)
        in_address = browser.try_to_sign_in("george", "george", quoted("/login", target))
        signed_in = browser.get(quoted("/login", target))
    for answer in (in_form, in_address, signed_in):
        assert answer.status in (302, 303)
        assert answer.headers["Location"] == "/"
        assert goes_to(answer, server.port) == here
        assert "a" not in answer.cookies


@pytest.mark.parametrize("target", OFF_SITE)
def test_the_page_at_the_end_links_nowhere_else(server, target):
    """What was carried there as ``next`` is offered only if it is a page of ours."""
    with Browser(server.port) as browser:
        page = browser.get(quoted("/logged-out", target) + "&reason=idle").text
    assert "evil.example" not in page
    assert "javascript:" not in page.lower()
    assert 'href="/login"' in page


def test_next_leads_back_on_the_site(server):
    """A page of ours is gone to with its query and hash, so the tests above can fail."""
    target = "/another-page?month=2026-01&q=a%2Fb#money-in"
    with Browser(server.port) as browser:
        answer = browser.try_to_sign_in("george", "george", next=target)
    assert answer.headers["Location"] == target


@pytest.mark.parametrize(
    "path",
    [
        "//evil.example",
        "//evil.example/%2e%2e",
        "///evil.example//",
        "/\\evil.example",
        "/%5cevil.example/..",
        "/%2f%2fevil.example",
        "http://evil.example/",
        "/session//evil.example",
    ],
)
def test_no_address_redirects_off_the_site(server, path):
    """Neither as a page that needs signing in nor by tidying the address."""
    with Curl(server.port) as curl:
        answer = curl.get(path, headers=NAVIGATION)
    if "Location" in answer.headers:
        assert goes_to(answer, server.port) == f"127.0.0.1:{server.port}"


def quoted(path, target):
    """Return a path whose ``next`` the server reads as ``target``, percent signs included."""
    encoded = "".join(f"%{byte:02X}" for byte in target.encode())
    return f"{path}?next={encoded}"
