"""Cookies that we never wrote: nobody's, never adopted, never an error."""

import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from nightlatch.token import Token, mint
from tests.flask.apps import bare_app
from tests.flask.browser import Browser, cookies

OTHER_SITE = Browser(bare_app())


def anonymous(app, header):
    """What an application says to a browser that sends this ``Cookie`` header."""
    response = app.test_client(use_cookies=False).get("/session", headers={"Cookie": header})
    assert response.status_code == 200
    return response.json["state"] == "anonymous" and cookies(response) == []


@pytest.mark.parametrize(
    "value",
    [
        "",
        "v1",
        "v1..",
        "v1." + "0" * 32 + "." + "A" * 42,
        "x" * 60_000,
        '"v1.quoted"',
        "%00%0d%0a",
        "naïve-ключ-👻",
        "null",
        "' OR 1=1 --",
    ],
)
def test_a_malformed_cookie_is_nobodys(app, value):
    """Too short, too long, quoted, not ASCII: anonymous, and no cookie in answer."""
    assert anonymous(app, f"nightlatch={value}")


@given(value=st.binary(max_size=120))
@example(b"\xff\xfe")
@example(b"a; nightlatch=b; nightlatch")
@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=150)
def test_any_bytes_at_all_are_answered(app, value):
    """Whatever stands in the header, the answer is 200 and anonymous."""
    printable = value.replace(b"\r", b"").replace(b"\n", b"").decode("latin-1")

    assert anonymous(app, f"nightlatch={printable}")


def test_a_made_up_token_is_never_adopted(app, listing):
    """Also when the visitor then stores something: the session that begins has a token of ours."""
    made_up = mint().text()
    browser = Browser(app)
    browser.token = made_up

    browser.submit("/values", a="1")

    assert browser.token != made_up
    assert Token(*browser.token.split(".")[1:]).sid not in made_up
    assert listing(app) == [None]


def test_a_made_up_token_that_stores_nothing_leaves_no_trace(app, browser, listing):
    """No row, no cookie."""
    browser.token = mint().text()

    assert cookies(browser.go("/")) == []
    assert listing(app) == []


def test_a_known_handle_with_another_secret_is_nobodys(app, george):
    """Handles stand in lists and logs."""
    forged = Token(george.token.split(".")[1], mint().secret).text()

    assert anonymous(app, f"nightlatch={forged}")


def test_a_token_of_another_application_is_nobodys(app):
    """Each has its own store."""
    OTHER_SITE.submit("/sign-in", user="george")

    assert anonymous(app, f"nightlatch={OTHER_SITE.token}")


@pytest.mark.parametrize("first", ["theirs", "mine"])
def test_of_two_different_cookies_neither_is_believed(app, george, first):
    """A neighbouring host planted one, and nothing tells which; order is the planter's choice."""
    attacker = Browser(app)
    attacker.submit("/sign-in", user="mallory")
    tokens = [attacker.token, george.token] if first == "theirs" else [george.token, attacker.token]

    assert anonymous(app, "; ".join(f"nightlatch={token}" for token in tokens))


def test_the_same_cookie_twice_is_one_cookie(app, george):
    """Nothing is unclear about it."""
    header = f"nightlatch={george.token}; nightlatch={george.token}"

    response = app.test_client(use_cookies=False).get("/session", headers={"Cookie": header})

    assert response.json["state"] == "active"


def test_a_cookie_without_the_prefix_is_not_read_on_a_secure_connection(app, george):
    """That is what ``__Host-`` is for: a plain page of a subdomain could have set it."""
    secure = Browser(app, "https://localhost")
    secure.client.set_cookie("nightlatch", george.token)

    assert secure.go("/session").json["state"] == "anonymous"


def test_whoever_planted_a_visitors_session_gains_nothing_from_the_sign_in(app):
    """Session fixation: the victim signs in under the planted token; the planter stays outside."""
    attacker, victim = Browser(app), Browser(app)
    attacker.submit("/values", planted="yes")
    victim.token = attacker.token

    victim.submit("/sign-in", user="george")

    assert victim.token != attacker.token
    assert victim.go("/session").json["state"] == "active"
    assert attacker.go("/session").json["state"] == "anonymous"
    assert attacker.go("/values").json == {}


def test_whoever_planted_their_own_session_loses_it_to_the_sign_in(app, george):
    """The victim comes with the attacker's signed-in token: it ends, nothing of it carries over."""
    attacker, victim = Browser(app), Browser(app)
    attacker.submit("/sign-in", user="mallory")
    attacker.submit("/values", address="mallory's house")
    victim.token = attacker.token

    victim.submit("/sign-in", user="victoria")

    assert victim.go("/values").json == {}
    assert attacker.go("/session").json == {
        **attacker.go("/session").json,
        "state": "ended",
        "reason": "replaced",
    }
