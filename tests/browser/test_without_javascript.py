"""Without JavaScript: the server keeps time, and the page says what it cannot show."""

import pytest
from playwright.sync_api import expect


@pytest.fixture
def george(sit_down):
    """George, who has switched JavaScript off."""
    desk = sit_down(scripts=False)
    desk.sign_in()
    return desk


def test_38_the_page_says_when_it_will_end(george):
    """The time is known before it matters (WCAG 2.2, 2.2.6)."""
    notice = george.page.locator(".nightlatch-notice")
    expect(notice).to_be_visible()
    expect(notice).to_have_text(
        "You will be signed out after 59 minutes without activity, "
        "and 12 hours after you signed in."
    )


def test_38_the_server_ends_it_on_time(george):
    """Navigations keep it open, and an hour without one ends it."""
    george.server.clock.advance(minutes=58)
    george.page.get_by_role("link", name="Statement", exact=True).click()
    expect(george.page.get_by_role("heading", level=1)).to_contain_text("Statement for")
    george.server.clock.advance(minutes=59)
    george.page.get_by_role("link", name="Accounts", exact=True).click()
    expect(george.page.get_by_role("heading", level=1)).to_contain_text("Welcome")

    george.server.clock.advance(minutes=60)
    george.page.get_by_role("link", name="Statement", exact=True).click()

    expect(george.page.get_by_role("heading", name="You were signed out")).to_be_visible()
    expect(george.page.get_by_text("no activity for 59 minutes")).to_be_visible()
    george.page.get_by_role("link", name="Sign in again").click()
    george.fill_in("george", george.page)
    expect(george.page).to_have_url(f"{george.server.url}/another-page")


def test_38_signing_out_is_a_plain_form(george):
    """It ends the session at the server and says so."""
    token = george.token()

    george.page.get_by_role("button", name="Sign out").click()

    expect(george.page.get_by_role("heading", name="You are signed out")).to_be_visible()
    assert george.server.ask("/session", token).document["reason"] == "signed-out"
