"""A user can be disabled: since when, or not at all."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"


def upgrade() -> None:
    """Adds the moment; everybody who is there may go on signing in."""
    op.add_column(
        "users", sa.Column("disabled_ms", sa.BigInteger().with_variant(sa.Integer(), "sqlite"))
    )
