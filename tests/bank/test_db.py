"""One way to read the bank's database and one way to write it."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from sqlalchemy import text
from sqlalchemy.exc import IntegrityError

from bank.accounts.models import Account
from bank.db import Database
from nightlatch.errors import SettingError


@pytest.fixture
def database(tmp_path: Path) -> Iterator[Database]:
    database = Database(f"sqlite:///{tmp_path / 'bank.db'}")
    database.upgrade()
    yield database
    database.close()


def account(number: str, owner_id: int | None = None) -> Account:
    return Account(owner_id=owner_id, kind="current", title="x", sort_code="x", number=number)


def count(database: Database) -> int:
    with database.read() as session:
        return session.query(Account).count()


def test_what_a_block_wrote_is_kept(database: Database) -> None:
    """A writing block that ends well is committed."""
    with database.write() as session:
        session.add(account("1"))

    assert count(database) == 1


def test_a_block_that_raises_keeps_nothing(database: Database) -> None:
    """A writing block that raises is rolled back, what it had flushed too."""
    with pytest.raises(ZeroDivisionError), database.write() as session:
        session.add(account("1"))
        session.flush()
        raise ZeroDivisionError

    assert count(database) == 0


def test_an_account_of_nobody_is_refused(database: Database) -> None:
    """SQLite checks foreign keys here, which it does not do by itself."""
    with pytest.raises(IntegrityError), database.write() as session:
        session.add(account("1", owner_id=99))


def test_an_overdrawn_account_is_refused(database: Database) -> None:
    """The database itself keeps a balance from falling below zero."""
    with pytest.raises(IntegrityError), database.write() as session:
        session.add(account("1"))
        session.flush()
        session.execute(text("UPDATE accounts SET balance_pence = -1"))


def test_readers_do_not_wait_for_a_writer(database: Database) -> None:
    """While one block writes, another reads what was there before (WAL)."""
    with database.write() as session:
        session.add(account("1"))
        session.flush()

        assert count(database) == 0


def test_tables_that_exist_are_left_alone(database: Database) -> None:
    """Starting again on the same file loses nothing."""
    with database.write() as session:
        session.add(account("1"))

    database.upgrade()

    assert count(database) == 1


@pytest.mark.parametrize(
    "url", ["not an address", "nosuch://bank:canary@db/bank", "mysql+nosuch://"]
)
def test_an_address_that_cannot_work_stops_the_start(url: str) -> None:
    """The refusal names the setting and never repeats the password in the address."""
    with pytest.raises(SettingError, match="BANK_DATABASE_URL") as caught:
        Database(url)

    assert "canary" not in str(caught.value)
