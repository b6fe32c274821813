"""The example for authors of stores, taken from its page, is a store."""

from __future__ import annotations

import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, settings
from hypothesis.stateful import run_state_machine_as_test

from nightlatch.stores.base import SessionStore
from nightlatch.testing.conformance import StoreConformance
from nightlatch.testing.machine import session_machine

PAGE = Path(__file__).parents[2] / "docs" / "write-a-store.md"
EXAMPLE: dict[str, Any] = {}
exec(  # noqa: S102 - the page is ours
    PAGE.read_text(encoding="utf-8").rpartition("```python\n")[2].partition("```")[0], EXAMPLE
)


@contextmanager
def opened() -> Iterator[SessionStore]:
    with tempfile.TemporaryDirectory() as folder:
        yield EXAMPLE["TableStore"](Path(folder) / "sessions.db")


class TestTheExample(StoreConformance):
    @pytest.fixture
    def store(self) -> Iterator[SessionStore]:
        with opened() as store:
            yield store


def test_the_example_in_any_order() -> None:
    """The state machine finds nothing against it either."""
    machine = session_machine(opened)

    run_state_machine_as_test(
        machine,
        settings=settings(
            max_examples=15,
            stateful_step_count=30,
            deadline=None,
            derandomize=True,
            suppress_health_check=list(HealthCheck),
        ),
    )

    assert machine.steps >= 300
