"""Back, in a browser that keeps pages for it: what has ended is not shown again."""

import re

import pytest
from playwright.sync_api import expect

from tests.browser.desk import SHOWN, shown

# What a restored page looks like before its own tasks run.
AT_RETURN = f"""addEventListener("pageshow", (event) => {{
  if (event.persisted) (window.returns ??= []).push({SHOWN});
}}, {{ capture: true }})"""


@pytest.fixture
def desk(sit_down, browser_with_bfcache):
    """A desk whose browser keeps pages as they were."""
    desk = sit_down(browser_with_bfcache)
    desk.context.add_init_script(AT_RETURN)
    return desk


def test_this_browser_does_keep_pages(desk):
    """The tests below would pass for nothing in a browser that loads every page anew."""
    desk.page.goto("/login")
    desk.page.goto("/logged-out")

    desk.page.go_back(wait_until="commit")

    desk.page.wait_for_function("window.returns")
    assert desk.page.evaluate("window.returns") == [True]


def test_24_back_while_the_session_lives_shows_the_page_when_the_server_has_said_so(desk):
    """It comes back hidden, asks, and goes on watching."""
    desk.sign_in()
    go_to_statement(desk)
    desk.server.fail("/session", "hold")

    desk.page.go_back(wait_until="commit")
    expect(desk.page).to_have_url(f"{desk.server.url}/")
    kept = desk.page.evaluate("window.returns ?? null")
    if kept is not None:
        assert kept == [False]
        assert not shown(desk.page)
    desk.server.heal()

    expect(desk.page.get_by_role("heading", level=1)).to_be_visible()
    expect(desk.page.get_by_role("heading", level=1)).to_contain_text("Welcome")


def test_40_a_page_that_is_alive_stays_fit_for_the_cache_and_comes_back_hidden(desk):
    """Nothing of ours keeps the browser from keeping it; it shows itself after the answer."""
    desk.sign_in()
    desk.page.evaluate("location.href = '/static/mark.svg'")
    expect(desk.page).to_have_url(re.compile("mark.svg"))
    desk.server.fail("/session", "hold")

    desk.page.go_back(wait_until="commit")
    desk.page.wait_for_function("window.returns")

    assert desk.page.evaluate("window.returns") == [False]
    assert not shown(desk.page)
    desk.server.heal()
    expect(desk.page.get_by_role("heading", level=1)).to_contain_text("Welcome")
    # And it goes on watching.
    desk.pass_time(minutes=49)
    expect(desk.page.get_by_role("alertdialog")).to_be_visible()


@pytest.mark.parametrize("steps", [1, 2])
def test_24_back_after_signing_out_shows_nothing(desk, steps):
    """Neither the last private page nor an older one."""
    desk.sign_in()
    go_to_statement(desk)
    desk.page.get_by_role("button", name="Sign out").click()
    expect(desk.page.get_by_role("heading", name="You are signed out")).to_be_visible()

    back(desk, steps)

    assert_nothing_private(desk)


@pytest.mark.parametrize("steps", [1, 2])
def test_24_back_after_the_time_out_shows_nothing(desk, steps):
    """The same when nobody pressed anything."""
    desk.sign_in()
    go_to_statement(desk)
    desk.page.get_by_role("link", name="Send money").click()
    expect(desk.page.get_by_role("heading", name="Send money")).to_be_visible()
    desk.page.wait_for_load_state()
    desk.pass_time(minutes=60)
    expect(desk.page.get_by_role("heading", name="You were signed out")).to_be_visible()

    back(desk, steps)

    assert_nothing_private(desk)


def test_24_back_from_elsewhere_after_the_session_ended_shows_nothing(desk):
    """The page was left while it was alive, and its time ran out while it lay in the cache."""
    desk.sign_in()
    desk.page.evaluate("location.href = '/static/mark.svg'")
    expect(desk.page).to_have_url(re.compile("mark.svg"))
    desk.server.clock.advance(hours=2)

    back(desk, 1)

    assert_nothing_private(desk)


def test_24_back_from_elsewhere_while_the_server_is_gone_shows_nothing(desk):
    """Without an answer nobody can know that the session lives."""
    desk.sign_in()
    desk.page.evaluate("location.href = '/static/mark.svg'")
    expect(desk.page).to_have_url(re.compile("mark.svg"))
    desk.server.stop()

    desk.page.evaluate("setTimeout(() => history.back(), 0); void 0")
    desk.context.clock.run_for(1)
    expect(desk.page).not_to_have_url(re.compile("mark.svg"))

    if desk.page.url.startswith("http"):
        assert desk.page.evaluate("window.returns") == [False]
    assert not shown(desk.page)
    desk.server.start()


def go_to_statement(desk):
    """Follow the link and wait for the page to watch over itself."""
    desk.page.get_by_role("link", name="Statement", exact=True).click()
    expect(desk.page.get_by_role("heading", level=1)).to_contain_text("Statement for")
    desk.page.wait_for_load_state()


def back(desk, steps):
    """Press Back so many times, each time once the page that it led to has settled."""
    for _ in range(steps):
        desk.page.go_back(wait_until="commit")
        # That page leaves by itself for the one that says why; in between there is no active
        # page that could be told to go back.
        expect(desk.page.get_by_role("heading", level=1)).to_be_visible()


def assert_nothing_private(desk):
    """Assert that no private page was seen for a moment, and that none is to be seen."""
    heading = desk.page.get_by_role("heading", level=1)
    expect(heading).to_be_visible()
    assert re.match("You (are|were) signed out|Sign in", heading.text_content())
    assert "£" not in desk.page.content()
    assert True not in (desk.page.evaluate("window.returns ?? []"))
