"""Chromium by its own protocol: tabs that are really hidden, and really frozen.

Playwright keeps every page visible and focused, whatever is in front of it, and a visible page
cannot be frozen. Time is real here: tests move the wall clock of the pages and the server's
together, and wait for what happens.
"""

import json
import os
import subprocess
import sys
import tempfile
import time

from tests.browser.conftest import ARGUMENTS, CHROMIUM
from tests.browser.desk import PEOPLE, SHOWN

# The wall clock only: as on a machine that slept, and timers are as late as a hidden tab's.
MOVABLE_CLOCK = """(() => {
  const real = Date.now;
  let moved = 0;
  Date.now = () => real() + moved;
  globalThis.moveClock = (ms) => { moved += ms; };
})()"""
# The browser reads from 3 and writes to 4, wherever the pipes were at first.
LAUNCH = """import fcntl, os, sys
ends = [fcntl.fcntl(int(end), fcntl.F_DUPFD, 10) for end in sys.argv[1:3]]
os.dup2(ends[0], 3)
os.dup2(ends[1], 4)
os.execv(sys.argv[3], sys.argv[3:])"""
PATIENCE_S = 15


class RawChromium:
    """One browser and its tabs; a context manager.

    :param server: the bank.
    """

    def __init__(self, server):
        self.server = server
        self._ids = 0
        self._answers = {}
        self._unread = b""
        self.tabs = []

    def __enter__(self):
        self._profile = tempfile.TemporaryDirectory(ignore_cleanup_errors=True)
        to_read, self._to = os.pipe()
        self._from, to_write = os.pipe()
        flags = [
            *ARGUMENTS,
            "--headless=new",
            "--remote-debugging-pipe",
            f"--user-data-dir={self._profile.name}",
            "--no-first-run",
        ]
        self._process = subprocess.Popen(
            [sys.executable, "-c", LAUNCH, f"{to_read}", f"{to_write}", CHROMIUM, *flags],
            pass_fds=(to_read, to_write),
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        )
        os.close(to_read)
        os.close(to_write)
        return self

    def __exit__(self, *exception):
        try:
            self.call("Browser.close")
            self._process.wait(PATIENCE_S)
        finally:
            self._process.kill()
            self._process.wait()
            os.close(self._to)
            os.close(self._from)
            self._profile.cleanup()

    def call(self, method, session=None, **params):
        """Send one command and return its result."""
        self._ids += 1
        message = {"id": self._ids, "method": method, "params": params}
        if session:
            message["sessionId"] = session
        os.write(self._to, json.dumps(message).encode() + b"\0")
        while self._ids not in self._answers:
            self._read()
        answer = self._answers.pop(self._ids)
        assert "error" not in answer, (method, answer)
        return answer["result"]

    def _read(self):
        chunk = os.read(self._from, 65536)
        assert chunk, "the browser has gone"
        *whole, self._unread = (self._unread + chunk).split(b"\0")
        for message in map(json.loads, whole):
            if "id" in message:
                self._answers[message["id"]] = message

    def open(self, path):
        """Open a tab in front of the others."""
        self.tabs.append(Tab(self, path))
        return self.tabs[-1]

    def sign_in(self):
        """Sign George in, and return his tab."""
        tab = self.open("/login")
        tab.run(f"""() => {{
            document.querySelector("[name=username]").value = "george";
            document.querySelector("[type=password]").value = {json.dumps(PEOPLE["george"])};
            document.querySelector("[type=password]").form.requestSubmit();
        }}""")
        tab.until("!!document.querySelector('script[data-nightlatch]')")
        return tab

    def pass_time(self, **span):
        """Move the server's clock and every tab's wall clock; no timer runs for it."""
        before = self.server.clock.now()
        self.server.clock.advance(**span)
        for tab in self.tabs:
            tab.run(f"() => moveClock({self.server.clock.now() - before})")


class Tab:
    """One tab."""

    def __init__(self, browser, path):
        self._browser = browser
        self.target = browser.call("Target.createTarget", url="about:blank")["targetId"]
        self._session = browser.call("Target.attachToTarget", targetId=self.target, flatten=True)[
            "sessionId"
        ]
        self.call("Page.enable")
        self.call("Page.addScriptToEvaluateOnNewDocument", source=MOVABLE_CLOCK)
        self.call("Page.navigate", url=browser.server.url + path)
        self.until("document.readyState === 'complete' && location.protocol !== 'about:'")

    def call(self, method, **params):
        """Send one command to this tab."""
        return self._browser.call(method, self._session, **params)

    def value(self, expression):
        """Return the value of an expression in the page."""
        answer = self.call("Runtime.evaluate", expression=expression, returnByValue=True)
        assert "exceptionDetails" not in answer, answer
        return answer["result"].get("value")

    def run(self, function):
        """Call a function in the page and return what it returns."""
        return self.value(f"({function})()")

    def until(self, expression):
        """Wait until an expression is true in whatever page the tab has by then."""
        give_up = time.monotonic() + PATIENCE_S
        while self.value(f"Boolean({expression})") is not True:
            assert time.monotonic() < give_up, (expression, self.value("location.href"))

    def front(self):
        """Bring it to the front, which hides the others."""
        self._browser.call("Target.activateTarget", targetId=self.target)
        self.until("document.visibilityState === 'visible'")

    def freeze(self):
        """Stop all its tasks, as a browser does with tabs that were long in the background."""
        self.call("Page.setWebLifecycleState", state="frozen")

    def thaw(self):
        """Let its tasks run again."""
        self.call("Page.setWebLifecycleState", state="active")

    def look_at(self, event):
        """Look at the page in the same dispatch in which its own listeners hear of `event`."""
        self.run(f"""() => {{
            window.seen = [];
            document.addEventListener("{event}", () => window.seen.push({SHOWN}));
        }}""")

    def poke(self):
        """Let it look at its clocks, as a timer would that fell due."""
        self.run("() => { window.dispatchEvent(new Event('online')); }")
