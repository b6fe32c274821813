"""What counts as somebody being there: one table, and what may be declared."""

import pytest
from flask import Blueprint, Response

from nightlatch.flask import active, passive
from tests.flask.apps import bare_app
from tests.flask.browser import NAVIGATION, SCRIPT, Browser

COUNTS = [
    ("a page navigation", "GET", "/", NAVIGATION),
    ("a form submission", "POST", "/values", NAVIGATION),
    ("a navigation from another site", "GET", "/", NAVIGATION | {"Sec-Fetch-Site": "cross-site"}),
    ("a navigation to a page that is not there", "GET", "/nowhere", NAVIGATION),
    ("a page for a browser without Fetch Metadata", "GET", "/", {"Accept": "text/html,*/*;q=0.8"}),
    ("a script's request to an @active view", "GET", "/active", SCRIPT),
]
DOES_NOT_COUNT = [
    ("a background fetch", "GET", "/values", SCRIPT),
    ("a fetch that posts", "POST", "/values", SCRIPT),
    ("an XMLHttpRequest without Fetch Metadata", "GET", "/",
     {"Accept": "text/html", "X-Requested-With": "XMLHttpRequest"}),
    ("data for a browser without Fetch Metadata", "GET", "/", {"Accept": "application/json"}),
    ("a client that says nothing", "GET", "/", {}),
    ("a client that takes anything", "GET", "/", {"Accept": "*/*"}),
    ("HEAD", "HEAD", "/", NAVIGATION),
    ("OPTIONS", "OPTIONS", "/", NAVIGATION),
    ("HEAD of an @active view", "HEAD", "/active", SCRIPT),
    ("a prefetch", "GET", "/", NAVIGATION | {"Sec-Purpose": "prefetch"}),
    ("a prerender", "GET", "/", NAVIGATION | {"Sec-Purpose": "prefetch;prerender"}),
    ("an older prefetch", "GET", "/", NAVIGATION | {"Purpose": "prefetch"}),
    ("a frame", "GET", "/", NAVIGATION | {"Sec-Fetch-Dest": "iframe"}),
    ("a picture", "GET", "/", SCRIPT | {"Sec-Fetch-Mode": "no-cors", "Sec-Fetch-Dest": "image"}),
    ("a request that calls itself passive", "GET", "/", NAVIGATION | {"X-Nightlatch-Passive": "1"}),
    ("a passive request to an @active view", "GET", "/active",
     SCRIPT | {"X-Nightlatch-Passive": "1"}),
    ("a navigation to a @passive view", "GET", "/passive", NAVIGATION),
    ("a static file opened as a page", "GET", "/static/logo.svg", NAVIGATION),
    ("a blueprint's static file", "GET", "/parts/static/logo.svg", NAVIGATION),
    ("the state of the session", "GET", "/session", NAVIGATION),
]  # fmt: skip


@pytest.fixture
def george(clock, tmp_path):
    """Signed in, with an idle hour of which 30 minutes are gone."""
    (tmp_path / "logo.svg").write_text("<svg/>")
    app = bare_app(clock=clock)
    app.static_folder = str(tmp_path)
    parts = Blueprint("parts", __name__, static_folder=str(tmp_path), static_url_path="/static")
    app.register_blueprint(parts, url_prefix="/parts")
    app.get("/active")(active(active_view))
    app.get("/passive")(passive(passive_view))
    browser = Browser(app)
    browser.submit("/sign-in", user="george")
    clock.advance(minutes=30)
    return browser


def active_view():
    """A page that a script loads because somebody clicked."""
    return Response("active")


def passive_view():
    """A page that reloads itself."""
    return Response("passive")


def minutes_left(browser):
    """Until the promised end."""
    return browser.fetch("/session").json["idle_ms"] // 60_000


@pytest.mark.parametrize(
    ("method", "path", "headers"), [row[1:] for row in COUNTS], ids=[row[0] for row in COUNTS]
)
def test_counts_as_activity(george, method, path, headers):
    """The session is promised its whole idle time again."""
    george.ask(method, path, headers)

    assert minutes_left(george) == 59


@pytest.mark.parametrize(
    ("method", "path", "headers"),
    [row[1:] for row in DOES_NOT_COUNT],
    ids=[row[0] for row in DOES_NOT_COUNT],
)
def test_does_not_count_as_activity(george, method, path, headers):
    """Nothing is credited."""
    response = george.ask(method, path, headers)

    assert response.status_code == 200
    assert minutes_left(george) == 29


def test_a_client_can_only_weaken(george):
    """No header makes a background fetch an activity."""
    for value in ("0", "false", ""):
        george.ask("GET", "/values", SCRIPT | {"X-Nightlatch-Passive": value})
    george.ask("GET", "/values", SCRIPT | {"X-Nightlatch-Active": "1", "Sec-Fetch-User": "?1"})

    assert minutes_left(george) == 29


def test_activity_is_credited_before_anything_else_runs(clock):
    """Also when the view, or a hook before it, fails."""
    app = bare_app(clock=clock)

    @app.get("/broken")
    def broken():
        raise RuntimeError("broken")

    browser = Browser(app)
    browser.submit("/sign-in", user="george")
    clock.advance(minutes=30)

    assert browser.go("/broken").status_code == 500
    assert minutes_left(browser) == 59


def test_a_visitors_navigation_costs_no_question_to_the_store(clock):
    """Nothing was presented, so there is nothing to open."""
    from tests.flask.apps import FailingStore

    store = FailingStore()
    store.down = {"open", "create", "save", "end"}

    assert Browser(bare_app(clock=clock, store=store)).go("/").status_code == 200
