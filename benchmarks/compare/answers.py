"""Rows about *Stay* that cannot be kept, and about Back."""

import re
from collections.abc import Callable

from playwright.sync_api import Browser, expect

from benchmarks.compare.place import END_MS, WARN_MS, Place, go_on
from tests.browser.desk import SHOWN, Desk, shown
from tests.browser.warning import first_button, note, warning

ROUTES = ("/session", "/session/end", "/session/extend")
SEEN = "private content was seen"
# Says so whenever something private can be seen: as the page comes back, before its own tasks
# run, and after every change of it. The number tells it from what it said before: the messages
# of a page that is kept for Back are told once more when it comes back.
LOOK_OUT = f"""(() => {{
  const look = () => {SHOWN} && document.body.innerText.includes("Signed in as")
    && console.debug("{SEEN}", Math.random());
  addEventListener("pageshow", look, {{ capture: true }});
  new MutationObserver(look).observe(document, {{
    subtree: true, childList: true, attributes: true, characterData: true }});
}})()"""


def _at_the_warning(desk: Desk) -> None:
    """Sign in, do nothing, and be warned 5 seconds ago."""
    desk.sign_in()
    desk.pass_time(seconds=WARN_MS / 1000 + 5)
    expect(warning(desk.page)).to_be_visible()


def stay_500(place: Place, run: int) -> list[str]:
    """What *Stay* does while every answer is 500, for half a minute."""
    with place.desk() as desk:
        _at_the_warning(desk)
        for path in ROUTES:
            desk.server.fail(path, "500")
        first_button(desk.page).click()
        desk.settle()
        asked = len(desk.server.calls_to("/session/extend"))
        desk.pass_time(seconds=30)
        again = len(desk.server.calls_to("/session/extend")) - asked
        if not warning(desk.page).is_visible():
            return ["the dialog closes"]
        told = note(desk.page).text_content()
        says = "says “Not confirmed”" if told.startswith("Not confirmed") else f"says {told!r}"
        return [f"stays open, {says}, {'tries again' if again else 'does not try again'}"]


def stay_500_end(place: Place, run: int) -> list[int]:
    """Visible for so long past the end, when the answers never were anything but 500."""
    with place.desk() as desk:
        _at_the_warning(desk)
        for path in ROUTES:
            desk.server.fail(path, "500")
        first_button(desk.page).click()
        desk.pass_time(seconds=(END_MS - WARN_MS) / 1000 - 15)
        # Ten seconds before the end; the next five are of no interest.
        go_on(desk, 5_000)
        desk.settle()
        left_ms = 5_000
        while shown(desk.page) and left_ms > -60_000:
            go_on(desk, 10)
            left_ms -= 10
        desk.pass_time(seconds=12)
        if "Signed in as" in desk.page.content():
            raise SystemExit("The content is still in the document 12 seconds later.")
        return [-left_ms]


def stay_ended(place: Place, run: int) -> list[str]:
    """What *Stay* does when the server has ended the session meanwhile."""
    with place.desk() as desk:
        _at_the_warning(desk)
        desk.server.end_everyone()
        first_button(desk.page).click()
        expect(desk.page).to_have_url(re.compile("reason="))
        reason = re.search("reason=([a-z-]+)", desk.page.url)[1]
        return [f"leaves at once, with the reason ({reason})"]


def back_after_time_out(place: Place, run: int) -> list[str]:
    """Back from the page that says that the time was over; both kinds of browser."""
    return [_back(place, browser, _time_out) for browser in (place.keeping, place.forgetting)]


def back_after_sign_out(place: Place, run: int, *, bare: bool = False) -> list[str]:
    """Back from the page that says that one is signed out; both kinds of browser."""
    both = (place.keeping, place.forgetting)
    return [_back(place, browser, _sign_out, bare=bare) for browser in both]


def back_from_elsewhere(place: Place, run: int, *, bare: bool = False) -> list[str]:
    """Back to a page that was left alive and whose session ended while the browser kept it."""
    return [_back(place, place.keeping, _go_elsewhere, bare=bare)]


def _back(
    place: Place, browser: Browser, leave: Callable[[Desk], None], *, bare: bool = False
) -> str:
    """Whether anything private is seen on going back, or in the 5 seconds after."""
    said = set()
    with place.desk(browser, bare=bare) as desk:
        desk.context.add_init_script(LOOK_OUT)
        desk.context.on("console", lambda message: said.add(message.text))
        desk.sign_in()
        desk.page.get_by_role("link", name="Statement", exact=True).click()
        expect(desk.page.get_by_role("heading", level=1)).to_contain_text("Statement for")
        desk.page.wait_for_load_state()
        if not _seen(said):
            raise SystemExit("The ruler does not see a private page that is there.")
        leave(desk)
        before = set(said)
        desk.page.go_back(wait_until="commit")
        expect(desk.page.locator("h1")).to_have_count(1)
        desk.pass_time(seconds=5)
        return "shown" if _seen(said - before) else "never shown"


def _seen(said: set[str]) -> bool:
    return any(text.startswith(SEEN) for text in said)


def _time_out(desk: Desk) -> None:
    desk.pass_time(seconds=END_MS / 1000)
    expect(desk.page.get_by_role("heading", name="You were signed out")).to_be_visible()


def _sign_out(desk: Desk) -> None:
    desk.page.get_by_role("button", name="Sign out").click()
    expect(desk.page.get_by_role("heading", name="You are signed out")).to_be_visible()


def _go_elsewhere(desk: Desk) -> None:
    desk.page.evaluate("location.href = '/static/mark.svg'")
    expect(desk.page).to_have_url(re.compile("mark.svg"))
    desk.server.clock.advance(hours=2)
