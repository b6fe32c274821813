"""The warning on small screens, at large sizes, and under the settings of its reader."""

import pytest
from playwright.sync_api import expect

from tests.browser.warning import any_dialog, first_button, warning

PHONE = {"viewport": {"width": 320, "height": 640}, "device_scale_factor": 2}
# The same telephone at 200 % zoom has half as many CSS pixels each way.
ZOOMED = {"viewport": {"width": 160, "height": 320}, "device_scale_factor": 4}


def test_35_on_a_telephone_everything_is_in_view(sit_down):
    """At 320 CSS pixels nothing is cut off and nothing scrolls sideways (WCAG 1.4.10)."""
    desk = sit_down(**PHONE)
    desk.sign_in()
    desk.pass_time(minutes=49)

    expect(warning(desk.page)).to_be_visible()
    assert sideways(desk.page) == 0
    for button in any_dialog(desk.page).get_by_role("button").all():
        expect(button).to_be_in_viewport(ratio=1)
        assert button.bounding_box()["height"] >= 44


def test_35_at_320_pixels_and_200_percent_it_can_be_used(sit_down):
    """Its buttons can be scrolled to and pressed."""
    desk = sit_down(**ZOOMED)
    desk.sign_in()
    desk.pass_time(minutes=50)

    expect(warning(desk.page)).to_be_visible()
    assert sideways(desk.page) == 0
    box = any_dialog(desk.page).bounding_box()
    assert box["x"] >= 0
    assert box["x"] + box["width"] <= 160
    for button in any_dialog(desk.page).get_by_role("button").all():
        button.scroll_into_view_if_needed()
        expect(button).to_be_in_viewport(ratio=1)
    first_button(desk.page).click()
    expect(warning(desk.page)).to_be_hidden()


def test_35_with_text_at_200_percent_it_can_be_used(sit_down):
    """Larger letters, same screen (WCAG 1.4.4)."""
    desk = sit_down(**PHONE)
    desk.sign_in()
    desk.page.evaluate("document.documentElement.style.fontSize = '200%'")
    desk.pass_time(minutes=50)

    expect(warning(desk.page)).to_be_visible()
    assert sideways(desk.page) == 0
    first_button(desk.page).click()
    expect(warning(desk.page)).to_be_hidden()


def test_35_in_the_dark_it_is_dark(sit_down):
    """It follows the page."""
    desk = sit_down(color_scheme="dark")
    desk.sign_in()
    desk.pass_time(minutes=49)

    expect(warning(desk.page)).to_be_visible()
    assert luminance(desk.page, "backgroundColor") < 0.2
    assert luminance(desk.page, "color") > 0.6


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_35_with_forced_colours_edges_and_focus_can_be_seen(sit_down, scheme):
    """The reader's own colours replace ours; borders and outlines remain."""
    desk = sit_down(forced_colors="active", color_scheme=scheme)
    desk.sign_in()
    desk.pass_time(minutes=49)

    expect(warning(desk.page)).to_be_visible()
    edges = desk.page.evaluate("""() =>
        [...document.querySelectorAll("dialog, dialog button")].map((el) => {
            const { borderTopWidth, borderTopColor, backgroundColor } = getComputedStyle(el);
            return borderTopWidth !== "0px" && borderTopColor !== backgroundColor;
        })""")
    assert edges == [True, True, True]
    outline = first_button(desk.page).evaluate("(el) => getComputedStyle(el).outlineStyle")
    assert outline != "none"


@pytest.mark.parametrize("motion", ["reduce", "no-preference"])
def test_35_nothing_in_it_moves(sit_down, motion):
    """So there is nothing to switch off for those whom motion makes ill."""
    desk = sit_down(reduced_motion=motion)
    desk.sign_in()

    desk.pass_time(minutes=49)

    expect(warning(desk.page)).to_be_visible()
    moving = desk.page.evaluate(
        "document.getAnimations().filter((a) => a.effect.target.closest('dialog')).length"
    )
    assert moving == 0


# What a page may have opened by itself; each has a field with the focus.
IN_FRONT = {
    "dialog": "box = document.createElement('dialog'); show = () => box.showModal();",
    "popover": "box.popover = 'auto'; show = () => box.showPopover();",
    "manual popover": "box.popover = 'manual'; show = () => box.showPopover();",
    "high z-index": """box.style.cssText = "position:fixed;inset:0;z-index:2147483647";
        show = () => {};""",
    "full screen": "show = () => box.requestFullscreen();",
}
OPEN = """async (kind) => {
    let box = document.createElement("div");
    let show;
    %s
    box.id = "own";
    const field = document.createElement("input");
    field.ariaLabel = "Own field";
    box.append(field);
    document.body.append(box);
    await show();
    field.focus();
}"""
STILL_OPEN = """(box) => box.open || box.matches(":popover-open") || box.matches(":fullscreen")
    || box.style.zIndex > 0"""
ON_TOP = """(button) => {
    const { left, top, width, height } = button.getBoundingClientRect();
    return button.contains(document.elementFromPoint(left + width / 2, top + height / 2));
}"""


@pytest.mark.parametrize("when", ["before", "meanwhile"])
@pytest.mark.parametrize("kind", IN_FRONT)
def test_30_it_is_above_whatever_the_page_has_opened_which_is_there_afterwards(george, kind, when):
    """The warning can be used, and gives the focus back to what the page wanted in front."""
    if when == "before":
        george.page.evaluate(OPEN % IN_FRONT[kind])
    george.pass_time(minutes=49, seconds=5)
    if when == "meanwhile":
        george.page.evaluate(OPEN % IN_FRONT[kind])
    expect(warning(george.page)).to_be_visible()
    george.page.wait_for_function(f"() => ({ON_TOP})(document.querySelector('.nightlatch button'))")

    first_button(george.page).click()

    expect(warning(george.page)).to_be_hidden()
    expect(george.page.get_by_label("Own field")).to_be_visible()
    assert george.page.locator("#own").evaluate(STILL_OPEN)
    if when == "before" or kind == "dialog":
        expect(george.page.get_by_label("Own field")).to_be_focused()


def sideways(page):
    """Return by how many pixels the dialog, or the page, scrolls sideways."""
    return page.evaluate("""() => Math.max(
        ...[document.querySelector("dialog"), document.documentElement]
            .map((el) => el.scrollWidth - el.clientWidth))""")


def luminance(page, which):
    """Return how light the dialog's colour is, 0 to 1."""
    text = any_dialog(page).evaluate(f"(el) => getComputedStyle(el).{which}")
    red, green, blue = (int(part) for part in text[text.index("(") + 1 : -1].split(",")[:3])
    return (0.2126 * red + 0.7152 * green + 0.0722 * blue) / 255
