"""``flask --app bank audit …``: check the trail, look at it, see whether it is complete."""

from __future__ import annotations

import json
import sys
from collections import deque
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import NoReturn

import click
from flask import current_app
from flask.cli import AppGroup
from sqlalchemy.exc import SQLAlchemyError

from bank.audit.chain import SEALED, fields_of
from bank.audit.events import WARN, AuditEvent
from bank.audit.redaction import is_installed
from bank.audit.text import escape, spelled_for
from bank.audit.trail import Trail
from bank.audit.verify import Finding, Report, verify

ACKNOWLEDGED = "sys_audit_loss_acknowledged:bank"
KEY_CHANGED = "sys_audit_key_changed:bank"

# About 70,000 lines, which take more than half a second.
PROGRESS_FROM_BYTES = 32 * 1024 * 1024

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
        with _progress(trail.chain.path) as progress:
            rows = None if without_rows else trail.rows.sealed()
            report = verify(trail.chain, rows, progress=progress)
    except (OSError, SQLAlchemyError) as error:
        _give_up(f"{trail.chain.path} was not checked: {_reason(error)}.")
    if as_json:
        click.echo(json.dumps(report.as_dict()))
    else:
        _print_report(trail.chain.path, report)
    sys.exit(0 if report.ok else 1)


@commands.command("tail")
@click.option("-n", "--lines", default=20, show_default=True, help="How many events.")
@as_json
def show_tail(lines: int, as_json: bool) -> None:
    """Show the latest events, the newest last.

    Exits with 2 when the file cannot be read.
    """
    path = _trail().chain.path
    try:
        with path.open("rb") as file:
            latest = deque(file, maxlen=max(0, lines))
    except FileNotFoundError:
        latest = deque()
    except OSError as error:
        _give_up(f"{path} cannot be read: {_reason(error)}.")
    for raw in latest:
        found = SEALED.fullmatch(raw.removesuffix(b"\n"))
        fields = fields_of(found[1]) if found else None
        if not as_json:
            click.echo(_shown(fields, raw))
        elif fields is not None:
            click.echo(json.dumps(fields))
        else:
            click.echo(json.dumps({"unreadable": raw.decode("utf-8", "replace")}))


@commands.command("status")
@as_json
def show_status(as_json: bool) -> None:
    """Show whether the trail can be written, and how many events were lost.

    Exits with 1 when an event was lost since the last `acknowledge`, when the file or the
    database cannot be used now, or when secrets are not kept out of the logs.
    """
    trail = _trail()
    status = _status(trail)
    if as_json:
        click.echo(json.dumps(status))
    else:
        lost, rows = trail.losses.read(), status["rows"]
        where = escape(str(trail.chain.path))
        click.echo(f"file        {status['file_bytes']} bytes, {where}")
        click.echo(f"            {'can be written' if not status['fault'] else status['fault']}")
        click.echo(f"rows        {'the database does not answer' if rows is None else rows}")
        click.echo(f"lost        {lost['file']} from the file, {lost['rows']} from the database")
        click.echo(f"key         {status['key'] or 'none yet'}")
        click.echo(f"redaction   {'on' if status['redaction'] else 'OFF'}")
    sys.exit(0 if status["ok"] else 1)


@commands.command("acknowledge")
@as_json
def acknowledge(as_json: bool) -> None:
    """Count lost events from nothing again; the trail keeps how many there were.

    Exits with 2 when the counters cannot be written.
    """
    trail = _trail()
    try:
        lost = trail.losses.forget()
    except OSError as error:
        _give_up(f"The lost events are still counted: {_reason(error)}.")
    if any(lost.values()):
        details = {f"lost_{place}": count for place, count in lost.items()}
        what = "Somebody has taken note of lost events"
        trail.tell(AuditEvent(ACKNOWLEDGED, trail.now(), WARN, what, details=details))
    if as_json:
        click.echo(json.dumps({"lost": lost}))
    else:
        click.echo(f"Noted: {lost['file']} lost from the file, {lost['rows']} from the database")


@commands.command("rotate-key")
@as_json
def rotate_key(as_json: bool) -> None:
    """Seal new lines with a new key; the old one is kept, to check old lines by.

    A bank that is running goes on with the old key until it is started again. From then on
    fingerprints of the same session or name differ from those before. Exits with 2 when the
    key cannot be replaced.
    """
    trail = _trail()
    try:
        old, new = trail.keys.rotate()
    except OSError as error:
        _give_up(f"The key is still the old one: {_reason(error)}.")
    what = "New lines are sealed with another key"
    trail.tell(AuditEvent(KEY_CHANGED, trail.now(), WARN, what, details={"key_before": old}))
    if as_json:
        click.echo(json.dumps({"before": old, "now": new}))
    else:
        click.echo(f"New lines are sealed with the key {new}; {old} is kept for the lines before.")


def _status(trail: Trail) -> dict[str, object]:
    fault, keys = "", {}
    try:
        keys = trail.keys.all()
        # Not by making one: a trail that is looked at stays as it is.
        if trail.chain.path.exists():
            trail.chain.check_writable()
    except OSError as error:
        fault = f"cannot be written: {_reason(error)}"
    try:
        size = trail.chain.path.stat().st_size
    except OSError:
        size = 0
    lost, rows, redaction = trail.losses.read(), trail.rows.count(), is_installed()
    return {
        "ok": not fault and rows is not None and redaction and not any(lost.values()),
        "file_bytes": size,
        "fault": fault,
        "rows": rows,
        "lost": lost,
        "key": next(reversed(keys), None),
        "redaction": redaction,
    }


@contextmanager
def _progress(path: Path) -> Iterator[Callable[[int], object]]:
    size = path.stat().st_size if path.exists() else 0
    if size < PROGRESS_FROM_BYTES or not sys.stderr.isatty():
        yield lambda _bytes: None
        return
    with click.progressbar(length=size, label="Checking", file=sys.stderr) as bar:
        yield bar.update


def _reason(error: OSError | SQLAlchemyError) -> str:
    # What a database says of an error repeats the values it was given.
    if isinstance(error, OSError):
        return error.strerror or type(error).__name__
    return "the database does not answer"


def _give_up(what: str) -> NoReturn:
    click.echo(what, err=True)
    sys.exit(2)


def _trail() -> Trail:
    trail: Trail = current_app.extensions["bank"].audit
    return trail


def _print_report(path: Path, report: Report) -> None:
    for finding in report.faults:
        click.echo(_finding(path, finding))
    for finding in report.notes:
        click.echo(f"{_finding(path, finding)} (no fault)")
    against = "" if report.rows is None else f", held against {report.rows} rows"
    if report.without_row:
        against += f" (lines without a row: {report.without_row})"
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
            for name in ("by", "reason", "amount_pence", "session", "address", "agent", "endpoint")
            if name in fields
        ]
        text = "  ".join(
            (str(fields.get("datetime")), str(fields.get("level")), str(fields.get("event")), *rest)
        )
    return spelled_for(escape(text), sys.stdout.encoding)
