"""Random orders of everything that can happen, on Redis: against the model, and against memory."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

import pytest
from hypothesis import HealthCheck, settings
from hypothesis.stateful import run_state_machine_as_test

from nightlatch.stores.base import SessionStore
from nightlatch.stores.redis import RedisStore
from nightlatch.testing.machine import session_machine
from tests.stores.redis_servers import RedisCluster, RedisServer
from tests.stores.test_differential import Stores

HOW_MUCH = settings(
    max_examples=15,
    stateful_step_count=40,
    deadline=None,
    derandomize=True,
    suppress_health_check=list(HealthCheck),
)


@pytest.fixture(params=["redis_server", "redis_cluster"])
def servers(request: pytest.FixtureRequest) -> RedisServer | RedisCluster:
    """One server, and a cluster."""
    found: RedisServer | RedisCluster = request.getfixturevalue(request.param)
    return found


def emptied(servers: RedisServer | RedisCluster) -> str:
    for one in [servers] if isinstance(servers, RedisServer) else servers.masters:
        one.ask("FLUSHALL")
    return servers.url


def test_redis_keeps_the_rules_whatever_happens(servers: RedisServer | RedisCluster) -> None:
    """None ended early, none usable late, none revived, no change lost, each event once."""

    @contextmanager
    def opened() -> Iterator[SessionStore]:
        store = RedisStore(emptied(servers))
        yield store
        store.close()

    machine = session_machine(opened)

    run_state_machine_as_test(machine, settings=HOW_MUCH)

    assert machine.steps >= 400


def test_redis_answers_as_memory_does(servers: RedisServer | RedisCluster) -> None:
    """Whatever is asked in whatever order, Redis and memory give the same answers."""

    class RedisStores(Stores):
        def __init__(self) -> None:
            super().__init__()
            self.sqlite.close()
            # Takes the place of the other store that is compared with memory.
            self.sqlite = RedisStore(emptied(servers))  # type: ignore[assignment]

    run_state_machine_as_test(RedisStores, settings=settings(HOW_MUCH, max_examples=8))
