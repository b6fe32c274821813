"""Small applications to try the extension on: a bare one, and one with Flask-Login."""

from __future__ import annotations

from typing import Any

from flask import Flask, redirect, render_template_string, request, session
from flask_login import (
    LoginManager,
    UserMixin,
    confirm_login,
    current_user,
    login_required,
    login_user,
    logout_user,
)

from nightlatch.errors import StoreUnavailable
from nightlatch.flask import Nightlatch, current_session, safe_next
from nightlatch.stores.memory import MemoryStore

PAGE = "{{ nightlatch() }}<p>Hello.</p>"


def new_app(name: str = "small_app") -> Flask:
    """A Flask application that passes errors on as a deployed one does."""
    app = Flask(name)
    app.secret_key = "only for tests"
    return app


def bare_app(**options: Any) -> Flask:
    """An application without Flask-Login."""
    app = new_app()
    Nightlatch(app, **({"store": MemoryStore(), "journal": False} | options))
    add_bare_views(app)
    return app


def add_bare_views(app: Flask) -> None:
    """Pages that read and write the session, and the way in and out."""

    @app.get("/")
    def page() -> str:
        return render_template_string(PAGE)

    @app.get("/values")
    def values() -> dict[str, Any]:
        return dict(session)

    @app.post("/values")
    def keep() -> dict[str, Any]:
        session.update(request.form)
        return dict(session)

    @app.post("/sign-in")
    def sign_in() -> Any:
        current_session().sign_in(request.form["user"])
        return redirect("/", 303)

    @app.post("/sign-out")
    def sign_out() -> Any:
        current_session().sign_out()
        return redirect("/", 303)


class User(UserMixin):
    """Whoever says so."""

    def __init__(self, name: str) -> None:
        self.id = name


def login_app(configuration: dict[str, Any] | None = None, **options: Any) -> Flask:
    """An application with Flask-Login, used as its manual says."""
    app = new_app()
    app.config.update(configuration or {})
    Nightlatch(app, **({"store": MemoryStore(), "journal": False} | options))
    manager = LoginManager(app)
    manager.login_view = "login_page"
    manager.user_loader(User)
    add_login_views(app)
    return app


def add_login_views(app: Flask) -> None:
    """The way in, the way out, and what is behind it."""

    @app.get("/login")
    def login_page() -> str:
        return f"Please sign in. {safe_next('/')}"

    @app.post("/login")
    def login() -> Any:
        login_user(User(request.form["user"]), remember="remember" in request.form)
        return redirect(safe_next("/private"), 303)

    @app.post("/logout")
    def logout() -> Any:
        logout_user()
        return redirect("/login", 303)

    @app.post("/confirm")
    @login_required
    def confirm() -> str:
        confirm_login()
        return "confirmed"

    @app.route("/private", methods=["GET", "POST"])
    @login_required
    def private() -> str:
        return render_template_string(
            "{{ nightlatch() }}<p>{{ current_user.id }}</p>", current_user=current_user
        )

    @app.get("/values")
    def values() -> dict[str, Any]:
        return dict(session)

    @app.post("/values")
    def keep() -> dict[str, Any]:
        session.update(request.form)
        return dict(session)


class FailingStore(MemoryStore):
    """A store that can be out of reach, for some of its verbs or for all."""

    def __init__(self) -> None:
        super().__init__()
        self.down: set[str] = set()

    def _check(self, verb: str) -> None:
        if verb in self.down:
            raise StoreUnavailable(verb, "the line is cut", retry_after_s=7)

    def create(self, *args: Any, **kwargs: Any) -> Any:
        """Answer, or not."""
        self._check("create")
        return super().create(*args, **kwargs)

    def open(self, *args: Any, **kwargs: Any) -> Any:
        """Answer, or not."""
        self._check("open")
        return super().open(*args, **kwargs)

    def save(self, *args: Any, **kwargs: Any) -> Any:
        """Answer, or not."""
        self._check("save")
        return super().save(*args, **kwargs)

    def end(self, *args: Any, **kwargs: Any) -> Any:
        """Answer, or not."""
        self._check("end")
        return super().end(*args, **kwargs)
