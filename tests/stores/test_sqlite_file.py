"""The file of the SQLite store: where it is, who may read it, what is in it."""

from __future__ import annotations

import gc
import hashlib
import os
import secrets
import sqlite3
import stat
from collections.abc import Iterator
from pathlib import Path

import pytest

from nightlatch.errors import SettingError, StoreUnavailable
from nightlatch.record import EndReason
from nightlatch.stores.base import Change, Rotation
from nightlatch.stores.sqlite import SqliteStore
from nightlatch.testing.conformance.desk import (
    LIMITS,
    NOW,
    a_record,
    begin,
    end,
    live,
    look,
    sids,
    together,
)
from tests.stores.desk import raw


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "sessions.db"


@pytest.fixture
def store(path: Path) -> Iterator[SqliteStore]:
    store = SqliteStore(path)
    yield store
    store.close()


@pytest.fixture
def no_umask() -> Iterator[None]:
    before = os.umask(0)
    yield
    os.umask(before)


def mode(path: Path) -> int:
    return stat.S_IMODE(path.stat().st_mode)


@pytest.mark.usefixtures("no_umask")
def test_only_the_owner_may_read(tmp_path: Path) -> None:
    """File, log and new folder are for the owner alone, whatever the umask would allow."""
    path = tmp_path / "new" / "folder" / "sessions.db"

    store = SqliteStore(path)
    begin(store)

    assert {mode(one) for one in path.parent.iterdir()} == {0o600}
    assert {one.name for one in path.parent.iterdir()} >= {"sessions.db", "sessions.db-wal"}
    assert mode(path.parent) == 0o700
    store.close()


@pytest.mark.usefixtures("no_umask")
def test_a_folder_that_is_there_is_left_as_it_is(tmp_path: Path) -> None:
    """Nothing changes the mode of a folder or a file that was there before."""
    tmp_path.chmod(0o755)
    path = tmp_path / "sessions.db"
    path.touch(0o640)

    SqliteStore(path).close()

    assert (mode(tmp_path), mode(path)) == (0o755, 0o640)


def test_sessions_outlive_the_process(path: Path) -> None:
    """What one store has written, the next one on the same file reads."""
    first = SqliteStore(path)
    record = begin(first, data=b"kept")
    first.close()

    second = SqliteStore(path)

    assert live(second, record) == record
    second.close()


def test_a_relative_path_stays_where_it_was(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A relative path is that of the moment of opening, also when the process moves on."""
    monkeypatch.chdir(tmp_path)
    store = SqliteStore("sessions.db")
    monkeypatch.chdir("/")

    record = begin(store)

    assert (tmp_path / "sessions.db").exists()
    assert live(store, record) == record
    store.close()


@pytest.mark.parametrize("path", ["", ":memory:"])
def test_no_file_at_all(path: str) -> None:
    """A database in memory would be another one for every connection: refused by name."""
    with pytest.raises(SettingError, match="memory://"):
        SqliteStore(path)


def test_a_newer_schema(path: Path) -> None:
    """A file of a newer version is refused at the start, with both versions named."""
    SqliteStore(path).close()
    db = raw(path)
    db.execute("PRAGMA user_version = 2")
    db.close()

    with pytest.raises(SettingError, match=r"of schema version 2.*Allowed: schema version 1"):
        SqliteStore(path)


def test_another_applications_file(path: Path) -> None:
    """A database with tables of another application is left alone and refused."""
    db = raw(path)
    db.execute("CREATE TABLE session (id)")
    db.close()

    with pytest.raises(SettingError, match="another application's file"):
        SqliteStore(path)


def test_no_secret_in_the_file(path: Path, store: SqliteStore) -> None:
    """The bytes on the disk hold no secret that a browser ever had, only their hashes."""
    old, new = secrets.token_bytes(32), secrets.token_bytes(32)
    record = begin(store, secret_hash=hashlib.sha256(old).digest())
    rotation = Rotation(hashlib.sha256(new).digest(), NOW + 30_000)
    store.save(record.sid, version=1, change=Change(rotate=rotation), now=NOW, limits=LIMITS)

    dump = b"".join(file.read_bytes() for file in path.parent.iterdir())

    for secret in (old, new):
        assert hashlib.sha256(secret).digest() in dump
        assert secret not in dump
        assert secret.hex().encode() not in dump


@pytest.mark.parametrize("size", [200, 60_000])
def test_ending_drops_the_data(path: Path, store: SqliteStore, size: int) -> None:
    """A tombstone keeps times and reason; what the session held is gone from the file too."""
    held = secrets.token_hex(size // 2).encode()
    record = begin(store, data=held, device="Firefox on a phone", address="2001:db8::1")

    end(store, record)
    store.close()

    db = raw(path)
    row = db.execute("SELECT user, ended, reason, data, device, address FROM session").fetchone()
    db.close()
    assert row == ("ana", NOW, "signed-out", b"", "", "")
    dump = b"".join(file.read_bytes() for file in path.parent.iterdir())
    for gone in (held[:40], held[-40:], b"Firefox", b"2001:db8"):
        assert gone not in dump


def test_lists_of_a_user_use_the_index(path: Path, store: SqliteStore) -> None:
    """Listing a user's sessions looks at that user's rows only, already in order."""
    db = raw(path)
    plan = db.execute(
        "EXPLAIN QUERY PLAN SELECT sid FROM session "
        "WHERE true AND ended IS NULL AND user = ? AND sid > ? ORDER BY sid LIMIT ?",
        ("ana", b"", 50),
    ).fetchall()
    db.close()

    assert [step[3] for step in plan] == [
        "SEARCH session USING INDEX session_live (user=? AND sid>?)"
    ]


def test_connections_do_not_grow_with_threads(store: SqliteStore) -> None:
    """A thread per request leaves no connection behind: the next request takes it over."""
    record = begin(store)

    for _ in range(20):
        together(lambda: live(store, record))

    assert len(store._file._idle) == 1


def test_a_connection_in_use_outlives_close(store: SqliteStore) -> None:
    """Closing lets a verb that is under way finish, and its connection goes with it."""
    with store._file.connection("test") as db:
        store.close()
        assert db.execute("SELECT 1").fetchone() == (1,)

    with pytest.raises(sqlite3.ProgrammingError, match="closed database"):
        db.execute("SELECT 1")


def test_after_close(store: SqliteStore) -> None:
    """A closed store does not answer any more, and says so."""
    record = begin(store)
    store.close()

    with pytest.raises(StoreUnavailable, match="open: the store is closed"):
        look(store, record)


def test_a_store_that_is_forgotten(path: Path) -> None:
    """A store that nobody closed closes its connections when it is collected."""
    store = SqliteStore(path)
    begin(store)
    db = store._file._idle[0]

    del store
    gc.collect()

    with pytest.raises(sqlite3.ProgrammingError, match="closed database"):
        db.execute("SELECT 1")


def test_a_mistake_is_not_an_outage(store: SqliteStore) -> None:
    """A record that cannot be a row fails as what it is, and leaves nothing behind."""
    with pytest.raises(sqlite3.IntegrityError):
        begin(store, created=None)

    assert sids(store) == set()


@pytest.mark.parametrize("sid", ["", "x", "AB" * 16])
def test_a_sid_that_is_none(store: SqliteStore, sid: str) -> None:
    """A session under what is no sid is refused loudly: it could never be found again."""
    with pytest.raises(ValueError, match="hexadecimal digits in lower case"):
        store.create(a_record(sid=sid), now=NOW, limits=LIMITS, began=NOW)


def test_durable_where_it_must_be(store: SqliteStore) -> None:
    """Create, rotate and end wait for the disk; reads, touches and data do not."""
    synced: list[str] = []
    with store._file.connection("test") as db:
        db.set_trace_callback(
            lambda sql: synced.append(sql.split()[-1]) if "synchronous" in sql else None
        )

    record = begin(store)
    look(store, record)
    store.save(record.sid, version=1, change=Change(data=b"x"), now=NOW, limits=LIMITS)
    rotation = Rotation(record.secret_hash, NOW)
    store.save(record.sid, version=2, change=Change(rotate=rotation), now=NOW, limits=LIMITS)
    look(store, record)
    end(store, record, reason=EndReason.REVOKED)

    assert synced == ["FULL", "NORMAL", "FULL", "NORMAL", "FULL"]
