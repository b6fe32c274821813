"""When something fails: a view, the store, or both."""

import sqlite3

import pytest
from flask import Response, current_app, send_file, session
from flask_login import current_user, logout_user

from nightlatch import StoreUnavailable
from nightlatch.flask import current_session
from nightlatch.stores.sqlite import SqliteStore
from tests.flask.apps import FailingStore, bare_app, login_app
from tests.flask.browser import Browser, cookies

ALL = {"create", "open", "save", "end"}


@pytest.fixture
def store():
    return FailingStore()


@pytest.fixture
def app(clock, store):
    app = bare_app(clock=clock, store=store)

    @app.post("/broken")
    def broken():
        session["half"] = "done"
        raise RuntimeError("broken")

    @app.post("/leave-and-break")
    def leave_and_break():
        current_session().sign_out()
        raise RuntimeError("broken")

    return app


def check_unavailable(response, *, retry_after_s=7):
    """503, for a moment, kept by no cache, and nobody was signed out."""
    assert response.status_code == 503
    assert response.headers["Retry-After"] == str(retry_after_s)
    assert response.headers["Cache-Control"] == "no-store"
    assert "Nobody was signed out" in response.text
    assert cookies(response) == []
    assert "Clear-Site-Data" not in response.headers


def test_what_a_failed_request_has_changed_is_dropped(george):
    """Half a change is no change."""
    george.submit("/values", whole="yes")

    assert george.submit("/broken").status_code == 500

    assert george.go("/values").json == {"whole": "yes"}


def test_a_visitors_failed_request_begins_no_session(browser, app, listing):
    """Neither row nor cookie."""
    response = browser.submit("/broken")

    assert cookies(response) == []
    assert listing(app) == []


def test_a_sign_out_stays_done_when_the_request_fails_after_it(george, app, listing):
    """Security operations are done when the call returns; the cookie goes, too."""
    response = george.submit("/leave-and-break")

    assert response.status_code == 500
    assert listing(app) == []
    assert "Max-Age=0" in cookies(response)[0]


def test_an_error_that_the_application_handles_is_no_failure(app, browser):
    """A page for *not found* may keep a message."""

    @app.errorhandler(404)
    def not_found(error):
        session["message"] = "There is no such page."
        return "not found", 404

    browser.go("/nowhere")

    assert browser.go("/values").json == {"message": "There is no such page."}


@pytest.mark.parametrize(
    ("down", "method", "path"),
    [
        (ALL, "GET", "/"),
        (ALL, "GET", "/values"),
        (ALL, "GET", "/session"),
        (ALL, "POST", "/session/extend"),
        ({"save"}, "POST", "/values"),
    ],
)
def test_a_store_out_of_reach_is_not_signed_out(app, george, store, down, method, path):
    """Whichever verb fails, in the view or while saving; afterwards all is as before."""
    store.down = down
    body = {"json": {}} if path.startswith("/session/") else {"data": {"a": "1"}}

    response = george.ask(
        method, path, {"Accept": "text/html"}, **({} if method == "GET" else body)
    )
    store.down = set()

    check_unavailable(response)
    assert george.go("/session").json["state"] == "active"
    assert george.go("/values").json == {}


@pytest.mark.parametrize("path", ["/values", "/sign-in"])
def test_a_visitor_is_not_begun_by_a_store_out_of_reach(app, browser, store, path):
    """503, and no cookie for a session that is not there."""
    store.down = ALL

    check_unavailable(browser.submit(path, user="george"))


def test_with_flask_login_it_is_503_too(clock, store):
    """What Flask-Login does after each answer does not ask the store again."""
    app = login_app(clock=clock, store=store)
    browser = Browser(app)
    browser.submit("/login", user="george")
    store.down = ALL

    for response in (browser.go("/private"), browser.fetch("/private")):
        check_unavailable(response)

    store.down = set()
    assert browser.go("/private").status_code == 200


def test_the_application_can_show_a_page_of_its_own(clock, store):
    """One that looks at the session and at the user, as any base template does."""
    app = login_app(clock=clock, store=store)

    @app.errorhandler(StoreUnavailable)
    def page(error):
        return f"Back soon. {current_user.is_authenticated} {dict(session)}", 503

    browser = Browser(app)
    browser.submit("/login", user="george")
    store.down = ALL

    response = browser.go("/private")

    assert (response.status_code, response.text) == (503, "Back soon. False {}")
    assert response.headers["Cache-Control"] == "no-store"
    assert cookies(response) == []


def test_a_sign_out_that_the_store_did_not_confirm_is_tried_no_second_time(clock, store):
    """The request was answered with 503: nothing of it happens after all, without a journal."""
    app = login_app(clock=clock, store=store)

    @app.post("/leave")
    def leave():
        session["note"] = "leaving"
        try:
            logout_user()
        except StoreUnavailable:
            store.down = set()
            raise
        return ""

    browser = Browser(app)
    browser.submit("/login", user="george")
    store.down = {"end"}

    token = browser.token
    assert browser.submit("/leave").status_code == 503

    browser.token = token
    assert browser.go("/session").json["state"] == "active"
    assert "note" not in browser.go("/values").json


def test_a_file_that_was_to_be_sent_is_closed_and_its_headers_go(clock, store, tmp_path):
    """The session could not be saved after the view: the answer is 503 and nothing else."""
    app = bare_app(clock=clock, store=store)
    (tmp_path / "list.csv").write_text("1,2\n")
    streams = []

    @app.post("/download")
    def download():
        session["downloads"] = 1
        response = send_file(tmp_path / "list.csv", as_attachment=True)
        streams.append(response.response.file)
        return response

    @app.post("/elsewhere")
    def elsewhere():
        session["downloads"] = 1
        return Response("", 302, {"Location": "/", "X-Frame-Options": "DENY"})

    browser = Browser(app)
    browser.submit("/sign-in", user="george")
    store.down = {"save"}

    file, redirect = browser.submit("/download"), browser.submit("/elsewhere")

    check_unavailable(file)
    check_unavailable(redirect)
    assert streams[0].closed
    assert file.mimetype == "text/plain"
    assert not {"ETag", "Last-Modified", "Content-Disposition"} & set(file.headers.keys())
    assert "Location" not in redirect.headers
    assert redirect.headers["X-Frame-Options"] == "DENY"


def test_a_real_database_that_is_locked_signs_nobody_out(clock, tmp_path):
    """Another program holds the SQLite file: 503 now, and the sign-out works afterwards."""
    path = tmp_path / "sessions.db"
    app = bare_app(clock=clock, store=SqliteStore(path, busy_timeout_ms=1))
    browser = Browser(app)
    browser.submit("/sign-in", user="george")
    other = sqlite3.connect(path, isolation_level=None)
    other.execute("BEGIN EXCLUSIVE")

    locked = browser.submit("/values", a="1")
    other.execute("ROLLBACK")
    other.close()
    free = browser.submit("/session/end")

    check_unavailable(locked, retry_after_s=5)
    assert free.status_code == 303
    app.extensions["nightlatch"].manager.close()


def test_a_touch_that_cannot_be_written_fails_no_request(clock, tmp_path):
    """Reading goes on while another program writes; only this activity is not credited."""
    path = tmp_path / "sessions.db"
    app = bare_app(clock=clock, store=SqliteStore(path, busy_timeout_ms=1))
    browser = Browser(app)
    browser.submit("/sign-in", user="george")
    clock.advance(minutes=5)
    other = sqlite3.connect(path, isolation_level=None)
    other.execute("BEGIN IMMEDIATE")

    response = browser.go("/")

    assert response.status_code == 200
    other.execute("ROLLBACK")
    other.close()
    with app.app_context():
        current_app.extensions["nightlatch"].manager.close()
