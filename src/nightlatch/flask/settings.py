"""Reading the settings: options before configuration, configuration before defaults."""

from __future__ import annotations

import os
from datetime import timedelta
from os import PathLike
from typing import Any

from flask import Flask

from nightlatch.breaker import Breaker
from nightlatch.drafts import DraftStore
from nightlatch.errors import SettingError
from nightlatch.journal import KEEP_MS, Journal
from nightlatch.limits import Limits
from nightlatch.stores import ALLOWED, open_store
from nightlatch.stores.base import Cap, SessionStore

OPTIONS = (
    "idle",
    "absolute",
    "warn",
    "ping_every",
    "slack",
    "demo",
    "profile",
    "store",
    "journal",
    "cap",
    "drafts",
    "ended_view",
    "reauth_view",
    "sign_in_again",
    "prefix",
    "cookie_name",
    "same_site",
    "clock",
)
PREFIX = "NIGHTLATCH_"
TIMES = ("idle", "absolute", "warn", "ping_every", "slack")
VERBS = ("create", "open", "save", "end", "list", "sweep", "close")
DRAFT_VERBS = ("put", "get", "drop", "drop_all", "sweep", "close")
FULL = ("refuse", "end-oldest")
# Flask's own default, which nobody chose: 31 days is no session timeout.
FLASK_DEFAULT_LIFETIME = timedelta(days=31)


class Settings:
    """The options of one application.

    :raises SettingError: an option that does not exist, here or in ``app.config``.
    """

    def __init__(self, app: Flask, options: dict[str, Any]) -> None:
        check_names(options)
        check_names({name: app.config[name] for name in app.config if name.startswith(PREFIX)})
        self._app = app
        self._options = options

    def value(self, name: str, default: Any = None) -> Any:
        """One option as it was given, else ``default``."""
        given = self._options.get(name)
        return self._app.config.get(f"{PREFIX}{name.upper()}", default) if given is None else given

    def limits(self) -> Limits:
        """How long sessions last."""
        given = {name: value for name in TIMES if (value := self.value(name)) is not None}
        profile = self.value("profile")
        if profile is not None:
            if given:
                raise SettingError("profile", repr(profile), f"alone, without {', '.join(given)}")
            return Limits.profile(profile)
        lifetime = self._app.permanent_session_lifetime
        if "idle" not in given and lifetime != FLASK_DEFAULT_LIFETIME:
            given["idle"] = lifetime
        return Limits(**given, demo=bool(self.value("demo", False)))

    def store(self) -> SessionStore:
        """Where they are kept."""
        store: Any = self.value("store") or os.environ.get("NIGHTLATCH_STORE")
        if store is None:
            store = f"sqlite:///{self._app.instance_path}/nightlatch.db"
        given: SessionStore = open_store(store) if isinstance(store, str) else store
        if not all(callable(getattr(given, verb, None)) for verb in VERBS):
            # Not its repr, which may hold a password.
            raise SettingError("store", f"a {type(store).__name__}", f"a store, or {ALLOWED}")
        return given

    def drafts(self, store: SessionStore) -> DraftStore | None:
        """Where drafts are kept; ``None``: nowhere.

        :param store: the sessions', which may know a place beside them.
        """
        given: Any = self.value("drafts", False)
        if given is False:
            return None
        if given is True:
            own = store.store if isinstance(store, Breaker) else store
            beside = getattr(own, "drafts", None)
            if beside is None:
                kind = type(own).__name__
                raise SettingError(
                    "drafts",
                    f"True, with a {kind} that keeps no drafts",
                    "a store of drafts, or True with memory:// or sqlite:///…",
                )
            given = beside()
        if not all(callable(getattr(given, verb, None)) for verb in DRAFT_VERBS):
            raise SettingError("drafts", f"a {type(given).__name__}", "True, False or a DraftStore")
        kept: DraftStore = given
        return kept

    def journal(self, limits: Limits) -> Journal | None:
        """Where sign-outs are kept that the store did not confirm."""
        path = self.value("journal")
        if path is False:
            return None
        if path is None:
            path = f"{self._app.instance_path}/nightlatch-sign-outs.log"
        if not isinstance(path, str | PathLike) or not os.fspath(path):
            raise SettingError("journal", repr(path), "the path of a file, or False for none")
        return Journal(path, keep_ms=max(KEEP_MS, limits.absolute_ms))

    def cap(self) -> Cap | None:
        """How many a user may have."""
        cap = self.value("cap")
        if cap is None:
            return None
        wanted = cap if isinstance(cap, Cap) else Cap(cap)
        if type(wanted.count) is int and wanted.count > 0 and wanted.full in FULL:
            return wanted
        raise SettingError("cap", repr(cap), "a whole number from 1, or a nightlatch.Cap")

    def sign_in_again(self) -> bool | str:
        """Whether, or on which page, to sign in without leaving."""
        given = self.value("sign_in_again", False)
        if isinstance(given, bool) or (isinstance(given, str) and given):
            return given
        raise SettingError(
            "sign_in_again", repr(given), "True, False, or the sign-in page's endpoint or path"
        )

    def prefix(self) -> str:
        """Where the routes are."""
        prefix = self.value("prefix", "/session")
        if not isinstance(prefix, str) or not prefix.startswith("/") or prefix.endswith("/"):
            raise SettingError("prefix", repr(prefix), "a path such as '/session'")
        return prefix


def check_names(options: dict[str, Any]) -> None:
    """Refuse an option that does not exist: a misspelt limit would protect nobody.

    :param options: spelled as arguments (``idle``) or as configuration (``NIGHTLATCH_IDLE``).
    :raises SettingError: it names the option and what there is.
    """
    for name, value in options.items():
        configured = name.startswith(PREFIX)
        known = [f"{PREFIX}{one.upper()}" if configured else one for one in OPTIONS]
        if name not in known:
            raise SettingError(name, repr(value), f"one of the options {', '.join(known)}")
