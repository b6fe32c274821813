"""The settings of one bank: a frozen value, from the environment when nobody gives one."""

from __future__ import annotations

import os
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path
from types import MappingProxyType

from bank.home import default_home, open_home, secret_key
from nightlatch import SettingError

# The demonstration of the article that this bank grew from: everything within 14 seconds.
DEMO_TIMING: Mapping[str, timedelta] = MappingProxyType(
    {
        "idle": timedelta(seconds=14),
        "warn": timedelta(seconds=6),
        "ping_every": timedelta(seconds=2),
    }
)


@dataclass(frozen=True, slots=True, kw_only=True)
class BankConfig:
    """Everything that differs from one bank to another.

    :ivar home: the folder for the key and the databases.
    :ivar secret_key: signs forms; at least 32 random bytes, in text.
    :ivar database_url: users, accounts and transfers, as SQLAlchemy spells addresses.
    :ivar session_store: where sessions are kept, as ``NIGHTLATCH_STORE`` spells it.
    :ivar timing: ``idle``, ``absolute``, ``warn`` and ``ping_every`` for
        :class:`nightlatch.flask.Nightlatch`. One that is absent has the library's default:
        60 minutes, 12 hours, 10 minutes and 1 minute.
    :ivar demo: allows a warning of under 20 seconds.
    :ivar sign_in_again: a page that has timed out offers to sign in without leaving it. Off,
        because it keeps the page in the browser's memory; the bank relies on drafts.
    """

    home: Path
    secret_key: str = field(repr=False)
    database_url: str = field(repr=False)
    session_store: str = field(repr=False)
    timing: Mapping[str, timedelta] = field(default_factory=dict)
    demo: bool = False
    sign_in_again: bool = False

    @classmethod
    def from_env(cls, environ: Mapping[str, str] = os.environ, *, demo: bool = False) -> BankConfig:
        """Reads the environment, and needs nothing to be in it.

        ``BANK_HOME``, ``BANK_DATABASE_URL`` and ``NIGHTLATCH_STORE`` say where things are;
        ``BANK_IDLE_S``, ``BANK_ABSOLUTE_S``, ``BANK_WARN_S`` and ``BANK_PING_EVERY_S`` are
        whole seconds, for trying other limits.

        :param demo: with the timing of the demonstration instead of the real one.
        :raises nightlatch.SettingError: the home folder cannot be used, or a limit is no number.
        """
        home = open_home(Path(environ.get("BANK_HOME") or default_home()))
        return cls(
            home=home,
            secret_key=secret_key(home),
            database_url=environ.get("BANK_DATABASE_URL") or f"sqlite:///{home / 'bank.db'}",
            session_store=environ.get("NIGHTLATCH_STORE") or f"sqlite:///{home / 'sessions.db'}",
            timing=dict(DEMO_TIMING if demo else {}) | _timing(environ),
            demo=demo,
        )


def _timing(environ: Mapping[str, str]) -> dict[str, timedelta]:
    timing = {}
    for name in ("idle", "absolute", "warn", "ping_every"):
        variable = f"BANK_{name.upper()}_S"
        text = environ.get(variable)
        if not text:
            continue
        try:
            timing[name] = timedelta(seconds=int(text))
        except (ValueError, OverflowError) as error:
            raise SettingError(variable, text, "a whole number of seconds") from error
    return timing
