"""The sessions' file is emptied, replaced or spoiled while it is used: signed out, or 503."""

from __future__ import annotations

import os

import pytest

from nightlatch.breaker import RETRY_MS
from nightlatch.stores.sqlite import SqliteStore
from tests.flask.apps import login_app
from tests.flask.browser import Browser, cookies
from tests.stores.desk import raw


@pytest.fixture
def path(tmp_path):
    return tmp_path / "sessions.db"


@pytest.fixture
def app(clock, path):
    store = SqliteStore(path)
    yield login_app(clock=clock, store=store)
    store.close()


@pytest.fixture
def george(app):
    """Signed in, before it happens."""
    george = Browser(app)
    george.submit("/login", user="george")
    assert george.go("/private").status_code == 200
    return george


def without_rows(path):
    """As by an operator who clears the table."""
    db = raw(path)
    db.execute("DELETE FROM session")
    db.close()


def put_in_place(path, new):
    """A file takes the place of the store's, and nothing of what lay beside that is left."""
    for beside in ("-wal", "-shm"):
        path.with_name(path.name + beside).unlink(missing_ok=True)
    os.replace(new, path)


def by_a_new_store(path):
    """As by a backup from before the session began."""
    new = path.with_name("new.db")
    SqliteStore(new).close()
    put_in_place(path, new)


def by_an_empty_file(path):
    new = path.with_name("new.db")
    new.touch()
    put_in_place(path, new)


def by_a_file_of_another_application(path):
    new = path.with_name("new.db")
    db = raw(new)
    db.execute("CREATE TABLE session (id)")
    db.close()
    put_in_place(path, new)


def by_noise(path):
    new = path.with_name("new.db")
    new.write_bytes(b"\xff" * 8192)
    put_in_place(path, new)


def without_tables(path):
    db = raw(path)
    db.execute("DROP TABLE session")
    db.close()


def of_a_newer_version(path):
    """As by a node of a rolling upgrade that came too far."""
    new = path.with_name("new.db")
    SqliteStore(new).close()
    db = raw(new)
    db.execute("PRAGMA user_version = 2")
    db.close()
    put_in_place(path, new)


@pytest.mark.parametrize("flush", [without_rows, by_a_new_store])
def test_whose_session_a_flushed_store_has_lost_is_signed_out_cleanly(george, path, flush):
    """A page leads to the sign-in, a script hears 401; the next sign-in is good."""
    flush(path)

    page, script = george.go("/private"), george.fetch("/private")
    again = george.submit("/login", user="george")

    assert (page.status_code, page.headers["Location"]) == (302, "/login?next=%2Fprivate")
    assert (script.status_code, script.json["state"]) == (401, "anonymous")
    assert again.status_code == 303
    assert george.go("/private").status_code == 200


@pytest.mark.parametrize(
    "spoil",
    [
        by_an_empty_file,
        by_a_file_of_another_application,
        by_noise,
        without_tables,
        of_a_newer_version,
    ],
)
def test_a_file_that_is_no_store_any_more_is_503_and_signs_nobody_out(george, clock, path, spoil):
    """Whatever is asked, never 500; the cookie stays, and the file is left as it was found."""
    spoil(path)
    found = path.read_bytes()

    answers = [
        george.go("/private"),
        george.fetch("/private"),
        george.fetch("/session/extend", json={}),
        george.submit("/values", a="1"),
        Browser(george.client.application).submit("/login", user="ana"),
    ]

    assert {answer.status_code for answer in answers} == {503}
    assert all(int(answer.headers["Retry-After"]) > 0 for answer in answers)
    assert [cookies(answer) for answer in answers] == [[]] * len(answers)
    assert path.read_bytes() == found


def test_what_comes_back_after_it_is_used_without_a_restart(george, clock, path, tmp_path):
    """A copy of the file as it was: the session goes on."""
    db = raw(path)
    db.execute("VACUUM INTO ?", (str(tmp_path / "copy.db"),))
    db.close()
    by_noise(path)
    assert george.go("/private").status_code == 503

    put_in_place(path, tmp_path / "copy.db")
    clock.advance(ms=RETRY_MS)

    assert george.go("/private").status_code == 200
