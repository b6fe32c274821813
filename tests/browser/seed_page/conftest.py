"""The article's application behind the desk, instead of the bank."""

import pytest

from tests.browser.bank_server import BankServer
from tests.browser.seed_page.app import LIBRARIES, create_app


class SeedServer(BankServer):
    """The same server, with another application in it."""

    def __init__(self, home, timing, **choices):
        self.choices = choices
        super().__init__(home, timing)

    def make_app(self, home, timing):
        """Make the article's."""
        return create_app(clock=self.clock, **self.choices, **timing)

    def close_app(self):
        """Nothing of it is outside the memory."""

    def end_everyone(self):
        """End all sessions, as an administrator does."""
        return self.app.extensions["nightlatch"].manager.end_everyone()


def watched(desk, page=None):
    """Wait until a page's monitor is there and its first ping has been answered."""
    (page or desk.page).wait_for_load_state()
    # Modules that a classic script imports may arrive after the load event.
    (page or desk.page).evaluate("sessMon.onextend().then(() => {})")
    desk.settle()


@pytest.fixture(params=LIBRARIES)
def jquery(request):
    """Which jQuery the page loads."""
    return request.param


@pytest.fixture
def routes(request):
    """Whose routes it points at."""
    return getattr(request, "param", "ours")


@pytest.fixture
def server(tmp_path, timing, jquery, routes):
    """The article's application."""
    server = SeedServer(tmp_path, timing, jquery=jquery, routes=routes)
    yield server
    server.close()
    assert server.unexpected() == []


@pytest.fixture
def seat(sit_down):
    """A function that signs George in to a page with further options, written in JavaScript."""

    def at(options="{}", **choices):
        desk = sit_down(**choices)
        desk.context.add_init_script(f"window.testOptions = {options}")
        desk.sign_in()
        watched(desk)
        return desk

    return at
