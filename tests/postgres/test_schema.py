"""The tables: made once however often, refused when they are of a later version."""

from __future__ import annotations

import os
import subprocess
import sys
from contextlib import closing

import psycopg
import pytest

from nightlatch.errors import SettingError, StoreUnavailable
from nightlatch.stores import open_store
from nightlatch.stores.postgres import PostgresStore
from nightlatch.stores.postgres_schema import SCHEMA_VERSION, main, migrate, read_address
from nightlatch.testing.conformance.desk import a_record, begin, live, look, together
from tests.postgres.server import Server, opened

PASSWORD = "hunter2"


@pytest.fixture
def database(server: Server):
    """A new database without tables of ours."""
    with closing(server.connect()) as db:
        db.execute("CREATE DATABASE fresh")
        yield "fresh"
        db.execute("DROP DATABASE fresh WITH (FORCE)")


def test_made_from_a_command_line_and_again(server, database, monkeypatch, capsys) -> None:
    """The first run makes the tables, the second changes nothing, and both say so."""
    monkeypatch.setenv("NIGHTLATCH_STORE", server.url(database))

    codes = [main([]), main([])]

    assert codes == [0, 0]
    assert capsys.readouterr().out == "Schema version 1 (was 0).\nSchema version 1 (was 1).\n"
    store = open_store(server.url(database))
    record = begin(store)
    assert main([]) == 0
    assert live(store, record) == record
    store.close()


def test_the_printed_statements_make_the_same_tables(server, database, monkeypatch, capsys) -> None:
    """Whoever may not run programs on the database runs these by hand."""
    monkeypatch.setenv("NIGHTLATCH_STORE", server.url(database, schema="by_hand"))

    assert main(["--sql"]) == 0
    with closing(server.connect(database)) as db:
        db.execute(capsys.readouterr().out.encode())

    assert migrate(server.url(database), schema="by_hand") == SCHEMA_VERSION
    with closing(open_store(server.url(database, schema="by_hand"))) as store:
        begin(store)


def test_as_a_program_it_says_what_is_wrong(server, tmp_path) -> None:
    """One line and exit code 2, without the password; without an address it says how it is used."""
    command = [sys.executable, "-W", "error", "-m", "nightlatch.stores.postgres_schema"]
    nobody = f"postgresql://app:{PASSWORD}@/app?host={tmp_path}"
    run = [
        subprocess.run(
            command, env=os.environ | {"NIGHTLATCH_STORE": url}, capture_output=True, text=True
        )
        for url in (nobody, "memory://", server.url(schema="as_a_program"))
    ]

    assert [one.returncode for one in run] == [2, 2, 0]
    assert run[0].stderr.startswith("Error: store is postgresql://…, which refused (Operational")
    assert run[0].stderr.count("\n") == 1
    assert run[1].stderr.startswith("Usage: ``NIGHTLATCH_STORE=postgresql://…")
    assert PASSWORD not in "".join(one.stdout + one.stderr for one in run)
    server.drop("as_a_program")


def test_many_nodes_at_once_make_them_once(server, database) -> None:
    """Each of them finds tables that it can use, and one of them has made them."""
    before = together(*[lambda: migrate(server.url(database))] * 5)

    assert sorted(before) == [0, 1, 1, 1, 1]


def test_tables_of_a_later_version_are_refused_and_left_as_they_are(server: Server) -> None:
    """By the migration, at the start, and by a store that has been running since before."""
    with opened(server) as running:
        schema, record = running._turns.schema, begin(running)
        with closing(server.connect(schema=schema)) as db:
            db.execute("INSERT INTO version VALUES (2)")
            db.execute(
                "SELECT pg_terminate_backend(pid, 5000) FROM pg_stat_activity"
                " WHERE application_name = 'nightlatch'"
            )

        with pytest.raises(SettingError, match="of schema version 2, which cannot work"):
            migrate(server.url(), schema=schema)
        with pytest.raises(SettingError, match="its tables are of schema version 2"):
            PostgresStore(server.url(), schema=schema)
        with pytest.raises(StoreUnavailable, match="its tables are of schema version 2"):
            look(running, record)
        with closing(server.connect(schema=schema)) as db:
            db.execute("DELETE FROM version WHERE version = 2")

        assert live(running, record) == record


def test_without_tables_it_does_not_start(server, database) -> None:
    """The error says what to run; tables that vanish later are an outage and no end."""
    with pytest.raises(SettingError, match=r"UndefinedTable.*run python -m nightlatch\.stores"):
        open_store(server.url(database))
    migrate(server.url(database))
    store = open_store(server.url(database))
    with closing(server.connect(database)) as db:
        db.execute("DROP SCHEMA nightlatch CASCADE")

    with pytest.raises(StoreUnavailable, match="UndefinedTable"):
        look(store, a_record())

    store.close()


def test_a_user_who_may_only_read_and_write_rows_is_enough(server: Server) -> None:
    """The rights that the documentation names are all that the application needs."""
    with opened(server) as owned, closing(server.connect()) as db:
        schema = owned._turns.schema
        db.execute("CREATE ROLE app LOGIN")
        db.execute(f"GRANT USAGE ON SCHEMA {schema} TO app".encode())
        with pytest.raises(SettingError, match="InsufficientPrivilege"):
            PostgresStore(server.url().replace("owner@", "app@"), schema=schema)
        db.execute(f"GRANT SELECT ON {schema}.version TO app".encode())
        db.execute(
            f"GRANT SELECT, INSERT, UPDATE, DELETE ON {schema}.session, {schema}.epoch,"
            f" {schema}.draft, {schema}.mark TO app".encode()
        )
        with closing(PostgresStore(server.url().replace("owner@", "app@"), schema=schema)) as app:
            record = begin(app)
            assert live(app, record) == record
            with pytest.raises(SettingError, match="InsufficientPrivilege"):
                migrate(server.url().replace("owner@", "app@"), schema="another")
        db.execute("DROP OWNED BY app; DROP ROLE app")


def test_a_database_that_cannot_hold_every_name_is_refused(server: Server) -> None:
    """O’Connor must come back as O’Connor, so the database must keep UTF-8."""
    with closing(server.connect()) as db:
        db.execute("CREATE DATABASE latin ENCODING 'LATIN1' LOCALE 'C' TEMPLATE template0")

    with pytest.raises(SettingError, match="a database that is not in UTF-8"):
        migrate(server.url("latin"))


@pytest.mark.parametrize(
    "url",
    [
        f"postgresql://app:{PASSWORD}%zz@db/app",
        f"postgresql://app:{PASSWORD}@db/app?no_such_option=1",
        f"postgresql://app:{PASSWORD}@db:port/app?schema=x;y",
        f"postgresql://app:{PASSWORD}@db/app?schema=Sessions",
        f"postgresql://app:{PASSWORD}@db/app?schema=a%22b",
        f"postgresql://app:{PASSWORD}@db/app?limit_ms=soon",
        f"postgresql://app:{PASSWORD}@db/app?limit_ms=99",
        f"postgresql://app:{PASSWORD}@db/app?connections=0",
    ],
)
def test_an_address_that_cannot_be_right_is_refused_without_its_password(url: str) -> None:
    """The error names the part that is wrong, and nothing that was secret."""
    with pytest.raises(SettingError) as caught:
        open_store(url)

    assert PASSWORD not in f"{caught.value!r} {caught.value}"
    assert caught.value.__cause__ is None


def test_an_address_is_taken_apart() -> None:
    """What is ours is taken out, the rest is libpq's; the password is in no representation."""
    address = read_address(
        f"postgresql://app:{PASSWORD}@db/app?schema=mine&sslmode=verify-full&limit_ms=900",
        connections=3,
    )

    assert (address.schema, address.limit_ms, address.connections) == ("mine", 900, 3)
    assert psycopg.conninfo.conninfo_to_dict(address.conninfo)["sslmode"] == "verify-full"
    assert PASSWORD not in repr(address)


def test_without_the_driver_the_error_says_what_to_install() -> None:
    """The extra is named, in place of a traceback of imports."""
    script = (
        "import sys; sys.modules['psycopg'] = None\n"
        "from nightlatch.stores import open_store\n"
        "open_store('postgresql://app:hunter2@db/app')"
    )

    told = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True).stderr

    assert "nightlatch[postgres] is installed" in told.splitlines()[-1]
    assert PASSWORD not in told.splitlines()[-1]
