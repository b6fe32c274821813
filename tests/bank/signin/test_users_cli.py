"""``flask --app bank users``: who can sign in, on both databases."""

from __future__ import annotations

import json
import os
import pty
import subprocess
import sys
from pathlib import Path

import pytest
from flask import Flask
from flask.testing import FlaskCliRunner
from sqlalchemy import text

from bank import Bank, BankConfig, create_app
from bank.signin import passwords
from bank.signin.passwords import Checked, Scheme, check
from nightlatch import StoreUnavailable
from nightlatch.testing import FakeClock
from tests.bank.visitor import Visitor, alive

ROOT = Path(__file__).parents[3]
PASSWORD = "correct horse café ❤️"


def add(
    runner: FlaskCliRunner, *arguments: str, password: str | bytes = PASSWORD
) -> tuple[int, str]:
    said = runner.invoke(args=["users", "add", "--password-stdin", *arguments], input=password)
    return said.exit_code, said.output


def events(bank: Bank) -> list[dict[str, object]]:
    return [json.loads(line) for line in bank.audit.chain.path.read_text().splitlines()]


def test_a_user_is_added_and_signs_in(app: Flask, runner: FlaskCliRunner, bank: Bank) -> None:
    """The name is right to the apostrophe, the trail has a line, and no password is in it."""
    assert add(runner, "D’Arcy", "--full-name", "Zoë D’Arcy") == (0, "Added D’Arcy, number 4.\n")

    visitor = Visitor(app)
    assert visitor.sign_in("d'arcy", PASSWORD).status_code == 303
    assert "Zoë D’Arcy" in visitor.get("/").text
    (line,) = [line for line in events(bank) if str(line["event"]).startswith("user_created")]
    assert (line["event"], line["user"], line["admin"]) == (
        "user_created:4,command line",
        "4",
        "no",
    )
    assert visitor.get("/admin/sessions").status_code == 404


def test_an_administrator_is_added(app: Flask, runner: FlaskCliRunner) -> None:
    """With --admin they look after everyone's sessions; JSON says what was made."""
    code, said = add(runner, "ada", "--admin", "--json")

    assert code == 0
    assert json.loads(said) == {
        "id": 4,
        "name": "ada",
        "full_name": "ada",
        "is_admin": True,
        "disabled_ms": None,
        "password": "current",
    }
    visitor = Visitor(app)
    visitor.sign_in("ada", PASSWORD)
    assert visitor.get("/admin/sessions").status_code == 200


@pytest.mark.parametrize(
    "line",
    [
        b"blue caf\xc3\xa9 horse\n",
        b"blue cafe\xcc\x81 horse\r\n",
        b"blue caf\xc3\xa9 horse\nmore\n",
    ],
)
def test_the_password_is_the_first_line_in_any_form(
    app: Flask, runner: FlaskCliRunner, line: bytes
) -> None:
    """A line end is no part of it, whatever system wrote it."""
    assert add(runner, "zoë", password=line)[0] == 0

    assert Visitor(app).sign_in("zoë", "blue café horse").status_code == 303


@pytest.mark.parametrize(
    ("name", "password", "code", "said"),
    [
        ("GEORGE", PASSWORD, 1, "Error: that name is taken, in this or another spelling.\n"),
        ("o'connor", PASSWORD, 1, "Error: that name is taken, in this or another spelling.\n"),
        ("ada", "", 2, "Error: a password has at least one character.\n"),
        ("ada", b"\xff\xfe\n", 2, "Error: the password on stdin is not UTF-8.\n"),
        ("ada", "short", 2, "Error: Use 15 characters or more; this has 5.\n"),
        ("ada", "x y" * 400, 2, "Error: Use fewer characters: this takes 1,200 bytes, and 1,024 "
         "fit.\n"),
        (" ", PASSWORD, 2, "Error: A name has at least one character.\n"),
        ("a\nb", PASSWORD, 2, "Error: Use letters, digits, spaces and signs only.\n"),
        ("x" * 101, PASSWORD, 2, "Error: Use 100 characters or fewer.\n"),
    ],
)  # fmt: skip
def test_what_cannot_be_added_is_one_line(
    runner: FlaskCliRunner, bank: Bank, name: str, password: str | bytes, code: int, said: str
) -> None:
    """What is wrong with it, an exit code, and nobody added."""
    before = runner.invoke(args=["users", "list"]).stdout

    assert add(runner, name, password=password) == (code, said)

    assert runner.invoke(args=["users", "list"]).stdout == before


def test_without_stdin_the_password_is_asked_for_twice(app: Flask, runner: FlaskCliRunner) -> None:
    """And not shown."""
    said = runner.invoke(args=["users", "add", "ada"], input=f"{PASSWORD}\n{PASSWORD}\n")

    assert said.exit_code == 0
    assert PASSWORD not in said.output
    assert Visitor(app).sign_in("ada", PASSWORD).status_code == 303


def test_a_disabled_user_is_out_at_once_and_refused_like_a_wrong_password(
    app: Flask, runner: FlaskCliRunner, bank: Bank
) -> None:
    """Sessions end and say why; the right password gets what a wrong one gets, to the letter."""
    visitor, stranger = Visitor(app), Visitor(app)
    visitor.sign_in("george")

    said = runner.invoke(args=["users", "disable", "George"])

    assert (said.exit_code, said.output) == (0, "george is disabled; sessions ended: 1.\n")
    assert not alive(bank, visitor)
    answer = visitor.get("/")
    assert "reason=revoked" in answer.location
    right, wrong = visitor.sign_in("george", "george"), stranger.sign_in("george", "wrong")
    assert right.status_code == wrong.status_code == 422
    assert len(right.data) == len(wrong.data)
    told = [line for line in events(bank) if line.get("user") == "1"]
    assert "user_disabled:1,command line" in [line["event"] for line in told]
    (ended,) = [line for line in told if line["event"] == "session_expired:1,revoked"]
    assert ended["by"] == "command line"


def test_a_disabled_user_costs_what_nobody_costs(
    app: Flask, runner: FlaskCliRunner, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The time of an answer does not tell either: it is the check of an unknown user."""
    runner.invoke(args=["users", "disable", "george"])
    seen: list[str | None] = []
    real = passwords.check

    def counted(typed: str, stored: str | None, scheme: Scheme) -> Checked:
        seen.append(stored)
        return real(typed, stored, scheme)

    monkeypatch.setattr(passwords, "check", counted)

    Visitor(app).sign_in("george", "george")

    assert seen == [None]


def test_a_session_that_could_not_be_ended_lets_nobody_in(
    app: Flask, runner: FlaskCliRunner, bank: Bank, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The store is out of reach: exit code 3, and the pages refuse the user all the same."""
    visitor = Visitor(app)
    visitor.sign_in("george")

    def unreachable(*_: object, **__: object) -> int:
        raise StoreUnavailable("end", "cut off")

    with monkeypatch.context() as patch:
        patch.setattr(type(bank.sessions), "end_user", unreachable)
        said = runner.invoke(args=["users", "disable", "george"])

    assert said.exit_code == 3
    assert said.output.startswith("Error: The session store did not answer")
    assert alive(bank, visitor)
    assert visitor.get("/").status_code in (302, 303)
    again = runner.invoke(args=["users", "disable", "george", "--json"])
    assert json.loads(again.output) == {"id": 1, "changed": False, "ended": 1}
    assert again.exit_code == 1
    assert not alive(bank, visitor)


def test_an_enabled_user_signs_in_again(
    app: Flask, runner: FlaskCliRunner, bank: Bank, clock: FakeClock
) -> None:
    """With the password they had; the trail knows of it once."""
    runner.invoke(args=["users", "disable", "george"])
    assert runner.invoke(args=["users", "disable", "george"]).output == (
        "george was disabled already; sessions ended: 0.\n"
    )

    first = runner.invoke(args=["users", "enable", "george"])
    second = runner.invoke(args=["users", "enable", "george"])
    third = runner.invoke(args=["users", "enable", "george", "--json"])
    # A sign-in of the very moment in which sessions were ended is refused.
    clock.advance(seconds=1)

    assert (first.exit_code, first.output) == (0, "george may sign in again.\n")
    assert (second.exit_code, second.output) == (1, "george was not disabled.\n")
    assert (third.exit_code, third.output) == (1, '{"id": 1, "changed": false}\n')
    assert Visitor(app).sign_in("george").status_code == 303
    assert [line["event"] for line in events(bank)].count("user_enabled:1,command line") == 1


@pytest.mark.parametrize("command", ["disable", "enable"])
def test_nobody_of_that_name_is_said(runner: FlaskCliRunner, command: str) -> None:
    """Exit code 2, and where the names are."""
    said = runner.invoke(args=["users", command, "nobody"])

    assert said.exit_code == 2
    assert said.output.startswith("Error: nobody has that name.")


def test_the_list_shows_who_is_what(runner: FlaskCliRunner, bank: Bank, clock: FakeClock) -> None:
    """Number, name, full name and marks, for people and for programs; no hash."""
    runner.invoke(args=["users", "disable", "O’Connor"])

    said = runner.invoke(args=["users", "list"])
    told = runner.invoke(args=["users", "list", "--json"])

    lines = said.stdout.splitlines()
    assert lines[0] == "     1  george                George Harper"
    assert lines[1].startswith(
        "     2  O’Connor              Niamh O’Connor            disabled since "
    )
    assert lines[2] == "     3  admin                 Ada Okafor                administrator"
    assert said.stderr == "3 users\n"
    people = json.loads(told.stdout)
    assert [person["name"] for person in people] == ["george", "O’Connor", "admin"]
    assert people[1]["disabled_ms"] == clock.now()
    assert "argon2" not in said.output + told.output.replace('"argon2id"', "")


@pytest.mark.parametrize(
    "arguments", [["list"], ["disable", "george"], ["enable", "george"], ["add", "ada"]]
)
def test_a_database_that_does_not_answer_is_one_line(
    runner: FlaskCliRunner, bank: Bank, arguments: list[str]
) -> None:
    """Exit code 3, no traceback, no statement and no hash."""
    with bank.database.write() as session:
        session.execute(text("ALTER TABLE users RENAME TO gone"))

    said = runner.invoke(args=["users", *arguments], input=f"{PASSWORD}\n{PASSWORD}\n")

    assert said.exit_code == 3
    assert "Error: the bank's database does not answer (" in said.stderr
    assert not any(word in said.output for word in ("SELECT", "INSERT", "argon2", PASSWORD))


def test_a_bank_that_is_set_to_bcrypt_adds_by_bcrypt(config: BankConfig, app: Flask) -> None:
    """A new user's hash is made as the setting says, and checks as such."""
    environ = os.environ | {
        "BANK_HOME": str(config.home),
        "BANK_DATABASE_URL": config.database_url,
        "BANK_PASSWORD_SCHEME": "bcrypt",
    }
    set_to = BankConfig.from_env(environ)
    other = create_app(set_to, clock=FakeClock())

    assert add(other.test_cli_runner(), "ada")[0] == 0

    with other.extensions["bank"].database.read() as session:
        stored = session.scalar(text("SELECT password_hash FROM users WHERE name = 'ada'"))
    assert check(PASSWORD, stored, set_to.password_scheme) == Checked(ok=True)
    other.extensions["bank"].close()


@pytest.mark.process
def test_at_a_real_terminal_the_password_is_not_echoed(config: BankConfig) -> None:
    """The prompt is there, and what is typed is not."""
    environ = os.environ | {
        "BANK_HOME": str(config.home),
        "BANK_DATABASE_URL": config.database_url,
        "TERM": "xterm",
    }
    terminal, inside = pty.openpty()
    command = [sys.executable, "-m", "flask", "--app", "bank", "users", "add", "ada"]
    process = subprocess.Popen(
        command, cwd=ROOT, env=environ, stdin=inside, stdout=inside, stderr=inside,
        start_new_session=True,
    )  # fmt: skip
    os.close(inside)
    shown = b""
    for prompt in (b"Password: ", b"Repeat for confirmation: "):
        while not shown.endswith(prompt):
            shown += os.read(terminal, 1)
        os.write(terminal, b"canary horse battery\n")
    while b"Added ada" not in shown:
        shown += os.read(terminal, 1)

    assert process.wait(60) == 0
    os.close(terminal)
    assert b"canary" not in shown
