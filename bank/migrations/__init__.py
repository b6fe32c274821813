"""The steps from the tables of one version of the bank to those of the next (Alembic).

A bank takes them when it starts. A database from before there were steps is adopted: the first
step makes only what is missing.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from sqlalchemy import Connection, inspect, text

# The newest step. Kept here, so that a bank whose tables are up to date need not load Alembic to
# find that out; a test holds it against the steps themselves.
HEAD = "0003"
FOLDER = Path(__file__).parent


@dataclass(frozen=True, slots=True)
class Upgrade:
    """What was done at the start.

    :ivar before: the step that the database had taken last; None for none.
    :ivar now: the same, afterwards.
    """

    before: str | None
    now: str


class FromTheFuture(Exception):
    """The database has taken a step that this version of the bank does not know."""


def current(connection: Connection) -> str | None:
    """The step that the database has taken last; None when it has taken none."""
    if not inspect(connection).has_table("alembic_version"):
        return None
    found: str | None = connection.scalar(text("SELECT version_num FROM alembic_version"))
    return found


def upgrade(connection: Connection) -> str | None:
    """Takes the steps that are left, inside of the transaction under way.

    :param connection: nobody else may be doing this at the same time.
    :returns: what :func:`current` was before.
    :raises FromTheFuture: the database is newer than this program.
    """
    # Whoever waited for another process to do it finds it done.
    before = current(connection)
    if before == HEAD:
        return before

    # Only here: it takes longer to load than a bank takes to start without it.
    from alembic import command
    from alembic.config import Config
    from alembic.script import ScriptDirectory

    config = Config()
    config.set_main_option("script_location", str(FOLDER).replace("%", "%%"))
    config.attributes["connection"] = connection
    known = {step.revision for step in ScriptDirectory.from_config(config).walk_revisions()}
    if before is not None and before not in known:
        raise FromTheFuture(f"it is at step {before}, and the newest one known here is {HEAD}")
    command.upgrade(config, "head")
    return before
