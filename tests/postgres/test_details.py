"""What else the documentation says of the PostgreSQL store."""

from __future__ import annotations

import logging
import subprocess
import sys
from contextlib import closing

import pytest

from nightlatch import Manager
from nightlatch.stores.memory import MemoryStore
from nightlatch.stores.postgres import PostgresStore
from nightlatch.testing import FakeClock
from nightlatch.testing.conformance.desk import (
    IDLE,
    LIMITS,
    NOW,
    a_record,
    begin,
    live,
    look,
    touch,
)
from tests.postgres.server import Server, until

ZONES = ["UTC", "America/New_York", "Asia/Kathmandu", "Australia/Lord_Howe", "Pacific/Samoa"]


def life(store, begins: int) -> list[object]:
    """All that anybody is told from a sign-in to the limits, minute by minute."""
    clock = FakeClock(begins)
    manager = Manager(store, LIMITS, clock=clock)
    busy, quiet = (manager.start("O’Connor") for _ in range(2))
    steps: list[object] = []
    for minute in range(0, 9 * 60, 7):
        clock.advance(ms=7 * 60_000)
        if minute % 2:
            manager.extend(busy.token.text())
        for one in (busy, quiet):
            found = manager.resume(one.token.text(), activity=False)
            steps.append(manager.status(found) | {"who": None})
    return steps


def test_the_time_zone_of_a_connection_changes_nothing(server: Server) -> None:
    """Five zones, over the hours in which New York changes its clocks: the same to the ms."""
    begins = 1_772_953_200_000  # 2026-03-08, 07:00 UTC
    expected = life(MemoryStore(), begins)
    schema = server.schema()

    for zone in ZONES:
        options = (
            f"-c%20TimeZone%3D{zone}%20-c%20DateStyle%3DGerman%20-c%20IntervalStyle%3Diso_8601"
        )
        with closing(PostgresStore(server.url(options=options), schema=schema)) as store:
            assert life(store, begins) == expected

    server.drop(schema)


def test_a_touch_writes_no_index(server: Server, store) -> None:
    """Its updates are heap-only: no index holds `seen`, and a page has room for another version."""
    record = begin(store)
    moments = iter(range(NOW + 1, NOW + IDLE))

    def counted() -> tuple[int, int]:
        for _ in range(50):
            touch(store, record, at=next(moments), always=True)
        with closing(server.connect()) as db:
            row = db.execute(
                "SELECT n_tup_upd, n_tup_hot_upd FROM pg_stat_user_tables"
                " WHERE relname = 'session' AND schemaname = %s",
                [store._turns.schema],
            ).fetchone()
        return row

    until(lambda: counted()[0] >= 100)

    updates, heap_only = counted()
    assert heap_only >= updates * 0.9


def test_only_a_touch_does_not_wait_for_the_disk(server: Server, store) -> None:
    """A trigger in the same transaction sees how each verb is about to commit."""
    with closing(server.connect(schema=store._turns.schema)) as db:
        db.execute(
            "CREATE TABLE told (how text);"
            "CREATE FUNCTION tell() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN"
            " EXECUTE format('INSERT INTO %I.told VALUES (%L)', TG_TABLE_SCHEMA,"
            " current_setting('synchronous_commit')); RETURN NULL; END $$;"
            "CREATE CONSTRAINT TRIGGER tell AFTER INSERT OR UPDATE ON session"
            " DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION tell()"
        )

        record = begin(store)
        touch(store, record, at=NOW + 1, always=True)
        look(store, record, at=NOW + 1 + IDLE)

        assert db.execute("SELECT how FROM told").fetchall() == [("on",), ("off",), ("on",)]
        db.execute("DROP FUNCTION tell CASCADE")
        db.execute("DROP TABLE told")


def test_a_wrong_secret_touches_nothing(store) -> None:
    """Who knows the handle alone keeps no session alive."""
    record = begin(store)

    answer = touch(store, a_record(sid=record.sid), at=NOW + 1, always=True)

    assert answer is None
    assert live(store, record).seen == NOW


def test_text_that_postgresql_cannot_keep_is_refused(store) -> None:
    """U+0000 in a name: a clear error, and not one of the store being out of reach."""
    with pytest.raises(ValueError, match="text with U\\+0000"):
        begin(store, "an\0a")
    with pytest.raises(ValueError, match="32 hexadecimal digits"):
        begin(store, sid="’")
    assert store.list("ana", now=NOW, limits=LIMITS).sessions == ()


def test_nothing_is_left_in_the_servers_session(server: Server, store) -> None:
    """No prepared statement, no setting, no lock: the next user of the connection finds none."""
    record = begin(store)
    touch(store, record, at=NOW + 1, always=True)
    pool = store._db._opened()
    db = pool.getconn()
    db.until = None

    left = db.execute(
        "SELECT (SELECT count(*) FROM pg_prepared_statements),"
        " current_setting('synchronous_commit'), current_setting('lock_timeout'),"
        " (SELECT count(*) FROM pg_locks WHERE locktype = 'advisory')"
    ).fetchone()
    pool.putconn(db)

    assert left == (0, "on", "0", 0)


def test_a_child_uses_connections_of_its_own(server: Server, store) -> None:
    """What was open before a fork is neither used nor closed by the child."""
    script = f"""
import os, sys
from nightlatch.stores.postgres import PostgresStore
from nightlatch.testing.conformance.desk import begin, live
store = PostgresStore({server.url()!r}, schema={store._turns.schema!r})
pid = lambda: store._db.ask("test", b"SELECT pg_backend_pid()", {{}}, until=store._db.until())
record, ours = begin(store), pid()
reader, writer = os.pipe()
child = os.fork()
if not child:
    theirs, found = pid(), live(store, record)
    os.write(writer, b"same" if theirs == ours or found != record else b"fine")
    sys.exit()
assert os.waitpid(child, 0)[1] == 0
print(os.read(reader, 4).decode(), pid() == ours, live(store, record) == record)
unused = PostgresStore({server.url()!r}, schema={store._turns.schema!r})
child = os.fork()
if not child:
    live(unused, record)
    unused.close()
    store.close()
    sys.exit()
assert os.waitpid(child, 0)[1] == 0
store.close()
"""

    told = subprocess.run(
        [sys.executable, "-c", script], capture_output=True, text=True, timeout=60
    )

    assert (told.stdout, told.stderr) == ("fine True True\n", "")


def test_a_server_that_is_down_is_no_reason_not_to_start(
    server: Server, caplog: pytest.LogCaptureFixture
) -> None:
    """A worker that is replaced during an outage starts, and answers when the server does."""
    schema = server.schema()
    nowhere = server.folder / "nowhere"
    with caplog.at_level(logging.WARNING, "nightlatch"):
        store = PostgresStore(server.url(host=nowhere), schema=schema)
    nowhere.symlink_to(server.folder)

    record = begin(store)

    assert live(store, record) == record
    assert "The session store does not answer yet (OperationalError)." in caplog.text
    store.close()
    nowhere.unlink()
    server.drop(schema)


def test_no_secret_is_in_a_dump(server: Server, store) -> None:
    """What the tables hold of a cookie is a hash; nobody can sign in with it."""
    manager = Manager(store, LIMITS, clock=FakeClock(NOW))
    started = manager.start("ana", values={"basket": 1})
    secret = started.token.text().rpartition(".")[2]

    with closing(server.connect(schema=store._turns.schema)) as db:
        dump = str(db.execute("SELECT s::text FROM session s").fetchall())

    assert started.record.sid in dump.replace("-", "")
    assert secret not in dump
