"""How well a stored hash protects its password."""

from __future__ import annotations

import re
from dataclasses import dataclass
from enum import StrEnum

from bank.signin.passwords import old, wrapped
from bank.signin.passwords.current import SCHEMES, Scheme
from bank.signin.passwords.old import CannotRead


class Standing(StrEnum):
    """What is to be done about a hash."""

    CURRENT = "current"
    """Made the way that new ones are made."""
    OLDER = "older"
    """Made another way, and not under what OWASP asks for; replaced when its owner signs in."""
    WRAPPED = "wrapped"
    """A weak one inside one of today; replaced when its owner signs in."""
    WEAK = "weak"
    """Too cheap to try passwords on; replaced when its owner signs in, or wrapped before."""
    UNREADABLE = "unreadable"
    """No hash that is known here: nobody can sign in with it."""


@dataclass(frozen=True, slots=True)
class Kind:
    """:ivar scheme: the name of how it was made; of a wrapped one, what is inside."""

    scheme: str
    standing: Standing


def kind_of(stored: str, scheme: Scheme) -> Kind:
    """What a stored hash is.

    :param scheme: what hashes are made with today.
    """
    for each in SCHEMES.values():
        if each.made(stored):
            return Kind(each.name, Standing.CURRENT if each is scheme else Standing.OLDER)
    try:
        if wrapped.is_wrapped(stored):
            return Kind(wrapped.format_of(stored), Standing.WRAPPED)
        one, setting, _ = old.recognise(stored)
    except CannotRead:
        return Kind("unknown", Standing.UNREADABLE)
    strong = _is_strong(one.name, setting)
    return Kind(one.name, Standing.OLDER if strong else Standing.WEAK)


# The least that OWASP's cheat sheet takes: rounds for PBKDF2 by hash, p for scrypt (r=8) by N.
_PBKDF2 = {"sha1": 1_400_000, "sha256": 600_000, "sha512": 220_000}
_SCRYPT = {2**17: 1, 2**16: 2, 2**15: 3, 2**14: 5, 2**13: 10}
_BCRYPT_COST = 10


def _is_strong(name: str, setting: str) -> bool:
    match name:
        case "bcrypt":
            return int(setting.split("$")[2]) >= _BCRYPT_COST
        case "werkzeug-scrypt":
            n, r, p = map(int, setting.partition("$")[0].split(":")[1:])
            return r >= 8 and any(n >= least and p >= times for least, times in _SCRYPT.items())
        case "django-pbkdf2" | "werkzeug-pbkdf2":
            _, hash_name, rounds, *_ = re.split(r"[:$_]", setting)
            return int(rounds) >= _PBKDF2[hash_name]
    # The old parameters of Argon2 and the rest of the formats are under every recommendation.
    return False
