"""The same events as rows of the bank's database, to be searched, and to hold against the file."""

from __future__ import annotations

from collections.abc import Iterator

from sqlalchemy import func, select
from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.orm import Mapped, mapped_column

from bank.audit.chain import Written, line_body
from bank.audit.events import AuditEvent
from bank.db import Base, Database

# A request waits for it, and the line in the file is written already. Long enough for a busy
# machine: what was given up on is missing in the table for ever.
BUSY_TIMEOUT_S = 5


class AuditRow(Base):
    """One event.

    :ivar seq: its number in the file; None when the file could not be written.
    :ivar hash: its seal there.
    :ivar line: the whole of it.
    """

    __tablename__ = "audit"

    id: Mapped[int] = mapped_column(primary_key=True)
    seq: Mapped[int | None] = mapped_column(unique=True)
    at_ms: Mapped[int] = mapped_column(index=True)
    event: Mapped[str]
    level: Mapped[str]
    user: Mapped[str | None] = mapped_column(index=True)
    session: Mapped[str | None] = mapped_column(index=True)
    line: Mapped[str]
    hash: Mapped[str | None]


class Rows:
    """The table, over connections of its own: the caller's transaction may fail or be slow."""

    def __init__(self, url: str) -> None:
        self._database = Database(url, busy_timeout_s=BUSY_TIMEOUT_S)

    def add(self, event: AuditEvent, written: Written | None) -> AuditRow:
        """Keeps one event.

        :param written: its line in the file; None when there is none.
        :returns: the row, as it was kept.
        :raises SQLAlchemyError: the database did not take it.
        """
        row = AuditRow(
            seq=written.seq if written else None,
            at_ms=event.at,
            event=event.name,
            level=event.level,
            user=event.user,
            session=event.session,
            line=written.line if written else line_body(event, 0, "") + "}",
            hash=written.hash if written else None,
        )
        with self._database.write() as session:
            session.add(row)
        return row

    def seals(self) -> Iterator[tuple[int, str]]:
        """Number and seal of every row that has a line, by number."""
        with self._database.read() as session:
            query = select(AuditRow.seq, AuditRow.hash).where(AuditRow.seq.is_not(None))
            for seq, seal in session.execute(query.order_by(AuditRow.seq)).yield_per(1000):
                yield seq or 0, seal or ""

    def count(self) -> int | None:
        """How many rows there are; None when the database does not answer."""
        try:
            with self._database.read() as session:
                return session.scalar(select(func.count(AuditRow.id)))
        except SQLAlchemyError:
            return None

    def close(self) -> None:
        """Lets go of the connections."""
        self._database.close()
