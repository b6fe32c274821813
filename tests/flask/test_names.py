"""O’Connor, with U+2019, through cookie, store, page and command line."""

import json

import pytest

from nightlatch.stores.sqlite import SqliteStore
from tests.flask.apps import login_app
from tests.flask.browser import Browser

NAME = "O’Connor"


@pytest.fixture
def app(tmp_path, clock):
    app = login_app(clock=clock, store=SqliteStore(tmp_path / "sessions.db"))
    yield app
    app.extensions["nightlatch"].manager.close()


def test_the_name_arrives_whole_everywhere(app):
    """Signed in, shown, listed, ended by name; the cookie and the status are ASCII."""
    browser = Browser(app)
    run = app.test_cli_runner().invoke

    signed_in = browser.submit("/login", user=NAME)
    page = browser.go("/private")
    status = browser.fetch("/session")
    browser.submit("/values", payee="José Ωmega")

    assert all(value.isascii() for _, value in signed_in.headers)
    assert f"<p>{NAME}</p>" in page.text
    assert status.data.isascii()
    assert browser.go("/values").json["payee"] == "José Ωmega"
    assert NAME in run(args=["nightlatch", "sessions", "list"]).stdout
    (listed,) = json.loads(run(args=["nightlatch", "sessions", "list", "--json"]).stdout)
    assert listed["user"] == NAME
    ended = run(args=["nightlatch", "sessions", "end", "--user", NAME])
    assert ended.stdout == "Ended: 1\n"
    assert browser.fetch("/private").json["reason"] == "revoked"


@pytest.mark.parametrize("other", ["O'Connor", "O‘Connor", "OʼConnor", "o’connor"])
def test_names_that_look_alike_are_other_users(app, other):
    """Ending one's sessions leaves the other's."""
    browser = Browser(app)
    browser.submit("/login", user=NAME)

    app.extensions["nightlatch"].manager.end_user(other)

    assert browser.fetch("/session").json["state"] == "active"
