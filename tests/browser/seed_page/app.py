"""The article's small application, written anew on nightlatch.

Flask-Login, a page that asks for a signed-in user, and the article's routes: ``/ping``,
``/logout`` and ``/logged-out``.
"""

from pathlib import Path

from flask import Flask, redirect, render_template, request, send_from_directory, url_for
from flask_login import LoginManager, UserMixin, login_required, login_user, logout_user

import nightlatch
from nightlatch.flask import Nightlatch, active, safe_next
from nightlatch.stores.memory import MemoryStore

MODULES = Path(nightlatch.__file__).parent / "static" / "nightlatch"
PACKAGES = Path(__file__).parent / "node_modules"
# What a page of each generation loads, by the name under which tests ask for it.
LIBRARIES = {
    "none": [],
    "2.1.1": ["jquery-2/dist/jquery.min.js", "bootstrap-3.2/dist/js/bootstrap.min.js"],
    "3.7.1": ["jquery-3/dist/jquery.min.js", "bootstrap-3.4/dist/js/bootstrap.min.js"],
}
STRICT = (
    "default-src 'self'; form-action 'self'; base-uri 'none'; "
    "require-trusted-types-for 'script'; trusted-types 'none'"
)
# jQuery of that time writes markup, and both it and Bootstrap 3 set style attributes in it.
OLD = "default-src 'self'; style-src 'self' 'unsafe-inline'; form-action 'self'; base-uri 'none'"


class User(UserMixin):
    def __init__(self, name):
        self.id = name


def create_app(*, clock, jquery, routes, **timing):
    """Make the application.

    :param jquery: a key of `LIBRARIES`.
    :param routes: ``"ours"``: the page points at nightlatch's routes; ``"article"``: at the
        article's, and the script comes from nightlatch; ``"copied"``: at the article's, and the
        script was copied to the application's own files, so that nothing tells it of nightlatch.
    """
    app = Flask(__name__)
    app.secret_key = "only for these tests"
    app.permanent_session_lifetime = timing["idle"]
    Nightlatch(
        app,
        store=MemoryStore(),
        journal=False,
        clock=clock,
        ended_view="logged_out",
        **{name: value for name, value in timing.items() if name != "idle"},
    )
    logins = LoginManager(app)
    logins.login_view = "login"
    logins.user_loader(User)

    @app.after_request
    def harden(response):
        response.headers["Content-Security-Policy"] = STRICT if jquery == "none" else OLD
        return response

    @app.route("/login", methods=["GET", "POST"])
    def login():
        if request.method == "POST":
            login_user(User(request.form["name"]))
            return redirect(safe_next("/"), 303)
        return render_template("login.html")

    @app.get("/")
    @app.get("/another-page")
    @login_required
    def home():
        return render_template(
            "home.html",
            libraries=LIBRARIES[jquery],
            routes=routes,
            lifetime_ms=round(app.permanent_session_lifetime.total_seconds() * 1000),
        )

    @app.post("/ping")
    @active
    @login_required
    def ping():
        return "OK"

    @app.get("/logout")
    def logout():
        logout_user()
        return redirect(url_for("logged_out", **request.args))

    @app.get("/logged-out")
    def logged_out():
        return render_template("logged_out.html")

    @app.post("/drafts")
    @login_required
    def drafts():
        return "kept"

    @app.get("/packages/<path:name>")
    def package(name):
        return send_from_directory(PACKAGES, name)

    @app.get("/copied/<name>")
    def copied(name):
        return send_from_directory(MODULES, name)

    return app
