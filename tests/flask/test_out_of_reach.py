"""A real SQLite file that is made unreadable, locked, filled up and deleted while it is used."""

from __future__ import annotations

import resource
import shutil
import sqlite3
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from flask import Flask

from nightlatch import StoreUnavailable
from nightlatch.breaker import FAILURES, RETRY_MS, SLOW_MS
from nightlatch.stores.sqlite import SqliteStore
from nightlatch.testing import FakeClock
from tests.flask.apps import bare_app
from tests.flask.browser import Browser, cookies

SOON_S = 0.1
BUSY_MS = SLOW_MS + 100


class MovedClock(FakeClock):
    """Time that a test moves, and a stopwatch that runs as well."""

    def elapsed(self) -> int:
        return super().elapsed() + time.monotonic_ns() // 1_000_000


@pytest.fixture
def clock():
    return MovedClock()


@pytest.fixture
def path(tmp_path):
    return tmp_path / "kept" / "sessions.db"


@pytest.fixture
def app(clock, path, tmp_path) -> Iterator[Flask]:
    store = SqliteStore(path, busy_timeout_ms=BUSY_MS)
    app = bare_app(clock=clock, store=store, journal=tmp_path / "sign-outs.log")
    yield app
    store.close()


@pytest.fixture
def george(app):
    george = Browser(app)
    george.submit("/sign-in", user="george")
    george.submit("/values", whole="yes")
    return george


def files(path: Path) -> list[Path]:
    """The store's file and what SQLite has put beside it."""
    return sorted(path.parent.glob(f"{path.name}*"))


@contextmanager
def moved_away(path: Path) -> Iterator[None]:
    """Another name for all of its files."""
    aside = path.parent / "aside"
    aside.mkdir()
    names = files(path)
    for one in names:
        one.rename(aside / one.name)
    yield
    assert files(path) == [], "nothing may be made in its place"
    for one in names:
        (aside / one.name).rename(one)


@contextmanager
def a_folder_in_its_place(path: Path) -> Iterator[None]:
    with moved_away(path):
        path.mkdir()
        yield
        path.rmdir()


@contextmanager
def an_empty_file_in_its_place(path: Path) -> Iterator[None]:
    with moved_away(path):
        path.touch()
        yield
        assert path.stat().st_size == 0
        for one in files(path):
            one.unlink()


@contextmanager
def another_applications_file(path: Path) -> Iterator[None]:
    with moved_away(path):
        other = sqlite3.connect(path)
        other.execute("CREATE TABLE notes (text)")
        other.close()
        yield
        for one in files(path):
            one.unlink()


@contextmanager
def its_folder_gone(path: Path) -> Iterator[None]:
    away = path.parent.with_name("away")
    path.parent.rename(away)
    yield
    assert not path.parent.exists(), "no folder may be made in its place"
    away.rename(path.parent)


@contextmanager
def spoiled(path: Path, size: int | None) -> Iterator[None]:
    other = sqlite3.connect(path)
    other.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    other.close()
    good = path.read_bytes()
    with path.open("r+b") as file:
        file.write(b"X" * (size or len(good)))
    yield
    with path.open("r+b") as file:
        file.write(good)


@contextmanager
def a_spoiled_header(path: Path) -> Iterator[None]:
    with spoiled(path, 100):
        yield


@contextmanager
def a_spoiled_file(path: Path) -> Iterator[None]:
    with spoiled(path, None):
        yield


@contextmanager
def held_by_another_program(path: Path) -> Iterator[None]:
    """It is writing, and does not finish."""
    other = sqlite3.connect(path, isolation_level=None)
    other.execute("BEGIN EXCLUSIVE")
    yield
    other.execute("ROLLBACK")
    other.close()


@contextmanager
def a_full_disk(path: Path) -> Iterator[None]:
    """No file may grow beyond the size of the store's log now."""
    log = path.with_name(f"{path.name}-wal")
    before = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (log.stat().st_size, before[1]))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, before)


Outage = Callable[[Path], "contextmanager[None]"]
UNREADABLE = [
    moved_away,
    a_folder_in_its_place,
    an_empty_file_in_its_place,
    another_applications_file,
    its_folder_gone,
    a_spoiled_header,
    a_spoiled_file,
]
UNWRITABLE = [held_by_another_program, a_full_disk]


def check_unavailable(response):
    """503, for a moment, kept by no cache, and nobody was signed out."""
    assert response.status_code == 503
    assert 1 <= int(response.headers["Retry-After"]) <= 5
    assert response.headers["Cache-Control"] == "no-store"
    assert "Nobody was signed out" in response.text
    assert cookies(response) == []
    assert "Clear-Site-Data" not in response.headers


def timed(ask):
    """An answer, and how long it took in seconds."""
    began = time.monotonic()
    return ask(), time.monotonic() - began


@pytest.mark.parametrize("outage", UNREADABLE)
def test_unreadable(outage, app, george, path, clock):
    """503 for everybody, nobody is signed out, and afterwards all is as before, by itself."""
    token = george.token

    with outage(path):
        for _ in range(FAILURES + 2):
            check_unavailable(george.go("/values"))
        check_unavailable(george.submit("/values", whole="no"))
        check_unavailable(george.fetch("/session"))
        check_unavailable(Browser(app).submit("/sign-in", user="ana"))
        last, took_s = timed(lambda: george.go("/values"))

    check_unavailable(last)
    assert "a moment ago" in last.text
    assert took_s < SOON_S
    clock.advance(ms=RETRY_MS)
    assert george.token == token
    assert george.go("/values").text == '{"whole":"yes"}\n'
    assert george.fetch("/session").json["state"] == "active"
    assert george.submit("/values", whole="again").status_code == 200


@pytest.mark.parametrize("outage", UNWRITABLE)
def test_unwritable(outage, app, george, path, clock):
    """Who is signed in goes on reading; only this activity is not credited."""
    clock.advance(minutes=5)

    with outage(path):
        check_unavailable(Browser(app).submit("/sign-in", user="ana"))
        page = george.go("/values")
        check_unavailable(george.submit("/values", whole="a" * 60_000))

    assert (page.status_code, page.json) == (200, {"whole": "yes"})
    clock.advance(ms=RETRY_MS)
    assert george.submit("/values", whole="again").json == {"whole": "again"}
    assert Browser(app).submit("/sign-in", user="ana").status_code == 303


def test_locked_for_ten_seconds(app, george, path, clock):
    """The first request waits as long as it may, the next ones not at all, until it is free."""
    with held_by_another_program(path):
        first, first_s = timed(lambda: george.submit("/values", whole="no"))
        second, second_s = timed(lambda: george.submit("/values", whole="no"))
        clock.advance(minutes=5)
        george.submit("/values", whole="no")
        page, page_s = timed(lambda: george.go("/values"))
        clock.advance(ms=10_000)
        probe, probe_s = timed(lambda: george.submit("/values", whole="no"))

    for response in (first, second, probe):
        check_unavailable(response)
    assert BUSY_MS / 1000 <= first_s < BUSY_MS / 1000 + 1
    assert second_s < SOON_S
    assert probe_s >= BUSY_MS / 1000
    assert page.status_code == 200
    assert page_s < SOON_S, "a touch must not wait where a write has just failed"
    clock.advance(ms=RETRY_MS)
    assert george.submit("/values", whole="again").json == {"whole": "again"}


def test_deleted_and_restored_from_a_backup(app, george, path, clock, tmp_path, caplog):
    """SQLite would go on with a file without a name; here it is 503 until one is back."""
    backup = tmp_path / "backup.db"
    source, copy = sqlite3.connect(path), sqlite3.connect(backup)
    source.backup(copy)
    source.close()
    copy.close()
    late = Browser(app)
    late.submit("/sign-in", user="late")

    for one in files(path):
        one.unlink()
    check_unavailable(george.go("/values"))
    check_unavailable(late.go("/session"))
    assert files(path) == []
    shutil.copy(backup, path)

    assert george.go("/values").json == {"whole": "yes"}
    assert george.submit("/values", whole="again").status_code == 200
    assert late.go("/session").json["state"] == "anonymous"
    assert "Another file is in the place" in caplog.text


@pytest.mark.parametrize("others", [0, 1])
@pytest.mark.parametrize("which", ["-wal", "-wal and -shm"])
def test_only_the_log_is_deleted(which, others, app, george, path, clock):
    """What is in it goes into the file while somebody still has it: nothing is lost."""
    readers = [sqlite3.connect(path) for _ in range(others)]
    for reader in readers:
        reader.execute("SELECT count(*) FROM session").fetchone()
    for one in files(path):
        if one.name.endswith(tuple(which.split(" and "))):
            one.unlink()

    assert george.go("/values").json == {"whole": "yes"}
    assert george.submit("/values", whole="again").status_code == 200

    second = bare_app(clock=clock, store=SqliteStore(path))
    elsewhere = Browser(second)
    elsewhere.token = george.token
    assert elsewhere.go("/values").json == {"whole": "again"}
    second.extensions["nightlatch"].manager.close()
    for reader in readers:
        reader.close()


def test_the_log_is_another_one(george, path):
    """Somebody else has begun a new one: the old one is let go, and the file is not touched."""
    log = path.with_name(f"{path.name}-wal")
    log.rename(log.with_name("old-log"))
    log.touch()

    assert george.go("/values").status_code in (200, 503)

    log.unlink()
    assert george.go("/session").status_code == 200


def test_deleted_in_the_middle_of_a_sign_in(app, path):
    """What went into a file on its way out was not done, and nobody is told that it was."""
    store = app.extensions["nightlatch"].manager.store.store

    away = path.with_name("away.db")

    with (
        pytest.raises(StoreUnavailable, match="moved or deleted meanwhile"),
        store._file.transaction("create"),
    ):
        path.rename(away)

    away.rename(path)
