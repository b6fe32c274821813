"""The tables by steps: new ones, old ones that are adopted, and two processes at once."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from pathlib import Path
from threading import Barrier

import pytest
from alembic.autogenerate import compare_metadata
from alembic.config import Config
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from flask.testing import FlaskCliRunner
from sqlalchemy import select, text

from bank import BankConfig, bank_of, create_app, migrations
from bank.db import Base, Database
from bank.seed import PEOPLE, plant
from bank.signin.models import User
from nightlatch.errors import SettingError
from nightlatch.testing import FakeClock
from tests.bank.visitor import Visitor

BEFORE = Path(__file__).with_name("before_there_were_steps.sql")
NOW_MS = 1_767_603_600_000


@pytest.fixture
def database(database_url: str) -> Iterator[Database]:
    database = Database(database_url)
    yield database
    database.close()


@pytest.fixture
def old_home(tmp_path: Path) -> Path:
    """A bank's folder from before there were steps, with two users, money and an event."""
    home = tmp_path / "old"
    home.mkdir(mode=0o700)
    with closing(sqlite3.connect(home / "bank.db")) as db:
        db.executescript(BEFORE.read_text(encoding="utf-8"))
    return home


def rows(home: Path, table: str) -> list[tuple[object, ...]]:
    with closing(sqlite3.connect(home / "bank.db")) as db:
        return db.execute(f"SELECT * FROM {table} ORDER BY 1").fetchall()  # noqa: S608 - ours


def test_the_steps_make_the_tables_that_the_models_ask_for(database: Database) -> None:
    """Whoever changes a model and forgets the step hears of it."""
    assert database.upgrade() == migrations.Upgrade(None, migrations.HEAD)

    with database.read() as session:
        context = MigrationContext.configure(session.connection(), opts={"compare_type": True})
        assert compare_metadata(context, Base.metadata) == []


def test_the_newest_step_is_the_one_that_is_written_down() -> None:
    """HEAD is what Alembic finds, and there is one line of steps."""
    config = Config()
    config.set_main_option("script_location", str(migrations.FOLDER))

    assert ScriptDirectory.from_config(config).get_heads() == [migrations.HEAD]


def test_an_upgrade_of_what_is_up_to_date_does_nothing(database: Database) -> None:
    """The second start finds the newest step."""
    database.upgrade()

    assert database.upgrade() == migrations.Upgrade(migrations.HEAD, migrations.HEAD)


def test_of_two_processes_that_start_at_once_one_makes_the_tables(database_url: str) -> None:
    """Six that begin at one moment all come up, with the people of one."""
    databases = [Database(database_url) for _ in range(6)]
    together = Barrier(len(databases))

    def start(database: Database) -> bool:
        together.wait()
        database.upgrade()
        return plant(database, now_ms=NOW_MS)

    with ThreadPoolExecutor(len(databases)) as pool:
        planted = list(pool.map(start, databases))

    assert planted.count(True) == 1
    with databases[0].read() as session:
        assert len(session.scalars(select(User)).all()) == len(PEOPLE)
        assert session.scalars(text("SELECT version_num FROM alembic_version")).all() == [
            migrations.HEAD
        ]
    for database in databases:
        database.close()


def test_a_database_from_before_is_adopted_without_loss(old_home: Path) -> None:
    """Every row is there as it was; users have one column more, and it is empty."""
    tables = ("accounts", "transfers", "entries", "audit")
    before = {table: rows(old_home, table) for table in tables}
    users = rows(old_home, "users")
    app = create_app(BankConfig.from_env({"BANK_HOME": str(old_home)}), clock=FakeClock())

    assert {table: rows(old_home, table) for table in tables} == before
    assert rows(old_home, "users") == [(*user, None) for user in users]
    assert bank_of(app).upgraded == migrations.Upgrade(None, migrations.HEAD)
    with bank_of(app).database.read() as session:
        context = MigrationContext.configure(session.connection(), opts={"compare_type": True})
        assert compare_metadata(context, Base.metadata) == []
    # Their SHA-1 is from a system before that one, too.
    assert Visitor(app).sign_in("O’Connor", "café o’connor").status_code == 303
    bank_of(app).close()


def test_a_bank_without_an_administrator_is_given_one(old_home: Path) -> None:
    """It was planted before there were any: the command adds what the seed does not."""
    app = create_app(BankConfig.from_env({"BANK_HOME": str(old_home)}), clock=FakeClock())

    added = app.test_cli_runner().invoke(
        args=["users", "add", "admin", "--admin", "--password-stdin"], input="correct horse battery"
    )

    assert added.exit_code == 0, added.output
    admin = Visitor(app)
    assert admin.sign_in("admin", "correct horse battery").status_code == 303
    assert admin.get("/admin/sessions").status_code == 200
    bank_of(app).close()


def test_a_step_that_fails_leaves_the_tables_as_they_were(
    database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    """All steps are taken in one transaction, or none; the next start takes them."""
    with monkeypatch.context() as patch:
        patch.setattr("alembic.op.add_column", None)
        with pytest.raises(TypeError):
            database.upgrade()

    with database.read() as session:
        assert migrations.current(session.connection()) is None
    assert database.upgrade().now == migrations.HEAD


def test_a_database_of_a_newer_bank_is_not_touched(database: Database) -> None:
    """The refusal names the setting and both steps, and no password."""
    database.upgrade()
    with database.write() as session:
        session.execute(text("UPDATE alembic_version SET version_num = '9999'"))

    with pytest.raises(SettingError, match=r"BANK_DATABASE_URL.*9999.*" + migrations.HEAD):
        database.upgrade()


def test_a_database_that_does_not_answer_stops_the_start(tmp_path: Path) -> None:
    """The refusal says what the driver says in its first line, without the password."""
    url = f"postgresql://owner:canary@/none?host={tmp_path}"

    with pytest.raises(SettingError, match="BANK_DATABASE_URL") as caught:
        Database(url).upgrade()

    assert "canary" not in str(caught.value)
    assert "\n" not in str(caught.value)


def test_a_folder_with_a_percent_sign_in_its_name_can_hold_the_bank(
    database: Database, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Alembic reads % as the start of a variable."""
    folder = tmp_path / "100%(here)s"
    folder.symlink_to(migrations.FOLDER)
    monkeypatch.setattr(migrations, "FOLDER", folder)

    assert database.upgrade().now == migrations.HEAD


def test_the_command_says_what_was_done(database_url: str, tmp_path: Path) -> None:
    """The first start upgrades, the second has nothing to do; JSON says the same."""
    environ = {"BANK_HOME": str(tmp_path / "home"), "BANK_DATABASE_URL": database_url}
    config = BankConfig.from_env(environ)
    said = []
    for arguments in (["upgrade"], ["upgrade"], ["upgrade", "--json"], ["current", "--json"]):
        app = create_app(config, clock=FakeClock())
        result = app.test_cli_runner().invoke(args=["db", *arguments])
        assert result.exit_code == 0
        said.append(result.output)
        bank_of(app).close()

    engine = "sqlite" if database_url.startswith("sqlite") else "postgresql"
    head = migrations.HEAD
    assert said == [
        f"Upgraded from no step to step {head}.\n",
        f"Up to date already, at step {head}.\n",
        f'{{"before": "{head}", "now": "{head}"}}\n',
        f'{{"step": "{head}", "engine": "{engine}"}}\n',
    ]


def test_the_command_shows_the_step(runner: FlaskCliRunner) -> None:
    """For a person: the step and the engine."""
    assert runner.invoke(args=["db", "current"]).output.startswith(f"step {migrations.HEAD}, ")
