"""Runs the steps over the connection that the bank gives; Alembic's own entry point."""

from __future__ import annotations

from alembic import context

from bank.db import Base

# The transaction is the caller's: all steps are taken, or none.
context.configure(connection=context.config.attributes["connection"], target_metadata=Base.metadata)
context.run_migrations()
