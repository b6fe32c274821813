"""Chromium, the bank, and a desk: what every browser test begins with."""

import os
from datetime import timedelta

import pytest
from playwright.sync_api import sync_playwright

from tests.browser.bank_server import REAL_TIMING, BankServer
from tests.browser.desk import Desk

CHROMIUM = os.environ.get("CHROMIUM", "/usr/bin/chromium")
ARGUMENTS = [
    "--disable-gpu",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]
if os.geteuid() == 0:
    # Chromium's own sandbox refuses to start as root.
    ARGUMENTS.append("--no-sandbox")


def pytest_addoption(parser):
    """`make pictures`, which is `--pictures`, takes those of the documentation again."""
    parser.addoption("--pictures", action="store_true", help="write docs/pictures/*.png")


def pytest_collection_modifyitems(items):
    """Mark everything beside this file, so that `-m "not browser"` leaves it out."""
    for item in items:
        if item.path.is_relative_to(os.path.dirname(__file__)):
            item.add_marker(pytest.mark.browser)


# Of the package and not of the session: two of these at once refuse to run in one thread, and
# other tests have their own.
@pytest.fixture(scope="package")
def playwright():
    """The driver."""
    with sync_playwright() as driver:
        yield driver


@pytest.fixture(scope="package")
def browser(playwright):
    """One Chromium for all tests; each has a context of its own in it."""
    browser = playwright.chromium.launch(executable_path=CHROMIUM, args=ARGUMENTS)
    yield browser
    browser.close()


@pytest.fixture(scope="package")
def browser_with_bfcache(playwright):
    """A Chromium that keeps pages for Back, as users' do and Playwright's does not."""
    browser = playwright.chromium.launch(
        executable_path=CHROMIUM,
        args=ARGUMENTS,
        ignore_default_args=["--disable-back-forward-cache"],
    )
    yield browser
    browser.close()


@pytest.fixture
def timing(request):
    """The bank's limits; `parametrize("timing", [...], indirect=True)` sets others, in minutes."""
    others = getattr(request, "param", {})
    return {**REAL_TIMING, **{name: timedelta(minutes=value) for name, value in others.items()}}


@pytest.fixture
def server(tmp_path, timing):
    """The bank."""
    server = BankServer(tmp_path, timing)
    yield server
    server.close()
    assert server.unexpected() == []
    assert server.violations == []


@pytest.fixture
def sit_down(server, browser, pytestconfig):
    """A function that gives somebody a desk; whatever went wrong at one fails the test."""
    desks = []

    def at(browser=browser, bank=server, **options):
        pictures = pytestconfig.getoption("pictures", default=False)
        desks.append(Desk(bank, browser, pictures=pictures, **options))
        return desks[-1]

    yield at
    for desk in desks:
        desk.close()
    assert [problem for desk in desks for problem in desk.problems] == []


@pytest.fixture
def desk(sit_down):
    """A desk with an empty tab."""
    return sit_down()


@pytest.fixture
def george(desk):
    """The same with George signed in, on the first page."""
    desk.sign_in()
    return desk
