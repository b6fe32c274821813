"""A server that fails, hangs or cannot be reached: nothing is claimed that is not so."""

import re

import pytest
from playwright.sync_api import expect

from tests.browser.desk import shown
from tests.browser.warning import any_dialog, first_button, note, warning

NOT_CONFIRMED = re.compile("^Not confirmed")


@pytest.mark.parametrize("how", ["500", "html", "redirect", "garbage", "hang up"])
def test_10_stay_says_that_it_failed_and_the_dialog_stays(george, how):
    """Whatever came back was no confirmation; and when the server is well again Stay works."""
    george.pass_time(minutes=49, seconds=5)
    george.server.fail("/session/extend", how)

    first_button(george.page).click()
    george.settle()

    expect(note(george.page)).to_have_text(NOT_CONFIRMED)
    expect(warning(george.page)).to_be_visible()

    # It tries again by itself.
    tried = len(george.server.calls_to("/session/extend"))
    george.pass_time(seconds=10)
    assert len(george.server.calls_to("/session/extend")) > tried
    expect(warning(george.page)).to_be_visible()

    george.server.heal()
    george.pass_time(seconds=15)
    expect(warning(george.page)).to_be_hidden()
    assert george.status()["idle_ms"] > 58 * 60 * 1000


def test_10_pressing_again_tries_again_at_once(george):
    """Who does not want to wait for the next attempt need not."""
    george.pass_time(minutes=49, seconds=5)
    george.server.fail("/session/extend", "500")
    first_button(george.page).click()
    george.settle()
    expect(note(george.page)).to_have_text(NOT_CONFIRMED)
    george.server.heal()

    first_button(george.page).click()

    expect(warning(george.page)).to_be_hidden()


def test_10_a_server_that_never_answers_is_said_too(george):
    """A request that hangs is given up, said, and made again."""
    george.pass_time(minutes=49, seconds=5)
    george.server.fail("/session/extend", "hold")

    first_button(george.page).click()
    george.pass_time(seconds=15)

    expect(note(george.page)).to_have_text(NOT_CONFIRMED)
    expect(warning(george.page)).to_be_visible()
    george.server.heal()
    george.pass_time(seconds=30)
    expect(warning(george.page)).to_be_hidden()


def test_11_offline_is_said_and_the_network_coming_back_is_enough(george):
    """The browser tells when it is online again; nobody has to press or wait."""
    george.pass_time(minutes=49, seconds=5)
    george.context.set_offline(True)

    first_button(george.page).click()

    expect(note(george.page)).to_contain_text("offline")
    expect(warning(george.page)).to_be_visible()
    george.context.set_offline(False)
    expect(warning(george.page)).to_be_hidden()


def test_10_a_server_that_is_gone_is_said_and_found_again(george):
    """Connections are refused; the dialog stays until somebody answers at that port again."""
    george.pass_time(minutes=49, seconds=5)
    george.server.stop()

    first_button(george.page).click()

    expect(note(george.page)).to_have_text(NOT_CONFIRMED)
    expect(warning(george.page)).to_be_visible()
    george.server.start()
    first_button(george.page).click()
    expect(warning(george.page)).to_be_hidden()


@pytest.mark.parametrize("how", ["500", "html", "redirect", "garbage", "hang up"])
def test_12_one_failed_question_does_not_stop_the_asking(george, how):
    """The warning comes in time although the question before it failed, and Stay works."""
    george.server.fail("/session", how)
    george.pass_time(minutes=49)
    expect(warning(george.page)).to_be_visible()
    george.server.heal()

    first_button(george.page).click()

    expect(warning(george.page)).to_be_hidden()


def test_09_a_session_that_has_ended_meanwhile_is_never_called_extended(george):
    """Stay on a session that an administrator has ended leads out, with the reason."""
    george.pass_time(minutes=49, seconds=5)
    george.server.end_everyone()

    first_button(george.page).click()

    expect(george.page).to_have_url(re.compile("reason=revoked&next=%2F$"))
    expect(george.page.get_by_text("ended from somewhere else")).to_be_visible()


@pytest.mark.parametrize("how", ["unreachable", "offline", "500", "html", "redirect", "hold"])
def test_11_at_the_end_without_an_answer_it_stays_hidden_and_then_is_taken_out(george, how):
    """It says so, and after 10 seconds nothing is left in the document (ASVS 14.3.1)."""
    george.pass_time(minutes=58, seconds=50)
    break_down(george, how)

    george.pass_time(seconds=10)
    assert not shown(george.page)
    george.pass_time(seconds=9)
    assert "Welcome" in george.page.inner_text("body") or "Welcome" in george.page.content()
    george.pass_time(seconds=3)

    assert "Welcome" not in george.page.content()
    assert "£" not in george.page.content()
    assert not shown(george.page)
    expect(any_dialog(george.page)).to_be_visible()
    expect(any_dialog(george.page)).to_contain_text("This page is hidden")
    if how != "hold":
        expect(any_dialog(george.page)).to_contain_text("Not confirmed")
    assert george.page.url == f"{george.server.url}/"


def test_11_back_shows_nothing_either_while_the_server_is_gone(george):
    """The page before was private too, and it needs the server as much as this one."""
    george.page.get_by_role("link", name="Statement", exact=True).click()
    expect(george.page.get_by_role("heading", level=1)).to_contain_text("Statement for")
    george.page.wait_for_load_state()
    george.pass_time(minutes=58, seconds=50)
    george.server.stop()
    george.pass_time(seconds=25)
    assert not shown(george.page)

    # There is no page to load, so there is no load event to wait for.
    george.page.evaluate("setTimeout(() => history.back(), 0); void 0")
    george.context.clock.run_for(1)
    expect(george.page).to_have_url(re.compile("^chrome-error:|/$"))

    assert "£" not in george.page.content()
    george.server.start()


@pytest.mark.parametrize("how", ["unreachable", "500"])
def test_11_when_the_server_is_back_and_the_session_lives_the_page_comes_back(george, how):
    """It was taken out, so it is loaded again: at the same place, query and hash."""
    george.page.goto("/another-page?month=2025-12")
    george.pass_time(minutes=58)
    # Another device of the same session, so to say: this page has not heard of it.
    george.server.ask("/session/extend", george.token(), method="POST", body="{}")
    george.pass_time(seconds=45)
    break_down(george, how, "/session/end", "/session")
    george.pass_time(seconds=40)
    assert "Statement" not in george.page.inner_html("body")

    mend(george, how)
    george.pass_time(seconds=30)

    heading = george.page.get_by_role("heading", level=1)
    expect(heading).to_have_text("Statement for December 2025")
    assert george.page.url == f"{george.server.url}/another-page?month=2025-12"


@pytest.mark.parametrize("how", ["unreachable", "500"])
def test_11_when_the_server_is_back_and_the_session_has_ended_the_page_says_so(george, how):
    """From the first answer on there is a truth to tell, and it is told."""
    george.pass_time(minutes=58, seconds=50)
    break_down(george, how)
    george.pass_time(minutes=2)

    mend(george, how)
    george.pass_time(seconds=31)

    expect(george.page.get_by_role("heading", name="You were signed out")).to_be_visible()
    expect(george.page).to_have_url(re.compile("reason=idle&next=%2F$"))


def break_down(desk, how, *paths):
    """Leave the page without a believable answer from the server."""
    if how == "unreachable":
        desk.server.stop()
    elif how == "offline":
        desk.context.set_offline(True)
    else:
        for path in paths or ("/session/end", "/session"):
            desk.server.fail(path, how)


def mend(desk, how):
    """Let the server answer again."""
    if how == "unreachable":
        desk.server.start()
    else:
        desk.server.heal()
