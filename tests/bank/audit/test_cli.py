"""``flask --app bank audit``: what is printed, and what another program reads of it."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest
from flask import Flask
from flask.testing import FlaskCliRunner

from bank import Bank
from bank.audit.redaction import is_installed
from tests.bank.visitor import Visitor

ROOT = Path(__file__).parents[3]


@pytest.fixture
def runner(app: Flask, visitor: Visitor) -> FlaskCliRunner:
    """A bank in which O’Connor has been."""
    visitor.sign_in("O’Connor")
    visitor.sign_out()
    return app.test_cli_runner()


def spoil(bank: Bank, old: bytes, new: bytes) -> None:
    path = bank.audit.chain.path
    path.write_bytes(path.read_bytes().replace(old, new, 1))


def test_verify_says_yes_with_exit_code_0(runner: FlaskCliRunner) -> None:
    """An untouched trail: how much was checked, and nothing else."""
    result = runner.invoke(args=["audit", "verify"])

    assert result.exit_code == 0
    assert result.output == "3 lines, held against 3 rows: unchanged\n"


def test_verify_names_the_line_with_exit_code_1(runner: FlaskCliRunner, bank: Bank) -> None:
    """One byte was changed: the file and line are named as editors understand it."""
    spoil(bank, b"session_created:2", b"session_created:1")

    text = runner.invoke(args=["audit", "verify", "--without-rows"])
    data = runner.invoke(args=["audit", "verify", "--json"])

    assert (text.exit_code, data.exit_code) == (1, 1)
    assert "audit.jsonl:2: was changed: its seal does not fit\n" in text.output
    assert "3 lines: WRONG from line 2 on" in text.output
    report = json.loads(data.output)
    assert (report["ok"], report["first_bad_line"], report["rows"]) == (False, 2, 3)


def test_verify_finds_an_end_that_was_cut_off(runner: FlaskCliRunner, bank: Bank) -> None:
    """The database remembers what the file has lost."""
    path = bank.audit.chain.path
    path.write_bytes(b"".join(path.read_bytes().splitlines(keepends=True)[:2]))

    result = runner.invoke(args=["audit", "verify"])

    assert result.exit_code == 1
    assert "audit.jsonl:3: is missing: the database has event 3" in result.output


def test_verify_tells_of_a_torn_line_that_is_accounted_for(
    runner: FlaskCliRunner, bank: Bank, visitor: Visitor
) -> None:
    """It is mentioned and is no fault."""
    path = bank.audit.chain.path
    path.write_bytes(path.read_bytes() + b'{"seq":4,')
    visitor.sign_in()

    result = runner.invoke(args=["audit", "verify"])

    assert result.exit_code == 0
    assert "audit.jsonl:4: was never finished; the next line says so (no fault)" in result.output


def test_verify_says_what_keeps_it_from_checking(runner: FlaskCliRunner, bank: Bank) -> None:
    """Exit code 2: neither good nor bad."""
    bank.audit.chain.path.unlink()
    bank.audit.chain.path.mkdir()

    unreadable = runner.invoke(args=["audit", "verify"])
    bank.audit.chain.path.rmdir()
    bank.close()
    (bank.config.home / "bank.db").write_bytes(b"this is no database" * 100)
    silent = runner.invoke(args=["audit", "verify"])
    status = runner.invoke(args=["audit", "status"])

    assert (unreadable.exit_code, silent.exit_code) == (2, 2)
    assert "was not checked: Is a directory." in unreadable.output
    assert "was not checked: the database does not answer." in silent.output
    assert "rows        the database does not answer" in status.output


def test_tail_shows_the_latest_in_order(runner: FlaskCliRunner, bank: Bank) -> None:
    """One event in a line; with --json as it is in the file; a strange line is shown as one."""
    with bank.audit.chain.path.open("ab") as file:
        file.write(b"\x1b[2Jstrange\n")

    text = runner.invoke(args=["audit", "tail", "-n", "2"])
    data = runner.invoke(args=["audit", "tail", "--json", "-n", "4"])
    nothing = runner.invoke(args=["audit", "tail", "-n", "-1"])

    event, strange = text.output.splitlines()
    assert "session_expired:2,logout  session=" in event
    assert strange == "?  \\x1b[2Jstrange"
    assert json.loads(data.output.splitlines()[0])["event"] == "authn_login_success:2"
    assert nothing.output == ""


def test_tail_of_nothing_is_nothing(app: Flask) -> None:
    """A new bank has no trail yet."""
    result = app.test_cli_runner().invoke(args=["audit", "tail"])

    assert (result.exit_code, result.output) == (0, "")


def test_status_tells_what_was_lost(runner: FlaskCliRunner, bank: Bank) -> None:
    """0 when the trail is complete, 1 when it is not; also before there is a file."""
    good = runner.invoke(args=["audit", "status"])
    bank.audit.losses.add("file")
    bad = runner.invoke(args=["audit", "status", "--json"])
    bank.audit.chain.path.unlink()
    fresh = runner.invoke(args=["audit", "status"])

    assert (good.exit_code, bad.exit_code) == (0, 1)
    assert "lost        0 from the file, 0 from the database\nredaction   on\n" in good.output
    assert json.loads(bad.output)["lost"] == {"file": 1, "rows": 0}
    assert "file        0 bytes" in fresh.output
    assert is_installed()


def test_a_terminal_that_knows_only_ascii_shows_a_browsers_name(
    runner: FlaskCliRunner, bank: Bank, visitor: Visitor
) -> None:
    """O’Connor’s browser is spelled with an escape, by a real process, and nothing breaks."""
    visitor.client.post(
        "/session/extend", json={}, headers={"User-Agent": "O’Connor".encode().decode("latin-1")}
    )
    visitor.get("/login")
    visitor.client.post(
        "/login",
        data=visitor.hidden() | {"username": "george", "password": "no"},
        headers={"User-Agent": "O’Connor".encode().decode("latin-1")},
    )

    done = subprocess.run(
        [sys.executable, "-m", "flask", "--app", "bank", "audit", "tail", "-n", "1"],
        cwd=ROOT,
        env=os.environ | {"BANK_HOME": str(bank.config.home), "PYTHONIOENCODING": "ascii:strict"},
        capture_output=True,
        check=True,
    )

    assert b"agent=O" in done.stdout
    assert done.stdout.isascii()
