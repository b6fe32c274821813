"""Measures how long the verbs of every request take, per store, on this machine.

`python -m benchmarks [--rounds N]`. One process, one thread, the store called directly: no web
framework, no network. Each round opens every session once; a row gives the median over the
rounds of the mean time per call, the quickest and the slowest round, and calls per second.
"""

from __future__ import annotations

import argparse
import hashlib
import os
import platform
import sqlite3
import statistics
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import nightlatch
from nightlatch import Limits, Record
from nightlatch.policy import Touch
from nightlatch.stores import open_store
from nightlatch.stores.base import SessionStore

SESSIONS = 200
DATA = b'{"name": "O\xe2\x80\x99Connor", "basket": [1, 2, 3, 4, 5]}'
# Any fixed moment will do: the stores are told the time.
NOW_MS = 1_800_000_000_000
LIMITS = Limits()


@contextmanager
def opened(url: str) -> Iterator[SessionStore]:
    """A store that is closed again."""
    store = open_store(url)
    try:
        yield store
    finally:
        store.close()


def handle(number: int) -> tuple[str, bytes]:
    """The handle and the secret's hash of one session."""
    return f"{number:032x}", hashlib.sha256(number.to_bytes(8)).digest()


def record(number: int) -> Record:
    """A signed-in session with a little data, as `create` takes it."""
    sid, secret_hash = handle(number)
    return Record(
        sid=sid,
        secret_hash=secret_hash,
        user=f"user-{number}",
        created=NOW_MS,
        seen=NOW_MS,
        absolute_at=NOW_MS + LIMITS.absolute_ms,
        data=DATA,
    )


def spans_us(rounds: int, calls: Callable[[int], int]) -> list[float]:
    """The mean microseconds per call of each round; `calls` says how many it made."""
    found = []
    for number in range(rounds):
        began = time.perf_counter_ns()
        made = calls(number)
        found.append((time.perf_counter_ns() - began) / 1_000 / made)
    return found


def measure(store: SessionStore, rounds: int) -> Iterator[tuple[str, list[float]]]:
    """Name each verb and give its times."""

    def create(number: int) -> int:
        for session in range(number * SESSIONS, (number + 1) * SESSIONS):
            store.create(record(session), now=NOW_MS, limits=LIMITS, began=NOW_MS)
        return SESSIONS

    def open_only(number: int) -> int:
        for session in range(SESSIONS):
            store.open(*handle(session), now=NOW_MS + 1, limits=LIMITS)
        return SESSIONS

    def open_and_touch(number: int) -> int:
        # `always` writes however little it moves, as a ping does.
        now = NOW_MS + 2 + number
        for session in range(SESSIONS):
            store.open(*handle(session), now=now, limits=LIMITS, touch=Touch(now, always=True))
        return SESSIONS

    yield "create", spans_us(rounds, create)
    yield "open", spans_us(rounds, open_only)
    yield "open and touch", spans_us(rounds, open_and_touch)


def machine() -> str:
    """What the numbers below belong to."""
    model = platform.processor() or platform.machine()
    cpus = Path("/proc/cpuinfo")
    if cpus.exists():
        for line in cpus.read_text(encoding="utf-8").splitlines():
            if line.startswith("model name"):
                model = line.partition(":")[2].strip()
                break
    return (
        f"{model}, {os.cpu_count()} cores, {platform.system()} {platform.release()}\n"
        f"Python {platform.python_version()}, SQLite {sqlite3.sqlite_version}, "
        f"nightlatch {nightlatch.__version__}"
    )


def main() -> int:
    """Print one table."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks", description=__doc__)
    parser.add_argument("--rounds", type=int, default=15, help="rounds per verb (%(default)s)")
    rounds = parser.parse_args().rounds
    print(machine())
    print(f"{SESSIONS} sessions a round, {rounds} rounds; microseconds per call\n")
    print(f"{'store':<9}{'verb':<16}{'median':>9}{'quickest':>10}{'slowest':>10}{'per second':>12}")
    with tempfile.TemporaryDirectory() as folder:
        for name, url in (("memory", "memory://"), ("sqlite", f"sqlite:///{folder}/bench.db")):
            with opened(url) as store:
                for verb, spans in measure(store, rounds):
                    middle = statistics.median(spans)
                    print(
                        f"{name:<9}{verb:<16}{middle:>9,.1f}{min(spans):>10,.1f}"
                        f"{max(spans):>10,.1f}{1e6 / middle:>12,.0f}"
                    )
    return 0


if __name__ == "__main__":
    sys.exit(main())
