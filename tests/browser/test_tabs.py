"""Several tabs of one browser: they tell each other, and none depends on another."""

import re

import pytest
from playwright.sync_api import expect

from tests.browser.desk import SHOWN, shown
from tests.browser.warning import any_dialog, first_button, focused_text, warning

MINUTE_MS = 60_000


@pytest.fixture
def other(george):
    """A second tab of the same session, at the transfer form."""
    return george.open("/transfer")


def test_17_input_in_one_keeps_the_other_from_warning(george, other):
    """An hour of work in one tab: the other neither warns nor pings nor leaves."""
    other.get_by_label("Payee name").focus()
    for _ in range(60):
        george.skip(seconds=60)
        other.keyboard.press("x")
        george.settle()
        assert not any_dialog(george.page).is_visible()
        assert shown(george.page)

    at = [call.at_ms for call in george.server.calls_to("/session/extend")]
    assert all(later - at[i] >= MINUTE_MS for i, later in enumerate(at[1:]))
    george.pass_time(minutes=48, seconds=58)
    assert not warning(george.page).is_visible()
    assert not warning(other).is_visible()
    george.pass_time(seconds=2)
    expect(warning(george.page)).to_be_visible()
    expect(warning(other)).to_be_visible()


def test_19_signing_out_in_one_hides_the_other_within_a_second(george, other):
    """And leads it to the page that says that it was on purpose."""
    george.page.evaluate(f"""() => {{
        window.hidden_at = new Promise((found) => {{
            const look = () => {SHOWN} || found(Date.now());
            new MutationObserver(look).observe(document, {{ subtree: true, attributes: true }});
        }});
    }}""")
    george.server.fail("/session", "hold")
    pressed_ms = george.server.clock.now()

    other.get_by_role("button", name="Sign out").click()
    hidden_ms = george.page.evaluate("window.hidden_at")

    assert hidden_ms - pressed_ms < 1000
    george.server.heal()
    george.pass_time(seconds=1)
    expect(george.page).to_have_url(re.compile(r"/logged-out\?reason=signed-out"))
    expect(other).to_have_url(re.compile(r"/logged-out\?reason=signed-out"))


def test_18_stay_in_one_closes_the_others_dialog(george, other):
    """One answer is enough for all, and one request; the focus is where it was."""
    george.page.get_by_role("link", name="Statement", exact=True).focus()
    george.settle()
    george.pass_time(seconds=1)
    george.pass_time(minutes=49, seconds=5)
    expect(warning(george.page)).to_be_visible()
    expect(warning(other)).to_be_visible()
    before = len(george.server.calls_to("/session/extend"))
    where = focused_text(george.page)

    first_button(other).click()

    expect(warning(other)).to_be_hidden()
    expect(warning(george.page)).to_be_hidden()
    assert where == "Stay signed in"
    expect(george.page.get_by_role("link", name="Statement", exact=True)).to_be_focused()
    assert len(george.server.calls_to("/session/extend")) == before + 1
    expect(other.get_by_role("heading", name="Send money")).to_be_visible()


def test_19_both_time_out_together(george, other):
    """Each keeps its own time, and the session is ended once."""
    george.pass_time(minutes=59)

    expect(george.page).to_have_url(re.compile("reason=idle"))
    expect(other).to_have_url(re.compile("reason=idle"))


def test_23_another_users_sign_in_never_leaves_the_first_users_page_visible(desk):
    """Whoever signs in last owns the browser; the other tab shows their page or none."""
    second = desk.open("/login")
    desk.sign_in("george")
    desk.pass_time(seconds=5)
    assert "George" in desk.page.inner_text("main")

    desk.fill_in("O’Connor", second)
    desk.pass_time(seconds=1)

    expect(desk.page.get_by_text("Signed in as O’Connor")).to_be_visible()
    assert "George" not in desk.page.inner_text("main")


@pytest.mark.parametrize("where", ["in one of them", "in each in turn"])
def test_14_20_tabs_tell_the_server_no_more_than_one_would(george, where):
    """10 minutes of input: at most 11 extends and 11 questions from all of them together."""
    tabs = [george.page, *(george.open("/transfer") for _ in range(19))]
    busy = tabs[-1:] if where == "in one of them" else tabs
    george.settle()
    began = len(george.server.calls)

    for turn in range(60):
        busy[turn % len(busy)].keyboard.press("x")
        george.skip(seconds=10)

    calls = george.server.calls[began:]
    extends = [call for call in calls if call.path == "/session/extend"]
    questions = [call for call in calls if call.path == "/session"]
    assert 10 <= len(extends) <= 11
    assert len(questions) <= 11
    assert len(extends) + len(questions) == len(calls)
    assert george.status()["idle_ms"] > 58 * MINUTE_MS
    assert all(shown(page) for page in george.context.pages)


def test_20_a_crashed_tab_neither_keeps_it_open_nor_ends_it(george, other):
    """Nobody waits for a tab that is no more."""
    other.get_by_label("Payee name").press_sequentially("José")
    george.crash(other)

    george.pass_time(minutes=49)
    expect(warning(george.page)).to_be_visible()
    george.pass_time(minutes=10)

    expect(george.page).to_have_url(re.compile("reason=idle"))


@pytest.mark.parametrize(
    "message",
    [
        "null",
        "'ended'",
        "{v: 1}",
        "{v: 1, who, type: 'ended', status: null, at: Date.now()}",
        "{v: 99, who, type: 'status', status: {...status, idle_ms: 1e9}, at: Date.now()}",
        "{v: 1, who: 'somebody', type: 'ended', status, at: Date.now(), ping: 0}",
        "{v: 1, who, type: 'status', status: {...status, idle_ms: 1e9}, at: Date.now() + 1e7}",
        "{v: 1, who, type: 'status', status, at: Date.now() - 600000, ping: 0}",
        "{v: 1, who, type: 'status', status: {...status, idle_ms: 'x'}, at: Date.now()}",
    ],
)
def test_21_a_stale_foreign_or_malformed_message_changes_nothing(george, other, message):
    """A hint is believed only when it is whole, ours, and newer than what is known."""
    george.pass_time(minutes=20)

    other.evaluate(f"""() => {{
        const tag = document.querySelector("script[data-nightlatch]");
        const status = JSON.parse(tag.dataset.status);
        const who = status.who;
        new BroadcastChannel("nightlatch").postMessage({message});
    }}""")
    george.pass_time(minutes=28, seconds=59)
    assert shown(george.page)
    assert not warning(george.page).is_visible()
    george.pass_time(seconds=1)

    expect(warning(george.page)).to_be_visible()


REFUSED = {
    "gone": "delete globalThis.BroadcastChannel;",
    "refused": "globalThis.BroadcastChannel = class { constructor() { throw new Error('no'); } };",
    "nothing is kept": """for (const name of ["localStorage", "sessionStorage"])
        Object.defineProperty(globalThis, name, { get() { throw new Error("no"); } });""",
}


@pytest.mark.parametrize("what", ["gone", "refused", "nothing is kept", "refused nothing is kept"])
def test_22_without_a_channel_a_tab_is_on_its_own_and_right(sit_down, what):
    """A browser that refuses channel and storage loses the hints and nothing else."""
    desk = sit_down()
    desk.context.add_init_script("".join(REFUSED[each] for each in REFUSED if each in what))
    desk.sign_in()
    other = desk.open("/transfer")

    other.get_by_label("Payee name").focus()
    desk.pass_time(minutes=30)
    other.keyboard.press("x")
    desk.pass_time(minutes=19)

    # It asks before it warns, and hears of the other tab's input from the server.
    assert not warning(desk.page).is_visible()
    desk.pass_time(minutes=30)
    expect(warning(desk.page)).to_be_visible()
