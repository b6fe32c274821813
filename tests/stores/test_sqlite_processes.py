"""The SQLite store in several processes at once, and across a fork."""

from __future__ import annotations

import json
import subprocess
import sys
from itertools import chain
from pathlib import Path
from typing import Any

import pytest

from nightlatch.record import EndReason
from nightlatch.stores.base import Cap
from nightlatch.stores.sqlite import SqliteStore
from nightlatch.testing.conformance.desk import IDLE, LIMITS, NOW, a_record, begin, live, sids
from tests.stores.desk import PATIENTLY_MS

pytestmark = pytest.mark.process

PROCESSES = 4

PREAMBLE = f"""
import json, sys
from functools import partial
from nightlatch.record import EndReason
from nightlatch.stores.base import *
from nightlatch.stores.sqlite import SqliteStore
from nightlatch.testing.conformance.desk import *

SqliteStore = partial(SqliteStore, busy_timeout_ms={PATIENTLY_MS})
path, sid, secret_hash = sys.argv[1], sys.argv[2], bytes.fromhex(sys.argv[3])
print("ready", flush=True)
input()
"""


def race(body: str, *arguments: object) -> list[Any]:
    """Run a script in several processes that start at once; what each printed as JSON."""
    children = [
        subprocess.Popen(
            [sys.executable, "-W", "error", "-c", PREAMBLE + body, *map(str, arguments)],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )
        for _ in range(PROCESSES)
    ]
    for child in children:
        assert child.stdout is not None
        assert child.stdout.readline() == "ready\n"
    for child in children:
        assert child.stdin is not None
        child.stdin.write("\n")
        child.stdin.flush()
    answers = []
    for child in children:
        out, _ = child.communicate(timeout=60)
        assert child.returncode == 0
        answers.append(json.loads(out))
    return answers


def test_starting_at_once(tmp_path: Path) -> None:
    """Processes that start at once on a file that is not there yet all get the same store."""
    path = tmp_path / "new" / "sessions.db"

    begun = race("store = SqliteStore(path); print(json.dumps(begin(store).sid))", path, "", "")

    store = SqliteStore(path)
    assert sids(store) == set(begun)
    assert len(begun) == PROCESSES
    store.close()


def test_one_end_in_all_processes(tmp_path: Path) -> None:
    """Of several processes that find sessions expired, exactly one ends each of them."""
    path = tmp_path / "sessions.db"
    store = SqliteStore(path)
    records = sorted((begin(store) for _ in range(40)), key=lambda one: one.sid)

    ended = race(
        """
store = SqliteStore(path)
ends = [one.sid for step in swept(store, at=NOW + IDLE, count=3) for one in step.ended]
print(json.dumps(ends))
""",
        path,
        "",
        "",
    )

    assert sorted(chain(*ended)) == [record.sid for record in records]
    store.close()


def test_the_limit_in_all_processes(tmp_path: Path) -> None:
    """The limit of parallel sessions holds over processes, and no writer is turned away."""
    path = tmp_path / "sessions.db"
    store = SqliteStore(path)

    race(
        """
store = SqliteStore(path)
for _ in range(20):
    answer = store.create(a_record(), now=NOW, limits=LIMITS, began=NOW, cap=Cap(3))
    assert isinstance(answer, Created), answer
print("null")
""",
        path,
        "",
        "",
    )

    assert len(sids(store)) == 3
    store.close()


def test_every_save_counts(tmp_path: Path) -> None:
    """Versions are handed out once over all processes: no save is lost unseen."""
    path = tmp_path / "sessions.db"
    store = SqliteStore(path)
    record = begin(store)

    saved = race(
        """
store = SqliteStore(path)
saved, version = [], 1
while len(saved) < 25:
    answer = store.save(sid, version=version, change=Change(data=b"x"), now=NOW, limits=LIMITS)
    if isinstance(answer, Saved):
        saved.append(answer.version)
        version = answer.version
    else:
        version = answer.record.version
print(json.dumps(saved))
""",
        path,
        record.sid,
        record.secret_hash.hex(),
    )

    assert sorted(chain(*saved)) == list(range(2, 2 + 25 * PROCESSES))
    assert live(store, record).version == 1 + 25 * PROCESSES
    store.close()


FORK = """
import ctypes, os, sys
from nightlatch.stores import sqlite_file
from nightlatch.stores.sqlite import SqliteStore
from nightlatch.testing.conformance.desk import *

store = SqliteStore(sys.argv[1])
record = begin(store)
assert len(store._file._idle) == 1
before = store._file._idle[0]
store._file._writing.acquire()  # as another thread that is in the middle of writing
pid = {fork}
if pid == 0:
    look(store, record)
    assert store._file._idle[0] is not before
    assert any(sqlite_file._inherited) is {inherited}
    begin(store)
    touch(store, record, at=NOW + 5, always=True)
    sys.exit(0)
assert os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1]) == 0
store._file._writing.release()
assert live(store, record, at=NOW + 5).seen == NOW + 5
assert len(sids(store)) == 2
end(store, record)
store.close()
"""


@pytest.mark.parametrize(
    ("fork", "inherited"),
    [
        pytest.param("os.fork()", False, id="by Python"),
        pytest.param("ctypes.PyDLL(None).fork()", True, id="behind its back"),
    ],
)
def test_no_connection_crosses_a_fork(tmp_path: Path, fork: str, inherited: bool) -> None:
    """After a fork, parent and child use connections of their own, and see each other's writes."""
    done = subprocess.run(
        [
            sys.executable,
            "-W",
            "error",
            "-c",
            FORK.format(fork=fork, inherited=inherited),
            tmp_path / "sessions.db",
        ],
        timeout=60,
    )

    assert done.returncode == 0


def test_a_process_that_is_killed(tmp_path: Path) -> None:
    """What was acknowledged is there after the process was killed on the spot."""
    path = tmp_path / "sessions.db"
    script = """
import os, signal, sys
from nightlatch.record import EndReason
from nightlatch.stores.sqlite import SqliteStore
from nightlatch.testing.conformance.desk import *

store = SqliteStore(sys.argv[1])
kept, ended = begin(store), begin(store)
end(store, ended)
touch(store, kept, at=NOW + 7, always=True)
print(kept.sid, kept.secret_hash.hex(), flush=True)
os.kill(os.getpid(), signal.SIGKILL)
"""
    done = subprocess.run(
        [sys.executable, "-c", script, path], capture_output=True, text=True, timeout=60
    )
    sid, secret_hash = done.stdout.split()

    store = SqliteStore(path)

    record = live(store, a_record(sid=sid, secret_hash=bytes.fromhex(secret_hash)), at=NOW + 7)
    assert record.seen == NOW + 7
    assert sids(store) == {sid}
    assert (
        store.create(
            a_record(), now=NOW, limits=LIMITS, began=NOW, cap=Cap(1, "refuse")
        ).__class__.__name__
        == "Refused"
    )
    assert [one.reason for one in store.sweep(now=NOW + 2 * IDLE, limits=LIMITS).ended] == [
        EndReason.IDLE
    ]
    store.close()
