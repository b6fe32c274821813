"""Daylight saving, zones and leap seconds: the same bytes wherever the machine thinks it is."""

from __future__ import annotations

import json
import os
import subprocess
import sys

import pytest

pytestmark = pytest.mark.process

# By their rules and not by name, so that a machine without a zone database knows them, too:
# London, New York, Kathmandu, Lord Howe (half an hour of summer time), Samoa far in the west.
ZONES = [
    "GMT0BST,M3.5.0/1,M10.5.0",
    "EST5EDT,M3.2.0,M11.1.0",
    "<+0545>-5:45",
    "<+1030>-10:30<+11>-11,M10.1.0,M4.1.0",
    "SST11",
]

# Each begins half an hour before a moment at which some of these zones, or all of UTC, do
# something odd, runs to both limits, and prints all that anybody could be told or could store.
SCRIPT = """
import json, sys, tempfile, time
from datetime import UTC, date, datetime, timedelta, timezone
from pathlib import Path
from nightlatch import EndReason, Live, Manager
from nightlatch.flask.cli import _line
from nightlatch.stores.memory import MemoryStore
from nightlatch.stores.sqlite import SqliteStore
from nightlatch.testing import FakeClock
from nightlatch.testing.conformance.desk import LIMITS

MOMENTS = {
    "London springs forward": datetime(2026, 3, 29, 1, tzinfo=UTC),
    "London falls back": datetime(2026, 10, 25, 1, tzinfo=UTC),
    "New York springs forward": datetime(2026, 3, 8, 7, tzinfo=UTC),
    "New York falls back": datetime(2026, 11, 1, 6, tzinfo=UTC),
    "Lord Howe falls back": datetime(2026, 4, 4, 15, tzinfo=UTC),
    "a leap second": datetime(2017, 1, 1, tzinfo=UTC),
    "a leap day": datetime(2028, 2, 29, tzinfo=UTC),
    "the year ends": datetime(2027, 1, 1, tzinfo=UTC),
}
VALUES = {
    "naive": datetime(2026, 3, 29, 1, 30),
    "fold": datetime(2026, 10, 25, 1, 30, fold=0),
    "aware": datetime(2026, 10, 25, 1, 30, tzinfo=timezone(timedelta(hours=-3, minutes=-30))),
    "date": date(2028, 2, 29),
}

def told(manager, found):
    if isinstance(found, Live):
        record = found.record
        times = [record.created, record.seen, record.absolute_at, record.data.hex()]
    else:
        times = found and [found.at, found.reason]
    return [manager.now(), times, manager.status(found) | {"who": None}]

def life(store, begins):
    clock = FakeClock(begins)
    manager = Manager(store, LIMITS, clock=clock)
    busy, quiet = (manager.start("O\\u2019Connor", values=VALUES) for _ in range(2))
    lines = [_line(info)[len(info.sid):] for info in manager.list()]
    steps = []
    for _ in range(9 * 60):
        clock.advance(ms=59_999)
        for ms in (1, 0):
            if clock.now() // 600_000 % 2:
                steps.append(told(manager, manager.extend(busy.token.text())))
            steps.append(told(manager, manager.resume(busy.token.text(), activity=False)))
            steps.append(told(manager, manager.peek(quiet.token.text())))
            clock.advance(ms=ms)
    lines += [str(step.purged) for step in manager.sweep()]
    assert manager.values(busy.record) == VALUES
    return [lines, steps]

zones = time.tzname, time.timezone
answers = {}
for name, moment in MOMENTS.items():
    begins = round((moment.timestamp() - 1800) * 1000)
    for kind in ("memory", "sqlite"):
        with tempfile.TemporaryDirectory() as folder:
            store = MemoryStore() if kind == "memory" else SqliteStore(Path(folder, "sessions.db"))
            answers[f"{name}, {kind}"] = life(store, begins)
            store.close()
print(json.dumps([zones, answers]))
"""


def test_every_zone_and_every_odd_moment_gives_the_same_bytes() -> None:
    """Five zones, eight moments, two stores: times, ends, lists and stored values are equal."""
    children = [
        subprocess.Popen(
            [sys.executable, "-W", "error", "-c", SCRIPT],
            env=os.environ | {"TZ": zone},
            stdout=subprocess.PIPE,
        )
        for zone in ZONES
    ]
    printed = [child.communicate(timeout=250)[0] for child in children]
    assert [child.returncode for child in children] == [0] * len(ZONES)

    said = [json.loads(text) for text in printed]

    assert len({json.dumps(zone) for zone, _ in said}) == len(ZONES)
    assert len({json.dumps(answers) for _, answers in said}) == 1


def test_every_odd_moment_is_a_moment_like_any_other() -> None:
    """Beside the moment itself, what happens there is what happens on an ordinary Monday."""
    out = subprocess.run(
        [sys.executable, "-W", "error", "-c", SCRIPT],
        env=os.environ | {"TZ": ZONES[0]},
        stdout=subprocess.PIPE,
        timeout=250,
        check=True,
    ).stdout
    answers = json.loads(out)[1]

    documents = {
        name: json.dumps([document for _, _, document in steps])
        for name, (_, steps) in answers.items()
    }

    assert len(documents) == 16
    # The busy one's activity falls on round times of day, which differ only by whole hours here.
    assert len(set(documents.values())) == 1
