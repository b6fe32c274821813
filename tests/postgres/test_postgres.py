"""The PostgreSQL store keeps the contract, also behind a pooler."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from nightlatch.stores.postgres import PostgresStore
from nightlatch.testing.conformance import StoreConformance
from tests.postgres.server import Server, opened

PATIENTLY_MS = 30_000


class TestPostgresStore(StoreConformance):
    @pytest.fixture(params=["server", "pooler"])
    def store(self, request: pytest.FixtureRequest, server: Server) -> Iterator[PostgresStore]:
        url = request.getfixturevalue("pooler").url() if request.param == "pooler" else None
        with opened(server, url, limit_ms=PATIENTLY_MS) as store:
            yield store
