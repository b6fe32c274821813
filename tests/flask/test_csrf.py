"""Flask-WTF beside nightlatch: forms go on working, our routes judge by origin."""

import pytest
from flask import render_template_string, request
from flask_login import LoginManager, login_required, login_user
from flask_wtf.csrf import CSRFProtect, generate_csrf

from nightlatch.flask import Nightlatch
from nightlatch.stores.memory import MemoryStore
from tests.flask.apps import User, add_login_views, login_app, new_app
from tests.flask.browser import Browser


@pytest.fixture(params=["nightlatch first", "nightlatch second"])
def protected(request, clock):
    """An application whose every form needs a token, whichever extension came first."""
    app = new_app()
    joins = [lambda: Nightlatch(app, store=MemoryStore(), clock=clock), lambda: CSRFProtect(app)]
    for join in joins if request.param == "nightlatch first" else reversed(joins):
        join()
    LoginManager(app).user_loader(User)
    add_login_views(app)
    app.get("/form")(lambda: render_template_string("{{ csrf_token() }}"))
    return app


def test_our_routes_need_no_form_token(protected):
    """It would die with its page; other sites are kept out by origin."""
    browser = Browser(protected)
    browser.submit("/login", user="george", csrf_token=browser.go("/form").text)

    assert browser.fetch("/session/extend", json={}).status_code == 200
    assert browser.submit("/session/end").status_code == 303


def test_the_applications_own_forms_still_do(protected):
    """Nothing else is exempt."""
    browser = Browser(protected)

    assert browser.submit("/login", user="george").status_code == 400
    assert browser.submit("/values", a="1").status_code == 400


def test_the_form_token_changes_at_the_sign_in(protected):
    """Whoever planted the visitor's session knows its token."""
    browser = Browser(protected)
    before = browser.go("/form").text
    browser.submit("/login", user="george", csrf_token=before)

    assert browser.submit("/values", a="1", csrf_token=before).status_code == 400
    after = browser.go("/form").text
    assert browser.submit("/values", a="1", csrf_token=after).status_code == 200


def test_the_form_token_changes_under_whatever_name_it_has(clock):
    """Flask-WTF's WTF_CSRF_FIELD_NAME."""
    app = login_app({"WTF_CSRF_FIELD_NAME": "form_token"}, clock=clock)
    CSRFProtect(app)
    app.add_url_rule("/form", "form", generate_csrf)
    browser = Browser(app)
    before = browser.go("/form").text

    browser.submit("/login", user="george", form_token=before)

    assert browser.submit("/values", a="1", form_token=before).status_code == 400


def test_a_session_begun_outside_a_request_works_all_the_same(clock):
    """In an application's own tests, through the test client."""
    app = login_app(clock=clock)
    client = app.test_client()

    with client.session_transaction() as session:
        session.sign_in("george")

    assert client.get("/session").json["state"] == "active"


def test_a_form_token_made_by_the_sign_in_itself_is_kept(clock):
    """Nobody can have known it before."""
    app = login_app(clock=clock)

    @app.get("/come-in")
    def come_in():
        token = generate_csrf()
        login_user(User("george"))
        return token

    CSRFProtect(app)
    browser = Browser(app)

    token = browser.go("/come-in").text

    assert browser.submit("/values", a="1", csrf_token=token).status_code == 200


def test_a_form_on_the_page_that_answers_a_sign_in_works(clock):
    """Its token is the new session's, not the one that the sign-in form came with."""
    app = login_app(clock=clock)
    CSRFProtect(app)
    app.add_url_rule("/form", "form", generate_csrf)

    @app.post("/come-in")
    def come_in():
        generate_csrf()  # as making the sign-in form does
        login_user(User(request.form["user"]))
        return generate_csrf()

    app.add_url_rule("/pay", "pay", login_required(lambda: "paid"), methods=["POST"])
    browser = Browser(app)

    token = browser.submit("/come-in", user="george", csrf_token=browser.go("/form").text).text

    assert browser.submit("/pay", csrf_token=token).text == "paid"
