"""Two lines are enough, in every way that Flask applications are put together."""

from datetime import timedelta

import pytest
from flask import Flask, render_template_string, session

from nightlatch.flask import Nightlatch, current_session
from nightlatch.flask.installed import installed
from tests.flask.browser import Browser


def test_a_small_application_gets_sessions_with_timeouts(tmp_path):
    """The two lines of the manual, and ``{{ nightlatch() }}`` in the page."""
    app = Flask("two_lines", instance_path=str(tmp_path))
    Nightlatch(app, idle=timedelta(minutes=15), absolute=timedelta(hours=8))

    @app.post("/sign-in")
    def sign_in():
        current_session().sign_in("george")
        session["greeting"] = "Hello"
        return ""

    @app.get("/")
    def page():
        return render_template_string("{{ nightlatch() }}{{ session.greeting }}")

    browser = Browser(app)
    browser.submit("/sign-in")

    html = browser.go("/").text
    assert html.startswith('<link rel="stylesheet"')
    assert html.endswith("Hello")
    assert browser.fetch("/session").json["absolute_ms"] <= 8 * 3_600_000
    app.extensions["nightlatch"].manager.close()


def test_an_extension_may_be_made_before_the_application(clock):
    """``init_app``, for applications with a factory; two of them do not mix."""
    latch = Nightlatch(store="memory://", clock=clock)
    first, second = Flask("first"), Flask("second")
    latch.init_app(first)
    latch.init_app(second)

    with first.app_context():
        first_manager = latch.manager
    with second.app_context():
        second_manager = latch.manager

    assert first_manager is first.extensions["nightlatch"].manager
    assert first_manager is not second_manager
    first_manager.start("george")
    assert list(second_manager.list()) == []


def test_without_an_application_there_is_no_manager():
    """Flask's own error."""
    with pytest.raises(RuntimeError, match="application context"):
        Nightlatch(store="memory://").manager  # noqa: B018


def test_an_application_that_does_not_use_it_is_told_how():
    """Not a KeyError."""
    with Flask("plain").app_context(), pytest.raises(RuntimeError, match=r"Nightlatch\(app\)"):
        installed()


def test_values_outlive_a_restart(tmp_path, clock):
    """Another process on the same file goes on with the same sessions."""
    latch = Nightlatch(store=f"sqlite:///{tmp_path}/sessions.db", clock=clock)
    apps = []
    for _ in range(2):
        app = Flask("restarted")
        latch.init_app(app)
        app.add_url_rule("/", "page", lambda: session.setdefault("count", "first"))
        apps.append(app)
    before, after = (Browser(app) for app in apps)
    before.go("/")
    apps[0].extensions["nightlatch"].manager.close()

    after.token = before.token

    assert after.go("/").text == "first"
    assert after.token == before.token
    apps[1].extensions["nightlatch"].manager.close()
