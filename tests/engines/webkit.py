"""WebKitGTK: its MiniBrowser on a screen that nobody sees, driven by WebDriver."""

import os
import socket
import subprocess
import time
from contextlib import contextmanager
from pathlib import Path

from tests.engines.webdriver import Refused, Session, a_screen, running

DRIVER = os.environ.get("WEBKIT_DRIVER", "/usr/bin/WebKitWebDriver")
_found = sorted(Path("/usr/lib").glob("*/webkit2gtk-4.1/MiniBrowser"))
PROGRAM = os.environ.get("WEBKIT", str(_found[0] if _found else "MiniBrowser"))
NEEDS = {DRIVER: "webkit2gtk-driver", PROGRAM: "webkit2gtk-driver", "Xvfb": "xvfb"}
ESCAPE = "\ue00c"


PATIENCE_S = 20


@contextmanager
def started():
    """Start its driver, and give a function that makes users of it."""
    with a_screen() as display:
        port = free_port()
        driver = subprocess.Popen(
            [DRIVER, f"--port={port}"],
            env=os.environ | {"DISPLAY": display},
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        )
        with running(driver):
            wait_for(driver, port)
            yield lambda address: WebKit(f"http://127.0.0.1:{port}", address)


def wait_for(driver, port):
    """Wait until the driver listens."""
    give_up = time.monotonic() + PATIENCE_S
    while True:
        try:
            socket.create_connection(("127.0.0.1", port)).close()
            return
        except OSError:
            assert driver.poll() is None, f"WebKitWebDriver ended with {driver.returncode}"
            assert time.monotonic() < give_up, "WebKitWebDriver does not listen"


class WebKit:
    """One user's WebKit: a browser process and cookies of their own, and windows.

    :ivar problems: nothing; WebDriver does not tell what a page writes to the console. What its
        policy refused reaches the server.
    """

    gone = Refused

    def __init__(self, driver, address):
        self.problems = []
        self._address = address
        self._session = Session(
            driver,
            {
                # The certificate is the tests' own.
                "acceptInsecureCerts": True,
                "webkitgtk:browserOptions": {"binary": PROGRAM, "args": ["--automation"]},
            },
        )
        self._unused = [self._session.get("/window")]
        self._current = self._unused[0]

    def open(self):
        """Open another window; a tab would be hidden by the next."""
        if self._unused:
            return self._unused.pop()
        return self._session.post("/window/new", {"type": "window"})["handle"]

    def cookie(self, name):
        """Return the value of a cookie, or None."""
        found = [each["value"] for each in self._session.get("/cookie") if each["name"] == name]
        return found[0] if found else None

    def close(self):
        """Leave; nothing of this user stays."""
        self._session.delete()

    # What is done in a window

    def goto(self, tab, path):
        """Load a page."""
        self._in(tab).post("/url", {"url": self._address + path})

    def back(self, tab):
        """Press Back."""
        self._in(tab).post("/back")

    def run(self, tab, body, *values):
        """Run the body of a function in the page and return what it returns."""
        return self._in(tab).post("/execute/sync", {"script": body, "args": list(values)})

    def click(self, tab, xpath):
        """Click with the pointer."""
        session = self._in(tab)
        session.post(f"{session.find(xpath)}/click")

    def write(self, tab, xpath, text):
        """Type into a field."""
        session = self._in(tab)
        session.post(f"{session.find(xpath)}/value", {"text": text})

    def escape(self, tab):
        """Press Escape."""
        press = [{"type": kind, "value": ESCAPE} for kind in ("keyDown", "keyUp")]
        keyboard = {"type": "key", "id": "keyboard", "actions": press}
        self._in(tab).post("/actions", {"actions": [keyboard]})

    def _in(self, tab):
        if tab != self._current:
            self._session.post("/window", {"handle": tab})
            self._current = tab
        return self._session


def free_port():
    """Return a port on which nobody listens."""
    with socket.create_server(("127.0.0.1", 0)) as found:
        return found.getsockname()[1]
