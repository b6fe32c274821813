"""What a session takes in Redis, and what a million of them cost a request.

`python -m benchmarks.redis_size [--sessions N]` starts a server of its own, fills it with signed-in
sessions of ordinary size, and prints the memory per session, the time of a load-and-touch with few
and with all of them, and the same beside a sweep of 100,000 sessions that are past their limit.
"""

from __future__ import annotations

import argparse
import secrets
import statistics
import sys
import tempfile
import time
from contextlib import closing
from multiprocessing import get_context
from pathlib import Path

from nightlatch import Limits, Record
from nightlatch.policy import Touch
from nightlatch.stores import redis_lua as lua
from nightlatch.stores.redis import RedisStore
from nightlatch.stores.redis_link import Question
from nightlatch.stores.redis_rows import Keys, pack
from tests.stores.redis_servers import RedisServer, until

NOW_MS = 1_800_000_000_000
LIMITS = Limits()
DATA = b'{"name": "O\xe2\x80\x99Connor", "basket": [1, 2, 3, 4, 5]}'
DEVICE = "Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0"
FEW = 1_000
BATCH = 1_000
ASKED = 5_000
OLD = 100_000
KEEP_MS = 3 * 24 * 3_600_000


def a_record(number: int, *, seen: int = NOW_MS) -> Record:
    """A signed-in session: two per user."""
    return Record(
        sid=secrets.token_hex(16),
        secret_hash=secrets.token_bytes(32),
        user=f"user-{number // 2}",
        created=seen,
        seen=seen,
        absolute_at=seen + LIMITS.absolute_ms,
        auth_at=seen,
        auth_level=1,
        data=DATA,
        device=DEVICE,
        address="2001:db8::1234:5678",
    )


def fill(store: RedisStore, first: int, count: int, *, seen: int = NOW_MS) -> list[Record]:
    """Put sessions in as `create` leaves them, many at a time."""
    keys = Keys("nightlatch")
    kept: list[Record] = []
    for start in range(first, first + count, BATCH):
        records = [a_record(number, seen=seen) for number in range(start, start + BATCH)]
        questions: list[Question] = []
        for one in records:
            user = keys.user(one.user or "")
            questions += [
                Question(keys.session(one.sid), "SET", (pack(one), "PX", KEEP_MS)),
                Question(keys.bucket_of(one.sid), "ZADD", (0, one.sid)),
                Question(user, "HSET", (one.sid, "")),
                Question(user, "PEXPIRE", (KEEP_MS,)),
            ]
        store._link.ask("fill", questions)
        kept += records[:50]
    return kept


def touches_us(store: RedisStore, records: list[Record], at: int) -> list[float]:
    """How long each load-and-touch takes, in microseconds."""
    found = []
    for number in range(ASKED):
        one = records[number % len(records)]
        now = at + number
        began = time.perf_counter_ns()
        store.open(one.sid, one.secret_hash, now=now, limits=LIMITS, touch=Touch(now, always=True))
        found.append((time.perf_counter_ns() - began) / 1_000)
    return found


def runs(server: RedisServer, sha: str) -> bool:
    """Whether the server knows this script, because somebody has sent it."""
    found: list[int] = server.ask("SCRIPT", "EXISTS", sha)
    return bool(found[0])


def sweep(url: str) -> None:
    """End what is past its limit, as `flask nightlatch sessions sweep` does."""
    with closing(RedisStore(url)) as store:
        after: str | None = ""
        while after is not None:
            after = store.sweep(now=NOW_MS, limits=LIMITS, after=after).after


def told(name: str, spans: list[float]) -> str:
    """One line of the table."""
    cuts = statistics.quantiles(spans, n=100)
    return f"{name:<44}{cuts[49]:>8.0f}{cuts[98]:>8.0f}"


def main() -> int:
    """Print one table."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.redis_size", description=__doc__)
    parser.add_argument("--sessions", type=int, default=1_000_000, help="how many (%(default)s)")
    count = parser.parse_args().sessions
    with tempfile.TemporaryDirectory() as folder:
        server = RedisServer(Path(folder) / "redis")
        try:
            url = f"unix://{server.folder}/socket?timeout_ms=30000"
            with closing(RedisStore(url)) as store:
                empty = server.facts("memory")["used_memory"]
                records = fill(store, 0, FEW)
                few = touches_us(store, records, NOW_MS)
                records += fill(store, FEW, count - FEW)
                size = (server.facts("memory")["used_memory"] - empty) / count
                many = touches_us(store, records, NOW_MS + ASKED)
                fill(store, count, OLD, seen=NOW_MS - LIMITS.absolute_ms)
                # Of another process: threads of one would wait for each other.
                sweeper = get_context("spawn").Process(target=sweep, args=(url,))
                sweeper.start()
                until(lambda: runs(server, lua.SWEEP.sha))
                beside = touches_us(store, records, NOW_MS + 2 * ASKED)
                running = sweeper.is_alive()
                sweeper.join()
        finally:
            server.kill()
    print(f"memory per session, with its place in both lists: {size:.0f} bytes\n")
    print(f"{'load-and-touch, microseconds':<44}{'p50':>8}{'p99':>8}")
    print(told(f"{FEW:,} sessions", few))
    print(told(f"{count:,} sessions", many))
    print(told(f"the same, beside a sweep{'' if running else ' that was through before'}", beside))
    return 0


if __name__ == "__main__":
    sys.exit(main())
