"""``flask nightlatch check``: the application's settings, held against standards."""

from __future__ import annotations

import json
import sys

import click
from flask import current_app

from nightlatch.checks import STANDARDS, Verdict, check
from nightlatch.checks.report import as_document, as_lines
from nightlatch.flask.facts import gather
from nightlatch.flask.installed import Installed
from nightlatch.flask.terminal import DONE, NOTHING_OR_NOT_MET, exit_codes, spelled, with_installed


@click.command(
    "check",
    epilog=exit_codes(
        "nothing is not met",
        "something is not met",
        out_of_reach="the store was out of reach when the application started",
    ),
)
@click.option(
    "--profile",
    type=click.Choice(list(STANDARDS)),
    help="Only this standard's requirements. Absent: all.",
)
@click.option("--json", "as_json", is_flag=True, help="Write JSON, for other programs.")
@with_installed
def check_settings(here: Installed, profile: str | None, as_json: bool) -> None:
    """Hold this application's settings against standards, clause by clause.

    Each requirement is met, not met, or not ours to know: then it comes with the question that
    a person must answer. Nothing is changed and the store is not asked.
    """
    app = current_app._get_current_object()  # type: ignore[attr-defined]
    findings = check(gather(app, here), STANDARDS if profile is None else [profile])
    if as_json:
        click.echo(json.dumps(as_document(findings)))
    else:
        for line in as_lines(findings):
            click.echo(spelled(line, sys.stdout.encoding))
    wrong = any(one.verdict is Verdict.NOT_MET for one in findings)
    click.get_current_context().exit(NOTHING_OR_NOT_MET if wrong else DONE)
