"""Workers forked from a process that has used the store already (gunicorn's ``preload_app``)."""

from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from tests.processes.client import COOKIE, Browser, Curl
from tests.processes.server import until

USERS = 8
VISITS = 5


def visit(port):
    """Sign in, write, read on a connection that may lead to another worker, and sign out.

    :returns: the workers that have answered, and the token.
    """
    workers = set()
    with Browser(port) as browser:
        browser.sign_in()
        token = browser.token
        for number in range(VISITS):
            assert browser.post("/notes", document={"note": number}).status == 200
            with Curl(port, browser.cookies) as other:
                read = other.get("/notes").document
            assert read["notes"] == {"note": number}
            workers.add(read["worker"])
            assert browser.post("/session/extend", document={}).status == 200
        assert browser.sign_out().status == 200
    return workers, token


def test_no_connection_is_carried_into_a_worker(town):
    """Two that are forked from one that has used the store hold nothing of its file."""
    server = town.start_notes("--preload")
    workers = until(lambda: [one for one in server.members() if one != server.process.pid][1:])

    held = [path for worker in workers for path in open_files(worker)]

    assert len(held) > 0
    assert not [path for path in held if "sessions.db" in path]


def open_files(process):
    """Return the names of everything that a process holds open."""
    return [str(path.readlink()) for path in Path(f"/proc/{process}/fd").iterdir()]


@pytest.mark.parametrize("arguments", [("--preload",), ()], ids=["preload", "no preload"])
def test_workers_do_not_share_what_was_open_before_the_fork(town, arguments):
    """Eight people at once on two workers read what they wrote, and stay signed out."""
    server = town.start_notes(*arguments)

    with ThreadPoolExecutor(USERS) as pool:
        visits = list(pool.map(visit, [server.port] * USERS * 2))

    assert len(set.union(*(workers for workers, _ in visits))) == 2
    for _, token in visits:
        with Curl(server.port, {COOKIE: token}) as curl:
            assert curl.get("/session").document["reason"] == "signed-out"
    assert town.query("PRAGMA integrity_check") == [("ok",)]
    assert server.stop() == 0
