"""``kill -9`` in the middle of writes: what was answered before it holds after it."""

import http.client
import threading
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from itertools import count, cycle

import pytest

from tests.processes.client import COOKIE, Browser, Curl, sid_of
from tests.processes.server import NOTES_BANK

ROUNDS = 20
USERS_PER_SERVER = 4

# Which of the two servers dies. With one gone the other goes on; with both gone the file has
# to be made whole by whoever opens it next.
VICTIMS = ((0,), (1,), (0, 1))


@dataclass
class Fact:
    """One session as its user knows it, from answers that were read to their end.

    :ivar note: the last note that was answered; ``sent``: the last that was sent.
    :ivar state: ``"in"``, ``"out"`` once the sign-out was answered, ``"leaving"`` in between.
    """

    token: str
    note: int = 0
    sent: int = 0
    state: str = "in"


class Traffic:
    """People who sign in, write, extend and sign out until their server dies or all is over."""

    def __init__(self, answers):
        self.over = False
        self.facts = []
        self._missing = answers
        self._enough = threading.Condition()

    def wait_for_answers(self):
        """Come back in the middle of it."""
        with self._enough:
            assert self._enough.wait_for(lambda: self._missing <= 0, timeout=60)

    def play(self, port):
        """Be one of them, at one server.

        :returns: whether the server died on the way.
        """
        with Browser(port) as browser:
            try:
                for number in count():
                    if self.over:
                        return False
                    # Every third stays signed in.
                    self._visit(browser, leaves=number % 3 != 2)
            except (http.client.HTTPException, OSError):
                return True

    def _visit(self, browser, leaves):
        browser.cookies.pop(COOKIE, None)
        browser.sign_in()
        fact = Fact(browser.token)
        self.facts.append(fact)
        self._count()
        for note in range(1, 5):
            fact.sent = note
            self._good(browser.post("/notes", document={"note": note}))
            fact.note = note
            self._good(browser.post("/session/extend", document={"idle_for": 0}))
        if leaves:
            fact.state = "leaving"
            self._good(browser.sign_out())
            fact.state = "out"

    def _good(self, answer):
        assert answer.status == 200, answer.text
        self._count()

    def _count(self):
        with self._enough:
            self._missing -= 1
            self._enough.notify_all()


def assert_holds(fact, town, port):
    """Ask a server, and look into the file: the session is as its user was told."""
    with Curl(port, {COOKIE: fact.token}) as curl:
        status, notes = curl.get("/session"), curl.get("/notes")
    row = town.row(sid_of(fact.token))
    ended = row.ended is not None
    if fact.state == "leaving":
        fact.state = "out" if ended else "in"  # and so it must stay
    if fact.state == "in":
        assert (status.status, status.document["state"]) == (200, "active")
        assert fact.note <= notes.document["notes"].get("note", 0) <= fact.sent
        assert not ended
    else:
        assert (status.status, status.document["reason"]) == (401, "signed-out")
        assert not notes.signed_in
        assert (row.reason, row.data) == ("signed-out", b"")


@pytest.mark.timeout(240)
def test_nothing_that_was_answered_is_lost_or_undone_by_a_kill(town):
    """20 rounds: one server or both die while eight people sign in, write and sign out."""
    servers = [town.launch(NOTES_BANK), town.launch(NOTES_BANK)]
    for server in servers:
        server.wait_until_it_listens()
    known = []

    for number, victims in zip(range(ROUNDS), cycle(VICTIMS), strict=False):
        traffic = Traffic(answers=20 + number * 13 % 120)
        with ThreadPoolExecutor(2 * USERS_PER_SERVER) as pool:
            played = [
                [pool.submit(traffic.play, server.port) for _ in range(USERS_PER_SERVER)]
                for server in servers
            ]
            traffic.wait_for_answers()
            for victim in victims:
                servers[victim].kill()
            traffic.over = True
        for here, users in enumerate(played):
            died = [user.result() for user in users]
            # Who was at the other server has noticed nothing.
            assert here in victims or not any(died), f"round {number}"

        for victim in victims:
            servers[victim] = town.launch(NOTES_BANK)
        for victim in victims:
            servers[victim].wait_until_it_listens()
        for fact in traffic.facts:
            assert_holds(fact, town, servers[number % 2].port)
        known += traffic.facts

    assert {fact.state for fact in known} == {"in", "out"}
    for fact in known:
        assert_holds(fact, town, servers[0].port)
    assert town.query("PRAGMA integrity_check") == [("ok",)]
