"""Tabs in the background: hidden, throttled and frozen, as the browser itself makes them."""

import pytest

from tests.browser.desk import SHOWN
from tests.browser.raw import RawChromium


@pytest.fixture
def chromium(server):
    """A browser driven by its own protocol."""
    with RawChromium(server) as chromium:
        yield chromium
    server.heal()


@pytest.fixture
def george(chromium):
    """George's tab, which another one hides."""
    tab = chromium.sign_in()
    chromium.open("/static/mark.svg").front()
    tab.until("document.visibilityState === 'hidden'")
    return tab


def test_05_a_hidden_tab_keeps_its_own_time(chromium, george):
    """Its timer fires in the background, and it leaves without being looked at."""
    chromium.pass_time(minutes=58, seconds=58)
    george.poke()
    george.until("document.querySelector('dialog')?.open")
    # From here on nothing happens but its timer.
    chromium.server.clock.advance(seconds=30)

    george.until("location.search.includes('reason=idle')")

    assert george.value("document.visibilityState") == "hidden"
    assert [call.body for call in chromium.server.calls_to("/session/end")] == [
        b'{"reason":"idle"}'
    ]


def test_05_a_hidden_tab_is_right_before_it_is_painted_again(chromium, george):
    """However late its timers are: what makes it visible hides its content in the same task."""
    chromium.server.fail("/session/end", "hold")
    george.look_at("visibilitychange")
    chromium.pass_time(hours=2)
    assert george.value(SHOWN)

    george.front()

    assert george.value("window.seen") == [False]
    chromium.server.heal()
    george.until("location.search.includes('reason=idle')")
    assert chromium.server.calls_to("/session/extend") == []


def test_05_a_frozen_tab_is_hidden_as_it_thaws(chromium, george):
    """It slept past the end; its first task is to hide."""
    chromium.server.fail("/session/end", "hold")
    george.look_at("resume")
    george.freeze()
    chromium.pass_time(hours=2)
    assert george.value(SHOWN)

    george.thaw()
    george.until("window.seen.length")

    assert george.value("window.seen") == [False]
    chromium.server.heal()
    george.until("location.search.includes('reason=idle')")


def test_19_a_frozen_tab_hears_of_the_sign_out_when_it_thaws(chromium, george):
    """Signed out in another tab meanwhile: it shows nothing any more."""
    george.freeze()
    other = chromium.open("/")
    other.until("!!document.querySelector('script[data-nightlatch]')")
    other.run("() => document.querySelector('form.sign-out').requestSubmit()")
    other.until("location.search.includes('reason=signed-out')")

    george.thaw()

    george.until("location.search.includes('reason=signed-out')")


def test_20_a_frozen_tab_neither_keeps_it_open_nor_ends_it(chromium, george):
    """The tab that is left warns and leaves in its own time."""
    other = chromium.open("/")
    other.until("!!document.querySelector('script[data-nightlatch]')")
    george.freeze()

    chromium.pass_time(minutes=50)
    other.poke()
    other.until("document.querySelector('dialog')?.open")
    chromium.pass_time(minutes=9)
    other.poke()

    other.until("location.search.includes('reason=idle')")


def test_20_a_discarded_tab_comes_back_as_the_sign_in(chromium, george):
    """Its page was thrown away without a word, and is asked for again when the tab is chosen."""
    other = chromium.open("/")
    chromium.tabs.remove(george)
    chromium.call("Target.closeTarget", targetId=george.target)
    chromium.pass_time(minutes=50)
    other.poke()
    other.until("document.querySelector('dialog')?.open")
    chromium.pass_time(minutes=10)
    # It has heard why, and its answer has taken the dead cookie away.
    other.until("location.search.includes('reason=idle')")

    again = chromium.open("/")

    assert "/login?next=%2F" in again.value("location.href")


def test_35_the_title_asks_only_while_the_tab_is_hidden(chromium, george):
    """It is the page's again when somebody looks, even where the page changed it meanwhile."""
    title = george.value("document.title")
    chromium.pass_time(minutes=50)
    george.poke()
    george.until("document.title === 'Are you still there?'")

    george.front()
    assert george.value("document.title") == title

    chromium.tabs[-1].front()
    george.until("document.title === 'Are you still there?'")
    george.run("() => { document.title = 'Two new messages'; }")
    george.poke()
    assert george.value("document.title") == "Are you still there?"
    george.front()
    assert george.value("document.title") == "Two new messages"
