"""The connections of :mod:`nightlatch.stores.postgres`: one for one statement, in bounded time.

Nothing here waits for the server without a limit: not for a connection, not for an answer. No
statement is prepared and nothing is set for longer than a transaction.
"""

from __future__ import annotations

import logging
import os
from threading import Lock
from typing import Any

import psycopg
from psycopg.abc import RV, PQGen
from psycopg_pool import ConnectionPool, PoolClosed, PoolTimeout

from nightlatch.clock import SystemClock
from nightlatch.errors import SettingError, StoreUnavailable
from nightlatch.stores.postgres_schema import SCHEMA_VERSION, Address, wrong_version

_clock = SystemClock()
_log = logging.getLogger("nightlatch")

# How long the pool goes on trying by itself; after that the next verb makes it try again.
RECONNECT_S = 1.0
# The server has undone what it began, and says so: to begin anew is safe.
UNDONE = ("40001", "40P01")

# Pools from before a fork. Not even dropped: that could say good-bye in the other process's name.
_inherited: list[ConnectionPool[Any]] = []


class Bounded(psycopg.Connection[Any]):
    """A connection that gives up at a moment of the stopwatch, and then is of no use any more.

    :ivar until: that moment, by ``SystemClock.elapsed``; ``None``: ``limit_ms`` from now.
    """

    until: int | None = None
    limit_ms = 2_000

    def wait(self, gen: PQGen[RV], interval: float = 0.1, timeout: float | None = None) -> RV:
        """As psycopg's own, which every statement goes through, and never for longer."""
        until = self.until or _clock.elapsed() + self.limit_ms
        try:
            return super().wait(gen, interval, max(0, until - _clock.elapsed()) / 1000)
        except psycopg.OperationalError:
            if _clock.elapsed() >= until:
                # The answer may come yet, and it must not be taken for the next one's.
                self.pgconn.finish()
            raise

    def alive(self) -> bool:
        """Whether the server has not hung up meanwhile, as far as is known without asking it."""
        try:
            # Its last words, and then its hanging up.
            self.pgconn.consume_input()
            self.pgconn.consume_input()
        except psycopg.OperationalError:
            return False
        return True


class Connections:
    """A pool for each process, opened by its first verb.

    Servers fork between their start and the first request, and a connection that two processes
    have open answers either of them with what the other has asked.

    :param address: the server, and how many connections for how long.
    :raises SettingError: the server has answered, and the tables cannot be used.
    """

    def __init__(self, address: Address) -> None:
        self._address = address
        self._closed = False
        self._refusal: str | None = None
        self._pool: ConnectionPool[Bounded] | None = None
        self._begin_process()
        self._check()

    def _check(self) -> None:
        try:
            with Bounded.connect(
                self._address.conninfo, autocommit=True, prepare_threshold=None
            ) as db:
                wrong = wrong_version(db, self._address.schema)
        except psycopg.OperationalError as error:
            # A worker that is replaced during an outage must start all the same.
            _log.warning("The session store does not answer yet (%s).", type(error).__name__)
            return
        except psycopg.Error as error:
            wrong = f"its tables cannot be read ({type(error).__name__})"
        if wrong:
            raise SettingError(
                "store",
                f"postgresql://… with schema {self._address.schema}: {wrong}",
                f"tables of schema version {SCHEMA_VERSION}; run python -m "
                "nightlatch.stores.postgres_schema of this version as their owner, and let the "
                "application's user read and write them",
            )

    def until(self) -> int:
        """When a verb that begins now gives up, by the stopwatch, in ms."""
        return _clock.elapsed() + self._address.limit_ms

    def ask(
        self,
        doing: str,
        statement: bytes,
        values: dict[str, Any],
        *,
        until: int,
        turn: tuple[bytes, dict[str, Any]] | None = None,
    ) -> list[tuple[Any, ...]]:
        """The rows with which the server answers one statement, which is a transaction.

        :param doing: the verb, for the error.
        :param turn: a statement that travels before it, in the same transaction.
        :raises StoreUnavailable: whatever the server or the way to it had. Its text stays out of
            the message.
        :raises psycopg.errors.UniqueViolation: the key is taken.
        :raises ValueError: what was given can be kept in no PostgreSQL table.
        """
        while True:
            try:
                return self._ask(statement, values, until, turn)
            except psycopg.errors.UniqueViolation:
                raise
            except psycopg.DataError as error:
                raise ValueError(
                    f"PostgreSQL cannot keep this ({type(error).__name__}): text with U+0000 in "
                    "it, or a number that is too large"
                ) from None
            except psycopg.Error as error:
                if error.sqlstate not in UNDONE:
                    raise StoreUnavailable(doing, self._cause(error)) from error

    def close(self) -> None:
        """Close every connection; one that a verb is using goes as soon as the verb is done."""
        self._closed = True
        if self._pid == os.getpid() and self._pool is not None:
            self._pool.close(timeout=1)

    # Inside

    def _ask(
        self,
        statement: bytes,
        values: dict[str, Any],
        until: int,
        turn: tuple[bytes, dict[str, Any]] | None,
    ) -> list[tuple[Any, ...]]:
        pool = self._opened()
        db = self._take(pool, until)
        # A little less than there is: the connection is still good if it was the server's refusal.
        lock_ms = str(max(1, (until - _clock.elapsed()) * 9 // 10))
        values = {**values, "lock_ms": lock_ms}
        try:
            if turn is None:
                return db.execute(statement, values, binary=True).fetchall()
            with db.pipeline():
                db.execute(turn[0], {**turn[1], "lock_ms": lock_ms})
                cursor = db.execute(statement, values, binary=True)
            return cursor.fetchall()
        finally:
            pool.putconn(db)

    def _take(self, pool: ConnectionPool[Bounded], until: int) -> Bounded:
        # However long its statement may take: a connection is there soon or it is not.
        by = min(until, self.until())
        while True:
            db = pool.getconn((by - _clock.elapsed()) / 1000)
            db.until = until
            if db.alive():
                return db
            db.close()
            pool.putconn(db)

    def _opened(self) -> ConnectionPool[Bounded]:
        if self._pid != os.getpid():
            if self._pool is not None:
                _inherited.append(self._pool)
            self._begin_process()
        pool = self._pool
        if pool is None:
            with self._opening:
                pool = self._pool = self._pool or self._open()
        return pool

    def _begin_process(self) -> None:
        # The lock anew as well: a fork may come while another thread holds it.
        self._pid = os.getpid()
        self._opening = Lock()
        self._pool = None

    def _open(self) -> ConnectionPool[Bounded]:
        if self._closed:
            raise PoolClosed("the store is closed")
        return ConnectionPool(
            self._address.conninfo,
            connection_class=Bounded,
            kwargs={"autocommit": True, "prepare_threshold": None},
            min_size=0,
            max_size=self._address.connections,
            configure=self._greet,
            reconnect_timeout=RECONNECT_S,
            name="nightlatch",
            open=True,
        )

    def _greet(self, db: Bounded) -> None:
        """Look at the tables' version on every new connection: they may have become others."""
        try:
            self._refusal = wrong_version(db, self._address.schema)
        except psycopg.Error as error:
            self._refusal = type(error).__name__
            raise
        if self._refusal:
            raise psycopg.OperationalError(self._refusal)

    def _cause(self, error: psycopg.Error) -> str:
        if isinstance(error, PoolTimeout) and self._refusal:
            return self._refusal
        return type(error).__name__.strip("_")
