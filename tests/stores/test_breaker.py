"""The breaker round a store is a store."""

from __future__ import annotations

import pytest

from nightlatch.breaker import Breaker
from nightlatch.stores.memory import MemoryStore
from nightlatch.testing.conformance import StoreConformance


class TestBreaker(StoreConformance):
    """Every promise of the contract."""

    @pytest.fixture
    def store(self) -> Breaker:
        """Round the reference."""
        return Breaker(MemoryStore())
