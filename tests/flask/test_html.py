"""``{{ nightlatch() }}``: what a page carries for the browser half, and for readers without it."""

import json
from datetime import timedelta
from html.parser import HTMLParser

import pytest
from flask import render_template_string

from nightlatch import SettingError
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


@pytest.mark.parametrize(
    ("options", "expected"),
    [
        ({}, None),
        ({"sign_in_again": False}, None),
        ({"sign_in_again": True}, "/login"),
        ({"sign_in_again": "values"}, "/values"),
        ({"sign_in_again": "/sign-in?by=name"}, "/sign-in?by=name"),
    ],
)
def test_a_page_names_where_to_sign_in_without_leaving_it_only_if_asked_to(options, expected):
    """Off by default: it keeps what was private in the browser's memory."""
    browser = Browser(login_app(**options))
    browser.submit("/login", user="george")

    script = Page(browser.go("/private").text).elements["script"]

    assert script.get("data-sign-in-url") == expected
    assert ("data-user" in script) == (expected is not None)


def test_a_page_may_choose_otherwise_than_its_application():
    """One long form may keep its content where no other page does."""
    app = login_app()

    @app.get("/long-form")
    def long_form():
        return render_template_string("{{ nightlatch(sign_in_again=True) }}")

    browser = Browser(app)
    browser.submit("/login", user="george")

    script = Page(browser.go("/long-form").text).elements["script"]

    assert script["data-sign-in-url"] == "/login"


def test_the_same_user_has_the_same_tag_and_it_does_not_tell_the_name():
    """Also in another session; another user and another application have other ones."""
    app = login_app(sign_in_again=True)

    def tag(user, app=app):
        browser = Browser(app)
        browser.submit("/login", user=user)
        return Page(browser.go("/private").text).elements["script"]["data-user"]

    other = login_app(sign_in_again=True)
    other.secret_key = "another one"
    tags = [tag("george"), tag("george"), tag("O’Connor"), tag("george", other)]

    assert tags[0] == tags[1]
    assert len(set(tags)) == 3
    assert not any("george" in each for each in tags)


def test_without_a_sign_in_page_the_setting_is_refused_by_name():
    """The message says what to give instead."""
    app = bare_app(sign_in_again=True)
    app.testing = True
    browser = Browser(app)
    browser.submit("/sign-in", user="george")

    with pytest.raises(SettingError, match="login_view"):
        browser.go("/")


@pytest.mark.parametrize("value", [1, "", [], 0.5])
def test_what_is_no_page_is_refused_at_the_start(value):
    """A number or an empty text was meant to be something else."""
    with pytest.raises(SettingError, match="sign_in_again"):
        bare_app(sign_in_again=value)


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
