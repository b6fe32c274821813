"""Somebody at a desk: a browser of their own, its tabs, and the time that passes there."""

import re
import time
from contextlib import suppress
from pathlib import Path
from urllib.parse import urlsplit

from playwright.sync_api import Error, expect

PICTURES = Path(__file__).parents[2] / "docs" / "pictures"
PEOPLE = {"george": "george", "O’Connor": "o’connor", "admin": "admin"}

# Under Playwright's clock a new page's performance.now() begins at all the time moved so far;
# a browser's begins at 0 with every navigation. The first reading is script start.
FRESH_STOPWATCH = """(() => {
  const now = performance.now.bind(performance);
  let began;
  performance.now = () => now() - (began ??= now());
})()"""

REPORT_VIOLATIONS = """document.addEventListener("securitypolicyviolation", (event) =>
  console.error(`policy violated: ${event.violatedDirective} ${event.blockedURI}`))"""

SHOWN = "[...document.querySelectorAll('main, header')].some((el) => el.checkVisibility())"

# Answers have been handled when a task that is queued after them has run.
LATER = """() => new Promise((done) => {
  const { port1, port2 } = new MessageChannel();
  port1.onmessage = done;
  port2.postMessage(0);
})"""

PATIENCE_S = 10
FINE_MS = 15_000


class Desk:
    """One browser context on the bank's clock; everything that goes wrong in it is kept.

    :param skew_s: by how much its clock is wrong.
    :ivar page: the first tab.
    :ivar problems: page errors, console errors, policy violations and boxes nobody asked for.
    """

    def __init__(self, server, browser, *, pictures=False, scripts=True, skew_s=0, **options):
        self.server = server
        self.problems = []
        self._pictures = pictures
        self._under_way = set()
        self.context = browser.new_context(
            base_url=server.url,
            locale="en-GB",
            timezone_id="UTC",
            java_script_enabled=scripts,
            **options,
        )
        if scripts:
            self.context.clock.install(time=server.clock.now() / 1000 + skew_s)
            # Real time must not leak in: from here on only the test moves the clock.
            self.context.clock.pause_at(server.clock.now() / 1000 + skew_s)
            self.context.add_init_script(FRESH_STOPWATCH)
            self.context.add_init_script(REPORT_VIOLATIONS)
        self.context.on("console", self._console)
        self.context.on("weberror", lambda error: self.problems.append(str(error.error)))
        self.context.on("dialog", self._box)
        self.context.on("page", lambda page: page.on("framenavigated", self._went_on))
        self.context.on("request", self._asked)
        self.context.on("requestfinished", self._answered)
        self.context.on("requestfailed", self._answered)
        self.page = self.open()

    def open(self, address=None):
        """Open another tab."""
        page = self.context.new_page()
        if address is not None:
            page.goto(address)
        return page

    def close(self):
        """Leave the desk."""
        # In this order: an answer that comes now would send a page elsewhere while it is closed.
        self.context.close()
        self.server.heal()

    # What one does there

    def sign_in(self, name="george", *, at="/login", page=None):
        """Sign in as one does, by typing into the form."""
        page = page or self.page
        page.goto(at)
        self.fill_in(name, page)

    def fill_in(self, name, page):
        """Fill in the sign-in form that is open, and send it."""
        page.get_by_label("User name").fill(name)
        page.get_by_label("Password").fill(PEOPLE[name])
        page.get_by_role("button", name="Sign in").click()
        expect(page.get_by_text(f"Signed in as {name}")).to_be_visible()
        # Modules run before the load event, and time must not pass before they do.
        page.wait_for_load_state()

    def status(self):
        """Return the status document, asked for by another client with this desk's cookie."""
        return self.server.ask("/session", self.token()).document

    def accessibility_tree(self, page=None):
        """Return what assistive technology meets: role, name, description and states."""
        session = self.context.new_cdp_session(page or self.page)
        try:
            nodes = session.send("Accessibility.getFullAXTree")["nodes"]
        finally:
            session.detach()
        return [_plain(node) for node in nodes if not node["ignored"]]

    def crash(self, page):
        """Let a tab die without a word, as a browser does that runs out of memory."""
        with page.expect_event("crash"), suppress(Error):
            page.goto("chrome://crash")
        self._under_way -= {each for each in self._under_way if each.frame.page == page}
        # The clock moves in every tab that is there, and stumbles over one that is dead.
        page.close()

    def token(self):
        """Return the session's cookie, as a thief would hold it."""
        (cookie,) = [each for each in self.context.cookies() if each["name"] == "nightlatch"]
        return cookie["value"]

    def picture(self, name, *, whole=False):
        """Take a picture for the documentation, when the run was asked for pictures.

        :param whole: of the whole page, not only of what is in view.
        """
        if self._pictures:
            path = PICTURES / f"{name}.png"
            self.page.screenshot(path=path, full_page=whole, animations="disabled")

    # Time

    def pass_time(self, *, hours=0, minutes=0, seconds=0, awake=False):
        """Let time pass here and at the server, and let every request be answered.

        The server is the first to see each step: what the page does at the end of a step happens
        at the same moment there. The last seconds pass one by one. Before them a timer that falls
        due more than once in a minute runs once, as in a browser that throttles; every run of a
        timer costs 4 ms, and the page has one each second.

        :param awake: run every timer as often as it falls due, all the way.
        """
        left = round(((hours * 60 + minutes) * 60 + seconds) * 1000)
        # What was asked before time passes is answered before it does.
        self.settle()
        while left > 0:
            near = left <= FINE_MS
            step = min(1000, left) if near else min(60_000, left - FINE_MS)
            self.server.clock.advance(ms=step)
            if near or awake:
                self.context.clock.run_for(step)
            else:
                self.context.clock.fast_forward(step)
            self.settle()
            left -= step

    def skip(self, *, seconds):
        """Let time pass in one step, in which every timer that falls due runs once."""
        self.server.clock.advance(seconds=seconds)
        self.context.clock.fast_forward(round(seconds * 1000))
        self.settle()

    def suspend(self, *, hours):
        """Close the lid and open it again: the wall clock has moved on and no timer has run."""
        self.server.clock.advance(hours=hours)
        self.context.clock.set_system_time(self.server.clock.now() / 1000)

    def suspend_and_fire(self, *, hours):
        """The same on a system that runs every overdue timer once, on waking."""
        self.server.clock.advance(hours=hours)
        self.context.clock.fast_forward(round(hours * 3_600_000))

    def settle(self):
        """Wait until every request is answered, but for those that the server holds."""
        give_up = time.monotonic() + PATIENCE_S
        while True:
            for page in self.context.pages:
                self._let_run(page)
            waiting = [r.url for r in self._under_way if not self.server.holds(path_of(r.url))]
            if not waiting:
                return
            assert time.monotonic() < give_up, f"no answer: {waiting}"

    def _let_run(self, page):
        try:
            page.evaluate(LATER)
        except Error as error:
            # The page went elsewhere in the middle of it, which is one way to go on.
            if not re.search("navigat|destroyed|closed", str(error)):
                raise

    # What must not happen

    def _asked(self, request):
        # A page's load is waited for by itself, and of an icon nobody hears how it ended.
        if request.resource_type == "fetch":
            self._under_way.add(request)

    def _went_on(self, frame):
        # Nobody hears either what became of the requests of a page that has gone.
        self._under_way -= {each for each in self._under_way if each.frame == frame}

    def _answered(self, request):
        self._under_way.discard(request)

    def _console(self, message):
        if message.type not in ("error", "warning"):
            return
        if re.search("ERR_(CONNECTION_REFUSED|INTERNET_DISCONNECTED|EMPTY_RESPONSE)", message.text):
            # The test took the network away; nothing on these pages asks for another host.
            return
        if message.text.startswith("Failed to load resource"):
            path = path_of(message.location["url"])
            # An ended session is answered 401; a page that does not exist is a test's own doing.
            if (path.startswith("/session") and "assets" not in path) or self._asked_for(path):
                return
        self.problems.append(f"{message.type}: {message.text} ({message.location['url']})")

    def _asked_for(self, path):
        # The message may come when the next request for the same is under way.
        known = [call for call in self.server.calls if call.path == path and call.status]
        portal = any(call.failed_on_purpose and call.status == 302 for call in self.server.calls)
        unasked = not known or known[-1].failed_on_purpose
        return unasked or portal or known[-1].status in (401, 404, 409, 422, 429)

    def _box(self, box):
        self.problems.append(f"{box.type} box: {box.message}")
        box.dismiss()


def _plain(node):
    states = {each["name"]: each["value"].get("value") for each in node.get("properties", ())}
    texts = {key: node.get(key, {}).get("value", "") for key in ("role", "name", "description")}
    return {"modal": False, "focused": False} | states | texts


def path_of(url):
    """Return the path of an address."""
    return urlsplit(url).path


def shown(page):
    """Whether anything of the page's own content can be seen."""
    return page.evaluate(SHOWN)
