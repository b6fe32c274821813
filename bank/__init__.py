"""Latch & Key Bank: a small online bank that shows what nightlatch does.

:func:`create_app` is the whole of it from top to bottom; each package beside it is a room
with its own models, forms, views and pages: ``signin``, ``accounts``, ``transfers``.
"""

from __future__ import annotations

from flask import Flask
from flask_bootstrap import Bootstrap5

from bank import headers, money, problems, seed, words
from bank.accounts import views as accounts_views
from bank.audit import cli as audit_cli
from bank.audit import late, redaction, scrub
from bank.audit.trail import Trail
from bank.config import BankConfig
from bank.context import Bank, bank_of
from bank.db import Database
from bank.home import locked, secret_key
from bank.signin import passwords
from bank.signin import views as signin_views
from bank.signin.loader import join_login
from bank.transfers import views as transfers_views
from nightlatch import Clock, SystemClock
from nightlatch.flask import Nightlatch

__all__ = ["Bank", "BankConfig", "bank_of", "create_app"]

# Several times the longest form; what is longer is refused unread.
MAX_REQUEST_BYTES = 64 * 1024


def create_app(config: BankConfig | None = None, *, clock: Clock | None = None) -> Flask:
    """Puts a bank together, ready to serve; a new one is given its people and their money.

    :param config: absent: :meth:`BankConfig.from_env`.
    :param clock: absent: the system's.
    :raises nightlatch.SettingError: a setting cannot be right; it names setting, value
        and what is allowed.
    """
    config = config or BankConfig.from_env()
    clock = clock or SystemClock()
    # Before anything else can log, and so that no handler can come first.
    redaction.install()
    audit_key = secret_key(config.home, "audit-key")
    scrub.know(config.secret_key, audit_key)

    app = Flask(__name__)
    app.config.update(
        SECRET_KEY=config.secret_key,
        BOOTSTRAP_SERVE_LOCAL=True,
        MAX_CONTENT_LENGTH=MAX_REQUEST_BYTES,
        # A form is good for as long as its session is, and no shorter.
        WTF_CSRF_TIME_LIMIT=None,
    )
    Bootstrap5(app)
    headers.install(app)

    database = Database(config.database_url)
    with locked(config.home):
        database.create_tables()
        seed.plant(database, now_ms=clock.now())
    passwords.warm_up()
    join_login(app, database)

    latch = Nightlatch(
        app,
        **config.timing,
        demo=config.demo,
        store=config.session_store,
        journal=config.home / "sign-outs.log",
        clock=clock,
        drafts=True,
        ended_view="signin.logged_out",
    )
    trail = Trail(config.home, audit_key.encode(), config.database_url, clock)
    late.watch(app, trail)
    app.cli.add_command(audit_cli.commands)
    with app.app_context():
        latch.manager.events.listen(trail.hear)
        app.extensions["bank"] = Bank(config, database, clock, latch.manager, trail)
    # After the library, whose own answer to a store out of reach is one plain line.
    problems.install(app)

    for room in (signin_views, accounts_views, transfers_views):
        app.register_blueprint(room.blueprint)
    app.jinja_env.trim_blocks = app.jinja_env.lstrip_blocks = True
    app.jinja_env.filters.update(
        pounds=money.pounds_text,
        duration=words.duration,
        day=words.day,
        short_day=words.short_day,
        month=words.month,
    )
    return app
