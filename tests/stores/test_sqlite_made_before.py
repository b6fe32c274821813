"""A store on a file that another process has made: a worker of a server, started or replaced."""

from __future__ import annotations

import logging
from collections.abc import Iterator
from pathlib import Path

import pytest

from nightlatch.errors import StoreUnavailable
from nightlatch.record import Record
from nightlatch.stores.sqlite import SqliteStore
from nightlatch.testing.conformance.desk import begin, live, look


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "kept" / "sessions.db"


@pytest.fixture
def record(path: Path) -> Record:
    """A session that the process before has begun."""
    store = SqliteStore(path)
    record = begin(store)
    store.close()
    return record


@pytest.fixture
def worker(path: Path) -> Iterator[SqliteStore]:
    store = SqliteStore(path, make=False)
    yield store
    store.close()


def test_what_was_made_before_is_used(
    record: Record, worker: SqliteStore, caplog: pytest.LogCaptureFixture
) -> None:
    """As if the store had made the file itself; there is nothing to warn of."""
    assert live(worker, record) == record

    assert caplog.records == []


def test_a_file_that_is_away_is_not_made_again(
    record: Record, worker: SqliteStore, path: Path, tmp_path: Path
) -> None:
    """Nobody is signed out by a worker that starts during an outage, and it goes on after it."""
    path.rename(tmp_path / "away.db")

    with pytest.raises(StoreUnavailable, match="open: FileNotFoundError"):
        look(worker, record)
    with pytest.raises(StoreUnavailable):
        begin(worker)

    assert list(path.parent.iterdir()) == []
    (tmp_path / "away.db").rename(path)
    assert live(worker, record) == record


def test_nothing_is_made_for_a_worker_that_is_first(worker: SqliteStore, path: Path) -> None:
    """Not even the folder."""
    with pytest.raises(StoreUnavailable):
        begin(worker)

    assert not path.parent.exists()


@pytest.mark.parametrize("content", [b"", b"something else" * 1000])
def test_what_is_no_store_is_out_of_reach(worker: SqliteStore, path: Path, content: bytes) -> None:
    """An empty file is not made a store of, and a strange one stays as it is."""
    path.parent.mkdir()
    path.write_bytes(content)

    with pytest.raises(StoreUnavailable):
        begin(worker)

    assert path.read_bytes() == content


def test_another_file_is_still_told_of(
    record: Record, worker: SqliteStore, path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    """Once the worker has used one, another one in its place is worth a warning."""
    look(worker, record)
    path.unlink()
    SqliteStore(path).close()

    with caplog.at_level(logging.WARNING, "nightlatch"):
        assert look(worker, record) is None

    assert "Another file is in the place" in caplog.text
