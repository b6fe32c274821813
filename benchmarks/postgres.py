"""Measures the PostgreSQL store as it grows, and beside a sweep: `python -m benchmarks.postgres`.

It starts a server of its own, as the tests do, with `fsync` off: read ratios, not times.
"""

from __future__ import annotations

import subprocess
import sys
import time
from contextlib import closing

from nightlatch.policy import Touch
from nightlatch.record import Record
from nightlatch.stores.postgres import PostgresStore
from nightlatch.testing.conformance.desk import ABSOLUTE, LIMITS, NOW, begin, swept
from tests.postgres.server import Server

MANY = 1_000_000
EXPIRED = 100_000
ROUNDS = 2_000
FIELDS = {"data": b"x" * 120, "device": "Firefox on Linux", "address": "192.0.2.1"}

FILL = """INSERT INTO session (sid, secret_hash, user_name, created, seen, absolute_at, auth_level,
        version, device, address, data)
    SELECT gen_random_uuid(), sha256(n::text::bytea), 'filled ' || n, %(now)s, %(now)s,
        %(now)s + CASE WHEN n <= %(expired)s THEN 1 ELSE %(absolute)s END, 1, 1,
        %(device)s, %(address)s, %(data)s
    FROM generate_series(1, %(count)s) AS n"""


def measure(store: PostgresStore, records: list[Record], name: str) -> None:
    """Open sessions one after the other, untouched and with a touch each, and print how long."""
    for touched in (False, True):
        took = []
        for number in range(ROUNDS):
            record = records[number * 7 % len(records)]
            now = NOW + 1 + number
            touch = Touch(now, always=True) if touched else None
            began = time.perf_counter()
            store.open(record.sid, record.secret_hash, now=now, limits=LIMITS, touch=touch)
            took.append(time.perf_counter() - began)
        took.sort()
        middle, slow = (took[len(took) * part // 100] * 1e6 for part in (50, 99))
        kind = "load and touch" if touched else "load"
        print(f"{name:<24}{kind:<16}p50 {middle:6.0f} µs   p99 {slow:7.0f} µs", flush=True)


def sweep(url: str, schema: str) -> None:
    """A sweep from beginning to end, in a process of its own."""
    with closing(PostgresStore(url, schema=schema)) as store:
        began = time.perf_counter()
        ended = sum(len(step.ended) for step in swept(store, at=NOW + 5))
        print(f"swept {ended:,} of {MANY:,} in {time.perf_counter() - began:.1f} s", flush=True)


def main() -> None:
    """Measure, at 1,000 sessions, at a million, and beside a sweep."""
    server = Server()
    try:
        schema = server.schema()
        with closing(PostgresStore(server.url(), schema=schema)) as store:
            records = [begin(store, f"user {number}", **FIELDS) for number in range(1_000)]
            measure(store, records, "1,000 sessions")
            with closing(server.connect(schema=schema)) as db:
                values = {"now": NOW, "absolute": ABSOLUTE, "expired": EXPIRED, **FIELDS}
                db.execute(FILL, values | {"count": MANY - len(records)})
                db.execute("VACUUM ANALYZE session")
                row = db.execute("SELECT pg_total_relation_size('session')").fetchone()
            print(f"{row[0] / MANY if row else 0:.0f} bytes a session, indexes included")
            measure(store, records, f"{MANY:,} sessions")
            sweeping = subprocess.Popen(  # noqa: S603 - this very program
                [sys.executable, "-m", "benchmarks.postgres", server.url(), schema]
            )
            while sweeping.poll() is None:
                measure(store, records, "beside a sweep")
    finally:
        server.stop()


if __name__ == "__main__":
    sweep(*sys.argv[1:]) if sys.argv[1:] else main()
