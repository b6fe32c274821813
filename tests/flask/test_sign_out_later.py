"""Signing out while the store is out of reach: the cookie goes now, the session later."""

import pytest
from flask import session
from flask_login import current_user, logout_user

from nightlatch import SettingError, SignOutUnconfirmed, StoreUnavailable
from nightlatch.events import SessionEnded
from nightlatch.flask import Nightlatch, current_session, optional
from nightlatch.record import EndReason
from nightlatch.stores.memory import MemoryStore
from tests.flask.apps import FailingStore, bare_app, login_app, new_app
from tests.flask.browser import Browser, cookies

ALL = {"create", "open", "save", "end"}


@pytest.fixture
def store():
    return FailingStore()


@pytest.fixture
def path(tmp_path):
    return tmp_path / "sign-outs.log"


@pytest.fixture
def app(clock, store, path):
    return bare_app(clock=clock, store=store, journal=path)


@pytest.fixture
def with_login(clock, store, path):
    return login_app(clock=clock, store=store, journal=path)


def check_unconfirmed(response):
    """503, the cookie gone, and it is said that the end could not be confirmed."""
    assert response.status_code == 503
    assert response.headers["Retry-After"] == "7"
    assert response.headers["Cache-Control"] == "no-store"
    assert response.headers["Clear-Site-Data"] == '"cache"'
    assert "could not be confirmed" in response.text
    assert "Nobody was signed out" not in response.text
    (cookie,) = cookies(response)
    assert "Max-Age=0" in cookie


def with_token(app, token):
    """Whoever else has the cookie."""
    other = Browser(app)
    other.token = token
    return other


@pytest.mark.parametrize("down", [ALL, {"end"}])
@pytest.mark.parametrize("way", ["form", "script", "view"])
def test_the_cookie_goes_now_and_the_session_later(app, george, store, path, down, way, listing):
    """Whatever fails, and however it was asked; the store's first answer ends the session."""
    token = george.token
    ended = []
    app.extensions["nightlatch"].manager.events.listen(ended.append)
    store.down = down

    if way == "script":
        response = george.fetch("/session/end", json={})
        assert response.json["signed_out"] == "unconfirmed"
        assert response.json["noted"] is True
        assert response.mimetype == "application/json"
    else:
        response = george.submit("/session/end" if way == "form" else "/sign-out")
    store.down = set()

    check_unconfirmed(response)
    assert george.token is None
    assert token.split(".")[2] not in path.read_text()
    assert listing(app) == []
    assert path.read_text() == ""
    assert [(type(one), one.reason) for one in ended] == [(SessionEnded, EndReason.SIGNED_OUT)]
    assert with_token(app, token).go("/session").json["reason"] == "signed-out"


def test_without_a_journal(clock, store, listing):
    """The cookie goes, and the answer does not promise what nobody will do."""
    app = bare_app(clock=clock, store=store, journal=False)
    george = Browser(app)
    george.submit("/sign-in", user="george")
    store.down = ALL

    response = george.fetch("/session/end", json={})
    store.down = set()

    check_unconfirmed(response)
    assert response.json["noted"] is False
    assert "time limits will end it" in response.json["error"]
    assert listing(app) == ["george"]


@pytest.mark.parametrize("down", [ALL, {"end"}])
def test_logout_user(with_login, member, store, listing, down):
    """Flask-Login's own sign-out, as its manual has it."""
    store.down = down

    response = member.submit("/logout")
    store.down = set()

    check_unconfirmed(response)
    assert listing(with_login) == []


def test_logout_user_in_an_optional_view(clock, store, path, listing):
    """There Flask-Login finds a visitor, and the sign-out is kept all the same."""
    app = login_app(clock=clock, store=store, journal=path)

    @app.post("/leave")
    @optional
    def leave():
        logout_user()
        return "gone"

    member = Browser(app)
    member.submit("/login", user="george")
    store.down = ALL

    response = member.submit("/leave")
    store.down = set()

    check_unconfirmed(response)
    assert listing(app) == []


def test_the_page_that_says_so_is_nobodys(with_login, store):
    """An application's own page finds neither the user nor what was in the session."""

    @with_login.errorhandler(SignOutUnconfirmed)
    def page(error):
        return f"{current_user.is_authenticated} {dict(session)}", 503

    member = Browser(with_login)
    member.submit("/login", user="george")
    store.down = {"end"}

    response = member.submit("/logout")

    assert (response.status_code, response.text) == (503, "False {}")
    assert "Max-Age=0" in cookies(response)[0]


def test_an_application_that_clears_the_session_itself(with_login, store, listing):
    """Its sign-out happens while the answer is on its way, and is kept, too."""

    @with_login.post("/clear")
    def clear():
        session.clear()
        return "gone"

    member = Browser(with_login)
    member.submit("/login", user="george")
    store.down = {"end"}

    response = member.submit("/clear")
    store.down = set()

    check_unconfirmed(response)
    assert listing(with_login) == []


def test_a_session_that_began_in_this_request(app, browser, store, path):
    """What is kept is the session that would have been, not the one before it."""

    @app.post("/in-and-out")
    def in_and_out():
        current_session().sign_in("george")
        store.down = {"end"}
        current_session().sign_out()

    check_unconfirmed(browser.submit("/in-and-out"))
    store.down = set()

    sid = path.read_text().split()[1]
    (found,) = store._records.values()
    assert found.sid == sid


def test_it_holds_while_the_store_only_reads(app, george, store, clock):
    """A copy of the cookie opens nothing on this machine, although the store cannot write yet."""
    token = george.token
    store.down = {"end"}
    george.submit("/session/end")

    copy = with_token(app, token)

    assert copy.go("/session").json["reason"] == "signed-out"
    assert copy.go("/values").json == {}
    assert copy.fetch("/session/extend", json={}).status_code == 401


def test_an_end_that_has_come_meanwhile(app, george, store, path, clock):
    """Only what is live is ended; the reason that was first stays."""
    token = george.token
    store.down = {"end"}
    george.submit("/session/end")
    store.down = set()
    clock.advance(hours=2)

    assert with_token(app, token).go("/session").json["reason"] == "idle"
    assert path.read_text() == ""


def test_an_invented_cookie(app, browser, store, path):
    """It is kept as any other, opens nothing, and ends nobody's session."""
    member = Browser(app)
    member.submit("/sign-in", user="george")
    _, sid, _ = member.token.split(".")
    store.down = ALL
    for token in (f"v1.{'0' * 32}.{'A' * 43}", f"v1.{sid}.{'A' * 43}"):
        browser.token = token
        assert browser.submit("/session/end").status_code == 503
    assert len(path.read_text().splitlines()) == 2
    store.down = set()

    assert member.go("/session").json["state"] == "active"
    assert path.read_text() == ""


def test_no_cookie_that_we_ever_wrote(app, browser, store, path):
    """There is nothing to end and nothing to keep."""
    browser.token = "nonsense"
    store.down = ALL

    assert browser.submit("/session/end").status_code == 303
    assert not path.exists()


def test_another_process_carries_it_out(app, george, store, path, clock, listing):
    """The journal belongs to the machine: a server that starts later finds it."""
    store.down = {"end"}
    george.submit("/session/end")
    store.down = set()

    later = bare_app(clock=clock, store=store, journal=path)

    assert listing(later) == []


def test_a_sign_in_after_the_outage_finds_its_place(clock, store, path):
    """A session that is signed out and not yet ended does not count towards the limit."""
    app = bare_app(clock=clock, store=store, journal=path, cap=1)
    george = Browser(app)
    george.submit("/sign-in", user="george")
    store.down = {"end"}
    george.submit("/session/end")
    store.down = set()
    ended = []
    app.extensions["nightlatch"].manager.events.listen(ended.append)

    george.submit("/sign-in", user="george")

    assert ended[0].reason is EndReason.SIGNED_OUT


def test_in_the_instance_folder(tmp_path, clock, store):
    """Unless the application says otherwise."""
    app = new_app()
    app.instance_path = str(tmp_path / "instance")
    Nightlatch(app, store=store, clock=clock)

    journal = app.extensions["nightlatch"].manager.journal

    assert str(journal.path) == str(tmp_path / "instance" / "nightlatch-sign-outs.log")
    assert not journal.path.parent.exists()


@pytest.mark.parametrize("journal", ["", 42, True])
def test_a_journal_that_cannot_be(journal):
    """Refused at the start, by name."""
    with pytest.raises(SettingError, match=r"^journal is .* the path of a file, or False"):
        Nightlatch(new_app(), store=MemoryStore(), journal=journal)


@pytest.fixture
def public(clock, store):
    """An application with views that answer visitors, too."""
    app = login_app(clock=clock, store=store)

    @app.route("/news", methods=["GET", "POST"])
    @optional
    def news():
        session["read"] = "yes"
        return f"{current_user.is_authenticated} {session.get('read')}"

    @app.post("/join")
    @optional
    def join():
        return app.view_functions["login"]()

    @app.get("/members")
    @optional
    def members():
        return app.login_manager.unauthorized()

    @app.get("/weather")
    def weather():
        return "sunny"

    return app


@pytest.fixture
def reader(public):
    reader = Browser(public)
    reader.submit("/login", user="george")
    return reader


@pytest.mark.parametrize("ask", ["go", "submit", "fetch"])
def test_an_optional_view_goes_on_for_a_visitor(public, reader, store, ask):
    """Nothing is kept, nothing is begun, the cookie stays, and afterwards all is as before."""
    store.down = ALL

    response = getattr(reader, ask)("/news")
    store.down = set()

    assert (response.status_code, response.text) == (200, "False yes")
    assert cookies(response) == []
    assert response.headers["Cache-Control"] == "no-store"
    assert "read" not in reader.go("/values").json
    assert reader.go("/news").text == "True yes"


@pytest.mark.parametrize("signed_in", [True, False])
def test_nobody_signs_in_there(public, reader, store, signed_in, listing):
    """It begins no session, whoever asks."""
    browser = reader if signed_in else Browser(public)
    store.down = ALL

    response = browser.submit("/join", user="ana")
    store.down = {"open"}
    again = browser.submit("/join", user="ana") if signed_in else response
    store.down = set()

    for one in (response, again):
        assert one.status_code == 503
        assert "Nobody was signed out" in one.text
        assert cookies(one) == []
    assert listing(public) == ["george"]


def test_nobody_is_told_to_sign_in(reader, store):
    """Whether they are signed in is exactly what is not known."""
    store.down = ALL

    assert reader.go("/members").status_code == 503


def test_a_view_that_needs_no_session_goes_on(reader, store):
    """Crediting activity fails nobody."""
    store.down = ALL

    response = reader.go("/weather")

    assert (response.status_code, response.text) == (200, "sunny")
    assert cookies(response) == []
    assert response.headers["Cache-Control"] == "no-store"


def test_an_error_outside_of_signing_out_stays_what_it_is(reader, store):
    """logout_user() alone has this meaning."""
    store.down = ALL

    response = reader.go("/private")

    assert response.status_code == 503
    assert "Nobody was signed out" in response.text
    assert issubclass(SignOutUnconfirmed, StoreUnavailable)
