"""Redis servers for the tests of its store: started once, emptied before each test."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from nightlatch.stores.redis import RedisStore
from tests.stores.redis_servers import RedisCluster, RedisServer


@pytest.fixture(scope="session")
def redis_server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[RedisServer]:
    """One server."""
    server = RedisServer(tmp_path_factory.mktemp("redis"))
    yield server
    server.kill()


@pytest.fixture(scope="session")
def redis_cluster(tmp_path_factory: pytest.TempPathFactory) -> Iterator[RedisCluster]:
    """A cluster of three masters with a replica each."""
    cluster = RedisCluster(tmp_path_factory.mktemp("cluster"))
    yield cluster
    cluster.stop()


@pytest.fixture
def redis_url(redis_server: RedisServer) -> str:
    """The URL of an empty server."""
    redis_server.ask("FLUSHALL")
    return redis_server.url


@pytest.fixture
def cluster_url(redis_cluster: RedisCluster) -> str:
    """The URL of an empty cluster."""
    for node in redis_cluster.masters:
        node.ask("FLUSHALL")
    return redis_cluster.url


@pytest.fixture
def redis_store(redis_url: str) -> Iterator[RedisStore]:
    """An empty store on one server."""
    store = RedisStore(redis_url)
    yield store
    store.close()
