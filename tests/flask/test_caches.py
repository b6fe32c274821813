"""What caches are told: nothing private is kept, nothing public is spoilt."""

import pytest
from flask import make_response

from tests.flask.browser import NAVIGATION, SCRIPT


@pytest.fixture
def app(app, tmp_path):
    """With a static file, a public page and a page that says how long it may be kept."""
    app.static_folder = str(tmp_path)
    (tmp_path / "logo.svg").write_text("<svg/>")

    @app.get("/public")
    def public():
        response = make_response("for everybody")
        response.cache_control.public = True
        response.cache_control.max_age = 3600
        return response

    @app.get("/for-a-minute")
    def for_a_minute():
        response = make_response("mine")
        response.cache_control.private = True
        response.cache_control.max_age = 60
        return response

    return app


@pytest.mark.parametrize("path", ["/", "/values", "/for-a-minute"])
def test_a_page_under_a_session_is_kept_by_no_cache(george, path):
    """Whatever the application said, short of *public*."""
    response = george.go(path)

    assert response.headers["Cache-Control"] == "no-store"
    assert "Cookie" in response.vary


def test_data_that_a_script_asks_for_under_a_session_is_kept_by_no_cache(george):
    """The values are George's."""
    assert george.fetch("/values").headers["Cache-Control"] == "no-store"


def test_a_page_that_is_public_on_purpose_stays_so(george):
    """The application knows that it is the same for everybody."""
    cache_control = george.go("/public").headers["Cache-Control"]

    assert "public" in cache_control
    assert "no-store" not in cache_control


def test_the_answer_that_begins_a_session_is_kept_by_no_cache(browser):
    """It carries the cookie."""
    assert browser.submit("/values", a="1").headers["Cache-Control"] == "no-store"


def test_a_visitors_pages_are_left_alone(browser):
    """Nothing private is in them; but they depend on the cookie."""
    response = browser.go("/values")

    assert "Cache-Control" not in response.headers
    assert "Cookie" in response.vary


@pytest.mark.parametrize("headers", [NAVIGATION, SCRIPT])
def test_static_files_are_left_alone(george, headers):
    """With and without a session, opened from a page or by themselves."""
    response = george.ask("GET", "/static/logo.svg", headers)

    assert response.status_code == 200
    assert "no-store" not in response.headers.get("Cache-Control", "")
    assert "Clear-Site-Data" not in response.headers


def test_static_files_are_left_alone_beside_flask_login(with_login, member, tmp_path):
    """Flask-Login looks into the session after each answer; here only where it was used."""
    with_login.static_folder = str(tmp_path)
    (tmp_path / "logo.svg").write_text("<svg/>")

    response = member.ask("GET", "/static/logo.svg", SCRIPT)

    assert "no-store" not in response.headers.get("Cache-Control", "")
    assert "Cookie" not in response.vary


def test_the_end_clears_what_the_browser_has_kept(george):
    """The back/forward cache included."""
    response = george.submit("/sign-out")

    assert response.headers["Clear-Site-Data"] == '"cache"'


def test_whoever_comes_back_after_the_end_has_their_copies_cleared(george, clock):
    """The session timed out while the browser was away."""
    clock.advance(hours=2)

    page, data = george.go("/values"), george.fetch("/values")

    assert page.headers["Clear-Site-Data"] == '"cache"'
    assert "Clear-Site-Data" not in data.headers


def test_a_living_session_clears_nothing(george):
    """Caches are there to be used."""
    assert "Clear-Site-Data" not in george.go("/").headers
    assert "Clear-Site-Data" not in george.fetch("/session").headers


@pytest.mark.parametrize(
    ("path", "json"), [("/session", None), ("/session/extend", {}), ("/session/end", {})]
)
def test_the_state_of_a_session_is_kept_by_no_cache(george, path, json):
    """It is of this moment and of this user."""
    response = george.fetch(path, **({} if json is None else {"json": json}))

    assert response.headers["Cache-Control"] == "no-store"
    assert "Cookie" in response.vary
