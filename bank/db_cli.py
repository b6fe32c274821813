"""``flask --app bank db …``: the tables and their steps."""

from __future__ import annotations

from flask import current_app
from flask.cli import AppGroup

from bank.commands import as_json, say, say_json
from bank.context import bank_of

commands = AppGroup("db", help="The bank's tables: bring them up to date, see where they are.")


@commands.command("upgrade")
@as_json
def upgrade(as_json: bool) -> None:
    """Bring the tables up to date, and say what that took.

    A bank does so by itself whenever it starts, for this command too; run it before a new
    version is let at its users, and no worker has to wait. Nothing is lost by it.
    """
    done = bank_of(current_app).upgraded
    if as_json:
        say_json({"before": done.before, "now": done.now})
    elif done.before == done.now:
        say(f"Up to date already, at step {done.now}.")
    else:
        say(f"Upgraded from {_step(done.before)} to step {done.now}.")


@commands.command("current")
@as_json
def current(as_json: bool) -> None:
    """Show the step that the tables are at, and the engine that keeps them."""
    bank = bank_of(current_app)
    if as_json:
        say_json({"step": bank.upgraded.now, "engine": bank.database.backend})
    else:
        say(f"step {bank.upgraded.now}, {bank.database.backend}")


def _step(name: str | None) -> str:
    return "no step" if name is None else f"step {name}"
