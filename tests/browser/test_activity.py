"""What counts as being there, and when the server hears of it."""

import json
from itertools import pairwise

import pytest
from playwright.sync_api import expect

from nightlatch.testing import FakeClock
from tests.browser.warning import warning

MINUTE_MS = 60_000


def test_37_the_keyboard_alone_keeps_it_open_and_the_warning_counts_from_the_last_key(george):
    """58 minutes of typing, then nothing: 49 minutes later, and at most 2 seconds after that."""
    george.page.goto("/transfer")
    george.page.get_by_label("Payee name").focus()

    last_key_ms = type_for(george, minutes=58, every_s=7)
    assert not warning(george.page).is_visible()
    george.pass_time(minutes=48, seconds=58)
    waited_ms = george.server.clock.now() - last_key_ms
    assert not warning(george.page).is_visible()
    assert waited_ms == 49 * MINUTE_MS - 2000
    for _ in range(4):
        if warning(george.page).is_visible():
            break
        george.pass_time(seconds=1)
    opened_after_ms = george.server.clock.now() - last_key_ms

    assert 49 * MINUTE_MS <= opened_after_ms <= 49 * MINUTE_MS + 2000
    at = [call.at_ms for call in george.server.calls_to("/session/extend")]
    assert len(at) >= 57
    assert min(later - earlier for earlier, later in pairwise(at)) >= MINUTE_MS


def test_14_a_key_just_after_a_ping_is_not_forgotten(george):
    """It is reported when the next ping may go out, with how long ago it was."""
    george.page.keyboard.press("x")
    george.pass_time(seconds=5)
    george.page.keyboard.press("x")
    george.pass_time(seconds=54)
    assert len(george.server.calls_to("/session/extend")) == 1

    george.pass_time(seconds=1)

    first, second = george.server.calls_to("/session/extend")
    assert json.loads(first.body) == {"idle_for": 0}
    assert json.loads(second.body) == {"idle_for": 55_000}
    assert george.status()["idle_ms"] == 59 * MINUTE_MS - 55_000


def test_15_what_is_unsent_goes_out_when_the_page_is_left(george):
    """Otherwise the last minute before closing a tab would be lost."""
    george.page.keyboard.press("x")
    george.pass_time(seconds=5)
    george.page.keyboard.press("x")
    george.pass_time(seconds=20)

    george.page.evaluate("location.href = 'about:blank'")
    expect(george.page).to_have_url("about:blank")
    george.server.wait_for(lambda: len(george.server.calls_to("/session/extend")) == 2)

    assert json.loads(george.server.calls_to("/session/extend")[1].body) == {"idle_for": 20_000}


@pytest.mark.parametrize(
    "kind", ["click", "move", "wheel", "touch", "paste", "composition", "drag", "frame"]
)
def test_37_every_way_to_be_there_counts(sit_down, kind):
    """Mouse, wheel, finger, clipboard, input methods and frames, not only keys."""
    george = sit_down(has_touch=True)
    george.sign_in(at="/login?next=/transfer")
    george.pass_time(minutes=5)
    before = len(george.server.calls_to("/session/extend"))

    be_there(george, kind)
    george.server.wait_for(lambda: len(george.server.calls_to("/session/extend")) > before)
    george.settle()

    assert len(george.server.calls_to("/session/extend")) == before + 1
    assert george.status()["idle_ms"] == 59 * MINUTE_MS


@pytest.mark.parametrize(
    "script",
    [
        "document.body.dispatchEvent(new KeyboardEvent('keydown', {key: 'x', bubbles: true}))",
        "document.body.click()",
        "scrollTo(0, 400)",
        "fetch('/session').then((answer) => answer.json())",
        "fetch('/').then((answer) => answer.text())",
    ],
)
def test_37_what_a_script_does_is_nobodys_presence(george, script):
    """Synthetic events, scrolling by script and background requests extend nothing."""
    george.pass_time(minutes=5)

    george.page.evaluate(f"async () => {{ await ({script}); }}")
    george.settle()
    george.pass_time(minutes=2)

    assert george.server.calls_to("/session/extend") == []
    assert george.status()["idle_ms"] == 52 * MINUTE_MS


def test_37_a_pointer_that_rests_is_nobodys_presence(george):
    """Some systems report a mouse again and again where it lies."""
    george.page.mouse.move(200, 300)
    george.pass_time(minutes=5)
    before = len(george.server.calls_to("/session/extend"))

    george.page.mouse.move(200, 300)
    george.page.mouse.move(200, 300)
    george.settle()
    george.pass_time(minutes=2)

    assert len(george.server.calls_to("/session/extend")) == before
    assert george.status()["idle_ms"] <= 52 * MINUTE_MS


def test_13_asking_never_extends(george):
    """A hundred questions leave the end where it was."""
    george.pass_time(minutes=5)

    for _ in range(100):
        george.status()

    assert george.status()["idle_ms"] == 54 * MINUTE_MS


def test_a_page_that_is_opened_counts_and_restarts_the_warning(george):
    """A navigation is activity; its page warns 49 minutes after it."""
    george.pass_time(minutes=40)
    george.page.goto("/another-page")

    george.pass_time(minutes=48, seconds=59)
    assert not warning(george.page).is_visible()
    george.pass_time(seconds=1)

    expect(warning(george.page)).to_be_visible()


def type_for(desk, *, minutes, every_s):
    """Press a key now and then; return when the last one was, in the clock's ms."""
    clock: FakeClock = desk.server.clock
    end_ms = clock.now() + minutes * MINUTE_MS
    while clock.now() + every_s * 1000 <= end_ms:
        desk.skip(seconds=every_s)
        desk.page.keyboard.press("a")
        desk.settle()
    return clock.now()


def be_there(desk, kind):
    """Give input of one kind, by the browser's own means."""
    page = desk.page
    if kind == "click":
        page.get_by_role("heading", level=1).click()
    elif kind == "move":
        page.mouse.move(50, 300)
        page.mouse.move(60, 310)
    elif kind == "wheel":
        page.mouse.wheel(0, 200)
    elif kind == "touch":
        page.touchscreen.tap(200, 400)
    elif kind == "drag":
        # Something from another window, held over this one.
        data = {"items": [], "dragOperationsMask": 1}
        desk.context.new_cdp_session(page).send(
            "Input.dispatchDragEvent", {"type": "dragEnter", "x": 90, "y": 300, "data": data}
        )
        desk.context.new_cdp_session(page).send(
            "Input.dispatchDragEvent", {"type": "dragOver", "x": 90, "y": 300, "data": data}
        )
    elif kind == "frame":
        page.evaluate("""() => {
            const frame = document.createElement("iframe");
            document.body.append(frame);
            const field = frame.contentDocument.createElement("input");
            frame.contentDocument.body.append(field);
            field.focus();
        }""")
        page.keyboard.press("x")
    elif kind == "paste":
        page.get_by_label("Payee name").focus()
        # As from the browser's menu: no key is pressed.
        desk.context.new_cdp_session(page).send("Input.insertText", {"text": "José"})
    else:
        page.get_by_label("Payee name").focus()
        desk.context.new_cdp_session(page).send(
            "Input.imeSetComposition", {"text": "日", "selectionStart": 1, "selectionEnd": 1}
        )
