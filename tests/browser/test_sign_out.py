"""Signing out on purpose: one request, and nothing before it."""

import re

import pytest
from playwright.sync_api import expect

from tests.browser.desk import shown
from tests.browser.warning import any_dialog, first_button, warning


def test_16_the_warnings_button_sends_one_post_and_no_ping(george):
    """Pressing it must not extend first what it is about to end."""
    george.pass_time(minutes=49, seconds=5)
    token = george.token()
    before = len(george.server.calls)

    any_dialog(george.page).get_by_role("button", name="Sign out").click()
    expect(george.page.get_by_role("heading", name="You are signed out")).to_be_visible()

    assert sent(george.server.calls[before:]) == [("POST", "/session/end")]
    assert george.server.ask("/session", token).document["reason"] == "signed-out"


def test_16_the_pages_form_sends_one_post_and_no_ping(george):
    """The same for the button in the page's header, at a time when input would be reported."""
    george.pass_time(minutes=5)
    token = george.token()
    before = len(george.server.calls)

    george.page.get_by_role("button", name="Sign out").click()
    expect(george.page.get_by_role("heading", name="You are signed out")).to_be_visible()

    assert sent(george.server.calls[before:]) == [("POST", "/session/end")]
    assert george.server.ask("/session", token).status == 401
    # Who leaves on purpose is not asked to come back to where they were.
    assert george.page.url == f"{george.server.url}/logged-out?reason=signed-out"


def test_16_the_pages_form_by_keyboard_sends_one_post_and_no_ping(george):
    """Enter on the button is a press of it, not activity."""
    george.pass_time(minutes=5)
    before = len(george.server.calls)

    george.page.get_by_role("button", name="Sign out").focus()
    george.page.keyboard.press("Enter")
    expect(george.page.get_by_role("heading", name="You are signed out")).to_be_visible()

    assert sent(george.server.calls[before:]) == [("POST", "/session/end")]


def test_16_a_form_that_was_open_through_a_stay_can_still_be_sent(george):
    """Extending changes no token that the page's forms hold."""
    george.page.goto("/transfer")
    george.page.get_by_label("Payee name").fill("José Ωmega")
    george.page.get_by_label("Amount in pounds").fill("1")
    george.pass_time(minutes=50)
    first_button(george.page).click()
    expect(warning(george.page)).to_be_hidden()

    george.page.get_by_role("button", name="Send money").click()

    expect(george.page.get_by_role("heading", name="Money sent")).to_be_visible()


@pytest.mark.parametrize("path", ["/session/end", "/session/extend"])
def test_16_neither_is_done_by_following_a_link(george, path):
    """Both are POSTs: a picture or a link on another site does nothing."""
    answer = george.server.ask(path, george.token())

    assert answer.status == 405
    assert george.status()["state"] == "active"


def test_the_page_is_hidden_before_the_server_has_answered(george):
    """Who presses and walks away leaves nothing to read, however slow the network."""
    george.server.fail("/session/end", "hold")

    george.page.get_by_role("button", name="Sign out").click()
    george.settle()

    assert not shown(george.page)
    george.server.heal()
    expect(george.page).to_have_url(re.compile("reason=signed-out"))


def test_signing_out_works_when_the_script_gets_no_answer(george):
    """A server that fails the script's request gets the plain form instead."""
    george.pass_time(minutes=49, seconds=5)
    token = george.token()
    george.server.fail_once("/session/end", "500")

    warning(george.page).get_by_role("button", name="Sign out").click()

    expect(george.page.get_by_role("heading", name="You are signed out")).to_be_visible()
    assert len(george.server.calls_to("/session/end")) == 2
    assert george.server.ask("/session", token).document["reason"] == "signed-out"


def sent(calls):
    """Return method and path of what was not a page or a file."""
    return [(call.method, call.path) for call in calls if call.method != "GET"]
