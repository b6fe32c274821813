"""Everything here that has a database runs twice: on SQLite and on a real PostgreSQL."""

from __future__ import annotations

import secrets
import shutil
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from dataclasses import replace
from pathlib import Path

import pytest
from flask import Flask
from flask.testing import FlaskCliRunner
from sqlalchemy import select, update

from bank import Bank, BankConfig, bank_of, create_app
from bank.signin.models import User
from nightlatch.testing import FakeClock
from tests.postgres.server import Server

Hashes = dict[str, str]


@pytest.fixture(scope="session")
def postgres() -> Iterator[Server]:
    server = Server()
    yield server
    server.stop()


@pytest.fixture(scope="session")
def planted_postgres(postgres: Server, tmp_path_factory: pytest.TempPathFactory) -> str:
    """The name of a database with people in it, to be copied."""
    new_database(postgres, "planted")
    home = tmp_path_factory.mktemp("planted-postgres")
    config = BankConfig.from_env(
        {"BANK_HOME": str(home), "BANK_DATABASE_URL": postgres.url("planted")}
    )
    bank_of(create_app(config, clock=FakeClock())).close()
    return "planted"


def new_database(server: Server, name: str, template: str = "template0") -> None:
    with closing(server.connect("postgres")) as db:
        db.execute(f'CREATE DATABASE "{name}" TEMPLATE "{template}"'.encode())


ENGINES = ["sqlite", pytest.param("postgresql", marks=pytest.mark.process)]


@contextmanager
def database_of_its_own(server: Server, template: str = "template0") -> Iterator[str]:
    """Gives the address of a new database, and drops it: each takes room on the disk."""
    name = f"d_{secrets.token_hex(6)}"
    new_database(server, name, template)
    yield server.url(name)
    with closing(server.connect("postgres")) as db:
        db.execute(f'DROP DATABASE "{name}" WITH (FORCE)'.encode())


@pytest.fixture(params=ENGINES)
def database_url(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[str]:
    """The address of an empty database."""
    if request.param == "sqlite":
        yield f"sqlite:///{tmp_path / 'empty.db'}"
    else:
        with database_of_its_own(request.getfixturevalue("postgres")) as url:
            yield url


@pytest.fixture
def config_on_sqlite(planted_home: Path, tmp_path: Path) -> BankConfig:
    home = shutil.copytree(planted_home, tmp_path / "home")
    return BankConfig.from_env({"BANK_HOME": str(home)})


@pytest.fixture
def config_on_postgres(
    config_on_sqlite: BankConfig, postgres: Server, planted_postgres: str
) -> Iterator[BankConfig]:
    with database_of_its_own(postgres, planted_postgres) as url:
        yield replace(config_on_sqlite, database_url=url)


@pytest.fixture(params=ENGINES)
def config(request: pytest.FixtureRequest) -> BankConfig:
    """A bank with people in it."""
    which = "postgres" if request.param == "postgresql" else "sqlite"
    config: BankConfig = request.getfixturevalue(f"config_on_{which}")
    return config


@pytest.fixture
def keep(bank: Bank) -> Callable[[str], None]:
    """Puts a hash in the place of George's."""

    def keep(stored: str) -> None:
        with bank.database.write() as session:
            session.execute(update(User).where(User.name == "george").values(password_hash=stored))

    return keep


@pytest.fixture
def hashes(bank: Bank) -> Callable[[], Hashes]:
    """What is stored, by user name."""

    def read() -> Hashes:
        with bank.database.read() as session:
            return {row.name: row.password_hash for row in session.scalars(select(User))}

    return read


@pytest.fixture
def runner(app: Flask) -> FlaskCliRunner:
    return app.test_cli_runner()
