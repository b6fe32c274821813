"""What is kept while somebody signs in again: how long, for whom, and how it comes back."""

import re

import pytest
from playwright.sync_api import expect

from tests.browser.again import change_page, dialog, sign_in, start_a_transfer
from tests.browser.bank_server import BankServer
from tests.browser.desk import shown

IN_THE_DIALOG = """() => {
  const el = document.activeElement;
  return el === document.body || el === document.documentElement || !!el.closest("dialog");
}"""
WITHOUT_A_USER = """document.addEventListener("readystatechange", () => {
  const tag = document.querySelector("script[data-nightlatch]");
  if (tag) delete tag.dataset.user;
})"""
INTO_THE_CACHE = "dispatchEvent(new PageTransitionEvent('pagehide', { persisted: true }))"
OUT_OF_IT = "dispatchEvent(new PageTransitionEvent('pageshow', { persisted: true }))"
OPEN_A_DIALOG = """() => {
  const box = document.createElement("dialog");
  box.id = "own";
  box.append(document.querySelector("[name=reference]"));
  document.body.append(box);
  box.showModal();
  document.querySelector("[name=reference]").focus();
}"""


@pytest.fixture
def server(tmp_path, timing):
    """A bank that offers it on every page."""
    server = BankServer(tmp_path, timing, sign_in_again=True)
    yield server
    server.close()
    assert server.unexpected() == []


@pytest.fixture
def at_work(george):
    """George, who is writing a transfer."""
    start_a_transfer(george)
    return george


@pytest.fixture
def timed_out(at_work):
    """The same, who was away for an hour."""
    at_work.pass_time(minutes=59)
    expect(dialog(at_work.page).get_by_label("User name")).to_be_focused()
    return at_work


def test_a_closed_laptop_does_not_stop_the_ten_minutes(timed_out):
    """No timer runs in sleep and no event tells of waking: the next second looks at the clock."""
    timed_out.suspend(hours=1)

    timed_out.context.clock.run_for(1000)

    expect(timed_out.page).to_have_url(re.compile("/logged-out"))


def test_a_sign_in_that_sleep_came_into_is_too_late(timed_out):
    """The answer may be the first to arrive on waking, before any timer."""
    page = timed_out.page
    timed_out.server.fail("/login", "hold")
    sign_in(page, "george", "george")
    timed_out.server.wait_for(lambda: timed_out.server.calls_to("/login")[1:])
    timed_out.context.clock.set_system_time(timed_out.server.clock.now() / 1000 + 3600)

    timed_out.server.heal()

    # Signed in it is led on to the first page, as the bank does it.
    expect(page.get_by_text("Signed in as george")).to_be_visible()
    expect(page.get_by_label("Payee name")).to_have_count(0)


def test_the_tab_says_what_it_wants_and_nothing_of_the_page(timed_out):
    """The title of a page may be private too; it comes back with the page."""
    page = timed_out.page
    expect(page).to_have_title("Sign in again")

    sign_in(page, "george", "george")

    expect(page).to_have_title(re.compile("Send money"))


def test_a_title_that_the_page_sets_meanwhile_is_kept(timed_out):
    """Its scripts go on, and know better."""
    page = timed_out.page
    page.evaluate("document.title = 'Rates have changed'")

    sign_in(page, "george", "george")

    expect(page.get_by_label("Payee name")).to_be_visible()
    expect(page).to_have_title("Rates have changed")


def test_the_focus_stays_in_the_dialog(timed_out):
    """Forwards and backwards, as in every modal dialog."""
    for key in ["Tab"] * 6 + ["Shift+Tab"] * 6:
        timed_out.page.keyboard.press(key)

        assert timed_out.page.evaluate(IN_THE_DIALOG)


def test_a_dialog_of_the_page_is_modal_again(at_work):
    """What was taken out of the document is no longer modal by itself."""
    page = at_work.page
    page.evaluate(OPEN_A_DIALOG)
    at_work.pass_time(minutes=59)

    sign_in(page, "george", "george")

    expect(page.get_by_label("Reference")).to_be_focused()
    assert page.evaluate("document.querySelector('#own').matches(':modal')")


def test_what_the_server_refuses_now_does_not_come_back(timed_out):
    """The same user may have lost the right to see it: the page is asked for anew."""
    change_page(timed_out.server, "/transfer", ("<h1", "<h1 id=refused"), status=404)

    timed_out.page.evaluate("window.sameDocument = true")

    sign_in(timed_out.page, "george", "george")

    # What was typed may come back as a draft, so the document itself is looked at.
    expect(timed_out.page.locator("#refused")).to_be_visible()
    assert timed_out.page.evaluate("window.sameDocument") is None


def test_a_page_without_an_address_of_its_own_is_dropped(timed_out):
    """An answer to a form cannot be asked for again, so nobody knows whose it is."""
    change_page(timed_out.server, "/transfer", ('data-nightlatch=""', "data-other"), status=404)

    sign_in(timed_out.page, "george", "george")

    expect(timed_out.page.get_by_role("heading", level=1)).to_contain_text("Welcome")


def test_a_page_that_does_not_say_whose_it_is_is_not_kept(at_work):
    """Nobody is the same user as nobody."""
    at_work.page.add_init_script(WITHOUT_A_USER)
    at_work.page.reload()

    at_work.pass_time(minutes=59)

    expect(at_work.page).to_have_url(re.compile("/logged-out"))


def test_another_user_at_an_address_with_a_hash_gets_a_page_of_their_own(george):
    """Going to such an address loads nothing, and would leave the page empty."""
    start_a_transfer(george, "/transfer#main")
    george.pass_time(minutes=59)

    sign_in(george.page, "O’Connor", "o’connor")

    expect(george.page.get_by_text("Signed in as O’Connor")).to_be_visible()
    expect(george.page.get_by_label("Payee name")).to_have_value("")


def test_a_page_that_was_left_keeps_nothing_for_the_way_back(timed_out):
    """The browser may keep it: without its content, and back there it leaves for good."""
    page = timed_out.page
    page.evaluate(INTO_THE_CACHE)
    assert page.evaluate("document.body.childNodes.length") == 0
    assert not dialog(page).is_visible()

    page.evaluate(OUT_OF_IT)

    expect(page).to_have_url(re.compile("/logged-out"))


def test_a_page_that_came_back_is_like_any_other_on_the_way_back(timed_out):
    """Nothing of the dialog is left that would take it away again."""
    page = timed_out.page
    sign_in(page, "george", "george")
    expect(page.get_by_label("Payee name")).to_be_visible()
    page.evaluate(INTO_THE_CACHE)
    assert not shown(page)

    page.evaluate(OUT_OF_IT)

    expect(page.get_by_label("Payee name")).to_be_visible()
    expect(page).to_have_url(re.compile("/transfer$"))


def test_back_in_a_browser_that_keeps_pages_shows_nothing(sit_down, browser_with_bfcache):
    """Whether or not this one is kept: the content is not there."""
    desk = sit_down(browser_with_bfcache)
    desk.sign_in()
    start_a_transfer(desk)
    desk.pass_time(minutes=59)
    expect(dialog(desk.page).get_by_label("User name")).to_be_focused()
    desk.page.evaluate("location.href = '/static/mark.svg'")
    expect(desk.page).to_have_url(re.compile("mark.svg"))

    desk.page.go_back(wait_until="commit")

    expect(desk.page).to_have_url(re.compile("/logged-out|/login"))
