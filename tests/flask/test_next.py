"""``safe_next``: where to go after signing in, and only on this site."""

import pytest
from flask import redirect
from hypothesis import given
from hypothesis import strategies as st
from werkzeug.test import EnvironBuilder

from nightlatch.flask import is_safe_next, safe_next
from tests.flask.apps import new_app

HERE = [
    "/",
    "/private",
    "/private?tab=2&q=a%26b",
    "/private?next=//evil.example",
    "/private?back=%5C%5Cevil",
    "/private#part-2",
    "/private?tab=2#part-2",
    "/konto/José/Ωmega",
    "/a%20b",
    "/what%3F",
    "/x" * 1024,
]
ELSEWHERE = [
    "",
    "private",
    "?tab=2",
    "#part",
    "//evil.example",
    "///evil.example",
    "/\\evil.example",
    "\\\\evil.example",
    "\\/evil.example",
    "https://evil.example/",
    "https:evil.example",
    "http:///evil.example",
    "HTTPS://evil.example",
    "javascript:alert(1)",
    "data:text/html,hi",
    "mailto:a@evil.example",
    "/%2f%2fevil.example",
    "/%2Fevil.example",
    "/%5cevil.example",
    "/%5Cevil.example",
    "/a%5cb",
    "/a\\b",
    "/\tevil.example",
    "/\t/evil.example",
    "/\n/evil.example",
    "/a\r\nSet-Cookie: a=b",
    "/a%0d%0aSet-Cookie:%20a=b",
    "/%09/evil.example",
    "/a\x00b",
    "/a%00b",
    "/a\x7fb",
    "/a\u2028b",
    "/a\u202eb",
    " /private",
    "\ufeff/private",
    "/" + "x" * 2048,
    "//[evil",
    "/%2f[evil",
    None,
]


@pytest.mark.parametrize("target", HERE)
def test_an_address_of_ours_is_kept_as_it_is(target):
    """Path, query and hash, with letters of any script."""
    assert is_safe_next(target)


@pytest.mark.parametrize("target", ELSEWHERE, ids=repr)
def test_everything_else_is_refused(target):
    """Other hosts in all their spellings, schemes, control characters, what is too long."""
    assert not is_safe_next(target)


@given(st.text(alphabet="/\\%25cCfF09dDaA:@?#.hx\t\r\n \u2028é[]", max_size=30))
def test_what_is_let_through_stays_on_this_host(tail):
    """Read as browsers read it: tabs and line ends dropped, backslashes turned round."""
    target = "/" + tail
    if not is_safe_next(target):
        return

    read = target.translate({9: None, 10: None, 13: None}).replace("\\", "/")

    assert read.startswith("/")
    assert not read.startswith("//")
    assert target.isprintable()


@pytest.fixture
def asked():
    """What a view gets for a request with this query and this form."""

    def ask(query=None, form=None):
        app = new_app()
        builder = EnvironBuilder(
            path="/login", method="POST", query_string=query or {}, data=form or {}
        )
        with app.request_context(builder.get_environ()):
            return safe_next("/home")

    return ask


def test_the_form_goes_before_the_query(asked):
    """The sign-in page keeps it in a hidden field."""
    assert asked({"next": "/from-query"}, {"next": "/from-form"}) == "/from-form"
    assert asked({"next": "/from-query"}) == "/from-query"
    assert asked({"next": "/from-query"}, {"next": ""}) == "/from-query"


def test_without_a_good_one_there_is_the_default(asked):
    """Absent, empty or elsewhere; an evil one in the form is not made up for by the query."""
    assert asked() == "/home"
    assert asked({"next": "//evil.example"}) == "/home"
    assert asked({"next": "/fine"}, {"next": "//evil.example"}) == "/home"


@pytest.mark.parametrize("target", ["/konto/José", "/a?b=c#d", "/private?next=//evil.example"])
def test_a_redirect_there_is_a_good_header(target):
    """ASCII, one line, on this host."""
    app = new_app()
    app.add_url_rule("/go", "go", lambda: redirect(safe_next("/")))

    location = app.test_client().get("/go", query_string={"next": target}).headers["Location"]

    assert location.isascii()
    assert location.startswith("/")
    assert not location.startswith("//")
