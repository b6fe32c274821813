"""Eight threads against three servers in real time: the rules hold in what was acknowledged.

Three seconds here; `make test-long` runs a minute.
"""

import os
import random
import threading
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from tests.processes.acknowledged import Ledger
from tests.processes.client import COOKIE, Curl

SECONDS = float(os.environ.get("NIGHTLATCH_LONG_SECONDS", "3"))
SERVERS, THREADS = 3, 8
IDLE_S, ABSOLUTE_S = 1.0, 2.5
USERS = ("ana", "O’Connor", "george", "zoë")
DOINGS = ("read", "write", "extend", "ask", "sign out", "revoke", "keep", "go away")
# Two threads each who only work, until the absolute limit; who sign out and revoke; who go away
# together; and who do all of it.
WEIGHTS = (
    (6, 8, 4, 4, 0, 0, 0, 0),
    (6, 8, 4, 4, 1, 0.5, 0.5, 0),
    (6, 8, 4, 4, 0, 0, 0, 1),
    (6, 8, 4, 4, 0.5, 0.2, 0.2, 0.2),
)


class Table:
    """Where two threads sit that share one user's cookie."""

    def __init__(self, user):
        self.user = user
        self.lock = threading.Lock()
        self.seat = None


class Player:
    """One thread: it holds a connection to each server, and does what chance says."""

    def __init__(self, number, ports, table, ledger):
        self._number = number
        self._weights = WEIGHTS[number % len(WEIGHTS)]
        self._curls = [Curl(port) for port in ports]
        self._table = table
        self._ledger = ledger
        self._random = random.Random(number)
        self._written = 0

    def play(self, until):
        """Go on until the time is over."""
        while time.monotonic() < until:
            seat = self._sit_down()
            doing = self._random.choices(DOINGS, self._weights)[0]
            alive = getattr(self, f"_{doing.replace(' ', '_')}")(seat)
            if not alive:
                self._ask(seat)  # why?
                with self._table.lock:
                    if self._table.seat is seat:
                        self._table.seat = None
        for curl in self._curls:
            curl.close()

    def _sit_down(self):
        with self._table.lock:
            if self._table.seat is None:
                asked = time.monotonic()
                curl = self._random.choice(self._curls)
                curl.cookies = {}
                answer = curl.post("/sign-in", document={"user": self._table.user})
                assert answer.status == 200, (answer.status, answer.body[:200])
                token = answer.cookies[COOKIE]
                self._table.seat = self._ledger.sat_down(self._table.user, token, asked)
            return self._table.seat

    def _send(self, seat, method, path, document=None, *, activity=False, end=False):
        curl = self._random.choice(self._curls)
        curl.cookies = {COOKIE: seat.token}
        sent = self._ledger.sends(seat, activity=activity)
        answer = curl.send(method, path, document=document)
        assert answer.status in (200, 401), (path, answer.status, answer.body[:200])
        told = answer.document if answer.headers.get_content_type() == "application/json" else {}
        live = answer.status == 200 and not end and told.get("state") in (None, "active")
        self._ledger.hears(
            seat,
            sent,
            path,
            activity=activity,
            live=live,
            reason=told.get("reason"),
            values=told.get("values") if method == "GET" else None,
        )
        return live, answer, sent[0]

    def _read(self, seat):
        # Whether this counts depends on what a client says of itself; either is borne.
        return self._send(seat, "GET", "/values", activity=True)[0]

    def _write(self, seat):
        self._written += 1
        values = {f"{self._number}-{self._written}": self._written}
        live, _, _ = self._send(seat, "POST", "/values", values, activity=True)
        if live:
            self._ledger.wrote(seat, values)
        return live

    def _extend(self, seat):
        return self._send(seat, "POST", "/session/extend", {}, activity=True)[0]

    def _ask(self, seat):
        return self._send(seat, "GET", "/session")[0]

    def _sign_out(self, seat):
        return self._send(seat, "POST", "/session/end", {}, end=True)[0]

    def _revoke(self, seat):
        _, answer, sent = self._send(
            seat, "POST", "/revoke", {"keep": False}, activity=True, end=True
        )
        if answer.status == 200:
            self._ledger.revoked(sent, seat.user)
        return False

    def _keep(self, seat):
        live, answer, sent = self._send(seat, "POST", "/revoke", {"keep": True}, activity=True)
        if answer.status == 200:
            self._ledger.revoked(sent, seat.user, keep=seat)
        return live

    def _go_away(self, seat):
        # Asking never extends, so this comes to an end, if the other one goes away as well.
        until = time.monotonic() + 1.2 * IDLE_S
        while time.monotonic() < until:
            if not self._ask(seat):
                return False
        return True


@pytest.mark.timeout(600)
def test_what_was_acknowledged_holds_on_three_servers_with_eight_clients(town):
    """No live answer after an end, after idle or after absolute; none early; no write lost."""
    servers = [
        town.launch("tests.processes.small_app", "--idle", IDLE_S, "--absolute", ABSOLUTE_S)
        for _ in range(SERVERS)
    ]
    ports = [server.wait_until_it_listens().port for server in servers]
    ledger = Ledger(IDLE_S, ABSOLUTE_S, slack=IDLE_S / 20)
    tables = [Table(user) for user in USERS]
    players = [
        Player(number, ports, tables[number % len(tables)], ledger) for number in range(THREADS)
    ]

    until = time.monotonic() + SECONDS
    with ThreadPoolExecutor(THREADS) as pool:
        for played in [pool.submit(player.play, until) for player in players]:
            played.result()

    assert ledger.violations == []
    # The rules were put to the test: sessions lived and ended in more than one way.
    print(ledger.requests, ledger.seen)
    assert ledger.seen["live"] > 100
    assert ledger.seen["signed-out"] > 0
    if SECONDS >= 30:
        assert min(ledger.seen.values()) > 0, ledger.seen
    if result := os.environ.get("NIGHTLATCH_LONG_RESULT"):
        Path(result).write_text(str(ledger.requests), encoding="utf-8")
