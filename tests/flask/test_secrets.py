"""No token, secret or hash shows anywhere but in the cookie."""

import logging

import pytest

from nightlatch import Manager, Started
from nightlatch.flask import current_session
from nightlatch.stores.base import Created, Live
from nightlatch.stores.sqlite import SqliteStore
from nightlatch.token import Token, parse
from tests.flask.apps import FailingStore, bare_app, login_app
from tests.flask.browser import Browser, cookies


@pytest.fixture
def heard(caplog):
    """Everything that is logged, at every level, by anybody."""
    caplog.set_level(logging.DEBUG)
    logging.getLogger("nightlatch").setLevel(logging.DEBUG)
    return caplog


def issued(responses):
    """The secrets, and their hashes, that answers handed out."""
    secrets = set()
    for response in responses:
        for cookie in cookies(response):
            token = parse(cookie.partition("=")[2].partition(";")[0])
            if token is not None:
                secrets |= {token.secret, token.hash.hex(), repr(token.hash)[2:-1]}
    return secrets


def test_a_whole_sign_in_and_out_shows_no_secret(tmp_path, clock, heard):
    """Logs, events, reprs, pages and the database, through begin, prove, extend, end and errors."""
    app = login_app(clock=clock, store=SqliteStore(tmp_path / "sessions.db"))
    shown, events = [], []
    app.extensions["nightlatch"].manager.events.listen(events.append)

    @app.after_request
    def look(response):
        here = current_session()
        shown.extend(map(repr, (here, here.open(), here.record, here.token_to_send)))
        return response

    @app.get("/broken")
    def broken():
        app.logger.warning("%r", current_session())
        raise RuntimeError("broken")

    browser = Browser(app)
    responses = [
        browser.submit("/values", a="1"),
        browser.submit("/login", user="george", remember="yes"),
        browser.go("/private"),
        browser.fetch("/session/extend", json={}),
        browser.submit("/confirm"),
        browser.go("/broken"),
        browser.fetch("/session/end", json={}),
    ]
    secrets = issued(responses)
    raw = {secret for secret in secrets if len(secret) == 43}

    assert len(raw) == 3, "a visitor's, the sign-in's and the rotated one"
    for response in responses:
        response.headers.remove("Set-Cookie")
        shown.append(f"{response.headers}{response.text}")
    everything = "\n".join([heard.text, repr(events), *shown])
    assert [secret for secret in secrets if secret in everything] == []
    app.extensions["nightlatch"].manager.close()
    files = b"".join(path.read_bytes() for path in tmp_path.iterdir())
    assert files
    assert [secret for secret in raw if secret.encode() in files] == []


def test_refusals_repeat_nothing_of_what_was_presented(clock, heard):
    """Neither in events nor in logs, for tokens made up, expired, malformed or doubled."""
    app = bare_app(clock=clock)
    events = []
    app.extensions["nightlatch"].manager.events.listen(events.append)
    browser = Browser(app)
    browser.submit("/sign-in", user="george")
    good = parse(browser.token)
    events.clear()

    for value in ("malformed-secret", Token(good.sid, "S" * 43).text(), f"{browser.token}x"):
        other = Browser(app)
        other.token = value
        other.go("/values")

    assert [type(event).__name__ for event in events] == ["SessionRefused"] * 3
    told = repr(events) + heard.text
    for part in ("malformed-secret", "S" * 43, good.secret):
        assert part not in told


def test_errors_carry_no_secret(clock, heard):
    """A store out of reach, in the answer and in the log."""
    store = FailingStore()
    app = bare_app(clock=clock, store=store)
    browser = Browser(app)
    browser.submit("/sign-in", user="george")
    secret = parse(browser.token).secret
    store.down = {"open"}

    response = browser.go("/")

    assert response.status_code == 503
    assert secret not in response.text + heard.text


def test_no_object_of_ours_shows_a_secret_or_a_hash(clock):
    """Every repr there is while a session lives."""
    manager = Manager(FailingStore(), bare_app().extensions["nightlatch"].manager.limits)
    started = manager.start("george", values={"pin": "the-pin"})
    rotated = manager.rotate(started.record)
    live = manager.peek(rotated.token.text())
    previous = live.record.previous

    shown = " ".join(map(repr, (started, rotated, live, previous, Created(), manager)))

    assert isinstance(started, Started)
    assert isinstance(live, Live)
    for token in (started.token, rotated.token):
        assert token.secret not in shown
        assert repr(token.hash) not in shown
    assert "the-pin" not in shown
