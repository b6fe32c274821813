"""Random orders of everything that can happen to a session, against the model."""

from __future__ import annotations

import tempfile
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path

import pytest
from hypothesis import HealthCheck, settings
from hypothesis.stateful import run_state_machine_as_test

from nightlatch.stores.base import SessionStore
from nightlatch.stores.memory import MemoryStore
from nightlatch.stores.sqlite import SqliteStore
from nightlatch.testing.machine import session_machine


@contextmanager
def sqlite() -> Iterator[SessionStore]:
    with (
        tempfile.TemporaryDirectory() as folder,
        closing(SqliteStore(Path(folder) / "sessions.db")) as store,
    ):
        yield store


@pytest.mark.parametrize(
    "opened", [lambda: closing(MemoryStore()), sqlite], ids=["memory", "sqlite"]
)
def test_nothing_that_can_happen_to_a_session_breaks_its_rules(opened) -> None:
    """None ended early, none usable late, none revived, no change lost, each event once."""
    machine = session_machine(opened)

    run_state_machine_as_test(
        machine,
        settings=settings(
            max_examples=60,
            stateful_step_count=40,
            deadline=None,
            derandomize=True,
            suppress_health_check=list(HealthCheck),
        ),
    )

    assert machine.steps >= 2_000
