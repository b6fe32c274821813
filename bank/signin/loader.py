"""Flask-Login for this bank: how a session's user is found again."""

from __future__ import annotations

from flask import Flask
from flask_login import LoginManager, current_user

from bank.db import Database
from bank.signin.models import User


def join_login(app: Flask, database: Database) -> None:
    """Finds users by their number, and sends whoever is not signed in to the sign-in page."""
    manager = LoginManager()
    manager.login_view = "signin.login"
    # Its message would be kept in a session, and so begin one for every stranger.
    manager.login_message = None

    def load(user_id: str) -> User | None:
        with database.read() as session:
            user = session.get(User, int(user_id))
        # Their sessions were ended when they were disabled; this holds if that did not get through.
        return user if user is not None and user.disabled_ms is None else None

    manager.user_loader(load)
    # Flask-Login would find out who is signed in for every page, the page included that says
    # that this cannot be found out. A global is asked only by the pages that name it.
    manager.init_app(app, add_context_processor=False)
    app.jinja_env.globals["current_user"] = current_user
