"""Checking and keeping passwords: the one place that knows how they are hashed.

New hashes are Argon2id, or bcrypt where a bank chooses it (:mod:`.current`). Hashes that other
systems have made are recognised by their text (:mod:`.old`), and may be kept inside a hash of
today until their owner comes (:mod:`.wrapped`). Passwords are composed (Unicode NFC) first, so
that the same keys on another keyboard are the same password; nothing else is changed or refused
about them (:mod:`.typed`).

All of it is pure: what is stored comes in and goes out as text.
"""

from __future__ import annotations

from dataclasses import dataclass, field

from bank.signin.passwords import old, wrapped
from bank.signin.passwords.current import ARGON2ID, BCRYPT, SCHEMES, Scheme
from bank.signin.passwords.old import CannotRead
from bank.signin.passwords.standing import Kind, Standing, kind_of
from bank.signin.passwords.typed import MAX_PASSWORD_BYTES, composed, spellings

__all__ = [
    "ARGON2ID",
    "BCRYPT",
    "MAX_PASSWORD_BYTES",
    "SCHEMES",
    "Checked",
    "Kind",
    "Scheme",
    "Standing",
    "check",
    "kind_of",
    "make_hash",
    "warm_up",
    "wrap",
]


@dataclass(frozen=True, slots=True)
class Checked:
    """What came of checking a password.

    :ivar ok: it is the right one.
    :ivar replacement: a hash to keep instead of the stored one, when that is weaker than
        what is made today; else None. Only ever given with ``ok``.
    """

    ok: bool
    replacement: str | None = field(default=None, repr=False)


def check(password: str, stored: str | None, scheme: Scheme = ARGON2ID) -> Checked:
    """Whether ``password`` is the one that ``stored`` was made from.

    What a refusal costs depends on what was typed alone: an unknown user, a wrong password and
    a damaged hash take the same work, and an old hash takes what it takes on top of that. It
    never raises.

    :param stored: a text from :func:`make_hash` or :func:`wrap`, or one that another system
        has made; None when there is no such user.
    :param scheme: what hashes are made with today.
    """
    forms = spellings(password)
    right, spent = _compare(forms, stored, scheme)
    if right:
        assert stored is not None
        fresh = scheme.made(stored)
        return Checked(ok=True, replacement=None if fresh else scheme.hash(forms[0]))
    # A text that can be no password owes the work too.
    for _ in range(max(1, len(forms)) - spent):
        scheme.spend()
    return Checked(ok=False)


def make_hash(password: str, scheme: Scheme = ARGON2ID) -> str:
    """The text to keep for a new password.

    :raises ValueError: it is longer than :data:`MAX_PASSWORD_BYTES`, or holds half of a
        surrogate pair, which no keyboard sends.
    """
    secret = composed(password)
    if secret is None:
        raise ValueError(
            f"This text cannot be a password. Use at most {MAX_PASSWORD_BYTES} bytes of UTF-8."
        )
    return scheme.hash(secret)


def wrap(stored: str, scheme: Scheme = ARGON2ID) -> str | None:
    """The stored hash inside a hash of today, which needs no password; it opens with the same.

    :returns: None for what is strong enough as it is, wrapped already, or not readable.
    """
    if kind_of(stored, scheme).standing is not Standing.WEAK:
        return None
    return wrapped.wrap(stored, scheme)


def warm_up(scheme: Scheme = ARGON2ID) -> None:
    """Does at the start what the first unknown user would otherwise wait for."""
    scheme.spend()


def _compare(forms: tuple[bytes, ...], stored: str | None, scheme: Scheme) -> tuple[bool, int]:
    # Whether one of the forms is right, and how many hashes of today that has cost.
    if stored is None or not forms:
        return False, 0
    try:
        for each in SCHEMES.values():
            if each.made(stored):
                # Made here, so made of composed text.
                return each.verify(forms[0], stored), int(each is scheme)
        if wrapped.is_wrapped(stored):
            return wrapped.verify(forms, stored)
        return old.verify(forms, stored), 0
    except CannotRead:
        # It was refused before any work was done, so that the work is still owed.
        return False, 0
