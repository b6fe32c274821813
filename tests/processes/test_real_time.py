"""The limits in real time: nothing moves a clock here, and nothing sleeps; answers are awaited.

The server's moments lie between the sending of a request and the reading of its answer, and the
moment of the last activity stands in its record. So each bound is taken from the side on which
it surely holds, however slow the machine is: a request begun before the end is answered *signed
in*, and no *signed out* is read before it.
"""

import os
import signal
import time
from concurrent.futures import ThreadPoolExecutor

import pytest

from tests.processes.client import COOKIE, Browser, Curl, sid_of
from tests.processes.server import until

IDLE_MS, ABSOLUTE_MS = 1_200, 2_400
SLACK_MS = IDLE_MS // 20
PROMISE_MS = IDLE_MS - SLACK_MS
# The server counts whole milliseconds.
EXACT_MS = 2

# What browsers say of a page that is opened, and of a request that its script makes.
PAGE = {"Sec-Fetch-Mode": "navigate", "Sec-Fetch-Dest": "document", "Accept": "text/html"}
SCRIPT = {"Sec-Fetch-Mode": "cors", "Sec-Fetch-Dest": "empty", "Accept": "application/json"}


@pytest.fixture(scope="module")
def server(shared_town):
    """The bank with sessions that end after seconds."""
    return shared_town.start_notes(idle=1.2, absolute=2.4, warn=0.4, ping_every=0.2)


@pytest.fixture
def cookies(server, shared_town):
    """What is left of somebody who has signed in and shut the browser."""
    with Browser(server.port) as browser:
        browser.get("/login")
        before = now_ms()
        browser.sign_in()
        assert before - EXACT_MS <= shared_town.row(browser.sid).created <= now_ms() + EXACT_MS
        return {COOKIE: browser.token}


def now_ms():
    """Milliseconds since the epoch: the server's clock, as it runs on this machine."""
    return time.time() * 1000


class Awaited:
    """Asks until a session is over, and knows between which moments it ended.

    :ivar answer: the first answer that says so.
    :ivar alive_ms: when the last request was begun whose answer was *signed in*; 0 if none was.
    :ivar over_ms: when the first answer came that was not.
    """

    def __init__(self, ask):
        self.alive_ms = 0
        give_up = now_ms() + 10 * ABSOLUTE_MS
        while True:
            begun = now_ms()
            assert begun < give_up, "it does not end"
            self.answer = ask()
            if not self.answer.signed_in:
                self.over_ms = now_ms()
                return
            self.alive_ms = begun

    def assert_ended_at(self, moment_ms):
        """Assert that it was alive until a moment, and no longer."""
        assert self.alive_ms < moment_ms + EXACT_MS
        assert self.over_ms >= moment_ms - EXACT_MS


def test_with_the_browser_closed_it_is_dead_at_the_idle_limit(shared_town, server, cookies):
    """Asking keeps nothing alive: dead once the limit has passed since sign-in, not before."""
    signed_in_at = shared_town.row(sid_of(cookies[COOKIE])).seen
    with Curl(server.port, cookies) as curl:
        ended = Awaited(lambda: curl.get("/session"))

        assert (ended.answer.status, ended.answer.document["reason"]) == (401, "idle")
        ended.assert_ended_at(signed_in_at + IDLE_MS)
        assert curl.post("/session/extend", document={}).status == 401
        assert not curl.get("/", headers=PAGE).signed_in


def test_a_browser_may_end_it_for_idleness_at_the_promise(shared_town, server, cookies):
    """The page's own request to end it is obeyed once the promised time has passed, not before."""
    signed_in_at = shared_town.row(sid_of(cookies[COOKIE])).seen
    with Curl(server.port, cookies) as curl:
        ended = Awaited(lambda: curl.post("/session/end", document={"reason": "idle"}))

    assert (ended.answer.status, ended.answer.document["reason"]) == (200, "idle")
    ended.assert_ended_at(signed_in_at + PROMISE_MS)


def test_activity_keeps_it_alive_up_to_the_absolute_limit(shared_town, server, cookies):
    """Reports of activity carry it past the idle limit, and past the absolute one never."""
    signed_in_at = shared_town.row(sid_of(cookies[COOKIE])).created
    with Curl(server.port, cookies) as curl:
        ended = Awaited(lambda: curl.post("/session/extend", document={"idle_for": 0}))
        asked = curl.get("/session")

    assert (ended.answer.status, asked.status) == (401, 401)
    assert ended.answer.document["reason"] == asked.document["reason"] == "absolute"
    ended.assert_ended_at(signed_in_at + ABSOLUTE_MS)


def test_a_browser_may_not_end_it_for_the_absolute_limit_early(shared_town, server, cookies):
    """A page that is wrong about the limit is told so, for as long as the session lives."""
    signed_in_at = shared_town.row(sid_of(cookies[COOKIE])).created

    def extend_and_ask():
        curl.post("/session/extend", document={"idle_for": 0})
        return curl.post("/session/end", document={"reason": "absolute"})

    with Curl(server.port, cookies) as curl:
        ended = Awaited(extend_and_ask)

    assert ended.answer.document["reason"] == "absolute"
    ended.assert_ended_at(signed_in_at + ABSOLUTE_MS)


def test_pages_keep_it_alive_and_background_requests_do_not(shared_town, server, cookies):
    """Somebody reads for a while; then a script goes on asking in a page that nobody looks at."""
    sid = sid_of(cookies[COOKIE])
    signed_in_at = shared_town.row(sid).seen
    with Curl(server.port, cookies) as curl:
        while now_ms() < signed_in_at + IDLE_MS / 2:
            begun = now_ms()
            assert curl.get("/another-page", headers=PAGE).signed_in
            answered = now_ms()
        seen = shared_town.row(sid).seen
        ended = Awaited(lambda: curl.get("/notes", headers=SCRIPT))

    assert (ended.answer.status, ended.answer.document["reason"]) == (401, "idle")
    # What would move the record by less than the slack leaves it.
    assert begun - SLACK_MS - EXACT_MS <= seen <= answered + EXACT_MS
    ended.assert_ended_at(seen + IDLE_MS)


def test_time_that_a_stopped_server_has_not_run_counts_all_the_same(shared_town, server, cookies):
    """Stopped, as by a machine that sleeps, for longer than the limit: dead when it goes on.

    A page that was asked for meanwhile does not revive it, and nothing holds its end: the
    stopwatch went on, too, so this is no clock that was set.
    """
    signed_in_at = shared_town.row(sid_of(cookies[COOKIE])).seen
    with Curl(server.port, cookies) as curl, Curl(server.port, cookies) as asleep:
        asleep.get("/session")  # connected, before it sleeps
        os.killpg(server.process.pid, signal.SIGSTOP)
        try:
            with ThreadPoolExecutor(1) as pool:
                asked = pool.submit(asleep.get, "/another-page", headers=PAGE)
                until(lambda: now_ms() > signed_in_at + IDLE_MS + EXACT_MS)
                assert not asked.done()
                os.killpg(server.process.pid, signal.SIGCONT)
                answered = asked.result()
        finally:
            os.killpg(server.process.pid, signal.SIGCONT)
        ended = curl.get("/session")

    assert not answered.signed_in
    assert (ended.status, ended.document["reason"]) == (401, "idle")
    row = shared_town.row(sid_of(cookies[COOKIE]))
    assert (row.seen, row.reason) == (signed_in_at, "idle")
