"""Clients that keep a Redis store busy, and remember what was acknowledged."""

from __future__ import annotations

from collections.abc import Callable
from threading import Event, Thread
from typing import Any

from nightlatch.errors import StoreUnavailable
from nightlatch.record import Record
from nightlatch.stores.base import Created
from nightlatch.stores.redis import RedisStore
from nightlatch.testing.conformance.desk import LIMITS, NOW, a_record, end
from tests.stores.redis_servers import RedisServer


class Load:
    """Clients that begin sessions and end every other one until they are told to stop.

    :ivar begun: sessions whose beginning was acknowledged, and that nobody has tried to end.
    :ivar ended: sessions whose end was acknowledged.
    :ivar users: whose sessions they are, one for each client.
    :ivar refused: how many verbs raised ``StoreUnavailable``.
    """

    def __init__(self, store: RedisStore, clients: int) -> None:
        self.begun: list[Record] = []
        self.ended: list[Record] = []
        self.refused = 0
        self._store = store
        self._stop = Event()
        self.users = [f"user {client}" for client in range(clients)]
        self._threads = [Thread(target=self._run, args=(user,)) for user in self.users]
        for thread in self._threads:
            thread.start()

    def stop(self) -> None:
        """Let every client finish what it is doing."""
        self._stop.set()
        for thread in self._threads:
            thread.join()

    def _run(self, user: str) -> None:
        while not self._stop.is_set():
            kept, gone = a_record(user), a_record(user)
            if self._done(lambda one=kept: begin_again(self._store, one)):
                self.begun.append(kept)
            if self._done(lambda one=gone: begin_again(self._store, one)) and self._done(
                lambda one=gone: end(self._store, one)
            ):
                self.ended.append(gone)

    def _done(self, ask: Callable[[], Any]) -> bool:
        try:
            ask()
        except StoreUnavailable:
            self.refused += 1
            return False
        return True


def begin_again(store: RedisStore, record: Record) -> None:
    assert store.create(record, now=NOW, limits=LIMITS, began=NOW) == Created()


def is_master(server: RedisServer) -> bool:
    return bool(server.facts("replication")["role"] == "master")


def answers(store: RedisStore) -> bool:
    try:
        store.list(None, now=NOW, limits=LIMITS, count=1)
    except StoreUnavailable:
        return False
    return True
