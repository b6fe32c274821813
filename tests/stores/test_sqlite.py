"""The SQLite store keeps the contract."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from nightlatch.stores.sqlite import SqliteStore
from nightlatch.testing.conformance import StoreConformance
from tests.stores.desk import PATIENTLY_MS


class TestSqliteStore(StoreConformance):
    @pytest.fixture
    def store(self, tmp_path: Path) -> Iterator[SqliteStore]:
        store = SqliteStore(tmp_path / "sessions.db", busy_timeout_ms=PATIENTLY_MS)
        yield store
        store.close()
