"""The Redis store keeps the contract, on one server and on a cluster."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from nightlatch.record import EndReason
from nightlatch.stores.base import Everyone
from nightlatch.stores.redis import RedisStore
from nightlatch.testing.conformance import StoreConformance
from nightlatch.testing.conformance.desk import IDLE, NOW, begin, listed, swept


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


@pytest.mark.parametrize("count", [1, 2, 8, 9, 100])
def test_pages_within_and_over_buckets(redis_store: RedisStore, count: int) -> None:
    """Whether sessions share the first two digits of their sids or not, none is left out."""
    names = [f"{bucket}{number:030x}" for bucket in ("00", "7f", "e0") for number in range(17)]
    for sid in names:
        begin(redis_store, None, sid=sid)

    found = listed(redis_store, count=count)
    steps = [*swept(redis_store, at=NOW + IDLE, count=count)]

    assert [one.sid for one in found] == names
    assert [one.sid for step in steps for one in step.ended] == names


def test_everyone_in_more_than_one_step(redis_store: RedisStore) -> None:
    """*End all* of everyone goes on until nobody is left, however many are in one bucket."""
    names = [f"00{number:030x}" for number in range(510)] + ["7f" + "0" * 30]
    for sid in names:
        begin(redis_store, None, sid=sid)

    ends = redis_store.end(Everyone(), reason=EndReason.REVOKED, now=NOW)

    assert [one.sid for one in ends.ended] == names
    assert listed(redis_store) == []
