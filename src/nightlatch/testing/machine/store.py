"""A store in front of the real one: small pages, and a gate between two of its verbs."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

from nightlatch.stores.base import Page, SessionStore, Swept

# So few that every list and every sweep takes several steps, between which others act.
PAGE = 2


class GatedStore:
    """Passes every verb on; another request may act just before one of them.

    What a process does between two calls of its store is invisible to the store, so this is
    exactly where another process can be faster.
    """

    def __init__(self, store: SessionStore) -> None:
        self._store = store
        self._waiting: dict[str, Callable[[], object]] = {}

    @contextmanager
    def just_before(self, verb: str, act: Callable[[], object]) -> Iterator[None]:
        """Do something the first time that this verb is called."""
        self._waiting[verb] = act
        try:
            yield
        finally:
            self._waiting.clear()

    def _pass(self, verb: str) -> Callable[..., Any]:
        act = self._waiting.pop(verb, None)
        if act is not None:
            act()
        passed: Callable[..., Any] = getattr(self._store, verb)
        return passed

    def create(self, *args: Any, **options: Any) -> Any:
        """As the store."""
        return self._pass("create")(*args, **options)

    def open(self, *args: Any, **options: Any) -> Any:
        """As the store."""
        return self._pass("open")(*args, **options)

    def save(self, *args: Any, **options: Any) -> Any:
        """As the store."""
        return self._pass("save")(*args, **options)

    def end(self, *args: Any, **options: Any) -> Any:
        """As the store."""
        return self._pass("end")(*args, **options)

    def list(self, *args: Any, **options: Any) -> Page:
        """As the store, in short pages."""
        page: Page = self._pass("list")(*args, **(options | {"count": PAGE}))
        return page

    def sweep(self, *args: Any, **options: Any) -> Swept:
        """As the store, in short steps."""
        swept: Swept = self._pass("sweep")(*args, **(options | {"count": PAGE}))
        return swept

    def close(self) -> None:
        """The store is closed by whoever opened it."""
