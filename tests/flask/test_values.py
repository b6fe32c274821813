"""``flask.session`` on the server: what is kept, what is noticed, and what makes no row."""

from dataclasses import replace
from datetime import UTC, date, datetime
from decimal import Decimal
from uuid import UUID

import pytest
from flask import session
from markupsafe import Markup

from tests.flask.browser import Browser, cookies

VALUES = {
    "text": "José Ωmega & O’Connor",
    "number": 2**70,
    "half": 0.5,
    "yes": True,
    "nothing": None,
    "list": [1, [2, {"three": 3}]],
    "tuple": (1, ("two",)),
    "set": {1, 2},
    "bytes": b"\x00\xff",
    "moment": datetime(2026, 1, 5, 9, 30, tzinfo=UTC),
    "day": date(2026, 1, 5),
    "money": Decimal("10.50"),
    "id": UUID(int=7),
    "html": Markup("<b>bold</b>"),
}


@pytest.fixture
def nested(app):
    """An application that changes what lies inside a value, and never says so."""

    @app.post("/begin")
    def begin():
        session["basket"] = {"fruit": ["apple"]}
        return ""

    @app.post("/add")
    def add():
        session["basket"]["fruit"].append("pear")
        return ""

    return app


def test_every_kind_of_value_comes_back_as_it_was(app, browser):
    """Equal and of the same type, in the next request."""
    found = {}

    @app.post("/put")
    def put():
        session.update(VALUES)
        return ""

    @app.get("/look")
    def look():
        found.update(session)
        return ""

    browser.submit("/put")
    browser.go("/look")

    assert found == VALUES
    assert {key: type(value) for key, value in found.items()} == {
        key: type(value) for key, value in VALUES.items()
    }


def test_a_change_inside_a_value_is_noticed(nested, browser):
    """Without ``session.modified = True``."""
    browser.submit("/begin")

    browser.submit("/add")

    assert browser.go("/values").json == {"basket": {"fruit": ["apple", "pear"]}}


def test_a_deleted_key_is_gone(app, browser):
    """And so is everything after ``clear()``; the session itself goes on."""

    @app.post("/forget")
    def forget():
        del session["a"]
        return ""

    @app.post("/clear")
    def clear():
        session.clear()
        return ""

    browser.submit("/values", a="1", b="2")
    token = browser.token

    browser.submit("/forget")
    assert browser.go("/values").json == {"b": "2"}
    browser.submit("/clear")
    assert browser.go("/values").json == {}
    assert browser.token == token


def test_the_session_is_the_mapping_that_flask_users_know(app):
    """Length, iteration, membership, get, pop, setdefault."""
    with app.test_request_context():
        session["a"] = 1
        session.setdefault("b", 2)

        assert (len(session), list(session), "a" in session) == (2, ["a", "b"], True)
        assert session.pop("b") == 2
        assert session.get("b", "no") == "no"
        with pytest.raises(KeyError, match="b"):
            session["b"]


def test_a_visitor_has_no_row_until_something_is_stored(app, browser, listing):
    """Looking at pages, at an empty session and at its state makes neither row nor cookie."""
    for path in ("/", "/values", "/session"):
        assert cookies(browser.go(path)) == []
    assert listing(app) == []

    browser.submit("/values", a="1")

    assert listing(app) == [None]
    assert browser.token is not None


def test_making_the_session_permanent_stores_nothing(app, browser, listing):
    """Many applications set it before every request; how long a session lasts is ours to say."""

    @app.before_request
    def permanent():
        session.permanent = True

    response = browser.go("/values")

    assert response.json == {}
    assert cookies(response) == []
    assert listing(app) == []
    with app.test_request_context():
        session.permanent = True
        assert session.permanent is False


def test_a_request_that_only_reads_writes_nothing(app, browser):
    """Neither the version nor the cookie changes."""
    browser.submit("/values", a="1")
    store = app.extensions["nightlatch"].manager.store.store
    (before,) = store._records.values()

    response = browser.fetch("/values")

    assert response.json == {"a": "1"}
    assert cookies(response) == []
    assert list(store._records.values()) == [before]


def test_a_value_that_cannot_be_kept_fails_the_request_that_stored_it(app, browser, caplog):
    """With the key's name in the log, and without storing the rest."""

    @app.post("/odd")
    def odd():
        session["fine"] = 1
        session["socket"] = object()
        return ""

    assert browser.submit("/odd").status_code == 500
    assert "session['socket'] holds a object" in caplog.text
    assert browser.go("/values").json == {}


def test_two_requests_at_once_both_keep_their_changes(app, browser):
    """The second began before the first was done."""

    @app.post("/slow")
    def slow():
        session["slow"] = 1
        other = Browser(app)
        other.token = browser.token
        other.submit("/values", quick="2")
        return ""

    browser.submit("/values", a="1")

    browser.submit("/slow")

    assert browser.go("/values").json == {"a": "1", "slow": 1, "quick": "2"}


def test_a_change_is_lost_with_the_session_that_ended_meanwhile(app, browser, listing):
    """Signed out elsewhere during the request: the request is answered, the row stays ended."""

    @app.post("/slow")
    def slow():
        session["slow"] = 1
        for info in app.extensions["nightlatch"].manager.list():
            app.extensions["nightlatch"].manager.end_user(info.user)
        return "done"

    browser.submit("/sign-in", user="george")

    assert browser.submit("/slow").text == "done"
    assert listing(app) == []
    assert browser.go("/session").json["reason"] == "revoked"


def test_a_session_that_cannot_be_read_has_ended_and_its_user_is_told(app, george):
    """Corrupt is not empty."""
    store = app.extensions["nightlatch"].manager.store.store
    (record,) = (one for one in store._records.values() if one.user)
    store._records[record.sid] = replace(record, data=b"\x01{")

    assert george.go("/values").json == {}
    assert george.go("/session").json["reason"] == "corrupt"


def test_looking_at_the_session_in_a_debugger_asks_no_store_and_shows_no_value(app):
    """Its repr is the handle, once that is known."""
    with app.test_request_context():
        assert repr(session) == "<ServerSession without a row>"
        session["pin"] = "1234"
        assert "1234" not in repr(session)
        session.sign_in("george")
        assert repr(session) == f"<ServerSession {session.sid}>"
