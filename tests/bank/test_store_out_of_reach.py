"""The bank while the place where sessions are kept cannot be reached, or not be written."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable
from pathlib import Path

import pytest

from bank import BankConfig
from bank.problems import PROBLEMS, SIGN_OUT_UNCONFIRMED
from tests.bank.visitor import Visitor

SignedIn = Callable[..., Visitor]


@pytest.fixture
def sessions(config: BankConfig) -> Path:
    return config.home / "sessions.db"


@pytest.fixture
def other_program(sessions: Path, app: object) -> sqlite3.Connection:
    """Somebody else who has the file open."""
    return sqlite3.connect(sessions, isolation_level=None)


def test_the_file_is_moved_away_and_comes_back(signed_in: SignedIn, sessions: Path) -> None:
    """503 in the bank's look, nobody is signed out, and then it goes on without a restart."""
    george = signed_in()
    cookie = george.cookie("nightlatch")
    names = list(sessions.parent.glob("sessions.db*"))
    for one in names:
        one.rename(one.with_name(f"away-{one.name}"))

    answer = george.get("/")

    assert answer.status_code == 503
    assert PROBLEMS[503].title in answer.text
    assert int(answer.headers["Retry-After"]) > 0
    assert george.cookie("nightlatch") == cookie
    assert not sessions.exists()
    for one in names:
        one.with_name(f"away-{one.name}").rename(one)
    assert "Signed in as" in george.get("/").text


def test_signing_out_cannot_be_confirmed(
    signed_in: SignedIn, other_program: sqlite3.Connection, config: BankConfig
) -> None:
    """The page says so, in the bank's look and to nobody by name; the end comes with the store."""
    george = signed_in()
    cookie = george.cookie("nightlatch")
    other_program.execute("BEGIN IMMEDIATE")

    answer = george.sign_out()
    other_program.execute("ROLLBACK")
    other_program.close()

    assert answer.status_code == 503
    assert SIGN_OUT_UNCONFIRMED.title in answer.text
    assert "will be ended as soon as" in answer.text
    assert "Signed in as" not in answer.text
    assert "Latch &amp; Key Bank" in answer.text
    assert george.cookie("nightlatch") is None
    assert (config.home / "sign-outs.log").stat().st_size > 0
    george.client.set_cookie("nightlatch", cookie or "")
    assert george.get("/").location == "/logged-out?reason=signed-out&next=%2F"


def test_signing_out_is_not_even_kept(
    signed_in: SignedIn, other_program: sqlite3.Connection, config: BankConfig
) -> None:
    """The page promises nothing that nobody will do."""
    (config.home / "sign-outs.log").mkdir()
    george = signed_in()
    other_program.execute("BEGIN IMMEDIATE")

    answer = george.sign_out()
    other_program.close()

    assert answer.status_code == 503
    assert "Its time limits will end it" in answer.text
    assert "will be ended as soon as" not in answer.text


def test_reading_goes_on_while_it_cannot_be_written(
    signed_in: SignedIn, other_program: sqlite3.Connection
) -> None:
    """Who is signed in sees their accounts; nobody new is let in, and that is said."""
    george = signed_in()
    other_program.execute("BEGIN IMMEDIATE")

    assert "Signed in as" in george.get("/").text
    assert george.get("/login").status_code == 302
    other_program.close()
