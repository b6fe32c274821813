"""Latch & Key Bank: a small online bank that shows what nightlatch does.

:func:`create_app` is the whole of it from top to bottom; each package beside it is a room
with its own models, forms, views and pages: ``signin``, ``accounts``, ``transfers``,
``sessions``.
"""

from __future__ import annotations

from flask import Flask
from flask_bootstrap import Bootstrap5
from werkzeug.middleware.proxy_fix import ProxyFix

from bank import db_cli, headers, money, problems, seed, words
from bank.accounts import views as accounts_views
from bank.audit import cli as audit_cli
from bank.audit import late, redaction, scrub
from bank.audit.trail import Trail
from bank.config import BankConfig
from bank.context import Bank, bank_of
from bank.db import Database
from bank.home import locked
from bank.playground import views as playground_views
from bank.playground.state import PlayClock, Playground
from bank.sessions import admin as admin_views
from bank.sessions import views as sessions_views
from bank.signin import confirm as confirm_views
from bank.signin import password_change, passwords, passwords_cli, users_cli
from bank.signin import views as signin_views
from bank.signin.breached import Breached
from bank.signin.loader import join_login
from bank.signin.recent import guard_views
from bank.signin.throttle import Throttle
from bank.signin.throttle_redis import RedisCounts
from bank.signin.throttle_table import TableCounts
from bank.transfers import views as transfers_views
from nightlatch import Clock, SystemClock
from nightlatch.flask import Nightlatch
from nightlatch.stores.sqlite import SqliteStore

__all__ = ["Bank", "BankConfig", "bank_of", "create_app"]

# Several times the longest form; what is longer is refused unread.
MAX_REQUEST_BYTES = 64 * 1024


def create_app(
    config: BankConfig | None = None, *, clock: Clock | None = None, is_worker: bool = False
) -> Flask:
    """Puts a bank together, ready to serve; a new one is given its people and their money.

    :param config: absent: :meth:`BankConfig.from_env`.
    :param clock: absent: the system's.
    :param is_worker: another process has started this bank and made its files; when the sessions'
        is missing now, somebody has taken it away, and an empty one would sign everybody out.
    :raises nightlatch.SettingError: a setting cannot be right; it names setting, value
        and what is allowed.
    """
    config = config or BankConfig.from_env()
    clock = clock or SystemClock()
    playground = Playground(config.home) if config.demo else None
    if playground:
        clock = PlayClock(clock, playground)
    # Before anything else can log, and so that no handler can come first.
    redaction.install()
    scrub.know(config.secret_key)

    app = Flask(__name__)
    app.config.update(
        SECRET_KEY=config.secret_key,
        BOOTSTRAP_SERVE_LOCAL=True,
        MAX_CONTENT_LENGTH=MAX_REQUEST_BYTES,
        # A form is good for as long as its session is, and no shorter.
        WTF_CSRF_TIME_LIMIT=None,
    )
    if config.proxies:
        proxies = ProxyFix(app.wsgi_app, x_for=config.proxies, x_proto=config.proxies)
        app.wsgi_app = proxies  # type: ignore[method-assign] # this is how Flask is wrapped
    Bootstrap5(app)
    headers.install(app)

    database = Database(config.database_url)
    with locked(config.home):
        upgraded = database.upgrade()
        seed.plant(database, now_ms=clock.now(), scheme=config.password_scheme)
    passwords.warm_up(config.password_scheme)
    join_login(app, database)

    latch = Nightlatch(
        app,
        **config.timing,
        demo=config.demo,
        store=_found_store(config.session_store) if is_worker else config.session_store,
        journal=config.home / "sign-outs.log",
        clock=clock,
        cap=config.cap,
        drafts=True,
        ended_view="signin.logged_out",
        reauth_view="confirm.ask",
        sign_in_again=config.sign_in_again,
    )
    trail = Trail(config.home, config.database_url, clock)
    late.watch(app, trail)
    for group in (audit_cli.commands, db_cli.commands, passwords_cli.commands, users_cli.commands):
        app.cli.add_command(group)
    with app.app_context():
        latch.manager.events.listen(trail.hear)
        latch_limits = latch.manager.limits
        app.extensions["bank"] = Bank(
            config,
            database,
            clock,
            latch.manager,
            trail,
            upgraded,
            _throttle(config, database, clock),
            Breached(config.breached),
        )
    # After the library, whose own answer to a store out of reach is one plain line.
    problems.install(app)

    if playground:
        playground_views.install(app, playground, latch_limits)
    for room in (
        signin_views,
        confirm_views,
        password_change,
        accounts_views,
        transfers_views,
        sessions_views,
        admin_views,
    ):
        app.register_blueprint(room.blueprint)
    guard_views(app, config.confirm_within_minutes)
    app.jinja_env.globals["demo"] = config.demo
    app.jinja_env.trim_blocks = app.jinja_env.lstrip_blocks = True
    app.jinja_env.filters.update(
        pounds=money.pounds_text,
        duration=words.duration,
        day=words.day,
        short_day=words.short_day,
        month=words.month,
        moment=words.moment,
        machine_moment=words.machine_moment,
        ago=words.ago,
    )
    return app


def _found_store(url: str) -> str | SqliteStore:
    file = url.removeprefix("sqlite:///")
    return url if file == url else SqliteStore(file, make=False)


def _throttle(config: BankConfig, database: Database, clock: Clock) -> Throttle:
    url = config.throttle_store
    return Throttle(RedisCounts(url) if url else TableCounts(database), clock, config.secret_key)
