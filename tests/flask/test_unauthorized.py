"""Who is not signed in: led to the sign-in page, or told why, and led back where they were."""

from urllib.parse import parse_qs, urlsplit

import pytest
from flask import Blueprint, get_flashed_messages
from flask_login import LoginManager, login_required
from werkzeug.middleware.dispatcher import DispatcherMiddleware

from tests.flask.apps import User, bare_app, login_app
from tests.flask.browser import Browser


def led_to(response):
    """Path and query of a redirect."""
    assert response.status_code == 302
    target = urlsplit(response.headers["Location"])
    return target.path, {name: value for name, (value,) in parse_qs(target.query).items()}


@pytest.fixture
def visitor(with_login):
    return Browser(with_login)


@pytest.mark.parametrize("path", ["/private", "/private?tab=2&q=a%26b", "/private?"])
def test_a_visitor_is_led_to_the_sign_in_page_and_back(visitor, path):
    """With the page that they asked for, query and all."""
    where, query = led_to(visitor.go(path))

    assert where == "/login"
    assert query == {"next": path.rstrip("?")}
    after = visitor.client.post("/login", query_string=query, data={"user": "george"})
    assert after.headers["Location"] == path.rstrip("?")


def test_a_visitor_without_a_history_gets_no_story(visitor):
    """No reason: nothing of theirs has ended."""
    assert "reason" not in led_to(visitor.go("/private"))[1]


@pytest.mark.parametrize(
    ("happens", "reason"),
    [
        ("idle", "idle"),
        ("absolute", "absolute"),
        ("signed out", "signed-out"),
        ("revoked", "revoked"),
        ("replaced", "replaced"),
    ],
)
def test_whose_session_has_ended_is_told_how(with_login, member, clock, happens, reason):
    """The page that says why, with the truth and the way back; a script gets the same in JSON."""
    manager = with_login.extensions["nightlatch"].manager
    token = member.token
    if happens == "idle":
        clock.advance(hours=1)
    elif happens == "absolute":
        for _ in range(24):
            clock.advance(minutes=30)
            member.go("/login")
    elif happens == "signed out":
        member.submit("/logout")
    elif happens == "revoked":
        manager.end_user("george")
    else:
        member.submit("/login", user="george")
    member.token = token

    page, data = member.go("/private?tab=2"), member.fetch("/private?tab=2")

    assert led_to(page) == ("/login", {"reason": reason, "next": "/private?tab=2"})
    assert data.status_code == 401
    assert (data.json["state"], data.json["reason"]) == ("ended", reason)
    assert member.go("/private").status_code == 302, "and it stays so"


def test_the_page_that_says_why_can_be_chosen(clock):
    """By endpoint or by path, with a query of its own; a sent form is not repeated by *next*."""
    for view, expected in (("values", "/values"), ("/bye?lang=cy", "/bye?lang=cy&")):
        browser = Browser(login_app(clock=clock, ended_view=view))
        browser.submit("/login", user="george")
        clock.advance(hours=1)

        location = browser.submit("/private").headers["Location"]

        assert location == f"{expected}{'' if expected.endswith('&') else '?'}reason=idle"


SCRIPTS = [
    {"Sec-Fetch-Mode": "cors", "Sec-Fetch-Dest": "empty"},
    {"Sec-Fetch-Mode": "same-origin", "Sec-Fetch-Dest": "empty", "Accept": "text/html"},
    {"X-Requested-With": "XMLHttpRequest", "Accept": "text/html"},
    {"Accept": "application/json"},
]
PEOPLE = [
    {},
    {"Accept": "text/html"},
    {"Accept": "*/*"},
    {"Sec-Fetch-Mode": "navigate", "Sec-Fetch-Dest": "document"},
    {"Sec-Fetch-Mode": "navigate", "Sec-Fetch-Dest": "iframe"},
]


@pytest.mark.parametrize("headers", SCRIPTS)
def test_a_script_gets_401_and_the_state(visitor, headers):
    """Never a sign-in page under the name of the data that it asked for."""
    response = visitor.ask("GET", "/private", headers)

    assert response.status_code == 401
    assert response.json["state"] == "anonymous"


@pytest.mark.parametrize("headers", PEOPLE)
def test_whoever_is_not_evidently_a_script_is_led_on(visitor, headers):
    """As Flask-Login does."""
    assert visitor.ask("GET", "/private", headers).status_code == 302


def test_a_form_that_was_sent_too_late_has_no_page_to_come_back_to(visitor):
    """A POST cannot be repeated by a link."""
    assert led_to(visitor.submit("/private")) == ("/login", {})


def test_the_way_back_keeps_what_the_path_means(with_login):
    """Escaped question marks and letters outside ASCII arrive as they left."""

    @with_login.get("/files/<name>")
    @login_required
    def file(name):
        return name

    browser = Browser(with_login)

    _, query = led_to(browser.go("/files/what%3F%20is%20Ωmega?page=2"))

    after = browser.client.post("/login", query_string=query, data={"user": "george"})
    assert browser.go(after.headers["Location"]).text == "what? is Ωmega"


def test_the_way_back_knows_where_the_application_is_mounted(with_login):
    """Under a prefix of the server's."""
    with_login.wsgi_app = DispatcherMiddleware(bare_app().wsgi_app, {"/app": with_login.wsgi_app})

    where, query = led_to(Browser(with_login).go("/app/private?a=1"))

    assert (where, query) == ("/app/login", {"next": "/app/private?a=1"})


def test_blueprints_may_have_a_sign_in_page_of_their_own(with_login):
    """Flask-Login's ``blueprint_login_views``."""
    staff = Blueprint("staff", __name__, url_prefix="/staff")

    @staff.get("/rota")
    @login_required
    def rota():
        return "rota"

    with_login.register_blueprint(staff)
    with_login.login_manager.blueprint_login_views = {"staff": "/staff/login"}
    browser = Browser(with_login)

    assert led_to(browser.go("/staff/rota")) == ("/staff/login", {"next": "/staff/rota"})


@pytest.mark.parametrize(
    ("localize", "message"),
    [
        (None, "Please log in to access this page."),
        (str.upper, "PLEASE LOG IN TO ACCESS THIS PAGE."),
    ],
)
def test_flask_logins_own_message_is_shown(with_login, localize, message):
    """In its category, and in the user's language."""
    with_login.login_manager.localize_callback = localize

    @with_login.get("/messages")
    def messages():
        return get_flashed_messages(with_categories=True)

    browser = Browser(with_login)
    browser.go("/private")

    assert browser.go("/messages").json == [["message", message]]


def test_an_application_without_a_message_stores_nothing_for_visitors(with_login, listing):
    """So a crawler at a private page makes no row."""
    with_login.login_manager.login_message = None

    Browser(with_login).go("/private")

    assert listing(with_login) == []


def test_an_application_without_a_sign_in_page_answers_401(clock):
    """There is nowhere to lead to."""
    app = login_app(clock=clock)
    app.login_manager.login_view = None

    assert Browser(app).go("/private").status_code == 401


def test_an_applications_own_handler_is_left_alone(clock):
    """It was there first."""
    app = bare_app(clock=clock)
    manager = LoginManager(app)
    manager.user_loader(User)
    manager.unauthorized_handler(lambda: ("ours", 418))
    app.get("/private")(login_required(lambda: "private"))

    assert Browser(app).go("/private").status_code == 418
