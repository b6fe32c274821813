"""Signing in again without leaving the page, where the application has chosen it."""

import re

import pytest
from playwright.sync_api import expect

from tests.browser.again import dialog, sign_in, start_a_transfer
from tests.browser.bank_server import BankServer
from tests.browser.desk import shown
from tests.browser.warning import any_dialog, caret

LEFT_IN_MEMORY = "() => document.body.childNodes.length"


@pytest.fixture
def server(tmp_path, timing):
    """A bank that offers it on every page."""
    server = BankServer(tmp_path, timing, sign_in_again=True)
    yield server
    server.close()
    assert server.unexpected() == []


@pytest.fixture
def half_filled(george):
    """George, who has walked away from a transfer he was writing."""
    start_a_transfer(george)
    george.pass_time(minutes=59)
    return george


def test_the_content_leaves_the_document_and_the_sign_in_form_stands_there(half_filled):
    """Nothing of the page is in the document; the form is the bank's own, and has the focus."""
    page = half_filled.page

    expect(dialog(page).get_by_label("User name")).to_be_focused()
    assert page.url.endswith("/transfer")
    assert page.evaluate(LEFT_IN_MEMORY) == 0
    assert "José" not in page.content()
    assert not any_dialog(page).is_visible()


def test_the_same_user_finds_the_page_as_it_was(half_filled):
    """What was typed, where the caret was, and a form that can be sent: its token is a new one."""
    page = half_filled.page

    sign_in(page, "george", "george")

    expect(page.get_by_label("Payee name")).to_have_value("O’Connor & José")
    assert not dialog(page).is_visible()
    expect(page.get_by_label("Reference")).to_be_focused()
    assert caret(page.get_by_label("Reference"))[:2] == [3, 3]
    page.get_by_role("button", name="Send money").click()
    expect(page.get_by_role("heading", name="Money sent")).to_be_visible()


def test_and_the_page_is_watched_again(half_filled):
    """The new session warns and times out as the first did, and offers the same again."""
    page = half_filled.page
    sign_in(page, "george", "george")
    expect(page.get_by_label("Payee name")).to_be_visible()

    half_filled.pass_time(minutes=50)
    expect(any_dialog(page)).to_contain_text("Are you still there?")
    half_filled.pass_time(minutes=10)

    expect(dialog(page).get_by_label("User name")).to_be_visible()
    sign_in(page, "george", "george")
    expect(page.get_by_label("Payee name")).to_have_value("O’Connor & José")


def test_a_wrong_password_is_told_and_costs_nothing(half_filled):
    """The bank's own complaint comes along, and the next try may succeed."""
    page = half_filled.page

    sign_in(page, "george", "wrong")

    expect(dialog(page)).to_contain_text("do not match")
    expect(dialog(page).get_by_role("alert").first).not_to_be_empty()
    assert page.evaluate(LEFT_IN_MEMORY) == 0
    sign_in(page, "george", "george")
    expect(page.get_by_label("Payee name")).to_have_value("O’Connor & José")


def test_too_many_wrong_passwords_cost_time_and_nothing_else(half_filled):
    """The dialog says how long to wait, and keeps what was typed until the right one comes."""
    page = half_filled.page
    for _ in range(6):
        sign_in(page, "george", "wrong")
        # The form of the answer has taken the place of the one that was sent.
        expect(dialog(page).get_by_label("Password")).to_have_value("")

    expect(dialog(page)).to_contain_text("There were too many tries with a wrong password.")
    assert page.evaluate(LEFT_IN_MEMORY) == 0
    half_filled.server.clock.advance(minutes=15)
    sign_in(page, "george", "george")
    expect(page.get_by_label("Payee name")).to_have_value("O’Connor & José")


def test_another_user_never_sees_it(half_filled):
    """The page is asked for anew, for whoever it is now."""
    page = half_filled.page

    sign_in(page, "O’Connor", "o’connor")

    expect(page.get_by_text("Signed in as O’Connor")).to_be_visible()
    expect(page.get_by_label("Payee name")).to_have_value("")
    assert not dialog(page).is_visible()


def test_leaving_drops_it(half_filled):
    """*Leave this page* goes to the page that says why, and Back shows nothing."""
    page = half_filled.page

    dialog(page).get_by_role("button", name="Leave this page").click()

    expect(page).to_have_url(re.compile(r"/logged-out\?reason=idle&next=%2Ftransfer"))
    page.go_back()
    expect(page).to_have_url(re.compile("/login|/logged-out"))


def test_escape_drops_nothing(half_filled):
    """A key that is pressed by habit must not cost anybody their work."""
    page = half_filled.page

    for _ in range(3):
        page.keyboard.press("Escape")

    expect(dialog(page)).to_be_visible()


def test_after_ten_minutes_it_is_dropped(half_filled):
    """Memory is no place for what nobody comes back for."""
    page = half_filled.page
    expect(dialog(page).get_by_label("User name")).to_be_visible()

    half_filled.pass_time(minutes=9, seconds=59)
    expect(dialog(page)).to_be_visible()
    half_filled.pass_time(seconds=1)

    expect(page).to_have_url(re.compile("/logged-out"))


def test_ten_minutes_are_over_on_waking_too(half_filled):
    """No timer runs in a closed laptop; the first look after it drops the page."""
    page = half_filled.page
    expect(dialog(page).get_by_label("User name")).to_be_visible()

    half_filled.suspend(hours=1)
    page.evaluate("document.dispatchEvent(new Event('visibilitychange'))")

    expect(page).to_have_url(re.compile("/logged-out"))


def test_signing_in_in_one_tab_brings_the_others_back(half_filled):
    """Each page comes back with its own work."""
    first = half_filled.page
    sign_in(first, "george", "george")
    expect(first.get_by_label("Payee name")).to_be_visible()
    second = half_filled.open("/another-page")
    half_filled.pass_time(minutes=60)
    expect(dialog(first).get_by_label("User name")).to_be_visible()
    expect(dialog(second).get_by_label("User name")).to_be_visible()

    sign_in(second, "george", "george")

    expect(second.get_by_role("heading", level=1)).to_be_visible()
    expect(first.get_by_label("Payee name")).to_have_value("O’Connor & José")


def test_a_server_that_cannot_be_reached_costs_nothing(half_filled):
    """The dialog says so, and the next try may succeed."""
    page = half_filled.page
    expect(dialog(page).get_by_label("User name")).to_be_visible()
    half_filled.server.fail("/login", "500")

    sign_in(page, "george", "george")

    expect(dialog(page).get_by_role("alert").first).to_contain_text("cannot reach the server")
    half_filled.server.heal()
    dialog(page).get_by_role("button", name="Sign in").click()
    expect(page.get_by_label("Payee name")).to_have_value("O’Connor & José")


def test_a_session_that_somebody_ended_offers_nothing(george):
    """Only a timeout keeps the page: who ends a session elsewhere wants it gone."""
    george.page.goto("/transfer")
    with george.server.app.test_request_context():
        manager = george.server.app.extensions["nightlatch"].manager
        (listed,) = manager.list()
        manager.end_user(listed.user)

    george.pass_time(minutes=50)

    expect(george.page).to_have_url(re.compile(r"/logged-out\?reason=revoked"))


def test_signing_out_offers_nothing(george):
    """Whoever signs out has finished."""
    george.page.get_by_role("button", name="Sign out").click()

    expect(george.page).to_have_url(re.compile("reason=signed-out"))
    assert shown(george.page)
