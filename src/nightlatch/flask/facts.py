"""The facts of one running application, for :mod:`nightlatch.checks`."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from flask import Flask
from jinja2 import TemplateError, nodes

from nightlatch.breaker import Breaker
from nightlatch.checks import Facts
from nightlatch.cookie import CookiePolicy
from nightlatch.flask.installed import NAME, Installed
from nightlatch.flask.interface import ServerSessionInterface
from nightlatch.flask.recent import GUARDED
from nightlatch.token import mint


def gather(app: Flask, here: Installed) -> Facts:
    """Measure an application. Nothing is changed, and its store is not asked."""
    from nightlatch.flask.extension import _begin_request  # it imports the commands, and so this

    interface = app.session_interface
    own = isinstance(interface, ServerSessionInterface)
    cookie = interface.cookie if isinstance(interface, ServerSessionInterface) else CookiePolicy()
    login: Any = getattr(app, "login_manager", None)
    store = here.manager.store
    kept_in = store.store if isinstance(store, Breaker) else store
    cap = here.manager.cap
    read = list(_templates(app))
    return Facts(
        limits=here.manager.limits,
        own_sessions=own,
        cookie=cookie,
        cookie_bytes=len(cookie.name_for(secure=True)) + len(mint().text()),
        always_secure=bool(app.config["SESSION_COOKIE_SECURE"]),
        remember_cookie=login is not None
        and _begin_request not in app.before_request_funcs.get(None, []),
        store=type(kept_in).__name__,
        shared_store=bool(getattr(kept_in, "shared", True)),
        journal=here.manager.journal is not None,
        cap=None if cap is None else cap.count,
        cap_full="" if cap is None else cap.full,
        guarded_views=sum(hasattr(view, GUARDED) for view in app.view_functions.values()),
        reauth_view=here.reauth_view or (login.refresh_view if login else None),
        templates=len(read),
        monitored=tuple(name for name, calls in read if calls),
    )


def _templates(app: Flask) -> Iterator[tuple[str, bool]]:
    """Each template that can be read, and whether it calls ``nightlatch()``."""
    environment = app.jinja_env
    try:
        names = environment.list_templates()
    except TypeError:
        return  # a loader that cannot list
    for name in names:
        try:
            assert environment.loader is not None
            source, _, _ = environment.loader.get_source(environment, name)
            tree = environment.parse(source)
        except (TemplateError, UnicodeDecodeError):
            continue  # no page of this application's: it could not be shown either
        yield name, any(_is_ours(call) for call in tree.find_all(nodes.Call))


def _is_ours(call: nodes.Call) -> bool:
    return isinstance(call.node, nodes.Name) and call.node.name == NAME
