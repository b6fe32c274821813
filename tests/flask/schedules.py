"""Every order in which the store calls of parallel requests can happen."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from typing import Any

from nightlatch.stores.memory import MemoryStore


class ScheduledStore(MemoryStore):
    """A store that lets its callers in one after the other, in the order of a schedule.

    An actor is a thread that :func:`play` has started; everybody else is let in at once.
    """

    def __init__(self) -> None:
        super().__init__()
        self.schedule: list[str] = []
        self.changed = threading.Condition()
        self.actors = threading.local()

    def _in_turn(self, call: Callable[[], Any]) -> Any:
        actor = getattr(self.actors, "name", None)
        if actor is None:
            return call()
        with self.changed:
            mine = self.changed.wait_for(
                lambda: actor not in self.schedule or self.schedule[0] == actor, timeout=30
            )
            assert mine, f"{actor} waits for {self.schedule}"
            try:
                return call()
            finally:
                if actor in self.schedule:
                    self.schedule.remove(actor)
                self.changed.notify_all()

    def is_through(self, actor: str) -> None:
        """It makes no further call; whoever waits for one need not."""
        with self.changed:
            self.schedule = [one for one in self.schedule if one != actor]
            self.changed.notify_all()

    def open(self, *args: Any, **options: Any) -> Any:
        """As the memory store, in turn."""
        return self._in_turn(lambda: super(ScheduledStore, self).open(*args, **options))

    def save(self, *args: Any, **options: Any) -> Any:
        """As the memory store, in turn."""
        return self._in_turn(lambda: super(ScheduledStore, self).save(*args, **options))

    def end(self, *args: Any, **options: Any) -> Any:
        """As the memory store, in turn."""
        return self._in_turn(lambda: super(ScheduledStore, self).end(*args, **options))

    def create(self, *args: Any, **options: Any) -> Any:
        """As the memory store, in turn."""
        return self._in_turn(lambda: super(ScheduledStore, self).create(*args, **options))


def schedules(calls: dict[str, int]) -> Iterator[list[str]]:
    """Every order of so many calls by each actor."""
    if not any(calls.values()):
        yield []
    for actor, left in calls.items():
        if left:
            for rest in schedules(calls | {actor: left - 1}):
                yield [actor, *rest]


def play(
    pool: ThreadPoolExecutor,
    store: ScheduledStore,
    schedule: list[str],
    actors: dict[str, Callable[[], Any]],
) -> dict[str, Any]:
    """Let the actors run at once, their store calls in this order; what each returned."""
    store.schedule = list(schedule)

    def run(name: str, act: Callable[[], Any]) -> Any:
        store.actors.name = name
        try:
            return act()
        finally:
            store.is_through(name)
            store.actors.name = None

    running = {name: pool.submit(run, name, act) for name, act in actors.items()}
    return {name: future.result(timeout=60) for name, future in running.items()}
