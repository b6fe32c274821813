"""The PostgreSQL stores of sessions and of drafts keep their contracts, also behind a pooler."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from nightlatch.stores.postgres import PostgresStore
from nightlatch.stores.postgres_drafts import PostgresDrafts
from nightlatch.testing.conformance import StoreConformance
from nightlatch.testing.conformance.drafts import DraftConformance
from tests.postgres.server import Server, opened

PATIENTLY_MS = 30_000


@pytest.fixture(params=["server", "pooler"])
def store(request: pytest.FixtureRequest, server: Server) -> Iterator[PostgresStore]:
    url = request.getfixturevalue("pooler").url() if request.param == "pooler" else None
    with opened(server, url, limit_ms=PATIENTLY_MS) as store:
        yield store


class TestPostgresStore(StoreConformance):
    """Sessions; the store is the fixture above."""


class TestPostgresDrafts(DraftConformance):
    @pytest.fixture
    def drafts(self, store: PostgresStore) -> PostgresDrafts:
        return store.drafts()
