"""``{{ nightlatch() }}``: what a page carries for the browser half, and for readers without it."""

import json
from datetime import timedelta
from html.parser import HTMLParser

import pytest

from nightlatch.flask import active, assets
from nightlatch.flask.installed import words
from tests.flask.apps import bare_app, login_app, new_app
from tests.flask.browser import SCRIPT, Browser


class Page(HTMLParser):
    """Elements with their attributes, and the text of the notice."""

    def __init__(self, html):
        super().__init__()
        self.elements = {}
        self.notice = ""
        self._open = []
        self.feed(html)

    def handle_starttag(self, tag, attributes):
        """Remember it."""
        self.elements[tag] = dict(attributes)
        self._open.append(tag)

    def handle_endtag(self, tag):
        """Forget that it is open."""
        while self._open and self._open.pop() != tag:
            pass

    def handle_data(self, data):
        """Text inside the notice."""
        if "noscript" in self._open:
            self.notice += data


def test_a_visitors_page_carries_nothing(browser):
    """There is nothing to warn about."""
    assert browser.go("/").text == "<p>Hello.</p>"


def test_a_visitor_with_a_session_is_not_warned_either(browser):
    """A basket is no secret."""
    browser.submit("/values", basket="tea")

    assert browser.go("/").text == "<p>Hello.</p>"


def test_a_signed_in_page_carries_the_browser_half_and_its_status(george, clock):
    """Style sheet, module, and every option in data attributes; the status is the document."""
    page = Page(george.go("/").text)

    script = page.elements["script"]
    assert page.elements["link"] == {
        "rel": "stylesheet",
        "href": f"/session/assets/{assets.version()}/nightlatch.css",
    }
    assert script["type"] == "module"
    assert script["src"] == f"/session/assets/{assets.version()}/nightlatch.js"
    assert script["data-nightlatch"] == ""
    assert json.loads(script["data-status"]) == george.fetch("/session").json
    assert script["data-ping-every-ms"] == "60000"
    assert script["data-url"] == "/session"
    assert script["data-ended-url"] == "/"


def test_no_script_or_style_is_inline(george):
    """It works under ``default-src 'self'``."""
    html = george.go("/").text

    assert "<style" not in html
    assert "></script>" in html
    assert " style=" not in html
    assert " on" not in html.partition("<noscript>")[0]


def test_options_travel_escaped():
    """Whatever the application sets, the attribute stays an attribute."""
    app = bare_app(ended_view='/bye"><script>alert(1)</script>?a=1&b=2')
    browser = Browser(app)
    browser.submit("/sign-in", user="george")

    html = browser.go("/").text

    assert "alert(1)</script>" not in html
    assert Page(html).elements["script"]["data-ended-url"] == (
        '/bye"><script>alert(1)</script>?a=1&b=2'
    )


def test_the_status_says_whether_this_very_request_was_activity(clock):
    """A navigation was; a fragment that a script fetches was not, unless its view says so."""
    app = bare_app(clock=clock)
    app.add_url_rule("/counts", "counts", active(lambda: app.view_functions["page"]()))
    browser = Browser(app)
    browser.submit("/sign-in", user="george")

    assert "data-active" in Page(browser.go("/").text).elements["script"]
    assert "data-active" not in Page(browser.ask("GET", "/", SCRIPT).text).elements["script"]
    assert "data-active" in Page(browser.ask("GET", "/counts", SCRIPT).text).elements["script"]


def test_after_the_end_the_page_carries_nothing(george, clock):
    """The session timed out: a visitor's page."""
    clock.advance(hours=1)

    assert george.go("/").text == "<p>Hello.</p>"


@pytest.mark.parametrize(
    ("options", "view", "expected"),
    [
        ({}, "login_page", "/login"),
        ({"ended_view": "values"}, "login_page", "/values"),
        ({"ended_view": "/bye"}, "login_page", "/bye"),
        ({}, None, "/"),
    ],
)
def test_the_ended_page_is_the_one_that_was_named_or_where_to_sign_in(options, view, expected):
    """Flask-Login's ``login_view`` when nothing is named."""
    app = login_app(**options)
    app.login_manager.login_view = view
    browser = Browser(app)
    browser.submit("/login", user="george")

    script = Page(browser.go("/private").text).elements["script"]

    assert script["data-ended-url"] == expected


def test_without_javascript_the_page_says_when_it_will_end(george):
    """What is promised, and the end of all (WCAG 2.2, 2.2.6)."""
    assert Page(george.go("/").text).notice == (
        "You will be signed out after 59 minutes without activity, "
        "and 12 hours after you signed in."
    )


@pytest.mark.parametrize(
    ("span", "text"),
    [
        (timedelta(hours=12), "12 hours"),
        (timedelta(hours=1), "1 hour"),
        (timedelta(minutes=90), "90 minutes"),
        (timedelta(minutes=119), "119 minutes"),
        (timedelta(hours=2, minutes=59), "2 hours"),
        (timedelta(minutes=14, seconds=15), "14 minutes"),
        (timedelta(minutes=1), "1 minute"),
        (timedelta(seconds=90), "90 seconds"),
        (timedelta(seconds=13, milliseconds=300), "13 seconds"),
        (timedelta(seconds=1, milliseconds=999), "1 second"),
        (timedelta(days=3), "72 hours"),
    ],
)
def test_times_in_words_promise_no_more_than_there_is(span, text):
    """Rounded down, in the unit that a person would take."""
    assert words(span // timedelta(milliseconds=1)) == text


def test_an_applications_own_global_of_that_name_is_left_alone():
    """It was there first."""
    from nightlatch.flask import Nightlatch
    from nightlatch.stores.memory import MemoryStore

    app = new_app()
    app.jinja_env.globals["nightlatch"] = "ours"

    Nightlatch(app, store=MemoryStore())

    assert app.jinja_env.globals["nightlatch"] == "ours"
