"""``flask --app bank audit …``: check the trail, look at it, see whether it is complete."""

from __future__ import annotations

import json
import sys
from collections import deque
from collections.abc import Mapping
from pathlib import Path

import click
from flask import current_app
from flask.cli import AppGroup
from sqlalchemy.exc import SQLAlchemyError

from bank.audit.chain import SEALED, fields_of
from bank.audit.redaction import is_installed
from bank.audit.text import escape, spelled_for
from bank.audit.trail import Trail
from bank.audit.verify import Finding, Report, verify

commands = AppGroup("audit", help="The audit trail: check it, look at it.")

as_json = click.option("--json", "as_json", is_flag=True, help="Write JSON, for other programs.")


@commands.command("verify")
@click.option("--without-rows", is_flag=True, help="Do not ask the database.")
@as_json
def verify_trail(without_rows: bool, as_json: bool) -> None:
    """Check every line of the trail, and hold it against the database.

    Exits with 1 when something was changed, removed or cut off, and names the line; with 2 when
    the file cannot be read or the database does not answer.
    """
    trail = _trail()
    try:
        report = verify(trail.chain, None if without_rows else trail.rows.seals())
    except (OSError, SQLAlchemyError) as error:
        reason = error.strerror if isinstance(error, OSError) else "the database does not answer"
        click.echo(f"{trail.chain.path} was not checked: {reason}.", err=True)
        sys.exit(2)
    if as_json:
        click.echo(json.dumps(report.as_dict()))
    else:
        _print_report(trail.chain.path, report)
    sys.exit(0 if report.ok else 1)


@commands.command("tail")
@click.option("-n", "--lines", default=20, show_default=True, help="How many events.")
@as_json
def show_tail(lines: int, as_json: bool) -> None:
    """Show the latest events, the newest last."""
    try:
        with _trail().chain.path.open("rb") as file:
            latest = deque(file, maxlen=max(0, lines))
    except FileNotFoundError:
        latest = deque()
    for raw in latest:
        found = SEALED.fullmatch(raw.removesuffix(b"\n"))
        fields = fields_of(found[1]) if found else None
        if as_json and fields is not None:
            click.echo(json.dumps(fields))
        else:
            click.echo(_shown(fields, raw))


@commands.command("status")
@as_json
def show_status(as_json: bool) -> None:
    """Show how many events were lost because the file or the database did not take them.

    Exits with 1 when any were.
    """
    trail = _trail()
    try:
        size = trail.chain.path.stat().st_size
    except OSError:
        size = 0
    lost = trail.losses.read()
    status = {
        "file_bytes": size,
        "rows": trail.rows.count(),
        "lost": lost,
        "redaction": is_installed(),
    }
    if as_json:
        click.echo(json.dumps(status))
    else:
        click.echo(f"file        {size} bytes, {escape(str(trail.chain.path))}")
        rows = status["rows"]
        click.echo(f"rows        {'the database does not answer' if rows is None else rows}")
        click.echo(f"lost        {lost['file']} from the file, {lost['rows']} from the database")
        click.echo(f"redaction   {'on' if status['redaction'] else 'OFF'}")
    sys.exit(1 if any(lost.values()) else 0)


def _trail() -> Trail:
    trail: Trail = current_app.extensions["bank"].audit
    return trail


def _print_report(path: Path, report: Report) -> None:
    for finding in report.faults:
        click.echo(_finding(path, finding))
    for finding in report.notes:
        click.echo(f"{_finding(path, finding)} (no fault)")
    against = "" if report.rows is None else f", held against {report.rows} rows"
    verdict = "unchanged" if report.ok else f"WRONG from line {report.first_bad_line} on"
    click.echo(f"{report.lines} lines{against}: {verdict}", err=True)


def _finding(path: Path, finding: Finding) -> str:
    return f"{path.name}:{finding.line}: {finding.what}"


def _shown(fields: Mapping[str, object] | None, raw: bytes) -> str:
    if fields is None:
        text = "?  " + raw.decode("utf-8", "replace").rstrip("\n")[:200]
    else:
        rest = [
            f"{name}={fields[name]}"
            for name in ("session", "address", "agent", "endpoint")
            if name in fields
        ]
        text = "  ".join(
            (str(fields.get("datetime")), str(fields.get("level")), str(fields.get("event")), *rest)
        )
    return spelled_for(escape(text), sys.stdout.encoding)
