"""The playground in a browser: each of its buttons does what it says."""

import re

import pytest
from playwright.sync_api import expect

from bank.config import DEMO_TIMING
from tests.browser.bank_server import BankServer
from tests.browser.warning import any_dialog, warning


@pytest.fixture
def server(tmp_path):
    """A bank that demonstrates."""
    server = BankServer(tmp_path, DEMO_TIMING, demo=True)
    yield server
    server.close()
    assert server.unexpected() == []


@pytest.fixture
def page(desk):
    """George on the playground; its clocks are its own from here on."""
    desk.sign_in(at="/login?next=/playground")
    return desk.page


def press(page, name):
    """Press one of the page's buttons."""
    page.get_by_role("button", name=name).click()


def test_until_the_warning(page):
    """The time before it is skipped, here and at the server."""
    press(page, "Nothing is done until the warning")

    expect(warning(page)).to_be_visible()
    expect(page.locator("#play-log")).to_contain_text("nightlatch:warn")


def test_the_lid_is_closed_past_the_end(page):
    """The page hides and leaves on waking."""
    press(page, "The lid is closed past the end")

    expect(page).to_have_url(re.compile("/logged-out.reason=idle"))


def test_ended_elsewhere(page):
    """The page goes on until it asks the server, and then tells the truth."""
    press(page, "The session is ended elsewhere")
    expect(page.locator("#play-log")).to_contain_text("The session was ended elsewhere.")

    press(page, "Nothing is done until the warning")

    expect(page).to_have_url(re.compile("/logged-out.reason=revoked"))


@pytest.mark.parametrize(
    ("button", "note"),
    [
        ("The network is gone", "you seem to be offline"),
        ("The server answers 500", "we cannot reach the server"),
        ("A guest network answers in its place", "we cannot reach the server"),
    ],
)
def test_what_goes_wrong_is_told_and_heals(page, button, note):
    """*Stay* is not confirmed, and the dialog says so; when all is well again it is."""
    press(page, button)
    press(page, "Nothing is done until the warning")
    expect(warning(page)).to_be_visible()

    page.keyboard.press("Escape")
    any_dialog(page).get_by_role("button", name="Stay signed in").click()

    expect(any_dialog(page)).to_contain_text(note)


def test_signing_in_again_without_leaving(page):
    """What was half written is still there."""
    page.get_by_role("link", name="Sign in again without leaving the page").click()
    page.get_by_label("Something half written").fill("Dear José,")
    press(page, "The lid is closed past the end")
    dialog = page.get_by_role("dialog", name="Sign in again")

    dialog.get_by_label("User name").fill("george")
    dialog.get_by_label("Password").fill("george")
    dialog.get_by_role("button", name="Sign in").click()

    expect(page.get_by_label("Something half written")).to_have_value("Dear José,")
    expect(page.locator("#play-log")).to_contain_text("nightlatch:resume")
