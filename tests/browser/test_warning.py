"""The warning: when it comes, what it is, and what its two buttons do."""

import re

import pytest
from playwright.sync_api import expect

from tests.browser.warning import caret, count, first_button, focused_text, note, warning


def test_it_opens_after_49_idle_minutes_and_not_a_second_earlier(george):
    """60 minutes are the hard limit and 59 the promise; the warning comes 10 before that."""
    george.pass_time(minutes=46)
    george.pass_time(minutes=2, seconds=59, awake=True)
    assert not warning(george.page).is_visible()

    george.pass_time(seconds=1)

    expect(warning(george.page)).to_be_visible()
    expect(count(george.page)).to_have_text("10:00")


def test_34_its_countdown_goes_on_by_the_second(george):
    """Each second shows, with the minutes and seconds that are left."""
    george.pass_time(minutes=49)
    seen = []

    for _ in range(3):
        seen.append(count(george.page).text_content())
        george.pass_time(seconds=1)
    george.pass_time(minutes=8, seconds=58)

    assert seen == ["10:00", "9:59", "9:58"]
    expect(count(george.page)).to_have_text("0:59")


def test_31_assistive_technology_meets_a_modal_alert_dialog(george):
    """Name, time, consequence and both choices are in the tree, and nothing of the page is."""
    george.pass_time(minutes=49)

    nodes = george.accessibility_tree()

    (dialog,) = [node for node in nodes if node["role"] == "alertdialog"]
    assert dialog["name"] == "Are you still there?"
    assert "sign you out" in dialog["description"]
    assert "10 minutes" in dialog["description"]
    assert dialog["modal"]
    buttons = [node for node in nodes if node["role"] == "button"]
    assert [(node["name"], node["focused"]) for node in buttons] == [
        ("Stay signed in", True),
        ("Sign out", False),
    ]
    assert not [node for node in nodes if "Welcome" in node["name"]]


def test_10_stay_closes_it_only_when_the_server_has_answered(george):
    """Until then it stays open and says that it waits; afterwards another 49 minutes begin."""
    george.pass_time(minutes=49, seconds=5)
    before = len(george.server.calls_to("/session/extend"))
    george.server.fail("/session/extend", "hold")

    first_button(george.page).click()
    george.pass_time(seconds=2)

    expect(note(george.page)).to_have_text("One moment …")
    expect(warning(george.page)).to_be_visible()
    assert len(george.server.calls_to("/session/extend")) == before + 1

    george.server.heal()
    george.settle()

    expect(warning(george.page)).to_be_hidden()
    assert george.status()["state"] == "active"
    george.pass_time(minutes=48, seconds=59)
    assert not warning(george.page).is_visible()
    george.pass_time(seconds=1)
    expect(warning(george.page)).to_be_visible()


def test_after_stay_the_session_lives_on_past_its_old_end(george):
    """What the button promises is true at the server: an hour after sign-in the page works."""
    george.pass_time(minutes=50)

    first_button(george.page).click()
    expect(warning(george.page)).to_be_hidden()
    george.pass_time(minutes=48)
    george.page.get_by_role("link", name="Statement", exact=True).click()

    expect(george.page.get_by_role("heading", level=1)).to_contain_text("Statement for")


def test_31_focus_and_caret_come_back(george):
    """Somebody in the middle of a word goes on in the middle of it."""
    george.page.goto("/transfer")
    payee = george.page.get_by_label("Payee name")
    payee.fill("José Ωmega")
    payee.evaluate("(el) => el.setSelectionRange(2, 4, 'backward')")
    george.pass_time(minutes=50)
    assert focused_text(george.page) == "Stay signed in"

    first_button(george.page).click()
    expect(warning(george.page)).to_be_hidden()

    expect(payee).to_be_focused()
    assert caret(payee) == [2, 4, "backward"]


def test_32_escape_means_stay_and_is_confirmed_by_the_server(george):
    """It never closes a dialog whose countdown goes on."""
    george.pass_time(minutes=49, seconds=5)
    george.server.fail("/session/extend", "hold")

    george.page.keyboard.press("Escape")
    george.page.keyboard.press("Escape")
    george.pass_time(seconds=2)

    expect(warning(george.page)).to_be_visible()

    george.server.heal()
    expect(warning(george.page)).to_be_hidden()
    assert george.status()["idle_ms"] == 59 * 60 * 1000


@pytest.mark.parametrize("key", ["Space", "Enter", "Escape", "x"])
def test_32_typing_that_was_under_way_presses_nothing(george, key):
    """The warning opens while somebody types and nothing of that reaches its buttons.

    Typing counts as activity; the warning comes all the same when the server cannot be told.
    """
    george.page.goto("/transfer")
    george.page.get_by_label("Payee name").focus()
    george.server.fail("/session/extend", "500")
    george.pass_time(minutes=48, seconds=50)
    for _ in range(50):
        george.page.keyboard.press(key if key != "Enter" else "x")
        george.pass_time(seconds=0.25)
    expect(warning(george.page)).to_be_visible()
    george.server.heal()
    asked = len(george.server.calls_to("/session/extend"))

    for _ in range(8):
        george.page.keyboard.press(key)
        george.pass_time(seconds=0.25)

    expect(warning(george.page)).to_be_visible()
    assert len(george.server.calls_to("/session/extend")) == asked
    assert george.server.calls_to("/session/end") == []
    assert george.status()["state"] == "active"


def test_32_a_mouse_that_moves_chooses_nothing(george):
    """Neither over the dialog nor beside it, and a click beside it is none on a button."""
    george.pass_time(minutes=49, seconds=5)
    asked = len(george.server.calls)

    for x, y in [(5, 5), (400, 300), (640, 360), (20, 600)]:
        george.page.mouse.move(x, y)
        george.page.mouse.move(x + 3, y + 3)
    george.page.mouse.click(5, 5)
    george.pass_time(seconds=2)

    expect(warning(george.page)).to_be_visible()
    assert len(george.server.calls) == asked


def test_32_escape_that_fails_leaves_the_dialog_and_says_so(george):
    """It is a Stay like any other."""
    george.pass_time(minutes=49, seconds=5)
    george.server.fail("/session/extend", "500")

    george.page.keyboard.press("Escape")
    george.settle()

    expect(warning(george.page)).to_be_visible()
    expect(note(george.page)).to_contain_text("Not confirmed")


def test_32_after_a_pause_keys_work_again(george):
    """The guard is for typing that was under way, not for people who use the keyboard."""
    george.pass_time(minutes=49)
    george.page.keyboard.press("x")
    george.pass_time(seconds=2)

    george.page.keyboard.press("Enter")

    expect(warning(george.page)).to_be_hidden()


def test_34_irregular_timers_do_not_make_the_countdown_drift(george):
    """Whenever the page gets to run, it shows what is left, rounded up to the second."""
    george.pass_time(minutes=49)
    began_ms = george.server.clock.now()

    for step in range(100):
        george.skip(seconds=(0.3, 1.7, 0.25, 11.9, 3.1)[step % 5])
        left_ms = 600_000 - (george.server.clock.now() - began_ms)
        minutes, seconds = map(int, count(george.page).text_content().split(":"))
        assert 0 <= (minutes * 60 + seconds) * 1000 - left_ms <= 1000
        assert " 0 minutes" not in george.page.locator("#nightlatch-live").text_content()


def test_31_tab_goes_round_within_it(george):
    """Stay, sign out, the browser's own controls, and never a control of the page behind."""
    george.pass_time(minutes=49, seconds=5)
    seen = []

    for _ in range(7):
        seen.append(focused_text(george.page))
        george.page.keyboard.press("Tab")

    assert seen[:2] == ["Stay signed in", "Sign out"]
    assert set(seen) <= {"Stay signed in", "Sign out", "(browser)"}
    assert seen.count("Stay signed in") >= 2


@pytest.mark.parametrize("timing", [{"idle": 20, "warn": 2}], indirect=True)
def test_33_it_speaks_at_most_8_times_in_2_minutes(george):
    """What ticks is not live; what is live changes rarely and is inside the dialog."""
    george.page.evaluate("""() => {
        window.spoken = [];
        const live = "[role=status],[role=alert],[role=timer],[aria-live]";
        new MutationObserver((records) => {
            const heard = new Set(records.map(({ target }) =>
                (target.nodeType === 1 ? target : target.parentElement)?.closest(live)));
            for (const el of heard)
                if (el?.textContent) window.spoken.push([el.textContent, !!el.closest("dialog")]);
        }).observe(document, { subtree: true, childList: true, characterData: true });
    }""")
    george.pass_time(minutes=16, seconds=59)

    for _ in range(120):
        george.pass_time(seconds=1)
        ticking = george.page.evaluate(
            "document.querySelector('.nightlatch-count')?.closest('[role=status],[aria-live]')"
        )
        assert ticking is None

    spoken = george.page.evaluate("window.spoken")
    assert 2 <= len(spoken) <= 8, spoken
    assert all(inside for _, inside in spoken)


@pytest.mark.parametrize("timing", [{"idle": 60, "absolute": 65}], indirect=True)
def test_36_where_the_absolute_limit_is_nearer_it_offers_no_stay(george):
    """It says until when and why, and pressing its button extends nothing."""
    george.pass_time(minutes=30)
    george.page.goto("/transfer")
    george.pass_time(minutes=25)

    dialog = george.page.get_by_role("alertdialog", name="Your session is about to end")
    expect(dialog).to_be_visible()
    expect(dialog).to_contain_text("10:05")
    expect(dialog.get_by_role("button")).to_have_text(["Continue", "Sign out"])

    george.pass_time(seconds=5)
    pings = len(george.server.calls_to("/session/extend"))
    before = george.status()
    dialog.get_by_role("button", name="Continue").click()

    expect(dialog).to_be_hidden()
    assert len(george.server.calls_to("/session/extend")) == pings
    assert george.status() == before
    george.pass_time(minutes=9, seconds=55)
    expect(george.page).to_have_url(re.compile("reason=absolute"))


@pytest.mark.parametrize("timing", [{"idle": 15, "absolute": 30, "warn": 2}], indirect=True)
def test_36_a_near_tie_is_one_dialog_and_it_is_said_once(george):
    """Stay near the absolute limit: what comes next is its notice, with no Stay to offer."""
    george.pass_time(minutes=12, seconds=20)
    first_button(george.page).click()
    expect(warning(george.page)).to_be_hidden()
    george.pass_time(minutes=12, seconds=20)
    first_button(george.page).click()
    george.settle()
    expect(warning(george.page)).to_be_hidden()

    george.pass_time(minutes=3, seconds=20)

    dialog = george.page.get_by_role("alertdialog")
    expect(dialog).to_have_count(1)
    expect(dialog).to_have_accessible_name("Your session is about to end")
    dialog.get_by_role("button", name="Continue").click()
    expect(dialog).to_be_hidden()
    george.pass_time(minutes=1, seconds=50)
    assert not dialog.is_visible()
    george.pass_time(seconds=10)
    expect(george.page).to_have_url(re.compile("reason=absolute"))
