"""The SQLite store when its file cannot be written, read or even found."""

from __future__ import annotations

import resource
import sqlite3
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path

import pytest

from nightlatch.errors import SettingError, StoreUnavailable
from nightlatch.record import EndReason, Record
from nightlatch.stores import sqlite_file
from nightlatch.stores.base import Change, Live, Rotation, User
from nightlatch.stores.sqlite import SqliteStore
from nightlatch.testing.conformance.desk import (
    IDLE,
    LIMITS,
    NOW,
    SLACK,
    a_hash,
    a_record,
    begin,
    end,
    listed,
    live,
    look,
    touch,
)
from tests.stores.desk import locked, raw


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "sessions.db"


@pytest.fixture
def store(path: Path) -> Iterator[SqliteStore]:
    store = SqliteStore(path, busy_timeout_ms=1)
    yield store
    store.close()


Verb = Callable[[SqliteStore, Record], object]

WRITERS: dict[str, Verb] = {
    "create": lambda store, _: begin(store),
    "save": lambda store, record: store.save(
        record.sid, version=1, change=Change(data=b"x"), now=NOW, limits=LIMITS
    ),
    "end": end,
    "open": lambda store, record: look(store, record, at=NOW + IDLE),
    "sweep": lambda store, _: store.sweep(now=NOW + IDLE, limits=LIMITS),
}


@pytest.mark.parametrize("verb", WRITERS)
def test_a_locked_file(path: Path, store: SqliteStore, verb: str) -> None:
    """A verb that must write gives up in bounded time, says so without any data, and recovers."""
    record = begin(store, "O’Connor")

    with locked(path), pytest.raises(StoreUnavailable) as caught:
        WRITERS[verb](store, record)

    assert str(caught.value) == (
        f"The session store did not answer ({verb}: SQLITE_BUSY). "
        "Nobody was signed out; try again in 5 s."
    )
    assert caught.value.doing == verb
    WRITERS[verb](store, record)


@pytest.mark.parametrize("verb", ["create", "end", "sweep"])
def test_a_turn_that_does_not_come(store: SqliteStore, verb: str) -> None:
    """A writer waits no longer for another thread of its process than for another process."""
    record = begin(store, "O’Connor")

    with store._file.transaction("a long one"), ThreadPoolExecutor(1) as another:
        waiting = another.submit(WRITERS[verb], store, record)
        error = waiting.exception(timeout=60)

    assert isinstance(error, StoreUnavailable)
    assert "SQLITE_BUSY" in str(error)
    WRITERS[verb](store, record)


def test_what_was_waited_for_a_turn_is_not_waited_for_again(
    path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Whoever had to queue has that much less left for other processes."""
    waits: list[int] = []
    wait = sqlite_file.Connection.wait
    monkeypatch.setattr(
        sqlite_file.Connection, "wait", lambda db, ms: (waits.append(ms), wait(db, ms))
    )
    patient = SqliteStore(path, busy_timeout_ms=5_000)
    begin(patient)
    waits.clear()
    hands = iter((1_000, 1_150))
    monkeypatch.setattr(sqlite_file.SystemClock, "elapsed", lambda _: next(hands))

    begin(patient)

    assert waits == [4_850]
    patient.close()


def test_reading_a_locked_file(path: Path, store: SqliteStore) -> None:
    """Who only reads does not wait for a writer."""
    record = begin(store)

    with locked(path):
        assert look(store, record) == Live(record)
        assert [one.sid for one in listed(store)] == [record.sid]
        assert store.sweep(now=NOW, limits=LIMITS).ended == ()


def test_a_touch_of_a_locked_file(path: Path, store: SqliteStore) -> None:
    """A touch that cannot be written does not fail the request, and does not count."""
    record = begin(store)

    with locked(path):
        answer = touch(store, record, at=NOW + SLACK)

    assert answer == Live(record)
    again = touch(store, record, at=NOW + SLACK)
    assert isinstance(again, Live)
    assert again.touched


def test_an_overlap_that_cannot_be_closed(path: Path, store: SqliteStore) -> None:
    """An overlap that should close on use closes at the next use when this one cannot write."""
    old = begin(store)
    rotation = Rotation(a_hash(), NOW + 60_000, closes_on_use=True)
    store.save(old.sid, version=1, change=Change(rotate=rotation), now=NOW, limits=LIMITS)
    new = a_record(sid=old.sid, secret_hash=rotation.secret_hash)

    with locked(path):
        assert isinstance(look(store, new), Live)
    assert isinstance(look(store, old), Live)

    look(store, new)
    assert not isinstance(look(store, old), Live)


def test_a_locked_new_file(path: Path) -> None:
    """A start that finds the new file locked tries again for as long as it may, then says so."""
    other = raw(path)
    other.execute("BEGIN EXCLUSIVE")

    with pytest.raises(StoreUnavailable, match=r"start: SQLITE_BUSY"):
        SqliteStore(path, busy_timeout_ms=20)

    other.close()
    SqliteStore(path).close()


@contextmanager
def no_growth(path: Path) -> Iterator[None]:
    """No file may grow beyond the size of the write-ahead log now: the disk is full."""
    wal = path.with_name(f"{path.name}-wal")
    before = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (wal.stat().st_size, before[1]))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, before)


def test_a_full_disk(path: Path, store: SqliteStore) -> None:
    """On a full disk sign-ins fail as unavailable; who is signed in goes on."""
    record = begin(store)

    with no_growth(path):
        with pytest.raises(StoreUnavailable, match=r"create: SQLITE_(IOERR|FULL)"):
            begin(store)
        assert touch(store, record, at=NOW + SLACK) == Live(record)

    assert [one.sid for one in listed(store)] == [record.sid]
    answer = touch(store, record, at=NOW + SLACK)
    assert isinstance(answer, Live)
    assert answer.touched


def test_no_pages_left(store: SqliteStore) -> None:
    """A save that does not fit changes nothing."""
    record = begin(store, data=b"small")
    with store._file.connection("test") as db:
        (pages,) = db.execute("PRAGMA page_count").fetchone()
        db.execute(f"PRAGMA max_page_count = {pages}")

    with pytest.raises(StoreUnavailable, match=r"save: SQLITE_FULL"):
        store.save(record.sid, version=1, change=Change(data=bytes(60_000)), now=NOW, limits=LIMITS)

    assert live(store, record) == record


def test_read_only(store: SqliteStore) -> None:
    """A file that can only be read still answers who is signed in."""
    record = begin(store)
    with store._file.connection("test") as db:
        db.execute("PRAGMA query_only = ON")

    assert touch(store, record, at=NOW + SLACK) == Live(record)

    with pytest.raises(StoreUnavailable, match=r"end: SQLITE_READONLY"):
        end(store, record)
    assert live(store, record) == record


def test_half_an_end(path: Path, store: SqliteStore) -> None:
    """When ending all of a user's sessions fails in the middle, nothing of it has happened."""
    records = [begin(store) for _ in range(3)]
    spoiler = raw(path)
    spoiler.execute(
        "CREATE TRIGGER spoil BEFORE UPDATE ON session "
        f"WHEN OLD.sid = x'{max(record.sid for record in records)}' "
        "BEGIN SELECT RAISE(ABORT, 'spoiled'); END"
    )

    # A constraint is a mistake, not an outage; what matters here is what is left behind.
    with pytest.raises(sqlite3.IntegrityError):
        store.end(User("ana"), reason=EndReason.REVOKED, now=NOW)

    spoiler.execute("DROP TRIGGER spoil")
    spoiler.close()
    assert len(listed(store, "ana")) == 3
    begin(store, at=NOW)


def test_no_database(path: Path) -> None:
    """A file of something else is not touched, and refused as what it is."""
    path.write_bytes(b"This is no database. " * 200)

    with pytest.raises(SettingError, match=r"^store is .*SQLITE_NOTADB"):
        SqliteStore(path)

    assert path.read_bytes().startswith(b"This is no database.")


def test_a_folder_in_place_of_the_file(path: Path) -> None:
    """A folder where the file should be is told at the start."""
    path.mkdir()

    with pytest.raises(SettingError, match=r"^store is .*SQLITE_CANTOPEN"):
        SqliteStore(path)


def test_a_file_in_place_of_the_folder(path: Path) -> None:
    """A file where the folder should be is told at the start."""
    path.touch()

    with pytest.raises(SettingError, match=r"^store is .*(NotADirectory|FileExists)Error"):
        SqliteStore(path / "deeper" / "sessions.db")


def test_tables_that_are_gone(path: Path, store: SqliteStore) -> None:
    """When somebody has taken the tables away, nobody is signed out by it."""
    record = begin(store)
    other = raw(path)
    other.execute("ALTER TABLE session RENAME TO elsewhere")

    with pytest.raises(StoreUnavailable, match=r"open: SQLITE_ERROR"):
        look(store, record)

    other.execute("ALTER TABLE elsewhere RENAME TO session")
    other.close()
    assert live(store, record) == record
