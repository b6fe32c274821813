"""A laptop that slept past the end: nothing that happens on waking revives the session."""

import re

import pytest
from playwright.sync_api import expect

from tests.browser.desk import SHOWN, shown
from tests.browser.warning import any_dialog, count, warning

# Looks at the page in the same dispatch in which the page's own listeners hear the event.
LOOK_AT = f"""(types) => {{
  window.seen = [];
  for (const type of types)
    addEventListener(type, () => window.seen.push({SHOWN}));
}}"""

WAKES = {
    "mouse": "pointermove",
    "button": "pointerdown",
    "key": "keydown",
    "touch": "touchstart",
    "wheel": "wheel",
}


@pytest.fixture
def george(sit_down):
    """George has left a form open, a minute after he typed into it."""
    desk = sit_down(has_touch=True)
    desk.sign_in(at="/login?next=/transfer")
    desk.page.mouse.move(200, 300)
    desk.page.get_by_label("Payee name").press_sequentially("José")
    desk.pass_time(minutes=1)
    return desk


@pytest.mark.parametrize("wake", WAKES)
def test_02_input_2_hours_later_never_revives(george, wake):
    """The first input finds the content hidden in its own dispatch, and no ping leaves."""
    george.page.evaluate(LOOK_AT, [WAKES[wake]])
    pings = len(george.server.calls_to("/session/extend"))
    george.server.fail("/session/end", "hold")
    george.suspend(hours=2)

    give(george.page, wake)
    give(george.page, wake)
    seen = george.page.wait_for_function("() => window.seen.length && window.seen").json_value()
    george.settle()

    assert not any(seen)
    george.server.heal()
    assert_timed_out(george, pings)


@pytest.mark.parametrize(
    ("target", "event"),
    [("window", "focus"), ("document", "visibilitychange"), ("window", "pageshow"),
     ("document", "resume"), ("window", "online")],
)  # fmt: skip
def test_01_coming_back_2_hours_later_hides_it_in_the_same_task(george, target, event):
    """Whatever tells the page first that it is awake hides it before anything is painted."""
    pings = len(george.server.calls_to("/session/extend"))
    george.server.fail("/session/end", "hold")
    george.suspend(hours=2)

    still_shown = george.page.evaluate(
        f"() => {{ {target}.dispatchEvent(new Event('{event}')); return {SHOWN}; }}"
    )

    assert not still_shown
    george.server.heal()
    assert_timed_out(george, pings)


def test_01_with_nothing_done_it_is_hidden_within_a_second(george):
    """No event at all has to come: the page looks at the clock by itself."""
    pings = len(george.server.calls_to("/session/extend"))
    george.server.fail("/session/end", "hold")
    george.suspend(hours=2)

    george.pass_time(seconds=1)

    assert not shown(george.page)
    george.server.heal()
    assert_timed_out(george, pings)


@pytest.mark.parametrize("wake", WAKES)
def test_04_where_overdue_timers_fire_on_waking_it_is_the_same(george, wake):
    """On other systems every overdue timer runs once; then the input comes."""
    george.page.evaluate("""() => {
        window.warned = 0;
        document.addEventListener("nightlatch:warn", () => window.warned++);
    }""")
    pings = len(george.server.calls_to("/session/extend"))
    george.server.fail("/session/end", "hold")
    george.suspend_and_fire(hours=2)

    give(george.page, wake)
    george.settle()

    assert not shown(george.page)
    assert george.page.evaluate("window.warned") == 0
    george.server.heal()
    assert_timed_out(george, pings)
    assert len(george.server.calls_to("/session/end")) == 1


def test_03_sleeping_through_the_open_warning_never_shows_more_time_than_before(george):
    """Nor a negative one: the dialog's choices are over too."""
    george.pass_time(minutes=50)
    before = count(george.page).text_content()
    george.server.fail("/session/end", "hold")
    george.suspend(hours=2)
    pings = len(george.server.calls_to("/session/extend"))

    george.page.keyboard.press("Enter")
    george.settle()

    assert before == "8:00"
    assert count(george.page).text_content() == ""
    assert not shown(george.page)
    george.server.heal()
    assert_timed_out(george, pings)


def test_03_waking_inside_the_warnings_time_warns_with_what_is_really_left(george):
    """Five minutes into the last ten it says five, not ten."""
    george.suspend(hours=53 / 60)

    george.page.evaluate("document.dispatchEvent(new Event('visibilitychange'))")
    george.settle()

    expect(warning(george.page)).to_be_visible()
    expect(count(george.page)).to_have_text("5:00")


@pytest.mark.parametrize("by_s", [3600, 7200, -3600])
def test_06_a_wall_clock_set_to_another_time_costs_nothing(george, by_s):
    """Only the server can end it: the page asks, and shows itself again."""
    george.context.clock.set_system_time(george.server.clock.now() / 1000 + by_s)

    george.page.evaluate("document.dispatchEvent(new Event('visibilitychange'))")
    george.settle()

    expect(george.page.get_by_label("Payee name")).to_be_visible()
    assert not any_dialog(george.page).is_visible()
    assert george.status()["state"] == "active"
    # A minute had passed, and nobody gains or loses by the clock.
    george.pass_time(minutes=47, seconds=58)
    assert not any_dialog(george.page).is_visible()
    george.pass_time(seconds=3)
    expect(warning(george.page)).to_be_visible()


def give(page, wake):
    """Give input as a hand does: the browser makes the events, so they are trusted."""
    if wake == "mouse":
        # Two places: a mouse that reports where it rests has not been moved.
        page.mouse.move(300, 300)
        page.mouse.move(320, 330)
    elif wake == "button":
        page.mouse.down()
        page.mouse.up()
    elif wake == "key":
        page.keyboard.press("x")
    elif wake == "touch":
        page.touchscreen.tap(300, 300)
    else:
        page.mouse.wheel(0, 120)


def assert_timed_out(desk, pings):
    """Assert that nothing was extended, and that user and server know that it is over."""
    expect(desk.page).to_have_url(re.compile("/logged-out.reason=idle&next=%2Ftransfer"))
    assert len(desk.server.calls_to("/session/extend")) == pings
