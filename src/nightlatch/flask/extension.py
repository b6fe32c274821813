"""``Nightlatch(app, …)``: joins the settings, the store, Flask's session and Flask-Login."""

from __future__ import annotations

from typing import Any

from flask import Flask, Response, current_app, got_request_exception
from markupsafe import Markup

from nightlatch.breaker import Breaker
from nightlatch.codec import Codec, Tag
from nightlatch.cookie import CookiePolicy
from nightlatch.drafts import Drafts
from nightlatch.errors import ReauthenticationRequired, SignInRefused, StoreUnavailable
from nightlatch.flask import assets, login, recent
from nightlatch.flask.cli import commands
from nightlatch.flask.installed import NAME, Installed, installed
from nightlatch.flask.interface import ServerSessionInterface, answer_unavailable
from nightlatch.flask.routes import blueprint
from nightlatch.flask.session import current_session
from nightlatch.flask.settings import Settings, check_names
from nightlatch.manager import Manager

MARKUP = Tag("markup", Markup, str, Markup)


class Nightlatch:
    """Server-side sessions with timeouts for a Flask application.

    ::

        Nightlatch(app, idle=timedelta(minutes=15), absolute=timedelta(hours=8))

    Every option may stand in ``app.config`` instead, as ``NIGHTLATCH_`` and its name in
    capitals.

    :param app: the application; absent: call :meth:`init_app` later.
    :param idle, absolute, warn, ping_every, slack, demo: see :class:`nightlatch.Limits`. ``idle``
        falls back to ``PERMANENT_SESSION_LIFETIME`` where the application has set that.
    :param profile: the name of a rule's limits instead, such as ``"pci-dss"``.
    :param store: a store, or its URL, such as ``sqlite:////var/lib/app/sessions.db``. Absent: the
        environment's ``NIGHTLATCH_STORE``, else a SQLite file in the instance folder.
        A :class:`nightlatch.Breaker` is put round it, unless it is one already.
    :param journal: the path of the file in which sign-outs are kept that the store did not
        confirm; ``False``: nowhere. Absent: in the instance folder.
    :param cap: how many sessions a user may have at once, or a :class:`nightlatch.Cap`. Absent:
        any number.
    :param drafts: ``True`` keeps what users have typed into forms marked
        ``data-nightlatch-draft``, beside the sessions, for 24 hours; or a
        :class:`nightlatch.drafts.DraftStore`. Absent or ``False``: nothing is kept.
    :param ended_view: the endpoint, or the path, of the page that tells why a session ended.
        Absent: Flask-Login's ``login_view``, else ``/``. It gets ``reason`` and ``next``.
    :param reauth_view: the endpoint, or the path, of the page on which a signed-in user proves
        again who they are, for :func:`require_recent`. Absent: Flask-Login's ``refresh_view``.
        It gets ``next``.
    :param sign_in_again: ``True``: a page whose session has timed out keeps its content in memory
        for ten minutes and offers to sign in without leaving, by the form of Flask-Login's
        ``login_view``; or the endpoint, or the path, of another sign-in page. Absent: the content
        goes when the session does (OWASP ASVS 5.0, 14.3.1), and drafts keep what was typed.
    :param prefix: where the routes of the browser half are.
    :param cookie_name: the cookie's name, before ``__Host-`` is put to it.
    :param same_site: ``"Lax"`` or ``"Strict"``.
    :param clock: what time it is; for tests.
    :raises SettingError: a setting cannot be right; the application must not start.
    """

    def __init__(self, app: Flask | None = None, **options: Any) -> None:
        check_names(options)
        self._options = options
        if app is not None:
            self.init_app(app)

    def init_app(self, app: Flask) -> None:
        """Put an application's sessions on the server.

        :raises SettingError: see the class.
        """
        read = Settings(app, self._options)
        limits = read.limits()  # before the store: a bad limit must not leave a file behind
        clock = read.value("clock")
        journal = read.journal(limits)
        store = read.store()
        drafts = read.drafts(store)
        manager = Manager(
            store if isinstance(store, Breaker) else Breaker(store, clock),
            limits,
            clock=clock,
            journal=journal,
            codec=Codec(tags=(MARKUP,)),
            cap=read.cap(),
            drafts=None if drafts is None else Drafts(drafts, clock),
        )
        cookie = CookiePolicy(read.value("cookie_name", NAME), read.value("same_site", "Lax"))
        here = Installed(
            manager,
            read.prefix(),
            read.value("ended_view"),
            read.value("reauth_view"),
            read.sign_in_again(),
        )

        app.extensions[NAME] = here
        app.session_interface = ServerSessionInterface(
            manager, cookie, before_commit=login.reconcile
        )
        app.register_blueprint(blueprint, url_prefix=here.prefix)
        app.cli.add_command(commands)
        app.jinja_env.globals.setdefault(NAME, here.html)
        app.jinja_env.globals.setdefault(f"{NAME}_asset", assets.url)
        for error, answer in ANSWERS:
            if error not in app.error_handler_spec[None][None]:
                app.register_error_handler(error, answer)
        # First of all: what comes later finds activity credited and Flask-Login settled.
        app.before_request_funcs.setdefault(None, []).insert(0, _begin_request)
        got_request_exception.connect(_drop_changes, app)
        login.connect(app)

    @property
    def manager(self) -> Manager:
        """The current application's :class:`nightlatch.Manager`.

        :raises RuntimeError: there is no application context.
        """
        return installed().manager


def _begin_request() -> None:
    """Credit activity before anything else runs, and settle Flask-Login and Flask-WTF."""
    app = current_app._get_current_object()  # type: ignore[attr-defined]
    login.settle(app)
    csrf = app.extensions.get("csrf")
    if csrf is not None:
        # Our routes judge by origin: a token of the form kind would die with its page.
        csrf.exempt(blueprint)
    session = current_session()
    if session.presented and session.is_activity():
        session.credit()


def _drop_changes(app: Flask, **_: object) -> None:
    # Ordinary data of a request that failed is not stored; what was ended or begun stays so.
    current_session().dropped = True


def _unavailable(error: StoreUnavailable) -> Response:
    response = current_app.response_class()
    answer_unavailable(response, error)
    return response


def _refused(error: SignInRefused) -> Response:
    return current_app.response_class(str(error), 403, mimetype="text/plain")


# What an application may answer in its own way, by a handler of its own.
ANSWERS: tuple[tuple[type[Exception], Any], ...] = (
    (StoreUnavailable, _unavailable),
    (SignInRefused, _refused),
    (ReauthenticationRequired, recent.answer),
)
