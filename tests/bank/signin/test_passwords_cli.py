"""``flask --app bank passwords``: counting and wrapping what is stored, on both databases."""

from __future__ import annotations

import json
import os
import pty
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest
from flask import Flask
from flask.testing import FlaskCliRunner
from sqlalchemy import text, update

from bank import Bank, BankConfig
from bank.audit.events import PASSWORDS_WRAPPED
from bank.signin import passwords, passwords_cli
from bank.signin.models import User
from bank.signin.passwords import Scheme, make_hash
from bank.signin.registry import add_user, hashes_after
from tests.bank.signin.samples import SAMPLES
from tests.bank.visitor import Visitor

Read = Callable[[], dict[str, str]]
ROOT = Path(__file__).parents[3]


@pytest.fixture
def old_users(bank: Bank) -> None:
    """One user for each format, beside the three with hashes of today."""
    for name, sample in SAMPLES.items():
        add_user(bank.database, name, name, sample.stored)


def report(runner: FlaskCliRunner) -> tuple[int, dict[str, int]]:
    said = runner.invoke(args=["passwords", "report", "--json"])
    return said.exit_code, json.loads(said.stdout)["standings"]


@pytest.mark.usefixtures("old_users")
def test_after_wrapping_nothing_is_weak_and_everybody_still_signs_in(
    app: Flask, runner: FlaskCliRunner, hashes: Read
) -> None:
    """0 weak rows; each opens with its password, becomes current, and opens again."""
    assert report(runner) == (
        1,
        {"current": 3, "older": 0, "wrapped": 0, "weak": len(SAMPLES), "unreadable": 0},
    )

    wrapped = runner.invoke(args=["passwords", "wrap", "--yes"])

    assert (wrapped.exit_code, wrapped.stdout) == (
        0,
        f"{len(SAMPLES)} of {len(SAMPLES) + 3} were wrapped.\n",
    )
    assert report(runner) == (
        0,
        {"current": 3, "older": 0, "wrapped": len(SAMPLES), "weak": 0, "unreadable": 0},
    )
    for name, sample in SAMPLES.items():
        assert Visitor(app).sign_in(name, "wrong").status_code == 422
        assert Visitor(app).sign_in(name, sample.password).status_code == 303
        assert hashes()[name].startswith("$argon2id$")
        assert Visitor(app).sign_in(name, sample.password).status_code == 303
    assert report(runner)[1]["current"] == len(SAMPLES) + 3


@pytest.mark.usefixtures("old_users")
def test_a_dry_run_counts_and_changes_nothing(runner: FlaskCliRunner, hashes: Read) -> None:
    """It says how many there are, in words and in JSON."""
    before = hashes()

    said = runner.invoke(args=["passwords", "wrap", "--dry-run"])
    told = runner.invoke(args=["passwords", "wrap", "--dry-run", "--json"])

    assert said.stdout == f"{len(SAMPLES)} of {len(SAMPLES) + 3} would be wrapped.\n"
    assert json.loads(told.stdout) == {
        "seen": len(SAMPLES) + 3,
        "weak": len(SAMPLES),
        "wrapped": 0,
        "changed": 0,
        "dry_run": True,
    }
    assert (said.exit_code, told.exit_code) == (0, 0)
    assert hashes() == before


@pytest.mark.parametrize("arguments", [[], ["--dry-run", "--yes"]])
def test_it_must_be_said_whether_it_is_meant(runner: FlaskCliRunner, arguments: list[str]) -> None:
    """Neither by accident nor by contradiction."""
    said = runner.invoke(args=["passwords", "wrap", *arguments])

    assert said.exit_code == 2
    assert said.stderr.startswith("Error: say --dry-run")


def test_where_nothing_is_weak_it_says_so(runner: FlaskCliRunner) -> None:
    """Exit code 1, as where there was nothing to end."""
    said = runner.invoke(args=["passwords", "wrap", "--yes"])

    assert (said.exit_code, said.stdout) == (1, "0 of 3 were wrapped.\n")


@pytest.mark.usefixtures("old_users")
def test_it_goes_on_where_it_was_stopped(
    runner: FlaskCliRunner, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A run that is interrupted after 5 keeps those 5; the next one does the rest."""
    real, left = passwords.wrap, iter(range(5))

    def wrap(stored: str, scheme: Scheme) -> str | None:
        if next(left, None) is None:
            raise KeyboardInterrupt
        return real(stored, scheme)

    with monkeypatch.context() as patch:
        patch.setattr(passwords, "wrap", wrap)
        assert runner.invoke(args=["passwords", "wrap", "--yes", "--batch", "2"]).exit_code == 1

    assert report(runner)[1]["wrapped"] == 5
    said = runner.invoke(args=["passwords", "wrap", "--yes", "--json", "--batch", "3"])
    assert json.loads(said.stdout)["wrapped"] == len(SAMPLES) - 5
    assert report(runner)[1]["weak"] == 0


@pytest.mark.usefixtures("old_users")
def test_whoever_changes_the_password_meanwhile_wins(
    runner: FlaskCliRunner, bank: Bank, hashes: Read, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A hash that is replaced while it is being wrapped is left alone, and counted."""
    changed = make_hash("another password")
    real = passwords.wrap

    def wrap(stored: str, scheme: Scheme) -> str | None:
        with bank.database.write() as session:
            session.execute(update(User).where(User.name == "md5").values(password_hash=changed))
        return real(stored, scheme)

    monkeypatch.setattr(passwords, "wrap", wrap)

    said = runner.invoke(args=["passwords", "wrap", "--yes"])

    assert said.stderr == "1 were replaced by their owners meanwhile.\n"
    assert hashes()["md5"] == changed


def test_the_trail_tells_of_a_wrapping_once(
    runner: FlaskCliRunner, bank: Bank, keep: Callable[[str], None]
) -> None:
    """One line with how many; a run that did nothing leaves none."""
    keep(SAMPLES["md5"].stored)

    for _ in range(2):
        runner.invoke(args=["passwords", "wrap", "--yes"])

    lines = [json.loads(line) for line in bank.audit.chain.path.read_text().splitlines()]
    told = [line for line in lines if line["event"] == PASSWORDS_WRAPPED]
    assert [line["users"] for line in told] == [1]


def test_the_report_is_a_table_for_people(
    runner: FlaskCliRunner, keep: Callable[[str], None]
) -> None:
    """Users, standing and scheme; the sums on stderr; 1 for what nobody can sign in with."""
    keep("damaged")

    said = runner.invoke(args=["passwords", "report"])

    assert said.exit_code == 1
    assert said.stdout == ("       2  current     argon2id\n       1  unreadable  unknown\n")
    assert said.stderr == "3 users: 2 current, 0 older, 0 wrapped, 0 weak, 1 unreadable\n"


@pytest.mark.parametrize("arguments", [["report"], ["wrap", "--yes"]])
def test_a_database_that_does_not_answer_is_one_line(
    runner: FlaskCliRunner, bank: Bank, arguments: list[str]
) -> None:
    """Exit code 3, no traceback, and nothing of the statement."""
    with bank.database.write() as session:
        session.execute(text("ALTER TABLE users RENAME TO gone"))

    said = runner.invoke(args=["passwords", *arguments])

    assert said.exit_code == 3
    assert said.stderr.startswith("Error: the bank's database does not answer (")
    assert said.stderr.count("\n") == 1
    assert "SELECT" not in said.stderr


@pytest.mark.process
@pytest.mark.usefixtures("old_users")
def test_a_terminal_sees_how_far_it_is(
    app: Flask, config: BankConfig, bank: Bank, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The bar stands on a real terminal, and ends at 100 %."""
    for number in range(passwords_cli.PROGRESS_FROM_USERS):
        add_user(bank.database, f"user {number}", "x", "damaged")
    environ = os.environ | {
        "BANK_HOME": str(config.home),
        "BANK_DATABASE_URL": config.database_url,
        "TERM": "xterm",
    }
    terminal, inside = pty.openpty()
    command = [sys.executable, "-m", "flask", "--app", "bank", "passwords", "report"]
    done = subprocess.run(command, cwd=ROOT, env=environ, stdout=subprocess.PIPE, stderr=inside)
    os.close(inside)
    shown = os.read(terminal, 65_536).decode()
    os.close(terminal)

    assert done.returncode == 1
    assert "Reading" in shown
    assert "100%" in shown


def test_hashes_do_not_show_in_a_repr(bank: Bank) -> None:
    """A batch can be logged without harm."""
    with bank.database.read() as session:
        shown = repr(hashes_after(session, 0, 10))

    assert shown.startswith("[StoredHash(id=1)")
    assert "argon2" not in shown
