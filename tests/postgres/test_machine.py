"""Random orders of everything that can happen, on PostgreSQL."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import closing, contextmanager

from hypothesis import HealthCheck, settings
from hypothesis.stateful import run_state_machine_as_test

from nightlatch.stores.base import SessionStore
from nightlatch.stores.postgres import PostgresStore
from nightlatch.testing.machine import session_machine
from tests.postgres.server import Server
from tests.stores.test_differential import Stores


def test_nothing_that_can_happen_to_a_session_breaks_its_rules(server: Server) -> None:
    """None ended early, none usable late, none revived, no change lost, each event once."""
    schema = server.schema()
    with closing(PostgresStore(server.url(), schema=schema)) as store:

        @contextmanager
        def emptied() -> Iterator[SessionStore]:
            server.empty(schema)
            yield store

        machine = session_machine(emptied)
        run_state_machine_as_test(
            machine,
            settings=settings(
                max_examples=40,
                stateful_step_count=40,
                deadline=None,
                derandomize=True,
                suppress_health_check=list(HealthCheck),
            ),
        )

        assert machine.steps >= 1_300


def test_the_same_answers_as_the_memory_store(server: Server) -> None:
    """Whatever is asked of both in whatever order, PostgreSQL answers as the reference does."""
    schema = server.schema()
    with closing(PostgresStore(server.url(), schema=schema)) as postgres:

        class Both(Stores):
            def __init__(self) -> None:
                super().__init__()
                self.sqlite.close()
                server.empty(schema)
                self.sqlite = postgres

            def teardown(self) -> None:
                self.sqlite = self.memory  # this one is used again
                super().teardown()

        run_state_machine_as_test(
            Both,
            settings=settings(
                max_examples=40, stateful_step_count=30, deadline=None, derandomize=True
            ),
        )
