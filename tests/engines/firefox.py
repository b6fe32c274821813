"""Stock Firefox, driven by Playwright over WebDriver BiDi."""

import os
from contextlib import contextmanager

from playwright.sync_api import Error, sync_playwright

PROGRAM = os.environ.get("FIREFOX", "/usr/bin/firefox-esr")
NEEDS = {PROGRAM: "firefox-esr"}


@contextmanager
def started():
    """Start it, and give a function that makes users of it."""
    with sync_playwright() as driver:
        browser = driver.firefox.launch(
            # Any other channel wants a Firefox that Playwright has patched.
            channel="moz-firefox",
            executable_path=PROGRAM,
            headless=True,
        )
        try:
            yield lambda address: Firefox(browser, address)
        finally:
            browser.close()


class Firefox:
    """One user's Firefox: cookies of their own, and tabs.

    :ivar problems: errors of pages and of the console.
    """

    gone = Error

    def __init__(self, browser, address):
        self.problems = []
        self._context = browser.new_context(
            base_url=address, ignore_https_errors=True, locale="en-GB"
        )
        self._context.on("weberror", lambda each: self._note(str(each.error)))
        self._context.on("console", self._console)

    def open(self):
        """Open another tab."""
        return self._context.new_page()

    def cookie(self, name):
        """Return the value of a cookie, or None."""
        found = [each["value"] for each in self._context.cookies() if each["name"] == name]
        return found[0] if found else None

    def close(self):
        """Leave; nothing of this user stays."""
        self._context.close()

    # What is done in a tab

    def goto(self, tab, path):
        """Load a page."""
        tab.goto(path)

    def back(self, tab):
        """Press Back. Playwright's own waits for a load, which a kept page has not."""
        tab.evaluate("history.back()")

    def run(self, tab, body, *values):
        """Run the body of a function in the page and return what it returns."""
        return tab.evaluate(
            f"(values) => (function () {{ {body} }}).apply(null, values)", list(values)
        )

    def click(self, tab, xpath):
        """Click with the pointer."""
        tab.locator(f"xpath={xpath}").click()

    def write(self, tab, xpath, text):
        """Type into a field."""
        tab.locator(f"xpath={xpath}").press_sequentially(text)

    def escape(self, tab):
        """Press Escape."""
        tab.keyboard.press("Escape")

    def _console(self, message):
        if message.type == "error":
            self._note(message.text)

    def _note(self, text):
        # An ended session is answered 401, which browsers write there too; and of the policy's
        # violations the server is told.
        if "401" not in text and "violates the following directive" not in text:
            self.problems.append(text)
