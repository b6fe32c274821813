"""``flask --app bank audit``: what is printed, and what another program reads of it."""

from __future__ import annotations

import json
import logging
import os
import pty
import sqlite3
import subprocess
import sys
from contextlib import closing
from pathlib import Path

import pytest
from flask import Flask
from flask.testing import FlaskCliRunner

from bank import Bank, BankConfig, bank_of, create_app
from bank.audit import redaction
from bank.audit.cli import ACKNOWLEDGED, PROGRESS_FROM_BYTES
from bank.audit.events import AuditEvent
from bank.audit.keys import id_of
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
    spoil(bank, b"authn_login_success:2", b"authn_login_success:1")

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


def test_verify_counts_lines_that_the_database_does_not_have(
    runner: FlaskCliRunner, bank: Bank
) -> None:
    """A row that was lost, or taken away, is no fault of the file; that it is missing is said."""
    with closing(sqlite3.connect(bank.config.home / "bank.db")) as db:
        db.execute("DELETE FROM audit WHERE seq = 2")
        db.commit()

    result = runner.invoke(args=["audit", "verify"])

    assert result.exit_code == 0
    assert result.output == "3 lines, held against 2 rows (lines without a row: 1): unchanged\n"


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
    assert "7 lines, held against 6 rows: unchanged" in result.output


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
    parsed = [json.loads(line) for line in data.output.splitlines()]
    assert "session_expired:2,logout  by=user  session=" in event
    assert strange == "?  \\x1b[2Jstrange"
    assert parsed[0]["event"] == "session_created:2"
    assert parsed[-1] == {"unreadable": "\x1b[2Jstrange\n"}
    assert nothing.output == ""


def test_tail_of_nothing_is_nothing(app: Flask) -> None:
    """A new bank has no trail yet."""
    result = app.test_cli_runner().invoke(args=["audit", "tail"])

    assert (result.exit_code, result.output) == (0, "")


def test_tail_of_what_cannot_be_read_says_so(runner: FlaskCliRunner, bank: Bank) -> None:
    """Exit code 2 and one line, not a traceback."""
    bank.audit.chain.path.unlink()
    bank.audit.chain.path.mkdir()

    result = runner.invoke(args=["audit", "tail"])

    assert result.exit_code == 2
    assert result.output.endswith("audit.jsonl cannot be read: Is a directory.\n")


def test_status_of_a_trail_that_is_well(runner: FlaskCliRunner, bank: Bank) -> None:
    """Exit code 0, for people and for programs; also before there is a file."""
    good = runner.invoke(args=["audit", "status"])
    data = runner.invoke(args=["audit", "status", "--json"])
    bank.audit.chain.path.unlink()
    fresh = runner.invoke(args=["audit", "status"])

    assert (good.exit_code, data.exit_code, fresh.exit_code) == (0, 0, 0)
    assert "            can be written\nrows        3\n" in good.output
    assert "lost        0 from the file, 0 from the database\n" in good.output
    assert good.output.endswith("redaction   on\n")
    status = json.loads(data.output)
    assert (status["ok"], status["lost"]) == (True, {"file": 0, "rows": 0})
    assert status["key"] == id_of(bank.audit.keys.current())
    assert "file        0 bytes" in fresh.output
    assert not bank.audit.chain.path.exists()


def test_status_tells_what_was_lost_until_somebody_takes_note(
    runner: FlaskCliRunner, bank: Bank
) -> None:
    """Exit code 1, and 0 again after `acknowledge`, of which the trail keeps a line."""
    bank.audit.losses.add("file")

    bad = runner.invoke(args=["audit", "status", "--json"])
    noted = runner.invoke(args=["audit", "acknowledge", "--json"])
    good = runner.invoke(args=["audit", "status"])
    again = runner.invoke(args=["audit", "acknowledge"])
    last = runner.invoke(args=["audit", "tail", "--json", "-n", "1"])

    assert (bad.exit_code, noted.exit_code, good.exit_code, again.exit_code) == (1, 0, 0, 0)
    assert json.loads(bad.output)["lost"] == {"file": 1, "rows": 0}
    assert json.loads(noted.output) == {"lost": {"file": 1, "rows": 0}}
    assert again.output == "Noted: 0 lost from the file, 0 from the database\n"
    line = json.loads(last.output)
    assert (line["event"], line["lost_file"]) == (ACKNOWLEDGED, 1)


def test_losses_that_cannot_be_forgotten_are_still_counted(
    runner: FlaskCliRunner, bank: Bank
) -> None:
    """Exit code 2, and what keeps it from doing so."""
    (bank.config.home / "audit-lost").unlink()
    (bank.config.home / "audit-lost").mkdir()

    result = runner.invoke(args=["audit", "acknowledge"])

    assert result.exit_code == 2
    assert result.output == "The lost events are still counted: Is a directory.\n"


def test_status_tells_that_the_file_cannot_be_written(runner: FlaskCliRunner, bank: Bank) -> None:
    """Before an event is lost for it: exit code 1, and the reason."""
    bank.audit.chain.path.unlink()
    bank.audit.chain.path.mkdir()

    result = runner.invoke(args=["audit", "status"])

    assert result.exit_code == 1
    assert "cannot be written: Is a directory\n" in result.output


def test_status_tells_that_secrets_are_not_kept_out_of_the_logs(runner: FlaskCliRunner) -> None:
    """Somebody has taken the guard away, or put something in its place."""
    guarded = logging.Handler.format
    logging.Handler.format = redaction._originals["format"]
    try:
        result = runner.invoke(args=["audit", "status"])
    finally:
        logging.Handler.format = guarded

    assert result.exit_code == 1
    assert "redaction   OFF\n" in result.output


def test_a_key_that_is_rotated_leaves_one_good_trail(
    runner: FlaskCliRunner, bank: Bank, app: Flask
) -> None:
    """Old lines are checked by the key that is kept, new ones by the new key."""
    old = id_of(bank.audit.keys.current())

    done = runner.invoke(args=["audit", "rotate-key"])
    again = json.loads(runner.invoke(args=["audit", "rotate-key", "--json"]).output)
    Visitor(app).sign_in()
    verified = runner.invoke(args=["audit", "verify"])
    kept = bank.config.home / f"audit-key-before-{old}"
    kept.unlink()
    without = runner.invoke(args=["audit", "verify"])

    keys = [json.loads(line)["key"] for line in bank.audit.chain.path.read_text().splitlines()]
    assert done.output.endswith(f"; {old} is kept for the lines before.\n")
    assert keys == [old] * 3 + [again["before"]] + [again["now"]] * 3
    assert len({old, again["before"], again["now"]}) == 3
    assert (verified.exit_code, without.exit_code) == (0, 1)
    assert (
        f"audit.jsonl:1: is sealed with the key {old}, which is not in the bank's folder, as are "
        "3 lines in all\n" in without.output
    )


def test_a_rotation_that_was_killed_half_way_can_be_done_again(
    runner: FlaskCliRunner, bank: Bank
) -> None:
    """The key has both names then; nothing is lost, and the next time goes through."""
    old = id_of(bank.audit.keys.current())
    os.link(bank.config.home / "audit-key", bank.config.home / f"audit-key-before-{old}")

    done = json.loads(runner.invoke(args=["audit", "rotate-key", "--json"]).output)

    assert done["before"] == old
    assert runner.invoke(args=["audit", "verify"]).exit_code == 0


def test_a_key_that_cannot_be_rotated_stays(runner: FlaskCliRunner, bank: Bank) -> None:
    """Exit code 2, and the trail goes on as it was."""
    key = bank.config.home / "audit-key"
    value = key.read_bytes()
    key.unlink()
    key.mkdir()

    result = runner.invoke(args=["audit", "rotate-key"])
    unchecked = runner.invoke(args=["audit", "verify"])
    status = runner.invoke(args=["audit", "status"])
    key.rmdir()
    key.write_bytes(value)

    assert (result.exit_code, unchecked.exit_code, status.exit_code) == (2, 2, 1)
    assert result.output == "The key is still the old one: Is a directory.\n"
    assert unchecked.output.endswith("was not checked: Is a directory.\n")
    assert "cannot be written: Is a directory\n" in status.output
    assert runner.invoke(args=["audit", "verify"]).exit_code == 0


def test_looking_makes_no_key_and_no_file(config: BankConfig) -> None:
    """A trail whose key is lost is checked, found wanting, and left as it is."""
    app = create_app(config)
    Visitor(app).sign_in()
    bank_of(app).close()
    (config.home / "audit-key").unlink()
    before = bank_of(app).audit.chain.path.read_bytes()

    app = create_app(config)
    runner = app.test_cli_runner()
    verified = runner.invoke(args=["audit", "verify"])
    status = runner.invoke(args=["audit", "status"])
    runner.invoke(args=["audit", "tail"])

    assert verified.exit_code == 1
    assert "audit.jsonl:1: is sealed with the key" in verified.output
    assert "key         none yet\n" in status.output
    assert not (config.home / "audit-key").exists()
    assert bank_of(app).audit.chain.path.read_bytes() == before
    bank_of(app).close()


def test_a_long_check_shows_on_a_terminal_how_far_it_is(bank: Bank) -> None:
    """A bar on the error stream, if that is a terminal; what programs read is never disturbed."""
    event = AuditEvent("session_created:1", 1, agent="x" * 200, description="d" * 40_000)
    while not bank.audit.chain.path.exists() or (
        bank.audit.chain.path.stat().st_size < PROGRESS_FROM_BYTES
    ):
        bank.audit.chain.append(event)
    ours, theirs = pty.openpty()

    with open(ours, "rb", buffering=0) as shown:
        done = subprocess.run(
            [sys.executable, "-m", "flask", "--app", "bank", "audit", "verify", "--json"],
            cwd=ROOT,
            env=os.environ | {"BANK_HOME": str(bank.config.home), "TERM": "xterm"},
            stdout=subprocess.PIPE,
            stderr=theirs,
            check=True,
        )
        os.close(theirs)
        bar = shown.read(100_000)

    assert json.loads(done.stdout)["ok"]
    assert b"Checking" in bar
    assert b"[####" in bar


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
