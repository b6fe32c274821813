"""Signing out while forty requests of the same session are under way, on two servers."""

import threading
from concurrent.futures import ThreadPoolExecutor
from itertools import cycle

import pytest

from tests.processes.client import COOKIE, Browser, Curl
from tests.processes.server import NOTES_BANK

ROUNDS = 100
REQUESTS = 40

# What the forty do: pages, writes of flask.session, reports of activity, and questions.
# An odd number, so that each kind goes to both servers.
KINDS = ("page", "write", "extend", "ask", "write", "extend", "ask", "write", "write")


class Round:
    """One session, forty clients that use it, and the moment at which it was signed out."""

    def __init__(self, token, sign_out_after):
        self.token = token
        self.start = threading.Barrier(REQUESTS + 1, timeout=60)
        self.signed_out = False
        self._missing = sign_out_after
        self._enough = threading.Condition()

    def count_answer(self):
        """Tell whoever signs out that one more answer has come."""
        with self._enough:
            self._missing -= 1
            self._enough.notify_all()

    def wait_for_answers(self):
        """Come back in the middle: some have been answered, others are under way."""
        with self._enough:
            assert self._enough.wait_for(lambda: self._missing <= 0, timeout=60)


class Client:
    """One of the forty: a kept connection to one of the two servers."""

    def __init__(self, number, port, kind):
        self._curl = Curl(port)
        self._number = number
        self._kind = kind
        self._sent = 0

    def close(self):
        """Close the connection."""
        self._curl.close()

    def play(self, round_):
        """Send requests until one was begun after the sign-out had been answered.

        :returns: for each request whether it was begun after that, whether the sign-out was
            answered while it was under way, and the answer.
        """
        self._curl.cookies = {COOKIE: round_.token}
        round_.start.wait()
        seen = []
        while True:
            late = round_.signed_out
            answer = self._request()
            seen.append((late, round_.signed_out and not late, answer))
            round_.count_answer()
            if late:
                return seen

    def _request(self):
        self._sent += 1
        match self._kind:
            case "page":
                return self._curl.get("/another-page", headers={"Accept": "text/html"})
            case "write":
                return self._curl.post("/notes", document={f"note {self._number}": self._sent})
            case "extend":
                return self._curl.post("/session/extend", document={"idle_for": 0})
            case "ask":
                return self._curl.get("/session")


@pytest.mark.timeout(240)
def test_what_begins_after_a_sign_out_is_never_signed_in_and_the_row_stays_ended(town):
    """100 rounds: 40 parallel users of one cookie on two servers, and one who signs out."""
    servers = [town.launch(NOTES_BANK), town.launch(NOTES_BANK)]
    ports = [server.wait_until_it_listens().port for server in servers]
    clients = [
        Client(number, port, kind)
        for number, port, kind in zip(range(REQUESTS), cycle(ports), cycle(KINDS), strict=False)
    ]
    owners = [Browser(port) for port in ports]
    sids, before, overtaken, revived = [], 0, 0, []

    with ThreadPoolExecutor(REQUESTS) as pool:
        for number in range(ROUNDS):
            owner = owners[number % 2]
            owner.sign_in()
            sids.append(owner.sid)
            round_ = Round(owner.token, sign_out_after=number * 7 % REQUESTS)
            played = [pool.submit(client.play, round_) for client in clients]
            round_.start.wait()
            round_.wait_for_answers()
            answer = owner.sign_out()
            round_.signed_out = True

            assert (answer.status, answer.document["reason"]) == (200, "signed-out")
            for late, under_way, answer in (seen for one in played for seen in one.result()):
                before += answer.signed_in and not late
                overtaken += under_way
                if late and answer.signed_in:
                    revived.append((number, answer.status, answer.body[:200]))
            row = town.row(sids[-1])
            assert (row.reason, row.data) == ("signed-out", b""), f"round {number}"

    assert not revived
    # The rounds have tried it: answers came before the sign-out, and others were overtaken by it.
    assert before > ROUNDS
    assert overtaken > ROUNDS
    assert {town.row(sid).reason for sid in sids} == {"signed-out"}
    assert town.query("SELECT count(*) FROM session WHERE ended IS NULL") == [(0,)]
    for client in (*clients, *owners):
        client.close()
