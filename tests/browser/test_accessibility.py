"""axe-core finds nothing: every page, with the warning open and closed, light, dark and narrow."""

import re
from importlib import resources

import pytest
from playwright.sync_api import expect

from tests.browser.warning import any_dialog, first_button, warning

AXE = resources.files("axe_playwright_python").joinpath("axe.min.js").read_text(encoding="utf-8")
WAYS = {
    "light": {"color_scheme": "light"},
    "dark": {"color_scheme": "dark"},
    "narrow": {"viewport": {"width": 320, "height": 640}, "color_scheme": "light"},
}


@pytest.fixture(params=WAYS)
def desk(sit_down, request):
    """A desk that shows pages in one of the ways.

    The checker writes markup by string, which the bank's policy forbids; every other test runs
    under that policy.
    """
    return sit_down(bypass_csp=True, **WAYS[request.param])


def test_the_pages_of_a_visitor(desk):
    """Sign-in, sign-in gone wrong, the pages of each end, and a page that is not there."""
    found = {}
    for path in ("/login", "/logged-out?reason=idle&next=/", "/logged-out?reason=signed-out",
                 "/logged-out?reason=absolute", "/nowhere"):  # fmt: skip
        desk.page.goto(path)
        found[path] = violations(desk)
    desk.page.goto("/login")
    desk.page.get_by_role("button", name="Sign in").click()
    expect(desk.page.get_by_role("alert")).to_be_visible()
    found["/login with errors"] = violations(desk)
    for _ in range(6):
        desk.page.get_by_label("User name").fill("george")
        desk.page.get_by_label("Password").fill("wrong")
        desk.page.get_by_role("button", name="Sign in").click()
        desk.page.wait_for_load_state()
    expect(desk.page.get_by_role("alert")).to_contain_text("too many tries")
    found["/login too often"] = violations(desk)

    assert {path: each for path, each in found.items() if each} == {}


def test_the_pages_of_a_customer(desk):
    """Home, statement, transfer, transfer gone wrong, and the confirmation."""
    desk.sign_in()
    found = {}
    for path in ("/", "/another-page", "/another-page?month=x", "/transfer", "/nowhere"):
        desk.page.goto(path)
        found[path] = violations(desk)
    desk.page.goto("/transfer")
    desk.page.get_by_role("button", name="Send money").click()
    expect(desk.page.get_by_role("alert")).to_be_visible()
    found["/transfer with errors"] = violations(desk)
    desk.page.get_by_label("Payee name").fill("José Ωmega")
    desk.page.get_by_label("Amount in pounds").fill("1")
    desk.page.get_by_role("button", name="Send money").click()
    expect(desk.page.get_by_role("heading", name="Money sent")).to_be_visible()
    found["sent"] = violations(desk)

    assert {path: each for path, each in found.items() if each} == {}


def test_the_pages_about_sessions(desk):
    """The list, both questions, the password asked for, wrong and right, and what was done."""
    desk.sign_in()
    for _ in range(2):
        desk.server.begin("1", address="2001:db8::7")
    found = {}
    for path in ("/sessions", "/sessions/end-others"):
        desk.page.goto(path)
        found[path] = violations(desk)
    desk.page.goto("/sessions")
    desk.page.get_by_role("main").get_by_role(
        "link", name=re.compile("^Sign out A prog")
    ).first.click()
    found["one"] = violations(desk)
    desk.page.get_by_role("main").get_by_role("button", name="Sign out").click()
    expect(desk.page.get_by_role("status")).to_be_visible()
    found["done"] = violations(desk)
    desk.server.clock.advance(minutes=6)
    desk.page.goto("/confirm?next=/sessions")
    found["/confirm"] = violations(desk)
    desk.page.get_by_role("button", name="Confirm").click()
    expect(desk.page.get_by_role("alert")).to_be_visible()
    found["/confirm with errors"] = violations(desk)

    assert {path: each for path, each in found.items() if each} == {}


def test_the_pages_of_a_password_change(desk):
    """The form, with a password shown, gone wrong, and too often."""
    desk.sign_in()
    desk.page.goto("/password")
    found = {"fresh": violations(desk)}
    desk.page.get_by_role("button", name="Show new password").click()
    desk.page.get_by_label("New password", exact=True).fill("shown")
    found["shown"] = violations(desk)
    for _ in range(6):
        desk.page.get_by_label("Current password", exact=True).fill("wrong")
        desk.page.get_by_label("New password", exact=True).fill("short")
        desk.page.get_by_role("button", name="Change password").click()
        desk.page.wait_for_load_state()
        found.setdefault("with errors", violations(desk))
    expect(desk.page.get_by_role("alert")).to_contain_text("too many tries")
    found["too often"] = violations(desk)

    assert {state: each for state, each in found.items() if each} == {}


def test_the_pages_of_an_administrator(desk):
    """Everyone, one person, nobody, the pages of a long list, and each question."""
    for _ in range(60):
        desk.server.begin("1", address="2001:db8::7")
    desk.sign_in("admin")
    found = {}
    for path in ("/admin/sessions", "/admin/sessions?user=george", "/admin/sessions?user=nobody",
                 f"/admin/sessions?after={'8' * 32}", "/admin/sessions/end",
                 "/admin/users/3/sessions/end"):  # fmt: skip
        desk.page.goto(path)
        found[path] = violations(desk)

    assert {path: each for path, each in found.items() if each} == {}


def test_the_page_of_somebody_who_is_signed_in_too_often(desk):
    """What is open, and what to do."""
    desk.server.allow_sessions(1)
    desk.server.begin("1", address="2001:db8::7")
    desk.page.goto("/login")
    desk.page.get_by_label("User name").fill("george")
    desk.page.get_by_label("Password").fill("george")
    desk.page.get_by_role("button", name="Sign in").click()
    expect(desk.page.get_by_role("heading", name="too many places")).to_be_focused()

    assert violations(desk) == []


@pytest.mark.parametrize("path", ["/", "/transfer"])
def test_a_page_with_the_warning_open(desk, path):
    """Fresh, and after a Stay that failed."""
    desk.sign_in()
    desk.page.goto(path)
    desk.pass_time(minutes=49, seconds=5)
    expect(warning(desk.page)).to_be_visible()
    fresh = violations(desk)
    desk.server.fail("/session/extend", "500")
    first_button(desk.page).click()
    expect(any_dialog(desk.page)).to_contain_text("Not confirmed")

    assert fresh == []
    assert violations(desk) == []


def test_a_hidden_page(desk):
    """What stands in for the page while the server cannot be reached."""
    desk.sign_in()
    desk.pass_time(minutes=58, seconds=55)
    desk.server.fail("/session/end", "500")
    desk.pass_time(seconds=8)
    expect(any_dialog(desk.page)).to_contain_text("This page is hidden")

    assert violations(desk) == []


def violations(desk):
    """Return what axe-core finds, each with the elements it means."""
    desk.page.wait_for_load_state()
    # It waits by the page's timers.
    desk.context.clock.resume()
    desk.page.evaluate(AXE + ";void 0")
    found = desk.page.evaluate(
        "axe.run({ resultTypes: ['violations'] }).then((done) => done.violations)"
    )
    return [(each["id"], [node["target"] for node in each["nodes"]]) for each in found]
