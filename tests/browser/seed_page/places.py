"""Where things are on the page, with and without Bootstrap's modal."""

import pytest

from tests.browser.warning import any_dialog

# For what jQuery and Bootstrap have no part in.
once = pytest.mark.parametrize("jquery", ["none"], indirect=True)


def modal(page):
    """Return the page's own warning."""
    return page.locator("#session-warning-modal")


def warning(page, jquery):
    """Return what warns: the page's modal where it has one, else our dialog."""
    return any_dialog(page) if jquery == "none" else modal(page)


def stay(page, jquery):
    """Return the button that extends."""
    name = "Stay signed in" if jquery == "none" else "Stay Logged In"
    return warning(page, jquery).get_by_role("button", name=name)


def log_out(page, jquery):
    """Return the button that signs out."""
    name = "Sign out" if jquery == "none" else "Log Out"
    return warning(page, jquery).get_by_role("button", name=name)
