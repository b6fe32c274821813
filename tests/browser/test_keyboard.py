"""Everything by keyboard alone: from the sign-in page to the way out, with the focus in sight."""

import re

import pytest
from playwright.sync_api import expect

from tests.browser.axe import DESK, PHONE
from tests.browser.warning import any_dialog, warning

# What has the focus: its name, whether one can see that it has, and whether one can see it.
HERE = """() => {
  const el = document.activeElement;
  if (!el || el === document.body) return { name: "" };
  const { left, top, width, height } = el.getBoundingClientRect();
  const { outlineStyle, outlineWidth, outlineColor } = getComputedStyle(el);
  const there = document.elementFromPoint(left + width / 2, top + height / 2);
  return {
    name: el.ariaLabel ?? (el.labels?.[0] ?? el).textContent.trim(),
    ring: outlineStyle !== "none" && parseFloat(outlineWidth) >= 2
      && !/, 0\\)$|transparent/.test(outlineColor),
    uncovered: el === there || el.contains(there),
  };
}"""
STEPS = 40


@pytest.mark.parametrize(
    ("size", "colours"),
    [(DESK, "none"), (PHONE, "active")],
    ids=["desk", "telephone with forced colours"],
)
def test_a_whole_visit_by_keyboard(sit_down, size, colours):
    """Sign in, send money, stay when warned, sign out; at every stop the focus can be seen."""
    desk = sit_down(viewport=dict(size), forced_colors=colours, reduced_motion="reduce")
    page = desk.page
    page.goto("/login")

    tab_to(page, "User name")
    page.keyboard.type("george")
    tab_to(page, "Password")
    page.keyboard.type("george")
    tab_to(page, "Sign in")
    page.keyboard.press("Enter")
    lands_on(page, "Welcome")

    tab_to(page, "Send money")
    page.keyboard.press("Enter")
    lands_on(page, "Send money")
    tab_to(page, "Payee name")
    page.keyboard.type("José Ωmega")
    tab_to(page, "Amount in pounds")
    page.keyboard.type("12.50")
    desk.pass_time(minutes=50)
    expect(warning(page)).to_be_visible()
    # The warning took the focus to Stay.
    stop(page, "Stay signed in")
    page.keyboard.press("Enter")
    expect(warning(page)).to_be_hidden()

    stop(page, "Amount in pounds")
    tab_to(page, "Send money")
    page.keyboard.press("Enter")
    lands_on(page, "Money sent")
    desk.pass_time(minutes=50)
    expect(warning(page)).to_be_visible()
    tab_to(page, "Sign out")
    page.keyboard.press("Enter")

    lands_on(page, "You are signed out")
    assert desk.server.calls_to("/session/end")[-1].status == 200


def test_the_first_stop_leads_past_the_header(george):
    """Whoever comes by keyboard need not go through the same links on every page."""
    george.page.keyboard.press("Tab")
    stop(george.page, "Skip to the main part")
    george.page.keyboard.press("Enter")

    expect(george.page.locator("main")).to_be_focused()
    tab_to(george.page, "Send money", most=1)


def test_backwards_too(george):
    """Shift and Tab lead through the same stops the other way round."""
    forwards = stops(george.page, "Tab")
    backwards = stops(george.page, "Shift+Tab")

    assert len(forwards) > 5
    # Past the first stop it goes round.
    assert backwards[: len(forwards)] == forwards[::-1]


def test_the_dialog_as_it_is_told(george):
    """Role, name, the sentences in order, and the two buttons."""
    george.pass_time(minutes=49)

    expect(any_dialog(george.page)).to_match_aria_snapshot("""
      - alertdialog "Are you still there?":
        - heading "Are you still there?" [level=2]
        - paragraph: /sign you out/
        - status: /10 minutes/
        - alert
        - button "Stay signed in"
        - button "Sign out"
    """)
    expect(any_dialog(george.page)).to_have_accessible_description(
        re.compile("sign you out.*10 minutes")
    )


def test_what_speaks_is_there_before_it_has_something_to_say(george):
    """An announcement is a change; what comes into the tree with its text has not changed.

    (WCAG technique ARIA22: the role is in the page before the message is.)
    """
    george.pass_time(minutes=49, seconds=5)

    before = [node["role"] for node in george.accessibility_tree()]
    assert george.page.locator(".nightlatch-note").text_content() == ""

    assert before.count("status") == 1
    assert before.count("alert") == 1
    # And it takes no room while it is silent.
    box = george.page.locator(".nightlatch-note").bounding_box()
    assert box is None or box["height"] == 0


def lands_on(page, heading):
    """Wait for a page by its heading, and until it is all there."""
    expect(page.get_by_role("heading", level=1)).to_contain_text(heading)
    page.wait_for_load_state()


def stops(page, key):
    """Return the names of what a key leads to until it leaves the page."""
    seen = []
    for _ in range(STEPS):
        page.keyboard.press(key)
        here = page.evaluate(HERE)
        if not here["name"]:
            break
        seen.append(here["name"])
    return seen


def tab_to(page, name, *, most=STEPS):
    """Press Tab until something has the focus that is called so, and look at every stop."""
    for _ in range(most):
        page.keyboard.press("Tab")
        here = page.evaluate(HERE)
        if here["name"]:
            stop(page, here["name"])
        if here["name"] == name:
            return
    pytest.fail(f"{most} times Tab did not lead to {name}")


def stop(page, name):
    """Assert that this has the focus, that it can be seen to, and that nothing covers it."""
    here = page.evaluate(HERE)
    assert here == {"name": name, "ring": True, "uncovered": True}
