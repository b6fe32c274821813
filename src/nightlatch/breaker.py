"""A circuit breaker round any store: while it is out of reach, requests fail in milliseconds.

Without one, every request of an outage waits for the store's own time-out, and a server's threads
are soon all waiting. Reading and writing have a circuit each, because a store that cannot write
(a full disk, a file that another program holds) often goes on reading.
"""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from nightlatch.clock import Clock, SystemClock
from nightlatch.errors import StoreUnavailable
from nightlatch.record import Record
from nightlatch.stores.base import (
    Conflict,
    Created,
    Ended,
    Ends,
    Everyone,
    Live,
    One,
    Page,
    Refused,
    Saved,
    SessionStore,
    Swept,
    User,
)

SLOW_MS = 500
FAILURES = 5
RETRY_MS = 2_000
# A probe that has not come back after this long (its thread was killed) holds up no other.
PROBE_MS = 30_000


class Breaker:
    """A store that asks another one, and stops asking for a moment when that does not answer.

    After one :class:`~nightlatch.errors.StoreUnavailable` that took ``slow_ms`` or longer, or
    after ``failures`` of them in a row, verbs of the same kind (reading: open, list; writing:
    create, save, end, sweep) raise it at once. When ``retry_ms`` have passed, one call at a time
    is let through; as soon as one is answered, all are. A touch that the store could not write
    counts as an answer; while writing is known to fail, touches are left out and wait for nothing.

    :param store: the store to ask.
    :param clock: its ``elapsed`` is the time that counts; absent: the system's.
    :param slow_ms: how long a failure takes that alone is enough.
    :param failures: how many quick ones in a row are enough, from 1.
    :param retry_ms: how long nobody asks.
    :ivar store: as given.
    """

    def __init__(
        self,
        store: SessionStore,
        clock: Clock | None = None,
        *,
        slow_ms: int = SLOW_MS,
        failures: int = FAILURES,
        retry_ms: int = RETRY_MS,
    ) -> None:
        self.store = store
        clock = clock or SystemClock()
        self._reading = Circuit(clock, slow_ms, failures, retry_ms)
        self._writing = Circuit(clock, slow_ms, failures, retry_ms)

    # What else a verb takes goes through as it is: the contract may grow without this class.

    def create(self, record: Record, **given: Any) -> Created | Refused:
        """As the store, or at once ``StoreUnavailable``."""
        with self._writing.asking("create"):
            return self.store.create(record, **given)

    def open(self, sid: str, secret_hash: bytes, **given: Any) -> Live | Ended | None:
        """As the store, or at once ``StoreUnavailable``; untouched while writing fails."""
        if self._writing.resting():
            given["touch"] = None
        with self._reading.asking("open"):
            return self.store.open(sid, secret_hash, **given)

    def save(self, sid: str, **given: Any) -> Saved | Conflict | Ended | None:
        """As the store, or at once ``StoreUnavailable``."""
        with self._writing.asking("save"):
            return self.store.save(sid, **given)

    def end(self, target: One | User | Everyone, **given: Any) -> Ends:
        """As the store, or at once ``StoreUnavailable``."""
        with self._writing.asking("end"):
            return self.store.end(target, **given)

    def list(self, user: str | None, **given: Any) -> Page:
        """As the store, or at once ``StoreUnavailable``."""
        with self._reading.asking("list"):
            return self.store.list(user, **given)

    def sweep(self, **given: Any) -> Swept:
        """As the store, or at once ``StoreUnavailable``."""
        with self._writing.asking("sweep"):
            return self.store.sweep(**given)

    def close(self) -> None:
        """Release the store's connections."""
        self.store.close()


class Circuit:
    """Whether to ask, by what became of asking before. Times are by the stopwatch, in ms."""

    def __init__(self, clock: Clock, slow_ms: int, failures: int, retry_ms: int) -> None:
        self._clock = clock
        self._slow_ms = slow_ms
        self._failures = failures
        self._retry_ms = retry_ms
        self._lock = threading.Lock()
        self._in_a_row = 0
        self._cause = ""
        # Nobody asks before this moment; None while the store answers.
        self._retry_at: int | None = None

    def resting(self) -> bool:
        """Whether nobody is to ask just now."""
        retry_at = self._retry_at
        return retry_at is not None and self._clock.elapsed() < retry_at

    @contextmanager
    def asking(self, doing: str) -> Iterator[None]:
        """Ask inside, or do not get there.

        :raises StoreUnavailable: at once, while the store rests.
        """
        if self._retry_at is not None:
            self._wait_or_probe(doing)
        began = self._clock.elapsed()
        try:
            yield
        except StoreUnavailable as error:
            self._failed(error, self._clock.elapsed() - began)
            raise
        except Exception:
            self._answered()  # a refusal is an answer
            raise
        self._answered()

    def _wait_or_probe(self, doing: str) -> None:
        with self._lock:
            if self._retry_at is None:
                return
            now = self._clock.elapsed()
            left_ms = self._retry_at - now
            if left_ms <= 0:
                # This call is the probe; the others go on waiting for what becomes of it.
                self._retry_at = now + PROBE_MS
                return
            cause = self._cause
        wait_s = max(1, -(-min(left_ms, self._retry_ms) // 1000))
        raise StoreUnavailable(doing, f"{cause} a moment ago", retry_after_s=wait_s)

    def _failed(self, error: StoreUnavailable, took_ms: int) -> None:
        with self._lock:
            self._in_a_row += 1
            probed = self._retry_at is not None
            if probed or took_ms >= self._slow_ms or self._in_a_row >= self._failures:
                self._retry_at = self._clock.elapsed() + self._retry_ms
                self._cause = error.cause

    def _answered(self) -> None:
        # Nearly always nothing to do, and then no lock to wait for.
        if self._in_a_row:
            with self._lock:
                self._in_a_row = 0
                self._retry_at = None
