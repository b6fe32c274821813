"""Moving money, and reading what has moved. Callers decide when a transaction ends."""

from __future__ import annotations

import secrets
from dataclasses import dataclass
from datetime import UTC, date, datetime

from sqlalchemy import func, select, update
from sqlalchemy.orm import Session

from bank.accounts.models import CLEARING, Account, Entry, Transfer
from bank.signin.models import User


class NotEnoughMoney(Exception):
    """The account holds less than the transfer would take; nothing was moved."""


@dataclass(frozen=True, slots=True)
class Line:
    """One line of a statement, from the side of one account.

    :ivar balance_pence: what the account held after it.
    """

    account: str
    made_ms: int
    counterparty: str
    reference: str
    amount_pence: int
    balance_pence: int


def accounts_of(session: Session, user: User) -> list[Account]:
    """The user's accounts, the oldest first."""
    return list(
        session.scalars(select(Account).where(Account.owner_id == user.id).order_by(Account.id))
    )


def clearing(session: Session) -> Account:
    """The account through which money enters and leaves this bank."""
    return session.scalars(select(Account).where(Account.kind == CLEARING)).one()


def move(
    session: Session,
    *,
    source: Account,
    target: Account,
    amount_pence: int,
    counterparty: str,
    reference: str,
    made_ms: int,
    made_by: User | None = None,
    form_key: str | None = None,
) -> Transfer:
    """Moves an amount from ``source`` to ``target``.

    :param amount_pence: 1 or more.
    :raises NotEnoughMoney: ``source`` would fall below zero, and is not the clearing account.
    """
    # Checked and taken in one statement: two at once cannot both see the same money.
    took = session.execute(
        update(Account)
        .where(Account.id == source.id)
        .where((Account.kind == CLEARING) | (Account.balance_pence >= amount_pence))
        .values(balance_pence=Account.balance_pence - amount_pence)
        .returning(Account.id)
        .execution_options(synchronize_session=False)
    )
    if took.first() is None:
        raise NotEnoughMoney
    session.execute(
        update(Account)
        .where(Account.id == target.id)
        .values(balance_pence=Account.balance_pence + amount_pence)
        .execution_options(synchronize_session=False)
    )
    transfer = Transfer(
        public_id=secrets.token_urlsafe(12),
        made_by=made_by.id if made_by else None,
        form_key=form_key,
        made_ms=made_ms,
        counterparty=counterparty,
        reference=reference,
        amount_pence=amount_pence,
        entries=[
            Entry(account_id=source.id, amount_pence=-amount_pence),
            Entry(account_id=target.id, amount_pence=amount_pence),
        ],
    )
    session.add(transfer)
    session.flush()
    return transfer


def lines(
    session: Session,
    user: User,
    *,
    since_ms: int = 0,
    until_ms: int | None = None,
    limit: int | None = None,
) -> list[Line]:
    """What moved on the user's accounts, the newest first.

    :param since_ms: only from this moment on.
    :param until_ms: only before this moment; None is no end.
    :param limit: at most so many; None is all of them.
    """
    running = func.sum(Entry.amount_pence).over(
        partition_by=Entry.account_id, order_by=(Transfer.made_ms, Entry.id)
    )
    # The running balance needs the entries before the first one shown, so it is made inside.
    every = (
        select(
            Account.title.label("account"),
            Transfer.made_ms,
            Transfer.counterparty,
            Transfer.reference,
            Entry.amount_pence,
            running.label("balance_pence"),
            Entry.id,
        )
        .join(Entry.account)
        .join(Entry.transfer)
        .where(Account.owner_id == user.id)
        .subquery()
    )
    wanted = select(every).where(every.c.made_ms >= since_ms)
    if until_ms is not None:
        wanted = wanted.where(every.c.made_ms < until_ms)
    wanted = wanted.order_by(every.c.made_ms.desc(), every.c.id.desc()).limit(limit)
    return [
        Line(
            row.account,
            row.made_ms,
            row.counterparty,
            row.reference,
            row.amount_pence,
            int(row.balance_pence),
        )
        for row in session.execute(wanted)
    ]


def month_bounds(first: date) -> tuple[int, int]:
    """The first moment of a month and of the one after it, in UTC.

    :param first: any day of the month.
    :returns: milliseconds since the epoch.
    """
    begin = datetime(first.year, first.month, 1, tzinfo=UTC)
    end = datetime(first.year + first.month // 12, first.month % 12 + 1, 1, tzinfo=UTC)
    return int(begin.timestamp()) * 1000, int(end.timestamp()) * 1000
