"""``flask nightlatch check``: a running application held against standards."""

import json
from datetime import timedelta

import pytest
from flask import Flask, Response, session
from flask.sessions import SecureCookieSessionInterface
from flask_login import LoginManager
from jinja2 import BaseLoader, DictLoader

from nightlatch.flask import Nightlatch, require_recent
from nightlatch.flask.facts import gather
from nightlatch.stores.memory import MemoryStore
from nightlatch.stores.sqlite import SqliteStore

PAGES = {"base.html": "{{ nightlatch() }}{% block body %}{% endblock %}", "other.html": "hello"}
DAY = timedelta(hours=8)
EVERYTHING = {f"3.3.{one}" for one in range(1, 6)} | {f"7.2.{one}" for one in range(1, 5)}
EVERYTHING |= {"7.3.1", "7.3.2", "7.4.1", "7.4.5", "7.5.1", "7.5.2", "7.5.3", "14.3.1", "14.3.2"}
# What stays a person's to answer, however strong the application is.
ASKED = {"7.1.1", "7.1.2", "7.1.3", "7.4.2", "7.4.3", "7.4.4"}
ASKED |= {"7.5.1", "7.5.2", "7.5.3", "7.6.1", "7.6.2"}


@pytest.fixture
def build(tmp_path):
    """Builds a strong application, but for what a test gives it."""

    def make(pages=PAGES, configuration=None, change=None, **options):
        app = Flask("checked", instance_path=str(tmp_path))
        app.config.update(SECRET_KEY="only for tests", SESSION_COOKIE_SECURE=True)
        app.config.update(configuration or {})
        app.jinja_loader = DictLoader(pages) if isinstance(pages, dict) else pages
        given = {"profile": "owasp-asvs"} if not {"idle", "absolute"} & set(options) else {}
        given |= {"store": SqliteStore(tmp_path / "sessions.db"), "reauth_view": "/again"}
        Nightlatch(app, **given | options)
        LoginManager(app).user_loader(lambda name: None)

        @app.get("/sensitive")
        @require_recent(5)
        def sensitive() -> Response:
            return Response("done")

        @app.get("/begin")
        def begin() -> Response:
            session["one"] = 1
            return Response("begun")

        if change:
            change(app)
        return app

    return make


def run(app, *arguments, **options):
    """Run the command."""
    runner = app.test_cli_runner(**options)
    return runner.invoke(args=["nightlatch", "check", *arguments])


def verdicts(app, profile="owasp-asvs"):
    """Each clause's verdicts, by the JSON document; and the exit code."""
    result = run(app, "--profile", profile, "--json")
    found = {}
    for one in json.loads(result.stdout)["findings"]:
        found.setdefault(one["verdict"], set()).add(one["clause"])
    return found, result.exit_code


def test_everything_that_is_ours_is_met_by_a_strong_application(build):
    """Exit code 0; what is left are the questions that only a person can answer."""
    found, code = verdicts(build())

    assert code == 0
    assert set(found) == {"met", "not ours to know"}
    assert found["not ours to know"] == ASKED


def replaced(app):
    """Flask's own sessions in the place of ours."""
    app.session_interface = SecureCookieSessionInterface()


def unhooked(app):
    """Nightlatch's first step taken away: Flask-Login's remember cookie is believed again."""
    app.before_request_funcs.clear()


@pytest.mark.parametrize(
    ("weakness", "clauses"),
    [
        ({"idle": timedelta(hours=2)}, {"7.3.1"}),
        ({"configuration": {"PERMANENT_SESSION_LIFETIME": 7200}, "absolute": DAY}, {"7.3.1"}),
        ({"absolute": timedelta(hours=25)}, {"7.3.2"}),
        ({"journal": False}, {"7.4.1"}),
        ({"store": MemoryStore()}, {"7.4.5"}),
        ({"cookie_name": "n" * 4016}, {"3.3.5"}),
        ({"reauth_view": None}, {"7.5.1", "7.5.2", "7.5.3"}),
        ({"pages": {"base.html": "{# {{ nightlatch() }} #}"}}, {"14.3.1"}),
        ({"change": unhooked}, {"7.3.1", "7.3.2", "7.4.1"}),
        ({"change": replaced}, EVERYTHING),
    ],
)
def test_one_setting_changed_turns_exactly_its_clauses_red(build, weakness, clauses):
    """Exit code 1, and nothing else is touched by it."""
    found, code = verdicts(build(**weakness))

    assert (found["not met"], code) == (clauses, 1)


@pytest.mark.parametrize(
    ("knowledge", "clauses"),
    [
        ({"configuration": {"SESSION_COOKIE_SECURE": False}}, {"3.3.1", "3.3.3"}),
        ({"pages": {}}, {"14.3.1"}),
        ({"pages": BaseLoader()}, {"14.3.1"}),
        ({"pages": {"broken.html": "{% if %}"}}, {"14.3.1"}),
    ],
)
def test_what_settings_cannot_tell_becomes_a_question(build, knowledge, clauses):
    """Neither met nor not met, and the exit code stays 0."""
    found, code = verdicts(build(**knowledge))

    assert (found["not ours to know"], code) == (ASKED | clauses, 0)


def test_the_cookie_that_is_sent_is_the_one_that_is_reported(build):
    """Held against the header of a real answer, byte by byte."""
    app = build()

    sent = app.test_client().get("/begin", base_url="https://bank.example").headers["Set-Cookie"]

    with app.app_context():
        facts = gather(app, app.extensions["nightlatch"])
    pair, *attributes = sent.split("; ")
    assert len(pair.replace("=", "", 1)) == facts.cookie_bytes
    assert pair.startswith(facts.cookie.name_for(secure=True) + "=")
    assert sorted(attributes) == ["HttpOnly", "Path=/", "SameSite=Lax", "Secure"]


def test_flask_logins_page_for_it_counts_as_the_page_for_it(build):
    """refresh_view stands in for reauth_view, as it does in a request."""

    def with_refresh_view(app):
        app.login_manager.refresh_view = "refresh"

    app = build(reauth_view=None, change=with_refresh_view)

    assert gather(app, app.extensions["nightlatch"]).reauth_view == "refresh"


def test_an_application_without_flask_login_and_with_a_cap_is_measured(build):
    """What is absent is absent, and the cap is told."""

    def without_login(app):
        del app.login_manager

    app = build(reauth_view=None, cap=3, change=without_login)

    facts = gather(app, app.extensions["nightlatch"])

    assert (facts.reauth_view, facts.remember_cookie) == (None, False)
    assert (facts.cap, facts.cap_full, facts.store) == (3, "end-oldest", "SqliteStore")


def test_a_store_without_a_breaker_is_looked_at_itself(build):
    """Its kind is told, whoever made the manager."""
    app = build()
    here = app.extensions["nightlatch"]
    here.manager.store = MemoryStore()

    facts = gather(app, here)

    assert (facts.store, facts.shared_store) == ("MemoryStore", False)


def test_measuring_begins_no_session_and_asks_no_store(build, tmp_path):
    """The store may be out of reach: the check still answers."""
    app = build()
    (tmp_path / "sessions.db").rename(tmp_path / "elsewhere.db")

    assert run(app, "--profile", "owasp-asvs").exit_code == 0


def test_without_a_profile_every_standard_is_reported(build):
    """In the order of the profiles; the shortest limits satisfy them all."""
    result = run(build(profile="eu-sca"))

    heads = [line for line in result.stdout.splitlines() if "(--profile" in line]
    assert [head.split("--profile ")[1] for head in heads] == [
        "pci-dss)",
        "nist-aal2)",
        "nist-aal3)",
        "eu-sca)",
        "owasp-asvs)",
    ]
    assert result.exit_code == 0


def test_an_ascii_terminal_gets_the_whole_report(build):
    """A template called O’Connor’s is spelled by number, and obeyed by nobody."""
    app = build(pages={"O’Connor\x1b[2J.html": "{{ nightlatch() }}"})

    result = run(app, "--profile", "owasp-asvs", charset="ascii")

    assert result.exit_code == 0
    assert "O\\u2019Connor?[2J.html" in result.stdout


def test_a_profile_that_does_not_exist_is_wrong_use(build):
    """Exit code 2, and the names there are."""
    result = run(build(), "--profile", "iso")

    assert result.exit_code == 2
    assert "owasp-asvs" in result.stderr


@pytest.mark.parametrize(
    ("profile", "clauses"),
    [("pci-dss", {"8.2.8"}), ("nist-aal3", {"2.3.3"}), ("eu-sca", {"4(3)(d)"})],
)
def test_the_defaults_are_too_long_for_who_asks_for_minutes(build, profile, clauses):
    """60 minutes idle; exit code 1."""
    found, code = verdicts(build(idle=timedelta(minutes=60)), profile)

    assert (found["not met"], code) == (clauses, 1)
