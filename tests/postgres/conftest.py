"""One server for all tests of this folder, and an empty store for each."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from nightlatch.stores.postgres import PostgresStore
from tests.postgres.server import Pooler, Server, opened

FOLDER = Path(__file__).parent
# They kill, freeze or measure; the others run side by side, each worker with its own server.
ALONE = ["test_bank.py", "test_details.py", "test_kill.py", "test_trouble.py"]


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Some tests of this folder want the machine for themselves."""
    for item in items:
        if item.path.parent == FOLDER and item.path.name in ALONE:
            item.add_marker(pytest.mark.process)


@pytest.fixture(scope="session")
def server() -> Iterator[Server]:
    server = Server()
    yield server
    server.stop()


@pytest.fixture(scope="session")
def pooler(server: Server) -> Iterator[Pooler]:
    pooler = Pooler(server)
    yield pooler
    pooler.stop()


@pytest.fixture
def own_server() -> Iterator[Server]:
    """A server that a test may kill."""
    server = Server()
    yield server
    server.stop()


@pytest.fixture
def store(server: Server) -> Iterator[PostgresStore]:
    with opened(server) as store:
        yield store
