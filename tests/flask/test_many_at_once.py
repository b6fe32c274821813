"""Fifty at a time: requests of the one session that is kept, and sign-ins under a limit."""

from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from threading import Barrier

import pytest

from nightlatch import Cap, EndReason, Limits, Live, Manager, SessionEnded, SignInRefused
from nightlatch.stores.memory import MemoryStore
from nightlatch.stores.sqlite import SqliteStore
from tests.stores.desk import PATIENTLY_MS

MANY = 50


@pytest.fixture(params=["memory", "sqlite"])
def store(request, tmp_path):
    if request.param == "memory":
        store = MemoryStore()
    else:
        store = SqliteStore(tmp_path / "sessions.db", busy_timeout_ms=PATIENTLY_MS)
    with closing(store):
        yield store


@pytest.fixture
def at_once():
    """Run as many as there are arguments, all from the same moment on."""
    with ThreadPoolExecutor(MANY) as pool:

        def run(act, arguments):
            together = Barrier(len(arguments), timeout=60)

            def one(argument):
                together.wait()
                return act(argument)

            return [*pool.map(one, arguments)]

        yield run


def test_ending_all_but_this_one_under_50_parallel_requests_of_it_leaves_only_it(store, at_once):
    """Every one of those requests is live, and none of the others' sessions is."""
    manager = Manager(store, Limits())
    kept = manager.start("george")
    others = [manager.start("george") for _ in range(5)]

    def act(number):
        if number == 0:
            return manager.end_user("george", keep=kept.record.sid)
        return manager.extend(kept.token.text())

    ends, *answers = at_once(act, range(MANY))

    assert {one.sid for one in ends.ended} == {one.record.sid for one in others}
    assert all(isinstance(answer, Live) for answer in answers)
    assert [info.sid for info in manager.list("george")] == [kept.record.sid]


def test_50_parallel_sign_ins_under_a_limit_of_3_leave_3_and_tell_47_ends(store, at_once):
    """Where the oldest makes room, each that had to go is told once, as replaced."""
    manager = Manager(store, Limits(), cap=Cap(3))
    told = []
    manager.events.listen(told.append)

    at_once(lambda number: manager.start("george", values={"number": number}), range(MANY))

    ends = Counter(event.sid for event in told if isinstance(event, SessionEnded))
    live = {info.sid for info in manager.list("george")}
    assert len(live) == 3
    assert len(ends) == MANY - 3
    assert set(ends.values()) == {1}
    assert not live & ends.keys()
    reasons = {event.reason for event in told if isinstance(event, SessionEnded)}
    assert reasons == {EndReason.REPLACED}


def test_50_parallel_sign_ins_under_a_limit_of_3_that_refuses_let_3_in(store, at_once):
    """The other 47 hear that there are too many, which is no failed password."""
    manager = Manager(store, Limits(), cap=Cap(3, "refuse"))

    def sign_in(_):
        try:
            return manager.start("george").record.sid
        except SignInRefused as refused:
            return refused.reason

    answers = at_once(sign_in, range(MANY))

    assert answers.count("full") == MANY - 3
    assert {info.sid for info in manager.list("george")} == set(answers) - {"full"}
