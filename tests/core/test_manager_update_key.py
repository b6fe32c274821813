"""``update_key``: a change that is made again when another request was first, until it counts."""

import threading
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace

import pytest

import nightlatch.turns
from nightlatch import Ended, EndReason, NotStorable, Record, SaveConflict
from nightlatch.stores.memory import MemoryStore
from nightlatch.stores.sqlite import SqliteStore
from nightlatch.turns import LOSSES, Turns
from tests.core.manager_desk import Desk
from tests.stores.desk import PATIENTLY_MS

THREADS, TIMES = 16, 40


class OvertakenStore(MemoryStore):
    """Before the next saves, another request counts first."""

    def __init__(self):
        super().__init__()
        self.others = []

    def save(self, sid, **arguments):
        """Let one other change happen, then try."""
        if self.others:
            self.others.pop()()
        return super().save(sid, **arguments)


@pytest.fixture(params=["memory", "sqlite"])
def desk(request, tmp_path):
    if request.param == "memory":
        store = MemoryStore()
    else:
        store = SqliteStore(tmp_path / "s.db", busy_timeout_ms=PATIENTLY_MS)
    desk = Desk(store)
    yield desk
    desk.manager.close()


@pytest.fixture
def at_once(monkeypatch):
    """Let nobody spend time on letting others go first."""
    monkeypatch.setattr(nightlatch.turns, "LONGEST_PAUSE_MS", 0)


def add_one(value):
    """One more; the first is 1."""
    return (value or 0) + 1


def stored(desk, started):
    """The values as the store has them."""
    return desk.manager.values(desk.manager.peek(started.token.text()).record)


def test_a_counter_of_16_threads_that_count_40_times_each_is_640(desk):
    """No increment is lost and no thread starves, also when all of them want it all the time."""
    started = desk.manager.start("george")
    ready = threading.Barrier(THREADS)

    def count(_):
        ready.wait()
        for _ in range(TIMES):
            record = desk.manager.peek(started.token.text()).record
            assert isinstance(desk.manager.update_key(record, "n", add_one), Record)

    with ThreadPoolExecutor(THREADS) as pool:
        list(pool.map(count, range(THREADS)))

    assert stored(desk, started) == {"n": THREADS * TIMES}


def test_the_change_is_made_to_what_is_there_now(at_once):
    """Read as 1, counted to 11 by another request meanwhile: it becomes 12, not 2."""
    desk = Desk(OvertakenStore())
    started = desk.manager.start("george", values={"n": 1})
    other = desk.another_manager()
    desk.store.others = [lambda: other.save(started.record, {"n": 11})]

    after = desk.manager.update_key(started.record, "n", add_one)

    assert desk.manager.values(after) == stored(desk, started) == {"n": 12}


def test_a_list_that_is_added_to_in_place_is_added_to_once(at_once):
    """The function is called again with a fresh copy of what this request has set itself."""
    desk = Desk(OvertakenStore())
    started = desk.manager.start("george")
    desk.store.others = [lambda: desk.another_manager().save(started.record, {"theirs": 1})]

    def add(values):
        values.append("new")
        return values

    desk.manager.update_key(started.record, "list", add, values={"list": ["old"]})

    assert stored(desk, started) == {"list": ["old", "new"], "theirs": 1}


def test_what_else_the_request_has_changed_is_stored_with_it(desk):
    """Keys set and keys deleted, in the same save."""
    started = desk.manager.start("george", values={"gone": 1, "kept": 2})

    desk.manager.update_key(started.record, "n", add_one, values={"kept": 2, "mine": 3})

    assert stored(desk, started) == {"kept": 2, "mine": 3, "n": 1}


def test_a_change_that_changes_nothing_writes_nothing(desk):
    """The version stays."""
    started = desk.manager.start("george", values={"n": 1})

    assert desk.manager.update_key(started.record, "n", lambda n: n) == started.record


def test_what_cannot_be_stored_is_refused_by_its_key(desk):
    """Nothing is written."""
    started = desk.manager.start("george", values={"n": 1})

    with pytest.raises(NotStorable, match=r"session\['n'\]"):
        desk.manager.update_key(started.record, "n", lambda _: object())

    assert stored(desk, started) == {"n": 1}


def test_a_session_that_has_ended_stays_ended(desk):
    """The answer says so."""
    started = desk.manager.start("george")
    desk.manager.end(started.record.sid, EndReason.SIGNED_OUT)

    assert isinstance(desk.manager.update_key(started.record, "n", add_one), Ended)


def test_what_cannot_be_read_ends_the_session(desk):
    """As corrupt, before the function is asked."""
    started = desk.manager.start("george")

    answer = desk.manager.update_key(replace(started.record, data=b"?"), "n", add_one)

    assert answer.reason is EndReason.CORRUPT


def test_who_always_loses_is_told(at_once):
    """After 60 tries nothing was written, and the turn is given back."""
    desk = Desk(OvertakenStore())
    started = desk.manager.start("george")
    sid = started.record.sid

    def overtake():
        record = desk.store._records[sid]
        desk.store._records[sid] = replace(record, version=record.version + 1)

    desk.store.others = [overtake] * 60

    with pytest.raises(SaveConflict, match="60 times"):
        desk.manager.update_key(started.record, "n", add_one)

    assert isinstance(desk.manager.update_key(started.record, "n", add_one), Record)


def test_who_has_lost_8_times_is_let_go_first(at_once):
    """Until then nobody holds anything; afterwards others of the process wait until it is done."""
    turns = Turns()
    arrived = threading.Event()
    order = []

    def another():
        arrived.set()
        with turns.writer("a"):
            order.append("another")

    with turns.writer("a") as unlucky:
        for _ in range(LOSSES - 1):
            unlucky.lost()
        assert not unlucky.has_turn
        unlucky.lost()
        assert unlucky.has_turn
        unlucky.lost()  # to another process; the turn stays
        thread = threading.Thread(target=another)
        thread.start()
        arrived.wait()
        order.append("unlucky")
    thread.join()

    assert order == ["unlucky", "another"]


def test_nobody_waits_for_a_turn_that_is_never_given_back(at_once, monkeypatch):
    """A writer that hangs delays the others by a bounded time and stops none of them."""
    monkeypatch.setattr(nightlatch.turns, "LONGEST_WAIT_S", 0.001)
    turns = Turns()
    with turns.writer("a") as hanging:
        for _ in range(LOSSES):
            hanging.lost()

        with turns.writer("a") as other:
            for _ in range(LOSSES + 1):
                other.lost()

            assert not other.has_turn
