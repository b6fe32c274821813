"""The SQLite store when another process is faster between its reading and its writing."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from nightlatch.record import EndReason
from nightlatch.stores.base import Change, Conflict, Ended, Live, Rotation, Saved
from nightlatch.stores.sqlite import SqliteStore
from nightlatch.testing.conformance.desk import (
    IDLE,
    LIMITS,
    NOW,
    SLACK,
    a_hash,
    begin,
    end,
    live,
    look,
    sids,
    touch,
)
from tests.stores.desk import just_before

TOUCH = "UPDATE session SET seen"
SAVE = "UPDATE session SET version"
BURY = "UPDATE session SET ended"


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "sessions.db"


@pytest.fixture
def store(path: Path) -> Iterator[SqliteStore]:
    store = SqliteStore(path)
    yield store
    store.close()


@pytest.fixture
def other(path: Path) -> Iterator[SqliteStore]:
    """The store of another process."""
    other = SqliteStore(path)
    yield other
    other.close()


def test_touch_against_a_later_touch(store: SqliteStore, other: SqliteStore) -> None:
    """The earlier activity is dropped when a later one was written meanwhile."""
    record = begin(store)

    with just_before(store, TOUCH, lambda: touch(other, record, at=NOW + 9, always=True)):
        answer = touch(store, record, at=NOW + 5, always=True)

    assert answer == Live(replace(record, seen=NOW + 9))


def test_touch_against_an_earlier_touch(store: SqliteStore, other: SqliteStore) -> None:
    """The later activity is written on top of one that came in between."""
    record = begin(store)

    with just_before(store, TOUCH, lambda: touch(other, record, at=NOW + 5, always=True)):
        answer = touch(store, record, at=NOW + 9, always=True)

    assert answer == Live(replace(record, seen=NOW + 9), touched=True)


def test_touch_against_an_end(store: SqliteStore, other: SqliteStore) -> None:
    """A touch that comes too late finds the session ended."""
    record = begin(store)

    with just_before(store, TOUCH, lambda: end(other, record)):
        answer = touch(store, record, at=NOW + SLACK)

    assert answer == Ended(record.sid, "ana", EndReason.SIGNED_OUT, NOW)


def test_touch_against_a_rotation(store: SqliteStore, other: SqliteStore) -> None:
    """A touch whose secret has just been rotated away is stale, and credits nothing."""
    record = begin(store)
    change = Change(rotate=Rotation(a_hash(), NOW + 600_000))

    with just_before(
        store,
        TOUCH,
        lambda: other.save(record.sid, version=1, change=change, now=NOW, limits=LIMITS),
    ):
        answer = touch(store, record, at=NOW + SLACK)

    assert isinstance(answer, Live)
    assert answer.stale
    assert answer.record.seen == NOW


def test_expiry_against_activity(store: SqliteStore, other: SqliteStore) -> None:
    """A session that looked idle is left alone when activity was written meanwhile."""
    record = begin(store)

    with just_before(store, BURY, lambda: touch(other, record, at=NOW + IDLE - 1)):
        answer = look(store, record, at=NOW + IDLE)

    assert answer == Live(replace(record, seen=NOW + IDLE - 1))


def test_save_against_a_save(store: SqliteStore, other: SqliteStore) -> None:
    """A save whose version has just gone is a conflict with what there is now."""
    record = begin(store)
    first, second = Change(data=b"first"), Change(data=b"second")

    with just_before(
        store, SAVE, lambda: other.save(record.sid, version=1, change=first, now=NOW, limits=LIMITS)
    ):
        answer = store.save(record.sid, version=1, change=second, now=NOW, limits=LIMITS)

    assert answer == Conflict(replace(record, version=2, data=b"first"))


def test_save_against_an_end(store: SqliteStore, other: SqliteStore) -> None:
    """A save whose session has just ended stores nothing."""
    record = begin(store)

    with just_before(store, SAVE, lambda: end(other, record)):
        answer = store.save(record.sid, version=1, change=Change(data=b"x"), now=NOW, limits=LIMITS)

    assert answer == Ended(record.sid, "ana", EndReason.SIGNED_OUT, NOW)
    assert sids(store) == set()


def test_save_against_activity(store: SqliteStore, other: SqliteStore) -> None:
    """A save that found its session idle is stored when activity was written meanwhile."""
    record = begin(store)

    with just_before(store, BURY, lambda: touch(other, record, at=NOW + IDLE - 1)):
        answer = store.save(
            record.sid, version=1, change=Change(data=b"x"), now=NOW + IDLE, limits=LIMITS
        )

    assert answer == Saved(2)
    assert live(store, record, at=NOW + IDLE).seen == NOW + IDLE - 1


def test_save_against_a_closing_overlap(store: SqliteStore, other: SqliteStore) -> None:
    """Saving data does not open an overlap again that closed meanwhile."""
    old = begin(store)
    rotation = Rotation(a_hash(), NOW + 60_000, closes_on_use=True)
    store.save(old.sid, version=1, change=Change(rotate=rotation), now=NOW, limits=LIMITS)
    new = replace(old, secret_hash=rotation.secret_hash)

    with just_before(store, SAVE, lambda: look(other, new)):
        saved = store.save(old.sid, version=2, change=Change(data=b"x"), now=NOW, limits=LIMITS)

    assert saved == Saved(3)
    answer = look(store, old)
    assert isinstance(answer, Ended)
    assert answer.reason is EndReason.REPLAYED


def test_sweep_against_activity(store: SqliteStore, other: SqliteStore) -> None:
    """A sweep does not end a session that was active after the sweep had looked at it."""
    record, idle = begin(store), begin(store)

    with just_before(store, "BEGIN", lambda: touch(other, record, at=NOW + IDLE - 1)):
        swept = store.sweep(now=NOW + IDLE, limits=LIMITS)

    assert [one.sid for one in swept.ended] == [idle.sid]
    assert live(store, record, at=NOW + IDLE).seen == NOW + IDLE - 1


def test_sweep_against_a_sweep(store: SqliteStore, other: SqliteStore) -> None:
    """What another sweep has purged is not counted again."""
    end(store, begin(store))

    with just_before(store, "BEGIN", lambda: other.sweep(now=NOW, limits=LIMITS, keep_ended_ms=0)):
        swept = store.sweep(now=NOW, limits=LIMITS, keep_ended_ms=0)

    assert swept.purged == 0


@pytest.mark.parametrize("statements_before", range(3))
def test_install_against_an_install(path: Path, statements_before: int) -> None:
    """Two starts on one new file: whoever comes second uses what the first has made.

    Also where the first has looked at half of the file by then, and so knows half of each.
    """
    from nightlatch.stores import sqlite_file

    seen: list[str] = []

    class Late(sqlite_file.Connection):
        """Lets the rival start, and finish, before one of its own statements."""

        def execute(self, sql: str, *rest: object) -> object:  # type: ignore[override]
            if len(seen) == statements_before:
                SqliteStore(path).close()
            seen.append(sql)
            return super().execute(sql, *rest)  # type: ignore[arg-type]

    path.touch()
    db = sqlite_file.sqlite3.connect(path, isolation_level=None, factory=Late)
    sqlite_file._install(db, path)
    db.close()

    store = SqliteStore(path)
    assert len(seen) > statements_before
    assert sids(store) == set()
    store.close()
