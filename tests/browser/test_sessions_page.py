"""Where you are signed in, with two browsers: one signs the other out, which learns the truth."""

import re

import pytest
from playwright.sync_api import expect

from tests.browser.desk import shown

FIREFOX = "Mozilla/5.0 (Windows NT 10.0; Win64; x64; rv:133.0) Gecko/20100101 Firefox/133.0"


@pytest.fixture
def elsewhere(sit_down, george):
    """Another browser of George's, signed in a little later."""
    desk = sit_down(user_agent=FIREFOX)
    george.pass_time(seconds=61)
    desk.sign_in()
    return desk


def test_one_browser_signs_the_other_out_which_learns_the_truth(george, elsewhere):
    """The next thing that is done there leads to the page that says where it was ended from."""
    george.page.get_by_role("link", name="Devices").click()
    row = george.page.get_by_role("row").filter(has_text="Firefox on Windows")
    expect(row).to_be_visible()
    row.get_by_role("link", name="Sign out").click()
    george.page.get_by_role("main").get_by_role("button", name="Sign out").click()

    expect(george.page.get_by_text("Firefox on Windows is signed out.")).to_be_visible()
    expect(george.page.get_by_text("Only here.")).to_be_visible()
    elsewhere.page.get_by_role("link", name="Statement", exact=True).click()
    expect(elsewhere.page.get_by_role("heading", name="You were signed out")).to_be_visible()
    expect(elsewhere.page.get_by_text("on another of your devices")).to_be_visible()


def test_a_page_that_is_left_open_elsewhere_learns_it_too(george, elsewhere):
    """A ping is told, hides the page and leads away, with nobody pressing a link."""
    george.page.goto("/sessions/end-others")
    george.page.get_by_role("button", name="Sign out everywhere else").click()
    expect(george.page.get_by_text("You are signed in here only.")).to_be_visible()

    elsewhere.pass_time(minutes=2)
    elsewhere.page.mouse.move(100, 100)
    elsewhere.page.mouse.wheel(0, 50)
    elsewhere.pass_time(minutes=2)

    expect(elsewhere.page).to_have_url(re.compile("reason=revoked"))
    expect(elsewhere.page.get_by_role("heading", name="You were signed out")).to_be_visible()
    assert shown(george.page)


def test_the_whole_way_by_keyboard(george, elsewhere):
    """List, password, question and end, without a pointer."""
    george.pass_time(minutes=6)
    page = george.page
    page.goto("/sessions")

    page.get_by_role("link", name="Sign out Firefox on Windows").focus()
    page.keyboard.press("Enter")
    expect(page.get_by_role("heading", name="Confirm that it is you")).to_be_visible()
    page.get_by_label("Password").focus()
    page.keyboard.type("wrong")
    page.keyboard.press("Enter")
    expect(page.get_by_role("alert")).to_be_focused()
    page.get_by_label("Password").focus()
    page.keyboard.type("george")
    page.keyboard.press("Enter")
    expect(page.get_by_role("heading", name="Sign out Firefox on Windows?")).to_be_focused()
    page.keyboard.press("Tab")
    expect(page.get_by_role("main").get_by_role("button", name="Sign out")).to_be_focused()
    page.keyboard.press("Enter")

    expect(page.get_by_role("status")).to_be_focused()
    expect(page.get_by_text("Firefox on Windows is signed out.")).to_be_visible()


def test_a_large_transfer_comes_back_as_it_was_typed(george):
    """Password in between, and one more press sends it."""
    george.pass_time(minutes=6)
    page = george.page
    page.goto("/transfer")
    page.get_by_label("Payee name").fill("José Ωmega")
    page.get_by_label("Amount in pounds").fill("1,200")
    page.get_by_role("button", name="Send money").click()

    page.get_by_label("Password").fill("george")
    page.get_by_role("button", name="Confirm").click()

    expect(page.get_by_text("You have confirmed that it is you.")).to_be_visible()
    expect(page.get_by_label("Payee name")).to_have_value("José Ωmega")
    expect(page.get_by_label("Amount in pounds")).to_have_value("1,200")
    page.get_by_role("button", name="Send money").click()
    expect(page.get_by_role("heading", name="Money sent")).to_be_visible()
    expect(page.get_by_text("£1,200.00 went from")).to_be_visible()


def test_without_javascript_everything_works(sit_down, george):
    """Confirming, asking and ending are links and forms."""
    desk = sit_down(scripts=False)
    desk.page.goto("/login")
    desk.fill_in("george", desk.page)
    george.server.clock.advance(minutes=6)

    desk.page.goto("/sessions")
    desk.page.get_by_role("link", name="Sign out everywhere else").click()
    desk.page.get_by_label("Password").fill("george")
    desk.page.get_by_role("button", name="Confirm").click()
    desk.page.get_by_role("button", name="Sign out everywhere else").click()

    expect(desk.page.get_by_text("Ended elsewhere: 1.")).to_be_visible()
    assert george.server.ask("/session", george.token()).document["reason"] == "revoked"


@pytest.mark.parametrize("path", ["/sessions", "/sessions/end-others", "/confirm"])
def test_nothing_scrolls_sideways_on_a_narrow_screen(sit_down, george, path):
    """WCAG 2.2, 1.4.10: 320 px are enough, with a long address too."""
    desk = sit_down(viewport={"width": 320, "height": 640})
    desk.sign_in()
    george.server.begin("1", device=FIREFOX, address="2001:db8:85a3:1319:8a2e:3700:7344:7334")
    if path == "/confirm":
        desk.pass_time(minutes=6)

    desk.page.goto(path)

    expect(desk.page).to_have_url(re.compile(f"{path}$"))
    too_wide = "document.documentElement.scrollWidth - document.documentElement.clientWidth"
    assert desk.page.evaluate(too_wide) == 0


@pytest.mark.parametrize("width", [320, 1280])
def test_a_table_stays_a_table_for_those_who_listen(sit_down, george, width):
    """Each cell is found under its column's name, also where the rows are blocks."""
    desk = sit_down(viewport={"width": width, "height": 640})
    desk.sign_in()
    desk.page.goto("/sessions")

    tree = [(node["role"], node["name"]) for node in desk.accessibility_tree()]

    assert ("table", "Your sessions") in tree
    columns = [name for role, name in tree if role == "columnheader"]
    assert columns == ["Device", "Address", "Signed in", "Last active", "Action"]
    assert [role for role, _ in tree].count("row") == 3
    assert ("rowheader", "Chrome on Linux This session") in tree
