"""Carrying out what a transfer form asked for, once."""

from __future__ import annotations

from dataclasses import dataclass

from sqlalchemy import select
from sqlalchemy.orm import Session

from bank.accounts.ledger import clearing, move
from bank.accounts.models import Account, Entry, Transfer
from bank.signin.models import User


@dataclass(frozen=True, slots=True)
class Order:
    """What somebody asked the bank to send.

    :ivar form_key: the form it came from.
    """

    form_key: str
    account_id: int
    payee: str
    amount_pence: int
    reference: str


class AlreadySent(Exception):
    """The same form has sent something else before; nothing was moved this time.

    :ivar payee: to whom it sent money.
    :ivar amount_pence: how much.
    """

    def __init__(self, payee: str, amount_pence: int) -> None:
        # No name in the text: an exception may end in a log.
        super().__init__("this form was sent before, with other contents")
        self.payee = payee
        self.amount_pence = amount_pence


def carry_out(session: Session, user: User, order: Order, *, now_ms: int) -> tuple[Transfer, bool]:
    """Sends the money, or finds what this very form has sent already.

    Needs a writing session. The user is held until it ends, so that two copies of one form
    cannot both be the first.

    :returns: the transfer, and whether it was made now.
    :raises AlreadySent: the form was sent before with other contents.
    :raises bank.accounts.ledger.NotEnoughMoney: the account holds less than that.
    """
    # SQLite admits one writer at a time and needs no more; PostgreSQL waits here.
    session.execute(select(User.id).where(User.id == user.id).with_for_update())
    source = session.scalars(
        select(Account).where(Account.id == order.account_id, Account.owner_id == user.id)
    ).one()
    earlier = session.scalar(
        select(Transfer).where(Transfer.made_by == user.id, Transfer.form_key == order.form_key)
    )
    if earlier is not None:
        if _same(session, earlier, order):
            return earlier, False
        raise AlreadySent(earlier.counterparty, earlier.amount_pence)
    made = move(
        session,
        source=source,
        target=clearing(session),
        amount_pence=order.amount_pence,
        counterparty=order.payee,
        reference=order.reference,
        made_ms=now_ms,
        made_by=user,
        form_key=order.form_key,
    )
    return made, True


def find_sent(session: Session, user: User, public_id: str) -> tuple[Transfer, Account] | None:
    """A transfer that this user made, with the account it came from; else None."""
    row = session.execute(
        select(Transfer, Account)
        .join(Transfer.entries)
        .join(Entry.account)
        .where(
            Transfer.public_id == public_id,
            Transfer.made_by == user.id,
            Entry.amount_pence < 0,
        )
    ).one_or_none()
    return None if row is None else (row[0], row[1])


def _same(session: Session, earlier: Transfer, order: Order) -> bool:
    source_id = session.scalar(
        select(Entry.account_id).where(Entry.transfer_id == earlier.id, Entry.amount_pence < 0)
    )
    return (source_id, earlier.counterparty, earlier.amount_pence, earlier.reference) == (
        order.account_id,
        order.payee,
        order.amount_pence,
        order.reference,
    )
