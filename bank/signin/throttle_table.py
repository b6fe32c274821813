"""Wrong passwords counted in the bank's own database."""

from __future__ import annotations

from sqlalchemy import Index, Select, delete, select
from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.orm import Mapped, Session, mapped_column

from bank.db import Base, Database
from bank.signin.throttle import ACCOUNT, ADDRESS, DAY_MS, HERE, KNOWN_MS, Limit, Who

# However many addresses an attacker has, the table stays this short: the oldest go first.
MOST_ROWS = 100_000
# A place that was known a day ago need not be written down again.
KNOWN_AGAIN_MS = DAY_MS


class FailedTry(Base):
    """One wrong password. Rows are added and never changed, so that none can be lost to another.

    :ivar account: a keyed fingerprint of the name that was typed; so is ``address``.
    """

    __tablename__ = "failed_tries"
    __table_args__ = (
        Index("failed_tries_account", "account", "at_ms"),
        Index("failed_tries_address", "address", "at_ms"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    account: Mapped[str]
    address: Mapped[str]
    at_ms: Mapped[int] = mapped_column(index=True)


class KnownPlace(Base):
    """Where a user has signed in, and when last."""

    __tablename__ = "known_places"

    account: Mapped[str] = mapped_column(primary_key=True)
    address: Mapped[str] = mapped_column(primary_key=True)
    at_ms: Mapped[int] = mapped_column(index=True)


class TableCounts:
    """Counts in two tables of a database, which outlive every worker.

    :param most_rows: of failures that are kept, whatever happens.
    """

    errors: type[Exception] = SQLAlchemyError

    def __init__(self, database: Database, *, most_rows: int = MOST_ROWS) -> None:
        self._database = database
        self._most_rows = most_rows

    def wait_ms(self, who: Who, now: int) -> int:
        """See :class:`bank.signin.throttle.Counts`."""
        with self._database.read() as session:
            return self._longest(session, who, now, taken=1)

    def add(self, who: Who, now: int) -> bool:
        """See :class:`bank.signin.throttle.Counts`."""
        with self._database.write() as session:
            session.add(tried := FailedTry(account=who.account, address=who.address, at_ms=now))
            session.flush()
            session.execute(
                delete(FailedTry).where(
                    (FailedTry.at_ms <= now - ACCOUNT.window_ms)
                    | (FailedTry.id <= tried.id - self._most_rows)
                )
            )
        # Asked after it is kept: of two that are added at once each sees the other.
        with self._database.read() as session:
            return self._longest(session, who, now, taken=0) > 0

    def clear(self, who: Who, now: int) -> None:
        """See :class:`bank.signin.throttle.Counts`."""
        here = (FailedTry.account == who.account) & (FailedTry.address == who.address)
        with self._database.read() as session:
            failed = session.scalar(select(FailedTry.id).where(here).limit(1)) is not None
            known_ms = self._known(session, who)
        fresh = known_ms is not None and known_ms > now - KNOWN_AGAIN_MS
        if fresh and not failed:
            return
        with self._database.write() as session:
            session.execute(delete(FailedTry).where(here))
            session.merge(KnownPlace(account=who.account, address=who.address, at_ms=now))
            session.execute(delete(KnownPlace).where(KnownPlace.at_ms <= now - KNOWN_MS))

    def close(self) -> None:
        """Nothing: the database is the bank's."""

    def _longest(self, session: Session, who: Who, now: int, *, taken: int) -> int:
        account, address = FailedTry.account == who.account, FailedTry.address == who.address
        waits = [
            _wait_ms(session, select(FailedTry.at_ms).where(account, address), HERE, now, taken),
            _wait_ms(session, select(FailedTry.at_ms).where(address), ADDRESS, now, taken),
        ]
        anywhere = _wait_ms(session, select(FailedTry.at_ms).where(account), ACCOUNT, now, taken)
        if anywhere:
            known_ms = self._known(session, who)
            if known_ms is None or known_ms <= now - KNOWN_MS:
                waits.append(anywhere)
        return max(waits)

    def _known(self, session: Session, who: Who) -> int | None:
        return session.scalar(
            select(KnownPlace.at_ms).where(
                KnownPlace.account == who.account, KnownPlace.address == who.address
            )
        )


def _wait_ms(session: Session, failures: Select[int], limit: Limit, now: int, taken: int) -> int:
    """How long until there is room for as many more as ``taken``."""
    last_ms = session.scalar(
        failures.where(FailedTry.at_ms > now - limit.window_ms)
        .order_by(FailedTry.at_ms.desc())
        .offset(limit.failures - taken)
        .limit(1)
    )
    # A clock that was set back makes nobody wait for longer than the window.
    return 0 if last_ms is None else min(last_ms + limit.window_ms - now, limit.window_ms)
