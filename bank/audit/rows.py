"""The same events as rows of the bank's database, to be searched, and to hold against the file.

The file is the authority. A row is a copy that shows when the end of the file was cut off, and
the way to what happened to one user.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from sqlalchemy import func, select
from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.orm import Mapped, mapped_column

from bank.audit.chain import Written, line_body
from bank.audit.events import AuditEvent
from bank.db import Base, Database

# A request waits for it, and the line in the file is written already. Long enough for a busy
# machine: what was given up on is missing in the table for ever.
BUSY_TIMEOUT_S = 5

MOST_ON_A_PAGE = 200


class AuditRow(Base):
    """One event.

    :ivar seq: its number in the file; None when the file could not be written. A file whose end
        was cut off gives the same numbers again, so two rows may share one.
    :ivar hash: its seal there.
    :ivar line: the whole of it.
    """

    __tablename__ = "audit"

    id: Mapped[int] = mapped_column(primary_key=True)
    seq: Mapped[int | None] = mapped_column(index=True)
    at_ms: Mapped[int] = mapped_column(index=True)
    event: Mapped[str]
    level: Mapped[str]
    user: Mapped[str | None] = mapped_column(index=True)
    session: Mapped[str | None] = mapped_column(index=True)
    line: Mapped[str]
    hash: Mapped[str | None]


@dataclass(frozen=True, slots=True)
class Entry:
    """One event, for a page.

    :ivar number: of the row; greater is newer.
    :ivar at_ms: ms since the epoch, UTC.
    :ivar event: the word of the vocabulary with what stands behind its colon.
    :ivar fields: all that the line says, such as ``description``, ``address`` and ``agent``.
    """

    number: int
    at_ms: int
    event: str
    level: str
    session: str | None
    fields: Mapping[str, object]


@dataclass(frozen=True, slots=True)
class Entries:
    """Some events, the newest first.

    :ivar before: where the next page begins; None when this is the last one.
    """

    entries: tuple[Entry, ...]
    before: int | None


class Rows:
    """The table, over connections of its own: the caller's transaction may fail or be slow."""

    def __init__(self, url: str) -> None:
        # The file has them all: for a copy nobody needs to wait for the disk.
        self._database = Database(url, busy_timeout_s=BUSY_TIMEOUT_S, durable=False)

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

    def sealed(self) -> Iterator[AuditRow]:
        """Every row that has a line in the file, by the line's number."""
        with self._database.read() as session:
            query = select(AuditRow).where(AuditRow.seq.is_not(None))
            yield from session.scalars(
                query.order_by(AuditRow.seq).execution_options(yield_per=500)
            )

    def of_user(self, user: str, *, before: int | None = None, limit: int = 50) -> Entries:
        """What happened to one user, the newest first, a page at a time.

        :param user: their number, as text.
        :param before: :attr:`Entries.before` of the page before this one; None for the first.
            What happens meanwhile moves nothing from one page to another.
        :param limit: how many, from 1 to :data:`MOST_ON_A_PAGE`; what is beyond is cut.
        :raises SQLAlchemyError: the database does not answer.
        """
        limit = max(1, min(limit, MOST_ON_A_PAGE))
        query = select(AuditRow).where(AuditRow.user == user).order_by(AuditRow.id.desc())
        if before is not None:
            query = query.where(AuditRow.id < before)
        with self._database.read() as session:
            found = session.scalars(query.limit(limit + 1)).all()
        shown = found[:limit]
        return Entries(
            tuple(
                Entry(row.id, row.at_ms, row.event, row.level, row.session, json.loads(row.line))
                for row in shown
            ),
            shown[-1].id if len(found) > limit else None,
        )

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
