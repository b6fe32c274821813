"""Somebody at a browser of any engine: what they do, what they see, and the time that passes."""

import threading
import time

from tests.browser.desk import PEOPLE, SHOWN

PATIENCE_S = 15

# As on a laptop that was asleep: the wall clock has moved on, and no timer has run meanwhile. The
# page's own timer, which is the engine's and runs in real time, has to notice within a second.
MOVE_ON = """
  if (!globalThis.passed) {
    const now = Date.now;
    globalThis.passed = { ms: 0 };
    Date.now = () => now() + passed.ms;
  }
  passed.ms += arguments[0];
"""
# Never set: between two looks the cores are the browser's.
BREATH = threading.Event()
BREATH_S = 0.02
DIALOG = "dialog[open][role=alertdialog]"
HEADING = "document.querySelector('h1')?.textContent"


class Seat:
    """One user of one engine at the bank; each method takes the tab it means."""

    def __init__(self, server, user):
        self.server = server
        self.user = user
        self.tabs = []
        self.tab = self.open()

    def open(self, path=None):
        """Open a tab."""
        tab = self.user.open()
        self.tabs.append(tab)
        if path:
            self.user.goto(tab, path)
        return tab

    def sign_in(self, name="george"):
        """Sign in by typing into the form."""
        self.user.goto(self.tab, "/login")
        self.user.write(self.tab, "//input[@name='username']", name)
        self.user.write(self.tab, "//input[@name='password']", PEOPLE[name])
        self.press("Sign in")
        self.sees(f"{HEADING}?.startsWith('Welcome')")
        self.sees("document.readyState === 'complete'")

    def type_a_payee(self, text):
        """Begin a transfer; the page has reported the typing, and the server has answered."""
        self.user.goto(self.tab, "/transfer")
        self.user.write(self.tab, "//input[@name='payee']", text)
        self.sees(f"document.querySelector('[name=payee]').value === '{text}'")
        self.server.wait_for(self.extends)
        self.sees_server(lambda: all(call.status for call in self.extends()))

    def press(self, button, tab=None, *, inside=""):
        """Press a button with the pointer, in the warning or in the page."""
        self.user.click(tab or self.tab, f"{inside}//button[normalize-space()='{button}']")

    def follow(self, link):
        """Follow a link with the pointer."""
        self.user.click(self.tab, f"//nav//a[normalize-space()='{link}']")

    def answer(self, button, tab=None):
        """Press a button of the warning."""
        self.press(button, tab, inside="//dialog")

    def pass_time(self, *, minutes):
        """Let time pass at the server and in every tab."""
        self.server.clock.advance(minutes=minutes)
        for tab in self.tabs:
            self.user.run(tab, MOVE_ON, minutes * 60_000)

    def sees(self, condition, tab=None):
        """Wait until a JavaScript condition holds in the page, whatever page that is by then."""
        give_up = time.monotonic() + PATIENCE_S
        while True:
            try:
                if self.finds(condition, tab):
                    return
            except self.user.gone:
                pass  # between two pages
            assert time.monotonic() < give_up, f"{condition} is not so in {self.what_is_there(tab)}"
            BREATH.wait(BREATH_S)

    def sees_server(self, condition):
        """Wait until something holds of what the server has answered."""
        give_up = time.monotonic() + PATIENCE_S
        while not condition():
            BREATH.wait(BREATH_S)
            assert time.monotonic() < give_up, "the server has not answered"

    def extends(self):
        """Return the requests that reported activity."""
        return self.server.calls_to("/session/extend")

    def finds(self, expression, tab=None):
        """Return the value of a JavaScript expression."""
        return self.user.run(tab or self.tab, f"return {expression}")

    def what_is_there(self, tab=None):
        """Return the page's text, for a message."""
        return self.finds("[location.href, document.documentElement.innerText]", tab)

    def sees_warning(self, tab=None):
        """Wait for the warning."""
        self.sees(f"document.querySelector('{DIALOG}')", tab)

    def sees_no_dialog(self, tab=None):
        """Wait until there is no dialog."""
        self.sees(f"!document.querySelector('{DIALOG}')", tab)

    def sees_heading(self, text, tab=None):
        """Wait for a page by its heading."""
        self.sees(f"{HEADING} === '{text}'", tab)

    def shown(self, tab=None):
        """Whether anything of the page's own content can be seen."""
        return self.finds(SHOWN, tab)

    def token(self):
        """Return the session's cookie, as a thief would hold it."""
        return self.user.cookie(self.server.cookie)

    def status(self, token=None):
        """Return the status document, asked for by another client with this user's cookie."""
        return self.server.ask("/session", token or self.token()).document
