"""``flask nightlatch sessions …``: look at live sessions, end them, sweep."""

from __future__ import annotations

import json
import sys
from dataclasses import asdict
from datetime import UTC, datetime

import click

from nightlatch.flask.check import check_settings
from nightlatch.flask.installed import Installed
from nightlatch.flask.terminal import (
    NOTHING_OR_NOT_MET,
    exit_codes,
    progress,
    spelled,
    with_installed,
)
from nightlatch.record import EndReason, Info

commands = click.Group(
    "nightlatch", help="Session timeouts: live sessions, their end, and standards."
)
sessions = click.Group("sessions", help="List, end, sweep and count sessions.")
commands.add_command(sessions)
commands.add_command(check_settings)

as_json = click.option("--json", "as_json", is_flag=True, help="Write JSON, for other programs.")


@sessions.command("list", epilog=exit_codes("done, also when there is none"))
@click.option("--user", help="Only this user's sessions.")
@as_json
@with_installed
def list_sessions(here: Installed, user: str | None, as_json: bool) -> None:
    """List live sessions: handle, user, when they began and were last seen, where."""
    with progress(here.manager.list(user), "Reading") as reading:
        found = list(reading)
    if as_json:
        click.echo(json.dumps([asdict(info) for info in found]))
        return
    for info in found:
        click.echo(_line(info))
    click.echo(f"{len(found)} live session{'' if len(found) == 1 else 's'}", err=True)


@sessions.command("end", epilog=exit_codes("done", "there was nothing to end"))
@click.argument("sid", required=False)
@click.option("--user", help="End all sessions of this user.")
@click.option("--all", "everyone", is_flag=True, help="End every session there is.")
@as_json
@with_installed
def end_sessions(
    here: Installed, sid: str | None, user: str | None, everyone: bool, as_json: bool
) -> None:
    """End one session by its handle, all of a user, or everybody's."""
    if [sid is not None, user is not None, everyone].count(True) != 1:
        raise click.UsageError("Say which: a session's handle, --user NAME, or --all.")
    manager = here.manager
    if sid is not None:
        count = 0 if manager.end(sid, EndReason.REVOKED) is None else 1
    elif user is not None:
        count = len(manager.end_user(user).ended)
    else:
        # One step, so that nobody signs in between two.
        with progress([manager.end_everyone], "Ending", length=1) as steps:
            count = sum(len(end().ended) for end in steps)
    click.echo(json.dumps({"ended": count}) if as_json else f"Ended: {count}")
    if not count:
        click.get_current_context().exit(NOTHING_OR_NOT_MET)


@sessions.command(
    "sweep",
    epilog=exit_codes(
        "done, also when there was nothing to do",
        out_of_reach="the store is out of reach; what was done before stays done",
    ),
)
@as_json
@with_installed
def sweep_sessions(here: Installed, as_json: bool) -> None:
    """End what is past its limits and remove old traces; run it now and then, by cron or timer."""
    ended = purged = 0
    with progress(here.manager.sweep(), "Sweeping") as steps:
        for step in steps:
            ended += len(step.ended)
            purged += step.purged
    if as_json:
        click.echo(json.dumps({"ended": ended, "removed": purged}))
    else:
        click.echo(f"Ended: {ended}, removed: {purged}")


@sessions.command("stats", epilog=exit_codes("done"))
@as_json
@with_installed
def count_sessions(here: Installed, as_json: bool) -> None:
    """Count live sessions, signed-in ones, visitors' and users."""
    live = visitors = 0
    users: set[str] = set()
    with progress(here.manager.list(), "Counting") as reading:
        for info in reading:
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
    return spelled(shown, sys.stdout.encoding).rstrip()


def _utc(ms: int) -> str:
    return datetime.fromtimestamp(ms / 1000, UTC).strftime("%Y-%m-%d %H:%M:%SZ")
