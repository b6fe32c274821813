"""What the tests of the SQLite store share."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

from nightlatch.stores.sqlite import SqliteStore

# For many writers at once on a busy machine. SQLite lets waiting writers in by chance and not in
# turn, so how long one of them waits says nothing about what such a test is for.
PATIENTLY_MS = 60_000


def raw(path: Path) -> sqlite3.Connection:
    """A connection of somebody else to the same file."""
    return sqlite3.connect(path, isolation_level=None, timeout=0)


@contextmanager
def locked(path: Path) -> Iterator[None]:
    """Somebody else is writing, and does not finish."""
    other = raw(path)
    other.execute("BEGIN IMMEDIATE")
    try:
        yield
    finally:
        other.close()


@contextmanager
def just_before(store: SqliteStore, statement: str, act: Callable[[], object]) -> Iterator[None]:
    """Do something the first time that the store is about to run a statement.

    SQLite calls back when a statement starts, before it takes a lock: exactly the moment in
    which another process may be faster.
    """
    waiting = [act]

    def starts(sql: str) -> None:
        if sql.startswith(statement) and waiting:
            waiting.pop()()

    with store._file.connection("test") as db:
        db.set_trace_callback(starts)
    try:
        yield
    finally:
        with store._file.connection("test") as db:
            db.set_trace_callback(None)
    assert not waiting, f"no statement began with {statement!r}"
