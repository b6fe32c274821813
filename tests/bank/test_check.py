"""The reference bank held against standards, as an auditor would."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest
from flask import Flask

from bank import BankConfig

ROOT = Path(__file__).parents[2]
# What nightlatch and the bank's settings answer for; the rest is a person's to answer.
OURS = {"3.3.2", "3.3.4", "3.3.5", "7.2.1", "7.2.2", "7.2.3", "7.2.4", "7.3.1", "7.3.2"}
OURS |= {"7.4.1", "7.4.5", "14.3.1", "14.3.2"}


def test_all_that_is_ours_of_owasp_asvs_is_met(app: Flask) -> None:
    """Exit code 0: nothing is not met, and every clause that a setting decides is met."""
    result = app.test_cli_runner().invoke(
        args=["nightlatch", "check", "--profile", "owasp-asvs", "--json"]
    )

    found = json.loads(result.stdout)["findings"]
    assert result.exit_code == 0
    assert {one["clause"] for one in found if one["verdict"] == "met"} == OURS
    assert [one["clause"] for one in found if one["verdict"] == "not met"] == []


def test_served_by_https_only_its_cookie_is_ours_too(app: Flask) -> None:
    """SESSION_COOKIE_SECURE settles the two clauses that the connection decides."""
    app.config["SESSION_COOKIE_SECURE"] = True

    result = app.test_cli_runner().invoke(
        args=["nightlatch", "check", "--profile", "owasp-asvs", "--json"]
    )

    met = {one["clause"] for one in json.loads(result.stdout)["findings"] if one["action"] is None}
    assert met == OURS | {"3.3.1", "3.3.3"}


@pytest.mark.process
@pytest.mark.parametrize(
    ("profile", "idle_s", "code"),
    [("owasp-asvs", "3600", 0), ("pci-dss", "3600", 1), ("pci-dss", "900", 0), ("none", "900", 2)],
)
def test_the_command_is_there_for_a_person(
    config: BankConfig, profile: str, idle_s: str, code: int
) -> None:
    """In a process of its own, from an ASCII shell: exit code and the count of each verdict."""
    command = [sys.executable, "-m", "flask", "--app", "bank", "nightlatch", "check"]
    settings = {"BANK_HOME": str(config.home), "BANK_IDLE_S": idle_s, "PYTHONIOENCODING": "ascii"}

    done = subprocess.run(
        [*command, "--profile", profile],
        cwd=ROOT,
        env=os.environ | settings,
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )

    assert done.returncode == code, done.stderr
    if code < 2:
        assert f"{1 if code else 0} not met, " in done.stdout.splitlines()[-2]
    else:
        assert "Invalid value for" in done.stderr
