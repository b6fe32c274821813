"""The memory store keeps the contract."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from nightlatch.stores import open_store
from nightlatch.stores.memory import MemoryStore
from nightlatch.testing.conformance import StoreConformance


class TestMemoryStore(StoreConformance):
    @pytest.fixture
    def store(self) -> Iterator[MemoryStore]:
        store = open_store("memory://")
        assert isinstance(store, MemoryStore)
        yield store
        store.close()
