"""``flask nightlatch sessions …``: look at live sessions, end them, sweep."""

from __future__ import annotations

import json
import sys
from dataclasses import asdict
from datetime import UTC, datetime

import click
from flask import current_app
from flask.cli import AppGroup

from nightlatch.manager import Manager
from nightlatch.record import EndReason, Info

commands = AppGroup("nightlatch", help="Session timeouts: live sessions and their end.")
sessions = AppGroup("sessions", help="List, end, sweep and count sessions.")
commands.add_command(sessions)

as_json = click.option("--json", "as_json", is_flag=True, help="Write JSON, for other programs.")


@sessions.command("list")
@click.option("--user", help="Only this user's sessions.")
@as_json
def list_sessions(user: str | None, as_json: bool) -> None:
    """List live sessions: handle, user, when they began and were last seen, where."""
    found = list(_manager().list(user))
    if as_json:
        click.echo(json.dumps([asdict(info) for info in found]))
        return
    for info in found:
        click.echo(_line(info))
    click.echo(f"{len(found)} live session{'' if len(found) == 1 else 's'}", err=True)


@sessions.command("end")
@click.argument("sid", required=False)
@click.option("--user", help="End all sessions of this user.")
@click.option("--all", "everyone", is_flag=True, help="End every session there is.")
@as_json
def end_sessions(sid: str | None, user: str | None, everyone: bool, as_json: bool) -> None:
    """End one session by its handle, all of a user, or everybody's.

    Exits with 1 when there was nothing to end.
    """
    if [sid is not None, user is not None, everyone].count(True) != 1:
        raise click.UsageError("Say which: a session's handle, --user NAME, or --all.")
    manager = _manager()
    if sid is not None:
        count = 0 if manager.end(sid, EndReason.REVOKED) is None else 1
    elif user is not None:
        count = len(manager.end_user(user).ended)
    else:
        count = len(manager.end_everyone().ended)
    click.echo(json.dumps({"ended": count}) if as_json else f"Ended: {count}")
    if not count:
        click.get_current_context().exit(1)


@sessions.command("sweep")
@as_json
def sweep_sessions(as_json: bool) -> None:
    """End what is past its limits and remove old traces; run it now and then, by cron or timer."""
    ended = purged = 0
    for step in _manager().sweep():
        ended += len(step.ended)
        purged += step.purged
        if not as_json and sys.stderr.isatty():
            click.echo(f"\rEnded: {ended}, removed: {purged}", nl=False, err=True)
    if as_json:
        click.echo(json.dumps({"ended": ended, "removed": purged}))
    else:
        click.echo(f"Ended: {ended}, removed: {purged}")


@sessions.command("stats")
@as_json
def count_sessions(as_json: bool) -> None:
    """Count live sessions, signed-in ones, visitors' and users."""
    live = visitors = 0
    users: set[str] = set()
    for info in _manager().list():
        live += 1
        if info.user is None:
            visitors += 1
        else:
            users.add(info.user)
    counts = {"live": live, "signed_in": live - visitors, "visitors": visitors, "users": len(users)}
    if as_json:
        click.echo(json.dumps(counts))
    else:
        for name, count in counts.items():
            click.echo(f"{name.replace('_', ' '):<10} {count}")


def _manager() -> Manager:
    manager: Manager = current_app.extensions["nightlatch"].manager
    return manager


def _line(info: Info) -> str:
    shown = "  ".join(
        (
            info.sid,
            info.user if info.user is not None else "(visitor)",
            f"began {_utc(info.created)}",
            f"seen {_utc(info.seen)}",
            info.address,
            info.device,
        )
    )
    # A browser names itself as it likes; a terminal must not obey it.
    shown = "".join(char if char.isprintable() else "?" for char in shown).rstrip()
    # Nor may a name that a terminal cannot spell stop the list.
    encoding = sys.stdout.encoding
    return shown.encode(encoding, "backslashreplace").decode(encoding)


def _utc(ms: int) -> str:
    return datetime.fromtimestamp(ms / 1000, UTC).strftime("%Y-%m-%d %H:%M:%SZ")
