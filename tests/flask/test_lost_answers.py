"""The store has done it and its answer is lost: what a second try finds, and what is left.

SQLite's answer is taken away between the commit and the store, on a real file.
"""

from __future__ import annotations

import sqlite3

import pytest

from nightlatch import Cap, SessionEnded, SessionStarted
from nightlatch.flask import current_session
from nightlatch.stores.sqlite import SqliteStore
from nightlatch.stores.sqlite_file import Connection
from tests.flask.apps import bare_app
from tests.flask.browser import Browser, cookies

ROTATION = "UPDATE session SET version = ?, data = ?, secret_hash"


@pytest.fixture
def told():
    """Every event."""
    return []


@pytest.fixture
def app(clock, tmp_path, told):
    store = SqliteStore(tmp_path / "sessions.db")
    app = bare_app(clock=clock, store=store, journal=tmp_path / "sign-outs.log")
    app.extensions["nightlatch"].manager.events.listen(told.append)

    @app.post("/step-up")
    def step_up() -> str:
        current_session().step_up()
        return "done"

    yield app
    store.close()


@pytest.fixture
def lose_answer(monkeypatch):
    """Let the next statement that begins so be carried out, and lose its answer."""
    losing = []

    def execute(db, sql, *values):
        answer = sqlite3.Connection.execute(db, sql, *values)
        if losing and sql.startswith(losing[0]):
            losing.pop()
            assert not db.in_transaction, "it is not committed"
            raise sqlite3.OperationalError("the line is cut")
        return answer

    monkeypatch.setattr(Connection, "execute", execute)
    yield losing.append
    assert losing == [], "no such statement came"


def test_a_sign_in_whose_answer_is_lost_is_repeated_and_leaves_no_second_session(
    app, browser, listing, lose_answer, told
):
    """The session that nobody has a token of is ended by the second try; one is left."""
    browser.submit("/values", colour="red")
    lose_answer("COMMIT")

    first = browser.submit("/sign-in", user="george")
    second = browser.submit("/sign-in", user="george")

    assert (first.status_code, cookies(first)) == (503, [])
    assert second.status_code == 303
    assert listing(app) == ["george"]
    assert browser.fetch("/session").json["state"] == "active"
    assert [event.user for event in told if isinstance(event, SessionStarted)] == [None, "george"]


def test_a_lost_sign_in_takes_no_place_under_a_limit_of_sessions(
    clock, tmp_path, listing, lose_answer
):
    """Or a user would be locked out by a session that nobody can use."""
    store = SqliteStore(tmp_path / "sessions.db")
    journal = tmp_path / "sign-outs.log"
    app = bare_app(clock=clock, store=store, journal=journal, cap=Cap(1, "refuse"))
    browser = Browser(app)
    lose_answer("COMMIT")

    answers = [browser.submit("/sign-in", user="george").status_code for _ in range(2)]

    assert answers == [503, 303]
    assert listing(app) == ["george"]
    store.close()


def test_a_sign_out_whose_answer_is_lost_is_done_once(app, george, listing, lose_answer):
    """The user hears that it is not confirmed; it is done, and a second try changes nothing."""
    token = george.token
    lose_answer("COMMIT")

    first = george.submit("/sign-out")
    george.token = token
    again = george.fetch("/session")
    second = george.submit("/sign-out")

    assert first.status_code == 503
    assert "Max-Age=0" in cookies(first)[0]
    assert (again.status_code, again.json["reason"]) == (401, "signed-out")
    assert second.status_code == 303
    assert listing(app) == []


def test_a_rotation_whose_answer_is_lost_ends_as_a_replay_and_a_new_sign_in_is_good(
    app, george, clock, listing, lose_answer, told
):
    """Half a minute of reading is left with the old secret; then the session ends, once."""
    clock.advance(minutes=1)
    lose_answer(ROTATION)

    lost = george.submit("/step-up")
    reading = george.fetch("/session")
    again = george.submit("/step-up")
    clock.advance(seconds=30)
    after = [george.fetch("/session") for _ in range(2)]
    george.submit("/sign-in", user="george")

    assert (lost.status_code, cookies(lost)) == (503, [])
    assert (reading.status_code, reading.json["state"]) == (200, "active")
    assert again.status_code == 401
    assert [answer.status_code for answer in after] == [401, 401]
    assert [event.reason for event in told if isinstance(event, SessionEnded)] == ["replayed"]
    assert listing(app) == ["george"]


def test_with_a_lost_rotation_a_new_sign_in_at_once_leaves_one_session(
    app, george, clock, listing, lose_answer
):
    """It takes the place of the one whose secret was lost."""
    clock.advance(minutes=1)
    lose_answer(ROTATION)
    george.submit("/step-up")

    george.submit("/sign-in", user="george")

    assert listing(app) == ["george"]
    assert george.submit("/step-up").status_code == 200
