"""What happens at the end of the time, with the page open and with the browser closed."""

import re

import pytest
from playwright.sync_api import expect

from tests.browser.desk import SHOWN, shown
from tests.browser.warning import any_dialog, warning

STATEMENT = "/another-page?month=2025-12#money-out"


def test_at_59_minutes_the_content_is_hidden_in_the_same_task(george):
    """Nothing has to be painted, awaited or answered between noticing the end and hiding."""
    george.pass_time(minutes=58, seconds=59)
    assert shown(george.page)
    george.server.fail("/session/end", "hold")
    george.suspend(hours=1 / 3600)

    # One task: what a wake-up tells the page, and a look at it.
    still_shown = george.page.evaluate(
        f"() => {{ document.dispatchEvent(new Event('visibilitychange')); return {SHOWN}; }}"
    )

    assert not still_shown


def test_the_timer_hides_it_while_nobody_does_anything(george):
    """The page is hidden when its own timer fires, while the server has not answered yet."""
    george.pass_time(minutes=58, seconds=59)
    george.server.fail("/session/end", "hold")
    assert shown(george.page)

    george.pass_time(seconds=1)

    assert not shown(george.page)
    # A slow answer is explained.
    george.pass_time(seconds=1)
    expect(any_dialog(george.page)).to_contain_text("We are checking that you are still signed in")
    george.server.heal()
    expect(george.page).to_have_url(re.compile("reason=idle"))


def test_29_then_the_session_is_dead_and_the_page_says_so(george):
    """The old cookie opens nothing, and the reason is told to the user and to the client."""
    token = george.token()
    george.pass_time(minutes=59)

    expect(george.page.get_by_role("heading", name="You were signed out")).to_be_visible()
    expect(george.page.get_by_role("heading", name="You were signed out")).to_be_focused()
    expect(george.page.get_by_text("there was no activity for 59 minutes")).to_be_visible()

    status = george.server.ask("/session", token)
    assert (status.status, status.document["reason"]) == (401, "idle")
    page = george.server.ask("/", token, navigate=True)
    assert page.status in (302, 303)
    assert page.location == "/logged-out?reason=idle&next=%2F"
    extend = george.server.ask("/session/extend", token, method="POST", body="{}")
    assert (extend.status, extend.document["state"]) == (401, "ended")


def test_28_signing_in_again_returns_to_page_query_and_hash(desk):
    """Where the user was is where they go on."""
    desk.sign_in()
    desk.page.goto(STATEMENT)
    desk.pass_time(minutes=59)
    expect(desk.page.get_by_role("heading", name="You were signed out")).to_be_visible()

    desk.page.get_by_role("link", name="Sign in again").click()
    desk.fill_in("george", desk.page)

    assert desk.page.url == desk.server.url + STATEMENT
    expect(desk.page.get_by_role("heading", level=1)).to_have_text("Statement for December 2025")


def test_26_one_request_ends_it_and_no_box_asks_whether_to_leave(george):
    """An application's own "Leave site?" cannot keep a page whose session is over."""
    george.page.goto("/transfer")
    george.page.evaluate("""() => {
        addEventListener("beforeunload", (event) => event.preventDefault());
        window.onbeforeunload = () => "unsaved";
    }""")
    george.page.get_by_label("Payee name").fill("José")
    george.pass_time(minutes=60)

    expect(george.page).to_have_url(re.compile("/logged-out"))
    assert [call.body for call in george.server.calls_to("/session/end")] == [b'{"reason":"idle"}']


def test_25_who_stays_on_the_page_after_all_is_still_watched_over(george):
    """No was the answer to "Leave site?": the warning comes, and so does the end."""
    george.page.goto("/transfer")
    george.page.evaluate("addEventListener('beforeunload', (event) => event.preventDefault())")
    george.page.get_by_label("Payee name").press_sequentially("José")
    with george.page.expect_event("dialog"):
        george.page.get_by_role("link", name="Statement", exact=True).click(no_wait_after=True)
    george.settle()
    assert george.problems.pop() == "beforeunload box: "

    george.pass_time(minutes=49, seconds=1)
    expect(warning(george.page)).to_be_visible()
    george.pass_time(minutes=10)

    expect(george.page).to_have_url(re.compile("reason=idle"))


def test_29_the_page_that_says_so_is_kept_nowhere_and_true(george):
    """No cache holds it or what was before it, and from it nothing private can be fetched."""
    with (
        george.page.expect_response("**/session/end") as ending,
        george.page.expect_response("**/logged-out*") as page,
    ):
        george.pass_time(minutes=59)
    expect(george.page.get_by_role("heading", name="You were signed out")).to_be_focused()

    assert page.value.headers["cache-control"] == "no-store"
    assert ending.value.header_value("clear-site-data") == '"cache"'
    private = "fetch('/', {headers: {Accept: 'application/json'}}).then((answer) => answer.status)"
    assert george.page.evaluate(private) == 401


def test_with_the_browser_closed_it_lives_for_60_minutes_and_no_longer(george):
    """The server needs no browser to keep its hard limit."""
    token = george.token()
    server = george.server
    george.page.close()

    server.clock.advance(minutes=60, ms=-1)
    before = server.ask("/session", token)
    server.clock.advance(ms=1)
    after = server.ask("/session", token)

    assert (before.status, before.document["state"]) == (200, "active")
    assert (after.status, after.document["reason"]) == (401, "idle")
    assert server.ask("/", token, navigate=True).status in (302, 303)
    assert server.calls_to("/session/end") == []


def test_13_a_session_that_another_device_kept_open_is_shown_again(george):
    """The page's own reckoning hides it; the server's answer shows it, with its place and focus."""
    george.page.goto("/transfer")
    george.page.get_by_label("Payee name").fill("José")
    george.pass_time(minutes=58, seconds=59)
    george.server.ask("/session/extend", george.token(), method="POST", body="{}")
    george.server.fail("/session/end", "hold")
    george.pass_time(seconds=2)
    assert not shown(george.page)

    george.server.heal()
    george.settle()

    expect(george.page.get_by_label("Payee name")).to_be_visible()
    expect(george.page.get_by_label("Payee name")).to_have_value("José")
    expect(george.page.get_by_label("Payee name")).to_be_focused()
    assert not any_dialog(george.page).is_visible()
    george.pass_time(minutes=48, seconds=50)
    assert not warning(george.page).is_visible()
    george.pass_time(seconds=10)
    expect(warning(george.page)).to_be_visible()


@pytest.mark.parametrize("timing", [{"idle": 60, "absolute": 60}], indirect=True)
def test_36_the_absolute_limit_ends_it_in_the_middle_of_work(george):
    """Activity moves nothing there, and the page says which limit it was."""
    for _ in range(11):
        george.pass_time(minutes=5)
        george.page.keyboard.press("x")
    george.pass_time(minutes=5)

    expect(george.page.get_by_text("you had been signed in for 60 minutes")).to_be_visible()
    assert "reason=absolute" in george.page.url
