"""The Redis store keeps the contract, on one server and on a cluster."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from nightlatch.stores.redis import RedisStore
from nightlatch.testing.conformance import StoreConformance


class TestRedisStore(StoreConformance):
    @pytest.fixture
    def store(self, redis_store: RedisStore) -> RedisStore:
        return redis_store


class TestRedisClusterStore(StoreConformance):
    @pytest.fixture
    def store(self, cluster_url: str) -> Iterator[RedisStore]:
        store = RedisStore(cluster_url)
        yield store
        store.close()
