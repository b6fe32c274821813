"""Drafts in Redis keep their contract, on one server and on a cluster."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import closing
from typing import Any

import pytest

from nightlatch.drafts import KEEP_MS, Found, Verdict
from nightlatch.stores.redis import RedisStore
from nightlatch.stores.redis_drafts import RedisDrafts
from nightlatch.testing.conformance.desk import NOW
from nightlatch.testing.conformance.drafts import PAGE, DraftConformance, a_draft, found
from tests.stores.redis_servers import RedisServer


class TestRedisDrafts(DraftConformance):
    @pytest.fixture
    def drafts(self, redis_store: RedisStore) -> RedisDrafts:
        return redis_store.drafts()


class TestRedisClusterDrafts(DraftConformance):
    @pytest.fixture
    def drafts(self, cluster_url: str) -> Iterator[RedisDrafts]:
        with closing(RedisStore(cluster_url)) as store:
            yield store.drafts()


def test_everybodys_are_dropped_while_one_is_kept(
    redis_store: RedisStore, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A save between the mark and the one that clears away is taken back."""
    drafts = redis_store.drafts()
    read = drafts._mark_of_all
    marks = [read]

    def dropped_after_the_first(doing: str) -> Any:
        mark = read(doing)
        if marks:
            marks.pop()
            drafts.drop_all(None, now=NOW)
        return mark

    monkeypatch.setattr(drafts, "_mark_of_all", dropped_after_the_first)

    answer = drafts.put("ana", a_draft())

    assert answer is Verdict.DROPPED
    assert drafts.get("ana", PAGE, now=NOW) == Found(None, NOW)


def test_a_draft_that_is_about_to_be_dropped(
    redis_server: RedisServer, redis_store: RedisStore
) -> None:
    """As soon as the mark is there, nobody is given what has not been cleared away yet."""
    drafts = redis_store.drafts()
    drafts.put("ana", a_draft())

    redis_server.ask("SET", "nightlatch:{everyone}:drafts", NOW)

    assert found(drafts) is None


def test_drafts_go_by_themselves(redis_server: RedisServer, redis_store: RedisStore) -> None:
    """Without any sweep the server forgets them, not before their time."""
    redis_store.drafts().put("ana", a_draft())

    (key,) = redis_server.ask("KEYS", "nightlatch:{d-*}:*")

    assert KEEP_MS < redis_server.ask("PTTL", key) <= 2 * KEEP_MS


def test_a_sweep_in_steps(redis_store: RedisStore) -> None:
    """It removes as many as it may, and goes on where it stopped."""
    drafts = redis_store.drafts()
    for number in range(5):
        drafts.put(f"user {number}", a_draft())
        drafts.put(f"user {number}", a_draft("/later#", at=NOW + 1))

    steps = [drafts.sweep(now=NOW + KEEP_MS, count=2) for _ in range(4)]

    assert steps == [2, 2, 1, 0]
    assert drafts.get("user 0", "/later#", now=NOW + KEEP_MS).draft is not None
