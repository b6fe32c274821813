"""Checking and keeping passwords: the one place that knows how they are hashed.

Argon2id with the parameters of the OWASP Password Storage Cheat Sheet: 19 MiB of memory,
2 passes, 1 lane. Passwords are composed (Unicode NFC) first, so that the same keys on
another keyboard are the same password; nothing else is changed or refused about them.
"""

from __future__ import annotations

import unicodedata
from dataclasses import dataclass, field
from functools import cache

from argon2 import PasswordHasher, Type
from argon2.exceptions import InvalidHashError, VerificationError, VerifyMismatchError

# Longer input is free work for whoever sends it; no person types this much.
MAX_PASSWORD_BYTES = 1_024

_HASHER = PasswordHasher(time_cost=2, memory_cost=19 * 1_024, parallelism=1, type=Type.ID)


@dataclass(frozen=True, slots=True)
class Checked:
    """What came of checking a password.

    :ivar ok: it is the right one.
    :ivar replacement: a hash to keep instead of the stored one, when that is weaker than
        what is made today; else None. Only ever given with ``ok``.
    """

    ok: bool
    replacement: str | None = field(default=None, repr=False)


def check(password: str, stored: str | None) -> Checked:
    """Whether ``password`` is the one that ``stored`` was made from.

    Every call costs one verification: an unknown user, a wrong password, a damaged hash
    and a text that can be no password take the same time. It never raises.

    :param stored: a text from :func:`make_hash`; None when there is no such user.
    """
    typed = _bytes(password)
    try:
        _HASHER.verify(_nobodys_hash() if stored is None else stored, typed or b"")
    except VerifyMismatchError:
        return Checked(ok=False)
    except (InvalidHashError, VerificationError):
        # A damaged hash is refused before any work is done, so that the work is still owed.
        return check(password, None)
    # A text that can be no password was checked as the empty one, which somebody may have.
    if typed is None or stored is None:
        return Checked(ok=False)
    return Checked(
        ok=True,
        replacement=_HASHER.hash(typed) if _HASHER.check_needs_rehash(stored) else None,
    )


def make_hash(password: str) -> str:
    """The text to keep for a new password.

    :raises ValueError: it is longer than :data:`MAX_PASSWORD_BYTES`, or holds half of a
        surrogate pair, which no keyboard sends.
    """
    typed = _bytes(password)
    if typed is None:
        raise ValueError(
            f"This text cannot be a password. Use at most {MAX_PASSWORD_BYTES} bytes of UTF-8."
        )
    return _HASHER.hash(typed)


def warm_up() -> None:
    """Does at the start what the first unknown user would otherwise wait for."""
    _nobodys_hash()


def _bytes(password: str) -> bytes | None:
    try:
        typed = unicodedata.normalize("NFC", password).encode()
    except UnicodeEncodeError:
        return None
    return typed if len(typed) <= MAX_PASSWORD_BYTES else None


@cache
def _nobodys_hash() -> str:
    # As costly as every real one; of a password that is too long to be typed.
    return _HASHER.hash(b"\0" * (MAX_PASSWORD_BYTES + 1))
