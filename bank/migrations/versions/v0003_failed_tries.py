"""Wrong passwords are counted, and the places where users have signed in are known."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"

_WHOLE = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    """Adds two tables, which begin empty."""
    op.create_table(
        "failed_tries",
        sa.Column("id", _WHOLE, primary_key=True),
        sa.Column("account", sa.String(), nullable=False),
        sa.Column("address", sa.String(), nullable=False),
        sa.Column("at_ms", _WHOLE, nullable=False),
        if_not_exists=True,
    )
    op.create_table(
        "known_places",
        sa.Column("account", sa.String(), primary_key=True),
        sa.Column("address", sa.String(), primary_key=True),
        sa.Column("at_ms", _WHOLE, nullable=False),
        if_not_exists=True,
    )
    for name, table, columns in (
        ("failed_tries_account", "failed_tries", ["account", "at_ms"]),
        ("failed_tries_address", "failed_tries", ["address", "at_ms"]),
        ("ix_failed_tries_at_ms", "failed_tries", ["at_ms"]),
        ("ix_known_places_at_ms", "known_places", ["at_ms"]),
    ):
        op.create_index(name, table, columns, if_not_exists=True)
