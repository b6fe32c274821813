"""The bank, Chromium and somebody at a desk, as the browser tests have them; and the rulers."""

import os
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import timedelta
from pathlib import Path

from playwright.sync_api import Browser, Playwright

from nightlatch import Limits
from tests.browser.bank_server import REAL_TIMING, BankServer
from tests.browser.desk import Desk, shown
from tests.browser.warning import warning

CHROMIUM = os.environ.get("CHROMIUM", "/usr/bin/chromium")
ARGUMENTS = ["--disable-gpu", "--disable-background-networking", "--disable-sync"]
if os.geteuid() == 0:
    # Chromium's own sandbox refuses to start as root.
    ARGUMENTS.append("--no-sandbox")

# What the others were measured with: 15 minutes, warned 2 before.
IDLE_MIN, WARN_MIN = 15, 2
TIMING = {**REAL_TIMING, "idle": timedelta(minutes=IDLE_MIN), "warn": timedelta(minutes=WARN_MIN)}
LIMITS = Limits(idle=TIMING["idle"], warn=TIMING["warn"])
# What the user is promised, and the page counts down to; the server's own end is a little later.
END_MS = LIMITS.promise_ms
WARN_MS = END_MS - LIMITS.warn_ms
# Nobody's content stays longer than this in any row, so there is no need to look on.
PATIENCE_MS = 15 * 60_000
FINE_MS = 2_000
# What is so late never comes, as far as a row is concerned.
LATE_MS = 60_000


class Place:
    """Where a row is measured.

    :param keeping: a Chromium that keeps pages for Back, as users' do.
    :param forgetting: one that loads every page anew.
    """

    def __init__(self, driver: Playwright) -> None:
        self.forgetting = self._launch(driver)
        self.keeping = self._launch(driver, ["--disable-back-forward-cache"])

    def _launch(self, driver: Playwright, without: list[str] | None = None) -> Browser:
        return driver.chromium.launch(
            executable_path=CHROMIUM, args=ARGUMENTS, ignore_default_args=without
        )

    def close(self) -> None:
        """Let both browsers go."""
        self.forgetting.close()
        self.keeping.close()

    @contextmanager
    def desk(self, browser: Browser | None = None, *, bare: bool = False) -> Iterator[Desk]:
        """Somebody at a desk, with a bank of their own whose session ends after 15 minutes.

        :param bare: our script does not arrive: what the ruler reads where nothing protects.
        """
        with tempfile.TemporaryDirectory() as home:
            server = BankServer(Path(home), TIMING)
            desk = Desk(server, browser or self.forgetting)
            if bare:
                desk.context.route("**/nightlatch*.js*", lambda route: route.abort())
            try:
                yield desk
            finally:
                desk.close()
                server.close()
        if not bare and desk.problems:
            raise SystemExit(f"Something went wrong in the page: {desk.problems}")


@contextmanager
def opened(driver: Playwright) -> Iterator[Place]:
    """A place whose browsers are closed again."""
    place = Place(driver)
    try:
        yield place
    finally:
        place.close()


def go_on(desk: Desk, ms: int) -> None:
    """Let time pass without waiting for any answer."""
    desk.server.clock.advance(ms=ms)
    desk.context.clock.run_for(ms)


def stays_ms(desk: Desk) -> int:
    """How long private content can still be seen, by the clock that is moved.

    Steps of 10 ms for 2 seconds, then of 10 seconds; `PATIENCE_MS` stands for that or more.
    """
    passed = 0
    while shown(desk.page) and passed < PATIENCE_MS:
        step = 10 if passed < FINE_MS else 10_000
        go_on(desk, step)
        passed += step
    return min(passed, PATIENCE_MS)


def moments_ms(desk: Desk, seen_ms: int) -> tuple[int, int]:
    """How late the warning comes and the content goes, after activity at `seen_ms`.

    Looks each 100 ms from 10 seconds before the right moment on: -10,000 is that early or earlier,
    and `LATE_MS` is never.
    """

    def late(due_ms: int, done: Callable[[], bool]) -> int:
        before = due_ms - 10_000 - desk.server.clock.now()
        desk.pass_time(seconds=before / 1000)
        while not done() and desk.server.clock.now() < due_ms + LATE_MS:
            go_on(desk, 100)
            desk.settle()
        return desk.server.clock.now() - due_ms

    warned = late(seen_ms + WARN_MS, lambda: warning(desk.page).is_visible())
    desk.server.fail("/session/end", "hold")
    gone = late(seen_ms + END_MS, lambda: not shown(desk.page))
    return warned, gone
