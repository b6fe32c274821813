"""A manager with its clock in hand and a list of everything that it told."""

from __future__ import annotations

from datetime import timedelta
from typing import Any, TypeVar

from nightlatch import Event, Limits, Manager
from nightlatch.stores.base import SessionStore
from nightlatch.stores.memory import MemoryStore
from nightlatch.testing import FakeClock

# An hour of idleness is the hard end, and 59 minutes are promised: the slack is a minute.
LIMITS = Limits(
    idle=timedelta(minutes=60), absolute=timedelta(hours=12), warn=timedelta(minutes=10)
)
MINUTE_MS = 60_000

Told = TypeVar("Told", bound=Event)


class Desk:
    """What a test of the manager works with."""

    def __init__(self, store: SessionStore | None = None, **options: Any) -> None:
        self.clock = FakeClock()
        self.store = store or MemoryStore()
        self.events: list[Event] = []
        self.manager = self.another_manager(**options)

    def another_manager(self, **options: Any) -> Manager:
        """One more process of the same application: the same store and the same time."""
        manager = Manager(self.store, options.pop("limits", LIMITS), clock=self.clock, **options)
        manager.events.listen(self.events.append)
        return manager

    def told(self, kind: type[Told]) -> list[Told]:
        """Every event of one kind so far."""
        return [event for event in self.events if isinstance(event, kind)]
