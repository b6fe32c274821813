"""axe-core finds nothing: every page, the warning open and closed, in every way of looking."""

import pytest
from playwright.sync_api import expect

from tests.browser.axe import PHONE, WAYS, look, sideways, violations
from tests.browser.bank_server import BankServer
from tests.browser.pages import GEORGE, SIGNED_IN, VISITOR, visits
from tests.browser.warning import any_dialog, first_button, warning

# The warning comes soon, because it comes on every page.
SOON = {"idle": 4, "warn": 2}


@pytest.fixture
def desk(sit_down):
    """A desk at which nothing moves: colours in the middle of a change are nobody's.

    The checker writes markup by string, which the bank's policy forbids; every other test runs
    under that policy.
    """
    return sit_down(bypass_csp=True, reduced_motion="reduce")


@pytest.fixture
def desk_of_a_bank(tmp_path, sit_down):
    """A function that gives the same kind of desk at a bank with other settings."""
    banks = []

    def at(**settings):
        banks.append(BankServer(tmp_path / "other", **settings))
        return sit_down(bank=banks[-1], bypass_csp=True, reduced_motion="reduce")

    (tmp_path / "other").mkdir()
    yield at
    for bank in banks:
        bank.close()


def test_the_pages_of_a_visitor(desk):
    """Sign-in, sign-in gone wrong, the pages of each end, and a page that is not there."""
    found = {}
    for name, reach in visits(VISITOR).items():
        reach(desk)
        found |= all_ways(desk, name)

    assert found == {}


@pytest.mark.parametrize("timing", [SOON], indirect=True)
@pytest.mark.parametrize("who", SIGNED_IN)
def test_35_every_page_with_the_warning_closed_and_open(desk, who):
    """Each page of somebody who is signed in, and the same with the warning over it."""
    desk.sign_in(who)
    found = {}
    for name, reach in visits(SIGNED_IN[who]).items():
        reach(desk)
        found |= all_ways(desk, name)

        desk.pass_time(minutes=1, seconds=50)
        expect(warning(desk.page)).to_be_visible()
        found |= all_ways(desk, f"{name} with the warning")
        first_button(desk.page).click()
        expect(warning(desk.page)).to_be_hidden()

    assert found == {}


@pytest.mark.parametrize("timing", [SOON], indirect=True)
def test_a_stay_that_failed(desk):
    """The warning with what went wrong in it."""
    desk.sign_in(GEORGE)
    desk.pass_time(minutes=1, seconds=50)
    desk.server.fail("/session/extend", "500")
    first_button(desk.page).click()
    expect(any_dialog(desk.page)).to_contain_text("Not confirmed")

    assert all_ways(desk, "failed") == {}


def test_a_hidden_page(desk):
    """What stands in for the page while the server cannot be reached."""
    desk.sign_in()
    desk.pass_time(minutes=58, seconds=55)
    desk.server.fail("/session/end", "500")
    desk.pass_time(seconds=8)
    expect(any_dialog(desk.page)).to_contain_text("This page is hidden")

    assert all_ways(desk, "hidden") == {}


def test_the_checker_finds_what_is_wrong(desk):
    """In each way of looking, a poor contrast or a small target would be told."""
    desk.page.goto("/login")
    desk.page.evaluate("""() => {
        const poor = document.createElement("p");
        poor.textContent = "Who can read this?";
        poor.style.cssText = "color: #888; background: #777; forced-color-adjust: none";
        const small = [1, 2].map(() => {
            const el = document.createElement("button");
            el.ariaLabel = "Small";
            el.style.cssText = "all: unset; display: block; width: 9px; height: 9px";
            return el;
        });
        document.querySelector("main").append(poor, ...small);
    }""")

    for way in WAYS:
        look(desk, way)
        found = {rule for rule, _ in violations(desk)}

        assert {"color-contrast", "target-size"} <= found, way


def all_ways(desk, name):
    """Return what is wrong with the page that is open: by axe-core, and what scrolls sideways."""
    found = {}
    for way in WAYS:
        look(desk, way)
        if wrong := violations(desk):
            found[f"{name}, {way}"] = wrong
        if wide := sideways(desk.page):
            found[f"{name}, {way}, sideways"] = wide
    desk.page.set_viewport_size(dict(PHONE))
    if wide := sideways(desk.page):
        found[f"{name}, 320 pixels, sideways"] = wide
    look(desk, "light")
    return found


def test_the_page_of_somebody_who_is_signed_in_too_often(desk):
    """What is open, and what to do."""
    desk.server.allow_sessions(1)
    desk.server.begin("1", address="2001:db8::7")
    desk.page.goto("/login")
    desk.page.get_by_label("User name").fill("george")
    desk.page.get_by_label("Password").fill("george")
    desk.page.get_by_role("button", name="Sign in").click()
    expect(desk.page.get_by_role("heading", name="too many places")).to_be_focused()

    assert all_ways(desk, "signed in too often") == {}


def test_the_dialog_that_signs_in_again(desk_of_a_bank):
    """On the page whose content it has taken away."""
    desk = desk_of_a_bank(sign_in_again=True)
    desk.sign_in()
    desk.page.goto("/transfer")
    desk.pass_time(minutes=59)
    expect(desk.page.get_by_role("dialog", name="Sign in again")).to_contain_text("Password")

    assert all_ways(desk, "signing in again") == {}


def test_the_playground(desk_of_a_bank):
    """Which only the demonstration has."""
    desk = desk_of_a_bank(demo=True)
    desk.sign_in()
    desk.page.goto("/playground")

    assert all_ways(desk, "playground") == {}
