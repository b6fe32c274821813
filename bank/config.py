"""The settings of one bank: a frozen value, from the environment when nobody gives one."""

from __future__ import annotations

import os
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path
from types import MappingProxyType
from typing import Literal, TypeVar

from bank.home import default_home, open_home, secret_key
from bank.signin.passwords import ARGON2ID, SCHEMES, Scheme
from nightlatch import Cap, SettingError

# The demonstration of the article that this bank grew from: everything within 14 seconds.
DEMO_TIMING: Mapping[str, timedelta] = MappingProxyType(
    {
        "idle": timedelta(seconds=14),
        "warn": timedelta(seconds=6),
        "ping_every": timedelta(seconds=2),
    }
)

CONFIRM_ABOVE_PENCE = 1_000_00
CONFIRM_WITHIN_MINUTES = 5
# Ten digits are more money, minutes and sessions than there are.
_DIGITS = re.compile(r"\d{1,10}", re.ASCII)

Number = TypeVar("Number", int, int | None)


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
    :ivar confirm_above_pence: a transfer of more than this needs a recent proof of who sends it.
    :ivar confirm_within_minutes: how long such a proof is recent; signing in is one too.
    :ivar sessions_max: how many sessions a user may have at once; None for any number.
    :ivar sessions_when_full: what becomes of one more: ``refuse`` refuses it, ``end-oldest``
        ends the session that began first.
    :ivar password_scheme: what new passwords are hashed with, and old ones when their owners
        sign in.
    :ivar throttle_store: the Redis in which wrong passwords are counted; None: the bank's database.
    :ivar proxies: how many proxies stand before the bank, each of which adds its client's address
        to ``X-Forwarded-For``. With 0 nothing that a client says of its address is believed.
    :ivar breached: a folder with the passwords of known breaches, see
        :mod:`bank.signin.breached`; None: new passwords are not looked up there.
    """

    home: Path
    secret_key: str = field(repr=False)
    database_url: str = field(repr=False)
    session_store: str = field(repr=False)
    timing: Mapping[str, timedelta] = field(default_factory=dict)
    demo: bool = False
    sign_in_again: bool = False
    confirm_above_pence: int = CONFIRM_ABOVE_PENCE
    confirm_within_minutes: int = CONFIRM_WITHIN_MINUTES
    sessions_max: int | None = None
    sessions_when_full: Literal["refuse", "end-oldest"] = "end-oldest"
    password_scheme: Scheme = ARGON2ID
    throttle_store: str | None = field(default=None, repr=False)
    proxies: int = 0
    breached: Path | None = None

    @property
    def cap(self) -> Cap | None:
        """The limit of parallel sessions, as the session library takes it."""
        if self.sessions_max is None:
            return None
        return Cap(self.sessions_max, self.sessions_when_full)

    @property
    def confirm_within_ms(self) -> int:
        """How long a proof is recent, in milliseconds."""
        return self.confirm_within_minutes * 60_000

    @classmethod
    def from_env(cls, environ: Mapping[str, str] = os.environ, *, demo: bool = False) -> BankConfig:
        """Reads the environment, and needs nothing to be in it.

        ``BANK_HOME``, ``BANK_DATABASE_URL`` and ``NIGHTLATCH_STORE`` say where things are;
        ``BANK_IDLE_S``, ``BANK_ABSOLUTE_S``, ``BANK_WARN_S`` and ``BANK_PING_EVERY_S`` are
        whole seconds, for trying other limits. ``BANK_CONFIRM_ABOVE_P`` is in pence (100000) and
        ``BANK_CONFIRM_WITHIN_MIN`` in minutes (5); ``BANK_SESSIONS_MAX`` is a number of sessions
        from 1 (absent: any) and ``BANK_SESSIONS_WHEN_FULL`` ``refuse`` or ``end-oldest``;
        ``BANK_PASSWORD_SCHEME`` is ``argon2id`` or ``bcrypt``,
        ``BANK_THROTTLE_STORE`` the address of a Redis, ``BANK_PROXIES`` a number (0), and
        ``BANK_BREACHED_DIR`` a folder.

        :param demo: with the timing of the demonstration instead of the real one.
        :raises nightlatch.SettingError: the home folder cannot be used, or a value cannot be read.
        """
        home = open_home(Path(environ.get("BANK_HOME") or default_home()))
        return cls(
            home=home,
            secret_key=secret_key(home),
            database_url=environ.get("BANK_DATABASE_URL") or f"sqlite:///{home / 'bank.db'}",
            session_store=environ.get("NIGHTLATCH_STORE") or f"sqlite:///{home / 'sessions.db'}",
            timing=dict(DEMO_TIMING if demo else {}) | _timing(environ),
            demo=demo,
            confirm_above_pence=_number(
                environ, "BANK_CONFIRM_ABOVE_P", CONFIRM_ABOVE_PENCE, "pence", least=0
            ),
            confirm_within_minutes=_number(
                environ, "BANK_CONFIRM_WITHIN_MIN", CONFIRM_WITHIN_MINUTES, "minutes", least=1
            ),
            sessions_max=_number(environ, "BANK_SESSIONS_MAX", None, "sessions", least=1),
            sessions_when_full=_when_full(environ),
            password_scheme=_scheme(environ),
            throttle_store=_throttle_store(environ),
            proxies=_number(environ, "BANK_PROXIES", 0, "proxies", least=0),
            breached=_breached(environ),
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


def _number(
    environ: Mapping[str, str], variable: str, default: Number, unit: str, *, least: int
) -> int | Number:
    text = environ.get(variable)
    if not text:
        return default
    if not _DIGITS.fullmatch(text) or int(text) < least:
        raise SettingError(variable, text, f"a whole number of {unit}, {least} or more")
    return int(text)


def _when_full(environ: Mapping[str, str]) -> Literal["refuse", "end-oldest"]:
    match environ.get("BANK_SESSIONS_WHEN_FULL"):
        case None | "" | "end-oldest":
            return "end-oldest"
        case "refuse":
            return "refuse"
        case other:
            raise SettingError("BANK_SESSIONS_WHEN_FULL", other, "refuse or end-oldest")


def _scheme(environ: Mapping[str, str]) -> Scheme:
    name = environ.get("BANK_PASSWORD_SCHEME") or ARGON2ID.name
    if name not in SCHEMES:
        raise SettingError("BANK_PASSWORD_SCHEME", name, " or ".join(SCHEMES))
    return SCHEMES[name]


def _throttle_store(environ: Mapping[str, str]) -> str | None:
    url = environ.get("BANK_THROTTLE_STORE")
    if not url:
        return None
    scheme = url.partition("://")[0]
    if scheme not in ("redis", "rediss", "redis+unix"):
        # The value is not repeated: an address with a slip in it may hold a password.
        raise SettingError(
            "BANK_THROTTLE_STORE", "not an address of Redis", "such as redis://localhost:6379/0"
        )
    return url


def _breached(environ: Mapping[str, str]) -> Path | None:
    text = environ.get("BANK_BREACHED_DIR")
    if not text:
        return None
    folder = Path(text).expanduser().absolute()
    if not folder.is_dir():
        raise SettingError("BANK_BREACHED_DIR", text, "a folder that is there")
    return folder
