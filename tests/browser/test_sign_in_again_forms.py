"""Signing in again with sign-in pages of all kinds: which form is taken, and how it is sent."""

import re

import pytest
from playwright.sync_api import expect

from tests.browser.again import change_page, dialog, is_as_it_was, sign_in, start_a_transfer
from tests.browser.bank_server import BankServer

MARK = "<div data-nightlatch-sign-in>"
FORM = '<form method="post" action="/login"'
BUTTON = '<button class="btn btn-primary btn-lg w-100" type="submit">'
REGISTER = """<form method="post" action="/register"><input type="password" name="{0}" {1}>
<input type="password" name="second"></form><form method="post" action="/register">
<input type="password" name="only" autocomplete="new-password"></form>"""


@pytest.fixture
def server(request, tmp_path, timing):
    """A bank that offers it on every page."""
    server = BankServer(tmp_path, timing, sign_in_again=True, **getattr(request, "param", {}))
    yield server
    server.close()
    assert server.unexpected() == []


@pytest.fixture
def at_work(george):
    """George, who is writing a transfer; its page has a query."""
    start_a_transfer(george, "/transfer?from=a%26b")
    return george


def comes_back(page):
    """Sign in as the same user, and find the page."""
    sign_in(page, "george", "george")
    expect(dialog(page)).to_be_hidden()
    assert is_as_it_was(page)


def test_the_sign_in_page_is_told_where_to_lead_back_to(at_work):
    """With the query, as the ordinary way does."""
    asked = []
    at_work.page.on("request", lambda request: asked.append(request.url))

    at_work.pass_time(minutes=59)

    comes_back(at_work.page)
    assert f"{at_work.server.url}/login?next=%2Ftransfer%3Ffrom%3Da%2526b" in asked
    assert at_work.page.url.endswith("/transfer?from=a%26b")


def test_a_form_to_register_on_the_same_page_is_not_it(at_work):
    """Two passwords, or one that is to be made up, are asked of somebody who is new."""
    register = REGISTER.format("first", "")
    change_page(at_work.server, "/login", (MARK, register + "<div>"))

    at_work.pass_time(minutes=59)

    expect(dialog(at_work.page).get_by_label("User name")).to_be_focused()
    comes_back(at_work.page)


@pytest.mark.parametrize(
    "form",
    [
        '<form method="get" action="/login"',
        '<form action="/login"',
        '<form method="dialog" action="/login"',
        '<form method="post" action="https://elsewhere.example/login"',
        '<form method="post" action="//elsewhere.example/login"',
    ],
)
def test_a_password_is_not_sent_in_an_address_or_to_another_site(at_work, form):
    """Such a form is for the application's own page, and this one is left."""
    change_page(at_work.server, "/login", (FORM, form))

    at_work.pass_time(minutes=59)

    expect(at_work.page).to_have_url(re.compile("/logged-out"))


@pytest.mark.parametrize("encoding", ["", 'enctype="multipart/form-data"'])
def test_it_is_sent_as_the_browser_would(at_work, encoding):
    """With the pressed button's name, and encoded as the form says."""
    change_page(
        at_work.server,
        "/login",
        (FORM, f"{FORM} {encoding}"),
        (BUTTON, BUTTON[:-1] + ' name="which" value="O’Connor">'),
        ("</form>", '<input type="hidden" name="action" value="x"></form>'),
    )
    at_work.pass_time(minutes=59)

    comes_back(at_work.page)

    body = at_work.server.calls_to("/login")[-1].body
    assert b"which" in body
    assert (b"form-data" in body) == bool(encoding)
    assert ("O’Connor".encode() in body) or b"O%E2%80%99Connor" in body


def test_a_button_that_leads_elsewhere_does(at_work):
    """Another way to sign in goes on in the application's own pages."""
    elsewhere = '<button formaction="/login?by=key" formnovalidate>Key</button></form>'
    change_page(at_work.server, "/login", ("</form>", elsewhere))
    at_work.pass_time(minutes=59)

    dialog(at_work.page).get_by_role("button", name="Key").click()

    expect(at_work.page).to_have_url(re.compile("by=key"))
    expect(dialog(at_work.page)).to_have_count(0)


def test_what_is_refused_without_a_form_is_told_and_costs_nothing(at_work):
    """A page that says "too often" is no reason to lose one's work."""
    page = at_work.page
    at_work.pass_time(minutes=59)
    message = "<p data-nightlatch-sign-in>Too many attempts: wait a minute.</p><div>"
    heal = change_page(
        at_work.server, "/login", (MARK, message), (FORM, "<form"), status=409, method="POST"
    )

    sign_in(page, "george", "wrong")

    expect(dialog(page).get_by_role("alert")).to_have_text("Too many attempts: wait a minute.")
    heal()
    comes_back(page)


@pytest.mark.parametrize(
    "server", [{"sessions_max": 1, "sessions_when_full": "refuse"}], indirect=True
)
def test_the_banks_too_many_places_is_told_and_costs_nothing(at_work, sit_down):
    """Signed out at the other place, one is let in and finds the page."""
    at_work.pass_time(minutes=59)
    other = sit_down()
    other.sign_in()

    sign_in(at_work.page, "george", "george")

    expect(dialog(at_work.page)).to_contain_text("you have 1 session open already")
    other.page.get_by_role("button", name="Sign out").click()
    expect(other.page).to_have_url(re.compile("reason=signed-out"))
    comes_back(at_work.page)


def test_while_the_sign_in_page_cannot_be_reached_it_is_asked_for_again(at_work):
    """The dialog says so; the page is kept."""
    page = at_work.page
    at_work.server.fail("/login", "500")
    at_work.pass_time(minutes=59)
    expect(dialog(page).get_by_role("alert")).to_contain_text("cannot reach the server")
    expect(dialog(page).get_by_role("button", name="Leave")).to_be_visible()
    at_work.server.heal()

    at_work.pass_time(seconds=5)

    expect(dialog(page).get_by_label("User name")).to_be_focused()
    comes_back(page)


def test_a_second_step_is_for_the_applications_own_page(at_work):
    """The dialog does not guess what a code is."""
    at_work.pass_time(minutes=59)
    code = "<!doctype html><title>Code</title><form method=post><input name=code></form>"
    at_work.page.route("**/login", lambda route: route.fulfill(body=code, content_type="text/html"))

    sign_in(at_work.page, "george", "george")

    expect(at_work.page).to_have_url(re.compile("/logged-out"))


def test_the_form_keeps_the_language_and_direction_of_its_own_page(at_work):
    """An English dialog may hold an Arabic form."""
    change_page(at_work.server, "/login", ('lang="en-GB"', 'lang="ar" dir="rtl"'))

    at_work.pass_time(minutes=59)

    field = dialog(at_work.page).get_by_label("User name")
    expect(field).to_be_visible()
    said = field.evaluate(
        "(el) => [el.closest('[lang]').lang, getComputedStyle(el).direction,"
        " getComputedStyle(el.closest('dialog')).direction]"
    )
    assert said == ["ar", "rtl", "ltr"]
