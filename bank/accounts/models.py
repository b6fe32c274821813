"""A double-entry ledger in whole pence.

Every transfer moves one amount from one account to another and leaves two entries that sum
to zero. Money that comes from, or goes to, another bank passes through the clearing account,
which is the only one that may be below zero.
"""

from __future__ import annotations

from sqlalchemy import CheckConstraint, ForeignKey, Index, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column, relationship

from bank.db import Base

CURRENT, SAVINGS, CLEARING = "current", "savings", "clearing"


class Account(Base):
    """Somewhere money can be.

    :ivar owner_id: whose it is; None for the bank's own.
    :ivar kind: ``current``, ``savings`` or ``clearing``.
    :ivar title: what its owner calls it.
    :ivar balance_pence: the sum of its entries, kept so that it can be checked and changed
        in one statement.
    """

    __tablename__ = "accounts"
    __table_args__ = (
        CheckConstraint(f"kind = '{CLEARING}' OR balance_pence >= 0", name="not_overdrawn"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    owner_id: Mapped[int | None] = mapped_column(ForeignKey("users.id"), index=True)
    kind: Mapped[str]
    title: Mapped[str]
    sort_code: Mapped[str]
    number: Mapped[str] = mapped_column(unique=True)
    balance_pence: Mapped[int] = mapped_column(default=0)


class Transfer(Base):
    """One movement of money.

    :ivar public_id: its name in addresses; cannot be guessed.
    :ivar made_by: the user who asked for it; None for what came from outside.
    :ivar form_key: the form that asked for it: a form is carried out once, however often
        it arrives.
    :ivar made_ms: when, in milliseconds since the epoch, UTC.
    :ivar counterparty: who is on the other side, as it was typed.
    """

    __tablename__ = "transfers"
    __table_args__ = (UniqueConstraint("made_by", "form_key"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    public_id: Mapped[str] = mapped_column(unique=True)
    made_by: Mapped[int | None] = mapped_column(ForeignKey("users.id"))
    form_key: Mapped[str | None]
    made_ms: Mapped[int]
    counterparty: Mapped[str]
    reference: Mapped[str]
    amount_pence: Mapped[int] = mapped_column(CheckConstraint("amount_pence > 0"))
    entries: Mapped[list[Entry]] = relationship(back_populates="transfer")


class Entry(Base):
    """One side of a transfer: what it added to, or took from, one account.

    :ivar amount_pence: above zero for money in, below for money out.
    """

    __tablename__ = "entries"
    __table_args__ = (Index("entries_of_account", "account_id", "id"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    transfer_id: Mapped[int] = mapped_column(ForeignKey("transfers.id"), index=True)
    account_id: Mapped[int] = mapped_column(ForeignKey("accounts.id"))
    amount_pence: Mapped[int]
    transfer: Mapped[Transfer] = relationship(back_populates="entries")
    account: Mapped[Account] = relationship()
