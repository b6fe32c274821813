"""Reading the settings: options before configuration, configuration before defaults."""

from __future__ import annotations

import os
from datetime import timedelta
from typing import Any

from flask import Flask

from nightlatch.errors import SettingError
from nightlatch.limits import Limits
from nightlatch.stores import open_store
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
    "cap",
    "ended_view",
    "prefix",
    "cookie_name",
    "same_site",
    "clock",
)
TIMES = ("idle", "absolute", "warn", "ping_every", "slack")
# Flask's own default, which nobody chose: 31 days is no session timeout.
FLASK_DEFAULT_LIFETIME = timedelta(days=31)


class Settings:
    """The options of one application.

    :raises SettingError: an option that does not exist, here or in ``app.config``.
    """

    def __init__(self, app: Flask, options: dict[str, Any]) -> None:
        check_names(options)
        prefix = "NIGHTLATCH_"
        check_names(
            {
                name.removeprefix(prefix).lower(): app.config[name]
                for name in app.config
                if name.startswith(prefix)
            }
        )
        self._app = app
        self._options = options

    def value(self, name: str, default: Any = None) -> Any:
        """One option as it was given, else ``default``."""
        given = self._options.get(name)
        return (
            self._app.config.get(f"NIGHTLATCH_{name.upper()}", default) if given is None else given
        )

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
        store = self.value("store") or os.environ.get("NIGHTLATCH_STORE")
        if store is None:
            store = f"sqlite:///{self._app.instance_path}/nightlatch.db"
        return open_store(store) if isinstance(store, str) else store

    def cap(self) -> Cap | None:
        """How many a user may have."""
        cap = self.value("cap")
        if cap is None or isinstance(cap, Cap):
            return cap
        if isinstance(cap, int) and cap > 0:
            return Cap(cap)
        raise SettingError("cap", repr(cap), "a whole number from 1, or a nightlatch.Cap")

    def prefix(self) -> str:
        """Where the routes are."""
        prefix = self.value("prefix", "/session")
        if not isinstance(prefix, str) or not prefix.startswith("/") or prefix.endswith("/"):
            raise SettingError("prefix", repr(prefix), "a path such as '/session'")
        return prefix


def check_names(options: dict[str, Any]) -> None:
    """Refuse an option that does not exist: a misspelt limit would protect nobody.

    :raises SettingError: it names the option and what there is.
    """
    for name, value in options.items():
        if name not in OPTIONS:
            raise SettingError(name, repr(value), f"one of the options {', '.join(OPTIONS)}")
