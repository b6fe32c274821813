"""Each test once in each engine, over HTTPS, with the clocks of the server and the page moved."""

import os
from types import MappingProxyType

import pytest

from tests.browser.bank_server import BankServer
from tests.engines import firefox, webkit
from tests.engines.needs import missing
from tests.engines.seat import Seat
from tests.engines.tls import make_identity

ENGINES = MappingProxyType({"firefox": firefox, "webkit": webkit})


def pytest_collection_modifyitems(items):
    """`-m "not browser"` leaves these out too."""
    for item in items:
        if item.path.is_relative_to(os.path.dirname(__file__)):
            item.add_marker(pytest.mark.browser)


@pytest.fixture(scope="package", params=ENGINES)
def engine(request):
    """One running engine; called with an address it gives a user of it."""
    module = ENGINES[request.param]
    # Never a skip: a gate that leaves an engine out by itself says nothing about it.
    if lack := missing(module.NEEDS):
        pytest.fail(lack, pytrace=False)
    with module.started() as users:
        yield users


@pytest.fixture(scope="package")
def identity(tmp_path_factory):
    """What the bank shows itself with."""
    return make_identity(tmp_path_factory.mktemp("identity"))


@pytest.fixture
def server(tmp_path, identity):
    """The bank, over HTTPS: its cookie has the prefix `__Host-`, as in production."""
    server = BankServer(tmp_path, identity=identity)
    yield server
    server.close()
    assert server.unexpected() == []
    assert server.violations == []


@pytest.fixture
def seat(server, engine):
    """Somebody at a new browser."""
    user = engine(server.url)
    yield Seat(server, user)
    server.heal()
    user.close()
    assert user.problems == []


@pytest.fixture
def george(seat):
    """The same with George signed in, on the first page."""
    seat.sign_in()
    return seat
