"""Warn, stay, sign out, time out, Back and two tabs, in Firefox and in WebKitGTK."""

import pytest

from tests.browser.desk import SHOWN
from tests.engines.seat import DIALOG, HEADING

# The texts that name and describe the dialog.
LABELS = """(() => {
  const box = document.querySelector("dialog");
  const ids = `${box.getAttribute("aria-labelledby")} ${box.getAttribute("aria-describedby")}`;
  return ids.split(" ").map((id) => document.getElementById(id).textContent);
})()"""


def test_it_warns_at_49_minutes_with_the_focus_on_stay(george):
    """A modal alert dialog with a name, a description and its two buttons; the page stays."""
    george.pass_time(minutes=48)
    george.finds("document.dispatchEvent(new Event('visibilitychange'))")
    assert not george.finds(f"document.querySelector('{DIALOG}')")

    george.pass_time(minutes=1)

    george.sees_warning()
    assert george.finds(f"document.querySelector('{DIALOG}').matches(':modal')")
    assert george.finds("document.activeElement.textContent") == "Stay signed in"
    name, why, time = george.finds(LABELS)
    assert name == "Are you still there?"
    assert "sign you out" in why
    assert "10 minutes" in time
    assert george.shown()


@pytest.mark.parametrize("by", ["press", "escape"])
def test_stay_is_confirmed_by_the_server_and_closes_it(george, by):
    """By the button or by Escape; what was typed and the focus are as they were."""
    george.type_a_payee("José Ωmega")
    george.pass_time(minutes=55)
    george.sees_warning()

    if by == "press":
        george.answer("Stay signed in")
    else:
        # A key counts as typing that was under way until none has come for a second.
        george.sees("(globalThis.since ??= performance.now()) + 1100 < performance.now()")
        george.user.escape(george.tab)

    george.sees_no_dialog()
    # Less the moment between the press and the request, in real time.
    assert 59 * 60_000 - 1000 < george.status()["idle_ms"] <= 59 * 60_000
    assert george.finds("document.activeElement.name") == "payee"
    assert george.finds("document.activeElement.value") == "José Ωmega"


def test_sign_out_in_the_warning_ends_the_session(george):
    """For good: its cookie opens nothing any more."""
    token = george.token()
    george.pass_time(minutes=50)
    george.sees_warning()
    before = len(george.server.calls)

    george.answer("Sign out")

    george.sees_heading("You are signed out")
    assert george.status(token)["reason"] == "signed-out"
    sent = [call.path for call in george.server.calls[before:] if call.method == "POST"]
    assert sent == ["/session/end"]


def test_at_59_minutes_it_is_hidden_first_and_then_over(george):
    """The content goes in the same task; then the server ends it, and a page says why."""
    token = george.token()
    george.server.fail("/session/end", "hold")
    assert george.shown()
    george.pass_time(minutes=59)

    wake = "document.dispatchEvent(new Event('visibilitychange'))"
    assert not george.finds(f"({wake}, {SHOWN})")

    george.server.heal()
    george.sees_heading("You were signed out")
    assert george.status(token)["reason"] == "idle"
    assert "reason=idle" in george.finds("location.href")


def test_a_session_that_lives_after_all_is_hidden_and_then_shown_again(george):
    """Nothing wakes the page but the engine's own timer; then only the server's word lifts it."""
    george.pass_time(minutes=58)
    george.server.ask("/session/extend", george.token(), method="POST", body="{}")
    george.server.fail("/session/end", "hold")
    george.pass_time(minutes=1)
    # Hidden and still whole, not taken out as it is after ten seconds.
    george.sees(f"document.querySelector('main') && !{SHOWN}")

    george.server.heal()

    george.sees(SHOWN)
    george.sees_no_dialog()
    assert george.status()["state"] == "active"


@pytest.mark.parametrize("end", ["signed out", "timed out"])
def test_back_after_the_end_shows_nothing_private(george, end):
    """Neither from the history nor from a cache."""
    george.user.goto(george.tab, "/transfer")
    george.sees("document.readyState === 'complete'")
    if end == "signed out":
        george.press("Sign out")
        george.sees_heading("You are signed out")
    else:
        george.pass_time(minutes=60)
        george.sees_heading("You were signed out")

    george.user.back(george.tab)

    # All in one look, because the page that comes back leaves for the one that says why.
    george.sees(
        f"/^(You (are|were) signed out|Sign in)$/.test({HEADING}) && {SHOWN} "
        "&& document.readyState === 'complete' && !document.documentElement.innerText.includes('£')"
    )


def test_back_while_the_session_lives_shows_the_page_and_watches_on(george):
    """Hiding on the way out must not leave anybody before a blank page."""
    george.follow("Send money")
    george.sees_heading("Send money")
    george.sees("document.readyState === 'complete'")

    george.user.back(george.tab)

    george.sees(f"{HEADING}?.startsWith('Welcome') && {SHOWN}")
    george.pass_time(minutes=50)
    george.sees_warning()


def test_stay_in_one_tab_is_enough_for_both(george):
    """The other closes its warning by itself, and nobody asks twice."""
    other = george.open("/transfer")
    george.sees("document.readyState === 'complete'", other)
    george.pass_time(minutes=50)
    george.sees_warning()
    george.sees_warning(other)
    before = len(george.extends())

    george.answer("Stay signed in", other)

    george.sees_no_dialog(other)
    george.sees_no_dialog()
    assert len(george.extends()) == before + 1


def test_signing_out_in_one_tab_leads_both_out(george):
    """And both say that it was on purpose."""
    other = george.open("/transfer")
    george.sees("document.readyState === 'complete'", other)

    george.press("Sign out", other)

    george.sees_heading("You are signed out", other)
    george.sees_heading("You are signed out")


def test_what_the_policy_refuses_reaches_the_server(george):
    """No test passes over a violation: in this engine too the policy's reports arrive."""
    george.finds("void Object.assign(new Image(), "
                 "{ src: 'https://127.0.0.1:1/elsewhere.png' })")  # fmt: skip

    george.server.wait_for(lambda: george.server.violations)

    assert "img-src" in george.server.violations.pop()
