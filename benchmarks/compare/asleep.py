"""Rows about a laptop that slept for two hours, past the end of the session."""

from collections.abc import Callable

from benchmarks.compare.place import END_MS, Place, go_on, stays_ms
from tests.browser.desk import SHOWN, Desk
from tests.browser.warning import count

WAKES = [("window", "focus"), ("document", "visibilitychange")]
HANDS = {"pointermove": "move", "pointerdown": "click", "keydown": "key"}
# Our listeners stand before this one, so it sees what is left when they have heard the event.
LOOK_AT = f"""(type) => {{
  window.looked = [];
  addEventListener(type, () => window.looked.push({SHOWN}));
}}"""


def _sleep(desk: Desk, run: int, *, after_ms: int = 60_000) -> None:
    """Sign in, do nothing for a while, and close the lid for two hours.

    The lid closes at another part of a second in every run. What the server would say is held
    back: only what the page does by itself counts.
    """
    desk.sign_in(at="/login?next=/transfer")
    # A hand that has been here: a browser's first move reports no distance, and is no activity.
    desk.page.mouse.move(200, 300)
    desk.pass_time(seconds=after_ms / 1000)
    go_on(desk, 50 + 170 * run % 1000)
    desk.settle()
    for path in ("/session", "/session/end", "/session/extend"):
        desk.server.fail(path, "hold")


def _event(desk: Desk, target: str, name: str) -> None:
    """Wake with one event; what it causes in its own task has happened when this returns."""
    desk.page.evaluate(f"{target}.dispatchEvent(new Event('{name}'))")


def woken(place: Place, run: int, *, bare: bool = False) -> list[int]:
    """Visible for so long after `focus`, and after `visibilitychange`."""
    found = []
    for target, name in WAKES:
        with place.desk(bare=bare) as desk:
            _sleep(desk, run)
            desk.suspend(hours=2)
            _event(desk, target, name)
            found.append(stays_ms(desk))
    return found


def quiet(place: Place, run: int, *, bare: bool = False) -> list[int]:
    """Visible for so long when no event comes at all."""
    with place.desk(bare=bare) as desk:
        _sleep(desk, run)
        desk.suspend(hours=2)
        return [stays_ms(desk)]


def fired(place: Place, run: int, *, bare: bool = False) -> list[int]:
    """Visible for so long on a system that runs every overdue timer once on waking."""
    with place.desk(bare=bare) as desk:
        _sleep(desk, run)
        desk.suspend_and_fire(hours=2)
        return [stays_ms(desk)]


def warned(place: Place, run: int) -> list[int]:
    """The same as `woken` and `quiet`, when the warning was open as the lid closed."""

    def one(wake: Callable[[Desk], None]) -> int:
        with place.desk() as desk:
            _sleep(desk, run, after_ms=END_MS - 60_000)
            before = count(desk.page).text_content()
            desk.suspend(hours=2)
            wake(desk)
            passed = stays_ms(desk)
            after = count(desk.page).text_content()
            if before not in ("1:00", "0:59") or after:
                raise SystemExit(f"The countdown said {before!r} before and {after!r} after.")
            return passed

    return [one(lambda desk: _event(desk, *WAKES[0])), one(lambda desk: None)]


def first_input(place: Place, run: int) -> list[str]:
    """What the first move, click and key do, and the ten minutes after them."""
    found = []
    for name, hand in HANDS.items():
        with place.desk() as desk:
            _sleep(desk, run)
            desk.page.evaluate(LOOK_AT, name)
            pings = len(desk.server.calls_to("/session/extend"))
            desk.suspend(hours=2)
            _give(desk, hand)
            looked = desk.page.wait_for_function("() => looked.length && looked").json_value()
            hidden = "hidden in 0 ms" if not any(looked) else "still visible"
            desk.server.heal()
            desk.pass_time(minutes=10)
            revived = len(desk.server.calls_to("/session/extend")) > pings
            ended = "/logged-out?reason=idle" in desk.page.url
            if ended == revived:
                raise SystemExit(f"After {hand} it is at {desk.page.url}, revived: {revived}.")
            found.append(f"{hidden}, {'revived' if revived else 'never revives'}")
    return found


def _give(desk: Desk, hand: str) -> None:
    """Give input as a hand does: the browser makes the events."""
    if hand == "move":
        desk.page.mouse.move(300, 300)
        desk.page.mouse.move(320, 330)
    elif hand == "click":
        desk.page.mouse.down()
        desk.page.mouse.up()
    else:
        desk.page.keyboard.press("x")
