"""A new bank is given its people once."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from threading import Barrier

from sqlalchemy import func, select

from bank.accounts.models import Account, Transfer
from bank.db import Database
from bank.seed import PEOPLE, plant
from bank.signin.models import User
from bank.signin.passwords import check

NOW_MS = 1_767_603_600_000


def counts(database: Database) -> tuple[int, ...]:
    with database.read() as session:
        return tuple(
            session.scalars(select(func.count()).select_from(table)).one()
            for table in (User, Account, Transfer)
        )


def test_the_people_can_sign_in_with_their_passwords(tmp_path: Path) -> None:
    """The users are the three that the banner names; one is an administrator."""
    database = Database(f"sqlite:///{tmp_path / 'bank.db'}")
    database.upgrade()

    assert plant(database, now_ms=NOW_MS)

    with database.read() as session:
        users = {user.name: user for user in session.scalars(select(User))}
        assert users.keys() == {"george", "O’Connor", "admin"}
        assert [name for name, user in users.items() if user.is_admin] == ["admin"]
        for person in PEOPLE:
            assert check(person.password, users[person.name].password_hash).ok
        assert session.scalars(select(func.max(Transfer.made_ms))).one() < NOW_MS
    database.close()


def test_a_bank_that_has_people_is_left_as_it_is(tmp_path: Path) -> None:
    """A second start adds nothing."""
    database = Database(f"sqlite:///{tmp_path / 'bank.db'}")
    database.upgrade()
    plant(database, now_ms=NOW_MS)
    before = counts(database)

    assert not plant(database, now_ms=NOW_MS)

    assert counts(database) == before
    database.close()


def test_of_two_that_plant_together_one_does(tmp_path: Path) -> None:
    """Four that begin at one moment leave the people and accounts of one."""
    url = f"sqlite:///{tmp_path / 'bank.db'}"
    databases = [Database(url) for _ in range(4)]
    databases[0].upgrade()
    together = Barrier(len(databases))

    def start(database: Database) -> bool:
        together.wait()
        return plant(database, now_ms=NOW_MS)

    with ThreadPoolExecutor(len(databases)) as pool:
        planted = list(pool.map(start, databases))

    assert planted.count(True) == 1
    assert counts(databases[0])[0] == len(PEOPLE)
    for database in databases:
        database.close()
