"""Two versions of this package on one store, as during a rolling upgrade."""

from __future__ import annotations

from pathlib import Path

import pytest

from nightlatch import Ended, EndReason, SessionEnded, SettingError
from nightlatch.codec import VERSION
from nightlatch.stores.base import Change, Saved
from nightlatch.stores.memory import MemoryStore
from nightlatch.stores.sqlite import SqliteStore
from nightlatch.testing.conformance.desk import begin, live, sids, together
from tests.core.manager_desk import LIMITS, Desk
from tests.stores.desk import raw

NEXT_VERSION = bytes([VERSION[0] + 1])


@pytest.mark.parametrize("kind", ["memory", "sqlite"])
@pytest.mark.parametrize("version", [NEXT_VERSION, b"\x00", b"\xff"])
def test_values_of_another_version_end_the_session_and_are_never_taken_for_empty(
    tmp_path: Path, kind: str, version: bytes
) -> None:
    """What this version cannot read is refused, told once as *corrupt*, and not written over."""
    store = MemoryStore() if kind == "memory" else SqliteStore(tmp_path / "sessions.db")
    desk = Desk(store)
    george = desk.manager.start("george", values={"basket": [1, 2]})
    theirs = Change(data=version + george.record.data[1:])
    saved = store.save(
        george.record.sid, version=1, change=theirs, now=desk.clock.now(), limits=LIMITS
    )
    assert isinstance(saved, Saved)

    # This request had read the session before the other version wrote it.
    answer = desk.manager.save(george.record, {"basket": []})
    found = desk.manager.peek(george.token.text())

    assert isinstance(answer, Ended)
    assert isinstance(found, Ended)
    assert answer.reason is found.reason is EndReason.CORRUPT
    assert [event.reason for event in desk.told(SessionEnded)] == [EndReason.CORRUPT]
    store.close()


def test_a_file_of_a_future_schema_is_refused_and_left_as_it_is(tmp_path: Path) -> None:
    """The start says both versions; the newer one finds its file untouched."""
    path = tmp_path / "sessions.db"
    newer = SqliteStore(path)
    record = begin(newer)
    newer.close()
    db = raw(path)
    db.execute("ALTER TABLE session ADD COLUMN of_the_future TEXT")
    db.execute("PRAGMA user_version = 2")
    db.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    db.close()
    before = path.read_bytes()

    for _ in range(2):
        with pytest.raises(SettingError, match="of schema version 2"):
            SqliteStore(path)

    assert path.read_bytes() == before
    assert record.sid in before.hex()


def test_a_file_is_prepared_once_however_often_it_is_opened(tmp_path: Path) -> None:
    """Preparing it again changes nothing that is there."""
    path = tmp_path / "sessions.db"
    first = SqliteStore(path)
    record = begin(first)

    others = [SqliteStore(path) for _ in range(3)]

    for store in (first, *others):
        assert live(store, record) == record
        store.close()


def test_nodes_that_start_at_once_on_a_new_file_share_it(tmp_path: Path) -> None:
    """Twenty new files, four starts at one moment: each sees what all the others begin."""
    for number in range(20):
        stores: list[SqliteStore] = []

        def start(path: Path = tmp_path / f"{number}.db", stores: list = stores) -> None:
            stores.append(SqliteStore(path))

        together(*[start] * 4)

        records = [begin(store, f"user {place}") for place, store in enumerate(stores)]
        for store in stores:
            assert sids(store) == {record.sid for record in records}
        for store in stores:
            store.close()
