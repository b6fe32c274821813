"""What users see when it matters, light and dark, on a desk and on a telephone.

`make pictures` takes the pictures in `docs/pictures` from these tests.
"""

from types import MappingProxyType

import pytest
from playwright.sync_api import expect

from bank.config import DEMO_TIMING
from tests.browser.axe import sideways
from tests.browser.bank_server import REAL_TIMING, BankServer
from tests.browser.test_drafts import come_back, notice, open_form, write
from tests.browser.test_sessions_page import FIREFOX
from tests.browser.warning import any_dialog, first_button, note, warning

SCREENS = MappingProxyType(
    {
        "desktop": {"viewport": {"width": 1280, "height": 720}},
        "phone": {"viewport": {"width": 390, "height": 844}, "device_scale_factor": 2},
    }
)
SAFARI = (
    "Mozilla/5.0 (iPhone; CPU iPhone OS 18_1 like Mac OS X) AppleWebKit/605.1.15"
    " (KHTML, like Gecko) Version/18.1 Mobile/15E148 Safari/604.1"
)


@pytest.fixture
def server(tmp_path, request):
    """The bank; a test may ask for other settings as its parameter."""
    server = BankServer(tmp_path, **{"timing": REAL_TIMING, **getattr(request, "param", {})})
    yield server
    server.close()
    assert server.unexpected() == []
    assert server.violations == []


@pytest.fixture(params=SCREENS)
def screen(request):
    """The name of a kind of screen."""
    return request.param


@pytest.fixture
def desk(sit_down, screen):
    """A desk with it."""
    return sit_down(**SCREENS[screen])


def taken(desk, name, *what):
    """Look at `what` in light and dark, where it must be in view as a whole; take pictures."""
    for scheme in ("light", "dark"):
        desk.page.emulate_media(color_scheme=scheme)
        for each in what:
            expect(each).to_be_in_viewport(ratio=1)
        assert sideways(desk.page) == 0
        desk.picture(name.format(scheme=scheme))


def test_the_warning(george, screen):
    """Question, time that is left, and both choices."""
    george.pass_time(minutes=49)

    expect(warning(george.page)).to_be_visible()
    taken(george, f"warning-{{scheme}}-{screen}", any_dialog(george.page))


def test_stay_that_was_not_confirmed(george, screen):
    """The same, and what went wrong."""
    george.pass_time(minutes=49, seconds=5)
    george.server.fail("/session/extend", "500")
    first_button(george.page).click()
    george.settle()

    expect(note(george.page)).to_contain_text("Not confirmed")
    taken(george, f"failure-{{scheme}}-{screen}", any_dialog(george.page))


@pytest.mark.parametrize(
    "server", [{"timing": {**REAL_TIMING, "absolute": REAL_TIMING["idle"]}}], indirect=True
)
def test_the_absolute_limit(george, screen):
    """There is no staying, and it says why."""
    george.pass_time(minutes=30)
    george.page.keyboard.press("x")
    george.pass_time(minutes=20)

    expect(first_button(george.page)).to_have_count(0)
    expect(any_dialog(george.page)).to_be_visible()
    taken(george, f"absolute-{{scheme}}-{screen}", any_dialog(george.page))


def test_the_page_afterwards(george, screen):
    """What happened, and the way back."""
    george.pass_time(minutes=59)

    heading = george.page.get_by_role("heading", name="You were signed out")
    back = george.page.get_by_role("link", name="Sign in again")
    expect(heading).to_be_visible()
    taken(george, f"timed-out-{{scheme}}-{screen}", heading, back)


def test_a_draft_that_came_back(george, screen):
    """The form as it was, and the line that says so."""
    open_form(george)
    write(george.page)
    george.pass_time(seconds=2)
    george.pass_time(minutes=61)
    come_back(george)

    expect(george.page.get_by_label("Payee name")).to_have_value("Siobhán O’Connor")
    taken(george, f"draft-{{scheme}}-{screen}", notice(george.page))


@pytest.mark.parametrize("server", [{"sign_in_again": True}], indirect=True)
def test_signing_in_again(george, screen):
    """The form in the place of the page, which is not in view."""
    george.page.goto("/transfer")
    write(george.page)
    george.pass_time(minutes=59)

    dialog = george.page.get_by_role("dialog", name="Sign in again")
    expect(dialog.get_by_label("User name")).to_be_focused()
    taken(george, f"sign-in-again-{{scheme}}-{screen}", dialog)


def test_where_one_is_signed_in(server, sit_down):
    """Every place with its device, and a way to end each other one."""
    server.begin("1", device=FIREFOX, address="203.0.113.20")
    server.clock.advance(minutes=25)
    server.begin("1", device=SAFARI, address="2001:db8::7")
    desk = sit_down(**SCREENS["desktop"])
    desk.sign_in()
    desk.page.goto("/sessions")

    expect(desk.page.get_by_role("row")).to_have_count(4)
    desk.picture("sessions-light-desktop")


def test_everyones_sessions(sit_down):
    """What an administrator has before them."""
    desk = sit_down(**SCREENS["desktop"])
    desk.server.begin("1", device=FIREFOX, address="203.0.113.20")
    desk.server.begin("2", device=SAFARI, address="2001:db8::7")
    desk.sign_in("admin")
    desk.page.goto("/admin/sessions")

    expect(desk.page.get_by_role("row")).to_have_count(4)
    desk.picture("admin-light-desktop")


@pytest.mark.parametrize("server", [{"timing": DEMO_TIMING, "demo": True}], indirect=True)
def test_the_playground(sit_down):
    """Each situation at the press of a button."""
    desk = sit_down(**SCREENS["desktop"])
    desk.sign_in(at="/login?next=/playground")
    desk.page.get_by_role("button", name="Nothing is done for 5 seconds").click()
    desk.page.mouse.move(5, 5)

    expect(desk.page.get_by_role("button", name="The network is gone")).to_be_visible()
    desk.picture("playground-light-desktop", whole=True)
