"""The article's page, unchanged but for the address of its script: warn, stay, leave, time out."""

import json
import re

import pytest
from playwright.sync_api import expect

from tests.browser.desk import shown
from tests.browser.seed_page.conftest import watched
from tests.browser.seed_page.places import log_out, modal, once, stay, warning
from tests.browser.warning import any_dialog, first_button, note

MINUTE_MS = 60_000
PINGS = {"ours": "/session/extend", "article": "/ping", "copied": "/ping"}
# Each of both at least once; that one does not matter to the other is by how they are made.
every_route = pytest.mark.parametrize(
    ("jquery", "routes"),
    [
        ("none", "ours"),
        ("2.1.1", "ours"),
        ("3.7.1", "ours"),
        ("2.1.1", "article"),
        ("none", "copied"),
        ("3.7.1", "copied"),
    ],
    indirect=True,
)


@every_route
def test_the_warning_opens_ten_minutes_before_and_not_earlier(seat, jquery, routes):
    """By the page's own options, whatever stands behind it."""
    george = seat()
    george.pass_time(minutes=48, seconds=58)
    expect(warning(george.page, jquery)).to_be_hidden()

    george.pass_time(seconds=3)

    expect(warning(george.page, jquery)).to_be_visible()


@every_route
def test_stay_extends_at_once_and_the_page_goes_on(seat, jquery, routes):
    """One ping leaves; the server's time and the page's begin anew."""
    george = seat()
    george.pass_time(minutes=50)
    before = len(george.server.calls_to(PINGS[routes]))

    stay(george.page, jquery).click()
    george.settle()

    expect(warning(george.page, jquery)).to_be_hidden()
    assert len(george.server.calls_to(PINGS[routes])) == before + 1
    assert george.status()["idle_ms"] == 59 * MINUTE_MS
    george.pass_time(minutes=48, seconds=58)
    expect(warning(george.page, jquery)).to_be_hidden()
    george.pass_time(seconds=3)
    expect(warning(george.page, jquery)).to_be_visible()


@every_route
def test_log_out_signs_out_once_and_extends_nothing_first(seat, jquery, routes):
    """The button that ends a session must not prolong it on the way."""
    george = seat()
    token = george.token()
    george.pass_time(minutes=50)
    before = len(george.server.calls_to(PINGS[routes]))

    log_out(george.page, jquery).click()

    expect(george.page.get_by_role("heading", name="You logged out")).to_be_visible()
    assert len(george.server.calls_to(PINGS[routes])) == before
    assert george.server.ask("/session", token).document["reason"] == "signed-out"
    ends = george.server.calls_to("/session/end"), george.server.calls_to("/logout", "GET")
    assert sorted(map(len, ends)) == [0, 1]


def test_a_link_that_logs_out_extends_nothing_either(seat):
    """The press on it is input, and means the opposite of staying."""
    george = seat("{ logoutUrl: '/logout' }")
    george.pass_time(minutes=5)
    before = len(george.server.calls_to("/session/extend"))

    george.page.locator("#sign-out-link").click()

    expect(george.page.get_by_role("heading", name="You logged out")).to_be_visible()
    assert len(george.server.calls_to("/session/extend")) == before


@pytest.mark.parametrize("routes", ["ours", "article"], indirect=True)
def test_the_time_out_ends_the_session_and_says_why(seat, routes):
    """The page that says so is true: the server has ended it before the page is left."""
    george = seat()
    token = george.token()

    george.pass_time(minutes=59)

    expect(george.page).to_have_url(re.compile(r"/logged-out\?timeout=1&next=%2F&reason=idle$"))
    expect(george.page.get_by_role("heading", name="Your session timed out")).to_be_visible()
    assert george.server.ask("/session", token).document["reason"] == "idle"


@pytest.mark.parametrize("routes", ["copied"], indirect=True)
def test_without_a_word_from_the_server_the_page_still_leaves_on_time(seat):
    """A script that knows of no nightlatch goes by the page's options alone."""
    george = seat()
    george.pass_time(minutes=58, seconds=59)
    assert shown(george.page)

    george.pass_time(seconds=1)

    expect(george.page.get_by_role("heading", name="Your session timed out")).to_be_visible()


@once
def test_a_page_with_a_shorter_life_than_the_server_s_ends_then(seat):
    """What the page promises is kept: at its limit the session ends at the server too."""
    george = seat("{ sessionLifetime: 20 * 60000 }")
    token = george.token()
    george.pass_time(minutes=19, seconds=59)
    assert shown(george.page)

    george.pass_time(seconds=1)

    expect(george.page).to_have_url(re.compile("reason=idle$"))
    assert george.server.ask("/session", token).document["state"] == "ended"


def test_the_first_ping_leaves_when_the_page_opens_and_the_next_a_minute_later(seat):
    """At most one in `minPingInterval`, and the last input before it is not forgotten."""
    george = seat()
    assert len(george.server.calls_to("/session/extend")) == 1

    george.pass_time(seconds=30)
    george.page.mouse.click(5, 5)
    george.settle()
    assert len(george.server.calls_to("/session/extend")) == 1
    george.pass_time(seconds=30)

    _, second = george.server.calls_to("/session/extend")
    assert json.loads(second.body) == {"idle_for": 30_000}


@once
def test_another_interval_is_kept_too(seat):
    """`minPingInterval` is the page's to say."""
    george = seat("{ minPingInterval: 5 * 60000 }")

    for _ in range(6):
        george.page.mouse.click(5, 5)
        george.pass_time(minutes=1)

    assert len(george.server.calls_to("/session/extend")) == 2


def test_keys_count_where_the_page_says_what_the_article_said(seat, jquery):
    """`mouseup` was meant as "somebody is there": who only types must not be signed out."""
    george = seat()
    george.pass_time(minutes=40)

    george.page.get_by_label("Note").press("x")
    george.settle()

    george.pass_time(minutes=15)
    expect(warning(george.page, jquery)).to_be_hidden()
    assert shown(george.page)


@once
def test_another_list_of_events_is_taken_by_its_word(seat):
    """What it names counts, with or without jQuery's namespaces, and nothing else does."""
    george = seat("{ activityEvents: ' click.mine  paste' }")
    george.pass_time(minutes=5)
    before = len(george.server.calls_to("/session/extend"))

    george.page.get_by_label("Note").press("x")
    # A script's own click is nobody's.
    george.page.evaluate("document.body.click()")
    george.settle()
    assert len(george.server.calls_to("/session/extend")) == before
    george.page.mouse.click(5, 5)
    george.settle()

    assert len(george.server.calls_to("/session/extend")) == before + 1


def test_input_beside_the_warning_does_not_extend(seat, jquery):
    """While the warning is up only its button does, so its text stays true."""
    george = seat()
    george.pass_time(minutes=50)
    before = len(george.server.calls_to("/session/extend"))

    george.page.mouse.click(5, 5)
    george.settle()

    assert len(george.server.calls_to("/session/extend")) == before
    expect(warning(george.page, jquery)).to_be_visible()


@once
def test_input_after_a_sleep_does_not_revive(seat):
    """The deadline is looked at before the input is taken for activity."""
    george = seat()
    george.pass_time(minutes=5)
    before = len(george.server.calls_to("/session/extend"))
    george.suspend(hours=2)

    george.page.mouse.click(5, 5)

    expect(george.page).to_have_url(re.compile("reason=idle$"))
    assert len(george.server.calls_to("/session/extend")) == before


@every_route
def test_stay_after_the_server_ended_the_session_leaves_with_the_truth(seat, jquery, routes):
    """A 401 is heard: the page is left, and nothing is re-armed."""
    george = seat()
    george.pass_time(minutes=50)
    george.server.end_everyone()

    stay(george.page, jquery).click()

    expect(george.page).to_have_url(re.compile("/logged-out.*reason="))
    assert not george.page.get_by_text("Signed in as").is_visible()


@every_route
def test_a_stay_that_failed_is_said_and_tried_again(seat, jquery, routes):
    """The page's modal closes on its own button; then our dialog says how it stands."""
    george = seat()
    george.pass_time(minutes=50)
    george.server.fail(PINGS[routes], "500" if jquery == "none" else "hang up")

    stay(george.page, jquery).click()
    george.settle()
    expect(note(george.page)).to_have_text(re.compile("^Not confirmed"))
    expect(first_button(george.page)).to_be_visible()

    george.server.heal()
    george.pass_time(seconds=15)
    expect(any_dialog(george.page)).to_be_hidden()
    expect(modal(george.page)).to_be_hidden()
    assert george.status()["idle_ms"] > 58 * MINUTE_MS


@pytest.mark.parametrize("routes", ["ours", "article"], indirect=True)
def test_during_an_outage_the_page_hides_and_leaves_when_the_server_is_back(seat):
    """It asks until it knows, and says meanwhile that it does."""
    george = seat()
    george.pass_time(minutes=50)
    george.server.stop()

    george.pass_time(minutes=9)
    assert not shown(george.page)
    expect(any_dialog(george.page)).to_contain_text("This page is hidden")

    george.server.start()
    george.pass_time(seconds=40)
    expect(george.page).to_have_url(re.compile("reason=idle$"))


@pytest.mark.parametrize("timing", [{"absolute": 100}], indirect=True)
def test_the_absolute_limit_is_told_in_our_own_words(seat, jquery):
    """The page's warning speaks of inactivity and offers to stay, and both would be untrue."""
    george = seat()
    for _ in range(2):
        george.pass_time(minutes=45)
        george.page.get_by_label("Note").press("x")
        george.settle()

    george.pass_time(seconds=2)

    expect(any_dialog(george.page)).to_contain_text("Your session is about to end")
    expect(modal(george.page)).to_be_hidden()


def test_stay_in_one_tab_closes_the_warning_in_the_other(seat, jquery):
    """Both had warned, because nobody was active in either."""
    george = seat()
    other = george.open("/another-page")
    watched(george, other)
    george.pass_time(minutes=50)
    expect(warning(other, jquery)).to_be_visible()

    stay(george.page, jquery).click()
    george.settle()

    expect(warning(other, jquery)).to_be_hidden()


def test_back_after_the_time_out_shows_nothing(seat, browser_with_bfcache):
    """The address was replaced, and the page before it asks the server before it shows itself."""
    george = seat(browser=browser_with_bfcache)
    # Chromium forgets entries on which nobody did anything.
    george.page.get_by_label("Note").click()
    george.page.goto("/another-page")
    watched(george)
    george.pass_time(minutes=59)
    expect(george.page).to_have_url(re.compile("reason=idle$"))

    george.page.evaluate("history.back()")

    # From the server, or from a page that was kept and asked it.
    expect(george.page).to_have_url(re.compile(r"/(login\?next=|logged-out\?)"))
    assert not george.page.get_by_text("Signed in as").is_visible()


@every_route
def test_a_page_that_was_kept_comes_back_hidden_and_shows_itself_when_the_server_has_said_so(
    seat, jquery, routes
):
    """Where there is no question that does not extend, it is asked for anew instead."""
    george = seat()
    persisted = "{ persisted: true }"
    george.server.fail("/session", "hold")
    george.page.evaluate(f"""() => {{
      window.kept = true;
      dispatchEvent(new PageTransitionEvent("pagehide", {persisted}));
    }}""")
    assert not shown(george.page)

    with george.page.expect_request("**/*"):
        george.page.evaluate(f"dispatchEvent(new PageTransitionEvent('pageshow', {persisted}))")
    if routes != "copied":
        assert not shown(george.page)
    george.server.heal()

    expect(george.page.get_by_text("Signed in as george")).to_be_visible()
    watched(george)
    assert george.page.evaluate("window.kept ?? null") == (None if routes == "copied" else True)
    # And it goes on watching.
    george.pass_time(minutes=50)
    expect(warning(george.page, jquery)).to_be_visible()
