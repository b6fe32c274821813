"""The sessions' file is taken away under running servers and given back."""

import os
import signal

from tests.processes.client import Browser
from tests.processes.server import until


def everything_of(home):
    """The file and what SQLite has put beside it."""
    return sorted(home.glob("sessions.db*"))


def test_taken_away_and_given_back(town, tmp_path):
    """Two servers answer 503 and make no new file; nobody is signed out, and none restarts."""
    servers = [town.start(), town.start()]
    with Browser(servers[0].port) as george, Browser(servers[1].port) as elsewhere:
        george.sign_in()
        elsewhere.cookies.update(george.cookies)
        assert elsewhere.get("/").status == 200
        token = george.token
        names = everything_of(town.home)
        for one in names:
            one.rename(tmp_path / one.name)

        answers = [browser.get("/") for browser in (george, elsewhere) for _ in range(7)]

        assert {answer.status for answer in answers} == {503}
        assert {answer.headers["Cache-Control"] for answer in answers} == {"no-store"}
        assert all(int(answer.headers["Retry-After"]) > 0 for answer in answers)
        assert george.token == token
        assert everything_of(town.home) == []
        for one in names:
            (tmp_path / one.name).rename(one)
        for browser in (george, elsewhere):
            until(lambda browser=browser: browser.get("/").status == 200)
        george.sign_out()
        assert elsewhere.get("/").status == 302


def test_workers_that_are_replaced_meanwhile_make_no_new_file(town, tmp_path):
    """A server whose workers are all new answers 503, and goes on with the old file when it can."""
    server = town.start()
    with Browser(server.port) as george:
        george.sign_in()
        assert george.get("/").status == 200
        names = everything_of(town.home)
        for one in names:
            one.rename(tmp_path / one.name)
        before = workers_of(server)
        for worker in before:
            os.kill(worker, signal.SIGTERM)
        until(lambda: len(workers_of(server) - before) == len(before))
        until(lambda: not workers_of(server) & before)

        answers = [george.get("/").status for _ in range(7)]

        assert set(answers) == {503}
        assert everything_of(town.home) == []
        for one in names:
            (tmp_path / one.name).rename(one)
        until(lambda: george.get("/").status == 200)


def workers_of(server):
    """The processes that answer requests."""
    return set(server.members()) - {server.process.pid}
