"""The Redis store when a master dies, and when keys are on their way to another node."""

from __future__ import annotations

import logging
import time
from collections.abc import Iterator
from contextlib import ExitStack, closing

import pytest

from nightlatch.errors import StoreUnavailable
from nightlatch.record import EndReason, Record
from nightlatch.stores.base import Created, Ended, Everyone, Live, User
from nightlatch.stores.redis import RedisStore
from nightlatch.testing.conformance.desk import LIMITS, NOW, a_record, begin, end, live, look, sids
from tests.stores.redis_load import Load, answers, is_master
from tests.stores.redis_servers import HOST, RedisCluster, RedisServer, Sentinels, until

# By itself: it measures how long things take.
pytestmark = pytest.mark.process

CLIENTS = 6
# The slot of the bucket "00", by CLUSTER KEYSLOT.
BUCKET = "nightlatch:{00}"


@pytest.fixture(scope="module")
def own_cluster(tmp_path_factory: pytest.TempPathFactory) -> Iterator[RedisCluster]:
    """A cluster that these tests may ruin, each in its turn."""
    cluster = RedisCluster(tmp_path_factory.mktemp("cluster"))
    yield cluster
    cluster.stop()


@pytest.fixture(scope="module")
def sentinels(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Sentinels]:
    """A master and its replica, with sentinels that these tests may keep busy."""
    found = Sentinels(tmp_path_factory.mktemp("sentinels"))
    yield found
    found.stop()


def test_a_session_is_in_one_slot(redis_cluster: RedisCluster, cluster_url: str) -> None:
    """The key of a session and the bucket that lists it are in one slot; buckets are spread."""
    with closing(RedisStore(cluster_url)) as store:
        records = [begin(store) for _ in range(40)]

        slot = redis_cluster.nodes[0].ask
        for one in records:
            bucket = f"nightlatch:{{{one.sid[:2]}}}"
            assert slot("CLUSTER", "KEYSLOT", bucket) == slot(
                "CLUSTER", "KEYSLOT", f"{bucket}:{one.sid}"
            )
        assert all(node.ask("DBSIZE") > 4 for node in redis_cluster.masters)


def test_keys_on_their_way(own_cluster: RedisCluster) -> None:
    """While a slot is moved, and after it, its sessions are found where they are."""
    slot = own_cluster.nodes[0].ask("CLUSTER", "KEYSLOT", BUCKET)
    names = {one.ask("CLUSTER", "MYID").decode(): one for one in own_cluster.masters}
    source = own_cluster.masters[slot * 3 // 16_384]
    target = next(one for one in own_cluster.masters if one is not source)
    (source_name,) = (name for name, one in names.items() if one is source)
    (target_name,) = (name for name, one in names.items() if one is target)

    def visitor(number: int) -> Record:
        return a_record(None, sid=f"00{number:030x}")

    with (
        closing(RedisStore(own_cluster.url)) as store,
        closing(RedisStore(own_cluster.url)) as late,
    ):
        assert look(late, visitor(0)) is None
        target.ask("CLUSTER", "SETSLOT", slot, "IMPORTING", source_name)
        source.ask("CLUSTER", "SETSLOT", slot, "MIGRATING", target_name)
        first = visitor(1)

        created = store.create(first, now=NOW, limits=LIMITS, began=NOW)
        found = look(store, first)

        assert (created, found) == (Created(), Live(first))
        for node in (target, source):
            node.ask("CLUSTER", "SETSLOT", slot, "NODE", target_name)
        second = visitor(2)
        assert late.create(second, now=NOW, limits=LIMITS, began=NOW) == Created()
        assert live(late, first) == first
        assert [one.sid for one in late.list(None, now=NOW, limits=LIMITS).sessions] == [
            first.sid,
            second.sid,
        ]

        # Each of two nodes says that the other one has it: nobody follows for ever.
        source.ask("CLUSTER", "SETSLOT", slot, "IMPORTING", target_name)
        target.ask("CLUSTER", "SETSLOT", slot, "MIGRATING", source_name)
        source.ask("CLUSTER", "SETSLOT", slot, "STABLE")
        with pytest.raises(StoreUnavailable, match="Error"):
            look(store, visitor(3))
        target.ask("CLUSTER", "SETSLOT", slot, "STABLE")


def kill_under_load(
    store: RedisStore, plain: RedisStore, victim: RedisServer, heirs: list[RedisServer]
) -> Load:
    """Kill a master while clients are busy, and come back when they are served again.

    :param plain: a store that waits for no replica.
    :param heirs: who may take its place.
    """
    load = Load(store, CLIENTS)
    try:
        until(lambda: len(load.ended) > 50)
        victim.kill()
        until(lambda: load.refused)
        # Who waits for nobody is served by the new master alone, and was not started again.
        until(lambda: any(is_master(one) for one in heirs) and answers(plain))
        # Who waits for a replica has none until the old master is back.
        victim.start()
        before = len(load.ended)
        until(lambda: len(load.ended) > before + 100 and answers(store))
    finally:
        load.stop()
    return load


def check(store: RedisStore, load: Load) -> None:
    """What was acknowledged holds: nobody revived, nobody signed out, *end all* reaches all."""
    assert [one.sid for one in load.ended if not isinstance(look(store, one), Ended)] == []
    assert [one.sid for one in load.begun if not isinstance(look(store, one), Live)] == []
    for user in load.users:
        store.end(User(user), reason=EndReason.REVOKED, now=NOW)
    assert [one.sid for one in load.begun if not isinstance(look(store, one), Ended)] == []


def test_a_master_of_a_cluster_is_killed(own_cluster: RedisCluster) -> None:
    """Waiting for a replica, nothing acknowledged is lost, and service returns by itself."""
    with (
        closing(RedisStore(f"{own_cluster.url}?wait=1&wait_ms=2000&timeout_ms=4000")) as store,
        closing(RedisStore(own_cluster.url)) as plain,
    ):
        load = kill_under_load(store, plain, own_cluster.masters[0], own_cluster.replicas)

        check(store, load)


def test_a_cluster_that_stands_still(own_cluster: RedisCluster) -> None:
    """However many nodes do not answer, a verb gives up in time, and service returns by itself."""
    with (
        closing(RedisStore(f"{own_cluster.url}?timeout_ms=300&connect_timeout_ms=300")) as store,
        ExitStack() as resumed,
    ):
        record = begin(store, None)
        for node in own_cluster.nodes:
            node.pause()
            resumed.callback(node.resume)
        for _ in range(3):
            began = time.monotonic()
            with pytest.raises(StoreUnavailable):
                look(store, record)
            assert time.monotonic() - began < 2
        # Neither does one that has not found the cluster yet wait for all of them.
        with (
            closing(RedisStore(f"{own_cluster.url}?timeout_ms=300")) as late,
            pytest.raises(StoreUnavailable, match="TimeoutError"),
        ):
            look(late, record)

        resumed.close()

        until(lambda: answers(store))
        assert live(store, record) == record


def test_a_master_under_sentinels_is_killed(sentinels: Sentinels) -> None:
    """As with a cluster; the new master has no replica, so nobody is waited for any more."""
    with closing(RedisStore(f"{sentinels.url}?wait=1&wait_ms=2000&timeout_ms=4000")) as store:
        record, gone = begin(store), begin(store)
        end(store, gone)
        sentinels.master.kill()
        with pytest.raises(StoreUnavailable):
            look(store, record)

        until(lambda: answers(store))

        assert look(store, record) == Live(record)
        assert isinstance(look(store, gone), Ended)
        assert sids(store, "ana") == {record.sid}


# Waiting for replicas


@pytest.fixture
def pair(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[RedisServer, RedisServer]]:
    """A master, and its replica that has all of it."""
    folder = tmp_path_factory.mktemp("pair")
    master = RedisServer(folder / "master")
    replica = RedisServer(folder / "replica", "--replicaof", f"{HOST} {master.port}")
    until(master.has_replica)
    yield master, replica
    master.kill()
    replica.kill()


def test_replicas_that_do_not_confirm(
    pair: tuple[RedisServer, RedisServer], caplog: pytest.LogCaptureFixture
) -> None:
    """What too few replicas have is not acknowledged: an error and a line in the log each time."""
    master, replica = pair
    with (
        closing(RedisStore(f"{master.url}?wait=1&wait_ms=100&timeout_ms=2000")) as store,
        closing(RedisStore(f"{master.url}?wait=1&wait_ms=9000&timeout_ms=10000")) as patient,
    ):
        record = begin(patient)
        replica.pause()

        for ask in (
            lambda: begin(store),
            lambda: end(store, record),
            # It has ended by now; that its replica knows it is asked for once more.
            lambda: end(store, record),
            lambda: store.end(Everyone(), reason=EndReason.REVOKED, now=NOW),
        ):
            with pytest.raises(StoreUnavailable, match="0 of 1 replicas confirmed"):
                ask()

        assert caplog.text.count("Only 0 of 1 replicas confirmed what") == 4
        # Neither reading nor a touch waits for anybody.
        assert isinstance(look(store, record), Ended)
        replica.resume()
        assert end(patient, record).ended == ()


def test_nobody_is_waited_for_unless_asked(
    pair: tuple[RedisServer, RedisServer], caplog: pytest.LogCaptureFixture
) -> None:
    """Without the option what the master has is acknowledged."""
    caplog.set_level(logging.WARNING)
    master, replica = pair
    replica.pause()
    with closing(RedisStore(master.url)) as store:
        end(store, begin(store))

    replica.resume()
    assert caplog.text == ""
