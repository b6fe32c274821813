"""Servers for tests: every one is stopped, and every one must have had nothing to complain of."""

import json
import sqlite3
from contextlib import ExitStack, closing
from dataclasses import dataclass
from pathlib import Path

import pytest

from tests.processes.server import BANK, NOTES_BANK, Server

FOLDER = Path(__file__).parent


def pytest_collection_modifyitems(items):
    """Every test in this folder starts processes."""
    for item in items:
        if item.path.is_relative_to(FOLDER):
            item.add_marker(pytest.mark.process)


@dataclass(frozen=True)
class Row:
    """What the file holds of one session."""

    user: str | None
    created: int
    seen: int
    ended: int | None
    reason: str | None
    data: bytes


class Town:
    """One home folder and the servers that share it.

    :ivar settings: environment variables for the servers that are started from now on.
    """

    def __init__(self, home, logs):
        self.home = home
        self._logs = logs
        self.servers = []
        self.settings = {}

    def start(self, module=BANK, *arguments):
        """Start a server and return as soon as it listens."""
        return self.launch(module, *arguments).wait_until_it_listens()

    def start_notes(self, *arguments, **timing_s):
        """Start the bank that has a page for notes, with the limits given in seconds."""
        return self.start(NOTES_BANK, "--timing", json.dumps(timing_s), *arguments)

    def launch(self, module=BANK, *arguments):
        """Start a server and do not wait."""
        log = self._logs / f"stderr-{len(self.servers)}.txt"
        server = Server(self.home, log, module, *arguments, settings=self.settings)
        self.servers.append(server)
        return server

    def row(self, sid):
        """Return what the sessions' file holds under this handle; None when it has no such row."""
        found = self.query(
            "SELECT user, created, seen, ended, reason, data FROM session WHERE sid = ?",
            bytes.fromhex(sid),
        )
        return Row(*found[0]) if found else None

    def query(self, sql, *values, file="sessions.db"):
        """Return the rows that a query of the sessions' file finds, or of another one."""
        with closing(sqlite3.connect(self.home / file, timeout=30)) as db:
            return db.execute(sql, values).fetchall()

    def close(self):
        """Stop every server; fail if one of them has written anything to its error stream."""
        with ExitStack() as stack:
            for server in self.servers:
                stack.callback(server.close)
        complaints = [text for server in self.servers if (text := server.stderr())]
        assert not complaints, "\n".join(complaints)


def _town(factory):
    # The home itself is for the first server to make.
    town = Town(factory.mktemp("town") / "home", factory.mktemp("logs"))
    yield town
    town.close()


@pytest.fixture
def town(tmp_path_factory):
    """A home folder of this test alone; ``town.start()`` starts servers on it."""
    yield from _town(tmp_path_factory)


@pytest.fixture(scope="module")
def shared_town(tmp_path_factory):
    """A home folder that the tests of one file share."""
    yield from _town(tmp_path_factory)
