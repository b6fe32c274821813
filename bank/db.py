"""The bank's own database: one way to read it and one way to write it."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any, ClassVar

from sqlalchemy import BigInteger, Connection, Integer, create_engine, event, text
from sqlalchemy.engine import make_url
from sqlalchemy.exc import ArgumentError, DBAPIError
from sqlalchemy.orm import DeclarativeBase, Session

from bank import migrations
from nightlatch import SettingError

BUSY_TIMEOUT_S = 10

# Milliseconds since the epoch are too many for 32 bits, which is what PostgreSQL gives an
# Integer. SQLite numbers rows by itself only where a column is called INTEGER.
WHOLE = BigInteger().with_variant(Integer(), "sqlite")
# Any number does, as long as every bank asks for the same one.
_ALONE = 0x6E6C_6261_6E6B


class Base(DeclarativeBase):
    """The root of every table. One that is added needs a step in :mod:`bank.migrations`."""

    type_annotation_map: ClassVar = {int: WHOLE}


class Database:
    """Users, accounts and transfers.

    :param url: an address as SQLAlchemy spells it, such as ``sqlite:////srv/bank.db`` or
        ``postgresql://bank@db.example/bank``.
    :param busy_timeout_s: how long SQLite waits for another writer.
    :param durable: SQLite waits for the disk at every commit. Without it what was written
        survives the process, and not the machine.
    :raises SettingError: it is no address, or the driver that it names is not installed.
    """

    def __init__(
        self, url: str, *, busy_timeout_s: float = BUSY_TIMEOUT_S, durable: bool = True
    ) -> None:
        allowed = "an address such as sqlite:////srv/bank.db, whose driver is installed"
        try:
            parsed = make_url(url)
        except ArgumentError as error:
            # The value is not repeated: an address with a slip in it may hold a password.
            raise SettingError("BANK_DATABASE_URL", "not an address", allowed) from error
        sqlite = parsed.get_backend_name() == "sqlite"
        try:
            self._engine = create_engine(
                parsed,
                connect_args={"timeout": busy_timeout_s} if sqlite else {},
                # A server may have hung up on a connection that was idle.
                pool_pre_ping=not sqlite,
                # What is written may be a hash, and an error repeats it wherever it is shown.
                hide_parameters=True,
            )
        except (ArgumentError, ImportError) as error:
            shown = parsed.render_as_string(hide_password=True)
            raise SettingError("BANK_DATABASE_URL", shown, allowed) from error
        if sqlite:
            event.listen(self._engine, "connect", _prepare_sqlite)
            if not durable:
                event.listen(self._engine, "connect", _spare_the_disk)
            event.listen(self._engine, "begin", _begin_sqlite)
        self._writer = self._engine.execution_options(bank_writes=True)

    @contextmanager
    def read(self) -> Iterator[Session]:
        """A session for looking things up; what it loaded stays usable after it is closed."""
        with Session(self._engine, expire_on_commit=False) as session:
            yield session

    @contextmanager
    def write(self, *, alone: bool = False) -> Iterator[Session]:
        """A session whose changes are all kept, or none of them if the block raises.

        :param alone: no other block that asks for this runs at the same time, on any machine.
            SQLite has one writer at a time in any case.
        """
        with Session(self._writer, expire_on_commit=False) as session, session.begin():
            if alone and self.backend == "postgresql":
                session.execute(text(f"SELECT pg_advisory_xact_lock({_ALONE})"))
            yield session

    @property
    def backend(self) -> str:
        """The name of the engine: ``sqlite`` or ``postgresql``."""
        return self._engine.url.get_backend_name()

    def upgrade(self) -> migrations.Upgrade:
        """Brings the tables to what this version of the bank needs; nothing is lost.

        A database that is there already waits for nobody. Of two that start at once, one does
        it and the other one waits.

        :raises SettingError: the database cannot be opened, or is none, or belongs to a newer
            version of the bank.
        """
        shown = self._engine.url.render_as_string(hide_password=True)
        try:
            with self.read() as session:
                before = migrations.current(session.connection())
            if before != migrations.HEAD:
                with self.write(alone=True) as session:
                    before = migrations.upgrade(session.connection())
        except migrations.FromTheFuture as error:
            raise SettingError(
                "BANK_DATABASE_URL", shown, f"a database of this version or before ({error})"
            ) from error
        except DBAPIError as error:
            reason = str(error.orig).strip().partition("\n")[0]
            raise SettingError(
                "BANK_DATABASE_URL", shown, f"a database that can be opened ({reason})"
            ) from error
        return migrations.Upgrade(before, migrations.HEAD)

    def close(self) -> None:
        """Closes every connection; one that is asked for later is a new one."""
        self._engine.dispose()


def _prepare_sqlite(connection: Any, _record: object) -> None:
    # The driver must not begin transactions by itself: it would begin them as readers, and two
    # readers that both want to write then fail instead of waiting for each other.
    connection.isolation_level = None
    connection.execute("PRAGMA journal_mode = WAL")
    connection.execute("PRAGMA foreign_keys = ON")


def _spare_the_disk(connection: Any, _record: object) -> None:
    connection.execute("PRAGMA synchronous = NORMAL")


def _begin_sqlite(connection: Connection) -> None:
    writes = connection.get_execution_options().get("bank_writes", False)
    connection.exec_driver_sql("BEGIN IMMEDIATE" if writes else "BEGIN")
