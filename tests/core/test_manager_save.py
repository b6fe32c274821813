"""Saving: what changed is merged with what others changed, and nothing is brought back."""

import threading
from dataclasses import replace

import pytest

import nightlatch.turns
from nightlatch import Ended, EndReason, Live, NotStorable, Record, SaveConflict, SessionEnded
from nightlatch.stores.base import Conflict
from nightlatch.stores.memory import MemoryStore
from nightlatch.stores.sqlite import SqliteStore
from tests.core.manager_desk import Desk


@pytest.fixture
def desk():
    return Desk()


@pytest.fixture
def george(desk):
    return desk.manager.start("george", values={"colour": "red", "basket": ["tea"]})


def now_in(desk, started):
    """The values as the next request finds them."""
    found = desk.manager.peek(started.token.text())
    assert isinstance(found, Live)
    return desk.manager.values(found.record)


def test_what_is_saved_is_what_the_next_request_finds(desk, george):
    """Set, changed and deleted keys."""
    saved = desk.manager.save(george.record, {"colour": "blue", "size": 4})

    assert now_in(desk, george) == {"colour": "blue", "size": 4}
    assert isinstance(saved, Record)
    assert saved.version == george.record.version + 1


def test_saving_what_is_there_already_writes_nothing(desk, george):
    """A request that changed nothing leaves the version as it is."""
    saved = desk.manager.save(george.record, {"colour": "red", "basket": ["tea"]})

    assert saved is george.record
    assert desk.manager.peek(george.token.text()) == Live(george.record)


def test_a_session_without_values_has_nothing_to_save(desk):
    """An empty mapping on an empty session is no change."""
    empty = desk.manager.start("george")

    assert desk.manager.save(empty.record, {}) is empty.record
    assert empty.record.data == b""


def test_parallel_changes_of_different_keys_both_survive(desk, george):
    """Both requests read the same; the later one does not undo the earlier one."""
    desk.manager.save(george.record, {"colour": "red", "basket": ["tea"], "first": 1})

    desk.manager.save(george.record, {"basket": ["tea", "milk"], "second": 2})

    assert now_in(desk, george) == {"basket": ["tea", "milk"], "first": 1, "second": 2}


def test_of_the_same_key_the_later_change_stays(desk, george):
    """There is no third value that both meant."""
    desk.manager.save(george.record, {"colour": "blue", "basket": ["tea"]})

    desk.manager.save(george.record, {"colour": "green", "basket": ["tea"]})

    assert now_in(desk, george) == {"colour": "green", "basket": ["tea"]}


def test_values_that_cannot_be_stored_change_nothing(desk, george):
    """The error names the key."""
    with pytest.raises(NotStorable, match="'socket'"):
        desk.manager.save(george.record, {"socket": object()})

    assert now_in(desk, george) == {"colour": "red", "basket": ["tea"]}


def test_two_writers_of_two_hundred_changes_each_lose_none(tmp_path):
    """Two threads on one SQLite file, each with keys of its own: all 400 are there."""
    desk = Desk(SqliteStore(tmp_path / "sessions.db"))
    started = desk.manager.start("george")

    def write(name):
        for number in range(200):
            found = desk.manager.resume(started.token.text(), activity=False)
            values = desk.manager.values(found.record)
            desk.manager.save(found.record, {**values, f"{name}{number}": number})

    writers = [threading.Thread(target=write, args=(name,)) for name in "ab"]
    for writer in writers:
        writer.start()
    for writer in writers:
        writer.join()

    expected = {f"{name}{number}": number for name in "ab" for number in range(200)}
    assert now_in(desk, started) == expected
    desk.manager.close()


class BusyStore(MemoryStore):
    """Somebody else saves first, as many times as it is told."""

    losses = 0

    def save(self, sid, **arguments):
        """Lose the race while losses are left."""
        if self.losses:
            self.losses -= 1
            record = self._records[sid]
            self._records[sid] = replace(record, version=record.version + 1)
        return super().save(sid, **arguments)


@pytest.fixture
def busy(monkeypatch):
    """A desk where races can be lost, and no time is spent on letting others go first."""
    monkeypatch.setattr(nightlatch.turns, "LONGEST_PAUSE_MS", 0)
    return Desk(BusyStore())


@pytest.mark.parametrize("verb", ["save", "rotate"])
def test_a_writer_that_loses_often_still_gets_through(busy, verb):
    """59 losses are borne."""
    started = busy.manager.start("george")
    busy.store.losses = 59

    if verb == "save":
        assert isinstance(busy.manager.save(started.record, {"mine": 1}), Record)
        assert now_in(busy, started) == {"mine": 1}
    else:
        rotated = busy.manager.rotate(started.record)
        assert busy.manager.peek(rotated.token.text()).record == replace(
            rotated.record, previous=busy.manager.peek(rotated.token.text()).record.previous
        )


@pytest.mark.parametrize("verb", ["save", "rotate"])
def test_a_writer_that_always_loses_says_so(busy, verb):
    """After 60 tries nothing was written, and the error names the session and the number."""
    started = busy.manager.start("george", values={"theirs": 1})
    busy.store.losses = 60

    with pytest.raises(SaveConflict, match="60 times in a row") as conflict:
        if verb == "save":
            busy.manager.save(started.record, {"mine": 1})
        else:
            busy.manager.rotate(started.record)

    assert (conflict.value.sid, conflict.value.tries) == (started.record.sid, 60)
    assert now_in(busy, started) == {"theirs": 1}


def test_a_session_that_ends_during_the_save_stays_ended(desk, george):
    """Another request signed out: the save is answered with that, and writes nothing."""
    desk.manager.end(george.record.sid, EndReason.SIGNED_OUT)

    answer = desk.manager.save(george.record, {"colour": "blue"})

    assert isinstance(answer, Ended)
    assert len(desk.told(SessionEnded)) == 1


def test_a_session_past_its_limit_is_ended_by_the_save_and_told_once(desk, george):
    """The request took longer than the session had left."""
    desk.clock.advance(minutes=60)

    answer = desk.manager.save(george.record, {"colour": "blue"})

    assert isinstance(answer, Ended)
    assert answer.reason is EndReason.IDLE
    assert [event.reason for event in desk.told(SessionEnded)] == [EndReason.IDLE]


def test_a_session_that_is_gone_altogether_is_not_inserted(desk, george):
    """Swept and purged meanwhile: there is nothing to save to."""
    desk.manager.end(george.record.sid, EndReason.SIGNED_OUT)
    desk.clock.advance(hours=25)
    list(desk.manager.sweep())

    assert desk.manager.save(george.record, {"colour": "blue"}) is None
    assert desk.manager.rotate(george.record) is None
    assert list(desk.manager.list()) == []


def test_changes_on_top_of_what_cannot_be_read_end_the_session(desk, george):
    """Neither the record that was read nor the one that a conflict brings is guessed at."""
    broken = replace(george.record, data=b"not ours")

    answer = desk.manager.save(broken, {"colour": "blue"})

    assert isinstance(answer, Ended)
    assert answer.reason is EndReason.CORRUPT


def test_a_conflict_with_what_cannot_be_read_ends_the_session(desk, george):
    """Somebody wrote into the store by hand, between reading and saving."""

    class Spoiled(MemoryStore):
        def save(self, sid, **arguments):
            return Conflict(replace(self._records[sid], data=b"not ours"))

    desk = Desk(Spoiled())
    started = desk.manager.start("george")

    answer = desk.manager.save(started.record, {"colour": "blue"})

    assert isinstance(answer, Ended)
    assert answer.reason is EndReason.CORRUPT
