"""The stores of drafts in this package keep the contract; and the file of the SQLite one."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path

import pytest

from nightlatch.drafts import KEEP_MS, Verdict
from nightlatch.errors import SettingError, StoreUnavailable
from nightlatch.stores.memory import MemoryStore
from nightlatch.stores.memory_drafts import MemoryDrafts
from nightlatch.stores.sqlite import SqliteStore
from nightlatch.stores.sqlite_drafts import IN_PASSING, SqliteDrafts
from nightlatch.testing.conformance.desk import NOW, begin, sids
from nightlatch.testing.conformance.drafts import PAGE, DraftConformance, a_draft, found
from tests.stores.desk import locked, raw
from tests.stores.test_sqlite_processes import race

BUSY_MS = 2_000


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "sessions.db"


@pytest.fixture
def file(tmp_path: Path) -> Path:
    return tmp_path / "sessions-drafts.db"


class TestMemoryDrafts(DraftConformance):
    """The reference."""

    @pytest.fixture
    def drafts(self) -> MemoryDrafts:
        return MemoryDrafts()


class TestSqliteDrafts(DraftConformance):
    """A file of its own."""

    @pytest.fixture
    def drafts(self, file: Path) -> Iterator[SqliteDrafts]:
        drafts = SqliteDrafts(file, BUSY_MS)
        yield drafts
        drafts.close()


def test_they_are_beside_the_sessions(path: Path, file: Path) -> None:
    """In a file that says what it is, which nobody else may read."""
    store = SqliteStore(path)

    drafts = store.drafts()

    assert sorted(one.name for one in path.parent.glob("*.db")) == [file.name, path.name]
    assert file.stat().st_mode & 0o777 == 0o600
    drafts.close()
    store.close()


def test_no_drafts_no_file(path: Path) -> None:
    """Who keeps no drafts has no file for them."""
    store = SqliteStore(path)
    begin(store)

    assert [one.name for one in path.parent.glob("*drafts*")] == []
    store.close()


def test_those_of_a_memory_store_are_always_the_same() -> None:
    """Two managers of one store share its drafts as they share its sessions."""
    store = MemoryStore()
    store.drafts().put("ana", a_draft())

    assert found(store.drafts()) == "a"


def test_they_outlive_the_process(file: Path) -> None:
    """What one has written, the next one on the same file reads."""
    first = SqliteDrafts(file, BUSY_MS)
    first.put("ana", a_draft(fields=b"kept"))
    first.close()

    second = SqliteDrafts(file, BUSY_MS)

    assert second.get("ana", PAGE, now=NOW).draft == a_draft(fields=b"kept")
    second.close()


def test_a_newer_file(file: Path) -> None:
    """A file of a newer version is refused at the start, with both versions named."""
    SqliteDrafts(file, BUSY_MS).close()
    db = raw(file)
    db.execute("PRAGMA user_version = 2")
    db.close()

    with pytest.raises(SettingError, match=r"of schema version 2.*Allowed: schema version 1"):
        SqliteDrafts(file, BUSY_MS)


def test_the_files_are_not_taken_for_each_other(path: Path, file: Path) -> None:
    """Sessions in place of drafts, or drafts in place of sessions, stop the start."""
    SqliteStore(path).close()
    SqliteDrafts(file, BUSY_MS).close()

    with pytest.raises(SettingError, match="another application's file"):
        SqliteDrafts(path, BUSY_MS)
    with pytest.raises(SettingError, match="another application's file"):
        SqliteStore(file)


def test_what_was_dropped_is_overwritten(file: Path) -> None:
    """The bytes on the disk hold nothing of a draft that was used."""
    drafts = SqliteDrafts(file, BUSY_MS)
    drafts.put("ana", a_draft(fields=b"to my aunt" * 900))

    drafts.drop("ana", PAGE, now=NOW)
    drafts.close()

    dump = b"".join(one.read_bytes() for one in file.parent.iterdir())
    assert b"aunt" not in dump


def test_a_save_takes_expired_ones_along(file: Path) -> None:
    """Nothing stays for long where nobody sweeps: some go with every save, whosever they are."""
    drafts = SqliteDrafts(file, BUSY_MS)
    for number in range(IN_PASSING + 1):
        drafts.put(f"user {number}", a_draft())

    drafts.put("ana", a_draft(at=NOW + KEEP_MS))

    db = raw(file)
    assert db.execute("SELECT count(*) FROM draft").fetchone() == (2,)
    db.close()
    drafts.close()


def test_it_waits_for_a_writer_for_a_bounded_time(file: Path) -> None:
    """Then it says that it did not answer; reading goes on meanwhile."""
    drafts = SqliteDrafts(file, 1)
    drafts.put("ana", a_draft())

    with locked(file), pytest.raises(StoreUnavailable, match="keep a draft: SQLITE_BUSY"):
        drafts.put("ana", a_draft(serial=2))

    assert found(drafts) == "a"
    drafts.close()


def test_who_types_holds_up_nobodys_session(path: Path) -> None:
    """A writer of drafts that does not finish leaves the sessions alone."""
    store = SqliteStore(path, busy_timeout_ms=1)
    drafts = store.drafts()

    with locked(path.with_name("sessions-drafts.db")):
        record = begin(store)

    assert sids(store) == {record.sid}
    drafts.close()
    store.close()


@pytest.mark.process
def test_processes_that_start_at_once(tmp_path: Path) -> None:
    """On a file that is not there yet they all get the same one, and one tab of them is first."""
    path = tmp_path / "new" / "drafts.db"

    answers = race(
        """
from pathlib import Path
from nightlatch.stores.sqlite_drafts import SqliteDrafts
from nightlatch.testing.conformance.drafts import a_draft
import os
drafts = SqliteDrafts(Path(path), 5_000)
print(json.dumps(drafts.put("ana", a_draft(sheet=str(os.getpid())))))
""",
        path,
        "",
        "",
    )

    assert sorted(answers) == sorted(
        json.loads(json.dumps([Verdict.ELSEWHERE] * (len(answers) - 1) + [Verdict.KEPT]))
    )
