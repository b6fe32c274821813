"""The tables as they were before there were steps. Those that exist are left as they are."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0001"
down_revision = None

# As bank.db.WHOLE is today. A step never changes, whatever becomes of the models.
_WHOLE = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def _id() -> sa.Column[int]:
    return sa.Column("id", _WHOLE, primary_key=True)


def _whole(name: str, *constraints: sa.schema.SchemaItem, null: bool = False) -> sa.Column[int]:
    return sa.Column(name, _WHOLE, *constraints, nullable=null)


def _text(name: str, *, null: bool = False, unique: bool = False) -> sa.Column[str]:
    return sa.Column(name, sa.String(), nullable=null, unique=unique or None)


_USER = "users.id"

_TABLES: dict[str, tuple[sa.schema.SchemaItem, ...]] = {
    "users": (
        _id(),
        _text("name"),
        _text("key", unique=True),
        _text("full_name"),
        _text("password_hash"),
    ),
    "administrators": (sa.Column("user_id", _WHOLE, sa.ForeignKey(_USER), primary_key=True),),
    "accounts": (
        _id(),
        _whole("owner_id", sa.ForeignKey(_USER), null=True),
        _text("kind"),
        _text("title"),
        _text("sort_code"),
        _text("number", unique=True),
        _whole("balance_pence"),
        sa.CheckConstraint("kind = 'clearing' OR balance_pence >= 0", name="not_overdrawn"),
    ),
    "transfers": (
        _id(),
        _text("public_id", unique=True),
        _whole("made_by", sa.ForeignKey(_USER), null=True),
        _text("form_key", null=True),
        _whole("made_ms"),
        _text("counterparty"),
        _text("reference"),
        _whole("amount_pence", sa.CheckConstraint("amount_pence > 0")),
        sa.UniqueConstraint("made_by", "form_key"),
    ),
    "entries": (
        _id(),
        _whole("transfer_id", sa.ForeignKey("transfers.id")),
        _whole("account_id", sa.ForeignKey("accounts.id")),
        _whole("amount_pence"),
    ),
    "audit": (
        _id(),
        _whole("seq", null=True),
        _whole("at_ms"),
        _text("event"),
        _text("level"),
        _text("user", null=True),
        _text("session", null=True),
        _text("line"),
        _text("hash", null=True),
    ),
}
_INDEXES = (
    ("ix_accounts_owner_id", "accounts", ["owner_id"]),
    ("entries_of_account", "entries", ["account_id", "id"]),
    ("ix_entries_transfer_id", "entries", ["transfer_id"]),
    ("ix_audit_seq", "audit", ["seq"]),
    ("ix_audit_at_ms", "audit", ["at_ms"]),
    ("ix_audit_user", "audit", ["user"]),
    ("ix_audit_session", "audit", ["session"]),
)


def upgrade() -> None:
    """Makes the tables that are missing, with their indexes."""
    there = set(sa.inspect(op.get_bind()).get_table_names())
    for name, columns in _TABLES.items():
        if name not in there:
            op.create_table(name, *columns)
    for index, table, names in _INDEXES:
        op.create_index(index, table, names, if_not_exists=True)
