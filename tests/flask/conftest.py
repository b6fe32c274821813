"""A small application, the clock that moves it, and browsers at it."""

import pytest

from nightlatch.testing import FakeClock
from tests.flask.apps import bare_app, login_app
from tests.flask.browser import Browser


@pytest.fixture
def clock():
    """Time, moved by hand."""
    return FakeClock()


@pytest.fixture
def app(clock):
    """Without Flask-Login."""
    return bare_app(clock=clock)


@pytest.fixture
def with_login(clock):
    """With Flask-Login."""
    return login_app(clock=clock)


@pytest.fixture
def browser(app):
    """Somebody who has never been here."""
    return Browser(app)


@pytest.fixture
def george(app):
    """George, signed in to the application without Flask-Login."""
    browser = Browser(app)
    browser.submit("/sign-in", user="george")
    return browser


@pytest.fixture
def member(with_login):
    """George, signed in to the application with Flask-Login."""
    browser = Browser(with_login)
    browser.submit("/login", user="george")
    return browser


@pytest.fixture
def listing():
    """Who has a live session at an application."""

    def of(app):
        return [info.user for info in app.extensions["nightlatch"].manager.list()]

    return of
