"""Counts what a failover of Redis loses: `make failover`, or `python -m benchmarks.failover`.

For Sentinel and Cluster, without and with `wait=1`: clients sign in and out as fast as they can,
the replica of one master is cut off for a moment, so that it lags, the master is killed (-9), the
replica goes on and takes its place, and the old master comes back as a replica of it. Then
everything that was acknowledged is asked for. *Outage* is from the kill until every client is
served by the new master; *wait=1* is served when there is a replica again.
"""

from __future__ import annotations

import argparse
import logging
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path

from nightlatch.clock import pause
from nightlatch.stores.base import Ended, Live
from nightlatch.stores.redis import RedisStore
from nightlatch.testing.conformance.desk import look, sids
from tests.stores.redis_load import Load, answers, is_master
from tests.stores.redis_servers import RedisCluster, RedisServer, Sentinels, until

LAG_MS = 200


@contextmanager
def servers(kind: str) -> Iterator[tuple[str, RedisServer, RedisServer]]:
    """The URL of what a kind is, the master that will die, and its heir."""
    with tempfile.TemporaryDirectory() as folder:
        found: RedisCluster | Sentinels
        if kind == "cluster":
            found = cluster = RedisCluster(Path(folder) / "cluster")
            victim, heir = cluster.masters[0], cluster.replicas[0]
        else:
            found = pair = Sentinels(Path(folder) / "sentinels")
            victim, heir = pair.master, pair.replica
        try:
            yield found.url, victim, heir
        finally:
            found.stop()


def run(kind: str, wait: int, clients: int) -> str:
    """One failover, as a line of the table."""
    with servers(kind) as (url, victim, heir):
        options = f"?wait={wait}&wait_ms=900&timeout_ms=1000"
        with closing(RedisStore(url + options)) as store, closing(RedisStore(url)) as plain:
            load = Load(store, clients)
            try:
                until(lambda: len(load.ended) > 20 * clients)
                heir.pause()
                # Or what is on its way would still arrive: here no wire is cut with the power.
                victim.ask("CLIENT", "KILL", "TYPE", "replica")
                pause(LAG_MS)
                victim.kill()
                heir.resume()
                killed = time.monotonic()
                until(lambda: is_master(heir) and answers(plain))
                outage_s = time.monotonic() - killed
                victim.start()
                before = len(load.ended)
                until(lambda: len(load.ended) > before + 20 * clients)
            finally:
                load.stop()
            until(lambda: answers(plain))
            lost = sum(not isinstance(look(plain, one), Live) for one in load.begun)
            revived = sum(not isinstance(look(plain, one), Ended) for one in load.ended)
            listed = {user: sids(plain, user) for user in load.users}
            unlisted = sum(
                isinstance(look(plain, one), Live) and one.sid not in listed[one.user or ""]
                for one in load.begun
            )
    return (
        f"{kind:<10}{wait:<6}{len(load.begun):>10,}{lost:>8,}{len(load.ended):>10,}"
        f"{revived:>9,}{unlisted:>10,}{outage_s:>10.1f}"
    )


def main() -> int:
    """Print one table."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.failover", description=__doc__)
    parser.add_argument("--clients", type=int, default=50, help="how many (%(default)s)")
    clients = parser.parse_args().clients
    logging.getLogger("nightlatch").setLevel(logging.ERROR)
    print(f"{clients} clients; the replica lags {LAG_MS} ms when its master is killed\n")
    print(
        f"{'':<10}{'wait':<6}{'sign-ins':>10}{'lost':>8}{'sign-outs':>10}{'revived':>9}"
        f"{'unlisted':>10}{'outage s':>10}"
    )
    for kind in ("sentinel", "cluster"):
        for wait in (0, 1):
            print(run(kind, wait, clients), flush=True)
    return 0


if __name__ == "__main__":
    sys.exit(main())
