"""Changing what one key holds at the moment: no increment is lost, whoever else is writing."""

from __future__ import annotations

import threading

import pytest

from nightlatch import Ended, EndReason, Live, Record, turns
from nightlatch.stores.sqlite import SqliteStore
from nightlatch.turns import LOSSES, Turns
from tests.core.manager_desk import Desk


@pytest.fixture
def desk():
    """A manager on a store in memory."""
    return Desk()


@pytest.fixture
def george(desk):
    """George's session, with a counter and a list."""
    return desk.manager.start("george", values={"n": 1, "seen": ["a"]}).record


def one_more(value):
    """Count one, beginning at nothing."""
    return (value or 0) + 1


def now_in(desk, record):
    """The values as they are stored."""
    return desk.manager.values(desk.store._records[record.sid])


def test_it_changes_what_is_stored(desk, george):
    """The function is given the value and its answer is kept."""
    after = desk.manager.update_key(george, "n", one_more)

    assert isinstance(after, Record)
    assert now_in(desk, george) == {"n": 2, "seen": ["a"]}


def test_a_key_that_is_not_there_begins_at_none(desk, george):
    """Absence is a value."""
    desk.manager.update_key(george, "new", one_more)

    assert now_in(desk, george)["new"] == 1


def test_what_others_saved_meanwhile_is_what_it_changes(desk, george):
    """A record that was read earlier costs nothing: the function runs again on what there is."""
    desk.manager.save(george, {"n": 10, "seen": ["a"]})

    desk.manager.update_key(george, "n", one_more)

    assert now_in(desk, george)["n"] == 11


def test_a_list_that_the_function_changes_in_place_is_changed_once(desk, george):
    """Running again begins with what is stored, not with what the first run left."""
    desk.manager.save(george, {"n": 1, "seen": ["a", "b"]})

    desk.manager.update_key(george, "seen", lambda seen: seen.append("c") or seen)

    assert now_in(desk, george)["seen"] == ["a", "b", "c"]


def test_other_changes_of_the_request_go_with_it(desk, george):
    """They are merged as by any other save."""
    desk.manager.save(george, {"n": 1, "seen": ["a"], "theirs": 1})

    desk.manager.update_key(george, "n", one_more, values={"n": 1, "seen": ["a"], "ours": 2})

    assert now_in(desk, george) == {"n": 2, "seen": ["a"], "theirs": 1, "ours": 2}


def test_changing_nothing_writes_nothing(desk, george):
    """The version stays, so nobody else loses against it."""
    assert desk.manager.update_key(george, "n", lambda n: n) == george
    assert desk.store._records[george.sid].version == george.version


def test_a_session_that_has_ended_stays_ended(desk, george):
    """The answer says so, and nothing comes back."""
    desk.manager.end(george.sid, EndReason.REVOKED)

    answer = desk.manager.update_key(george, "n", one_more)

    assert isinstance(answer, Ended)
    assert answer.reason is EndReason.REVOKED


def test_values_that_cannot_be_read_end_it(desk, george):
    """As everywhere: corrupt, and never empty."""
    from dataclasses import replace

    spoiled = replace(george, data=b"?")

    answer = desk.manager.update_key(spoiled, "n", one_more)

    assert isinstance(answer, Ended)
    assert answer.reason is EndReason.CORRUPT


def test_16_threads_that_count_to_40_make_640(tmp_path):
    """On a real file, with nobody starving: every increment is there."""
    desk = Desk(SqliteStore(tmp_path / "sessions.db"))
    started = desk.manager.start("george")
    errors = []

    def count():
        try:
            for _ in range(40):
                found = desk.manager.peek(started.token.text())
                assert isinstance(found, Live)
                desk.manager.update_key(found.record, "n", one_more)
        except BaseException as error:
            errors.append(error)

    threads = [threading.Thread(target=count) for _ in range(16)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    found = desk.manager.peek(started.token.text())
    assert errors == []
    assert isinstance(found, Live)
    assert desk.manager.values(found.record) == {"n": 640}
    desk.manager.close()


@pytest.fixture
def no_pause(monkeypatch):
    """Back-off that takes no time."""
    monkeypatch.setattr(turns, "pause", lambda ms: None)


def test_who_has_lost_often_gets_the_turn(no_pause):
    """After eight losses others of this process wait; when it is done they go on."""
    all_turns = Turns()

    with all_turns.writer("a") as unlucky:
        for _ in range(LOSSES):
            assert not unlucky.has_turn
            unlucky.lost()
        assert unlucky.has_turn
        unlucky.lost()  # to another process; the turn is kept
        assert unlucky.has_turn

    with all_turns.writer("a") as next_one:
        assert not next_one.has_turn


def test_others_wait_until_the_turn_is_over(no_pause):
    """A writer that begins meanwhile comes after the one that has the turn."""
    all_turns = Turns()
    order = []

    with all_turns.writer("a") as unlucky:
        for _ in range(LOSSES):
            unlucky.lost()

        def follow():
            with all_turns.writer("a"):
                order.append("second")

        follower = threading.Thread(target=follow)
        follower.start()
        order.append("first")
    follower.join()

    assert order == ["first", "second"]


def test_nobody_waits_for_ever(no_pause, monkeypatch):
    """A turn that is never given back, after a fork for one, holds others for a bounded time."""
    monkeypatch.setattr(turns, "LONGEST_WAIT_S", 0.01)
    all_turns = Turns()

    with all_turns.writer("a") as stuck:
        for _ in range(LOSSES):
            stuck.lost()
        with all_turns.writer("a") as other:
            assert not other.has_turn
            for _ in range(LOSSES):
                other.lost()
            assert not other.has_turn
