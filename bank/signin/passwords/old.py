"""Checking a password against a hash that another system has made."""

from __future__ import annotations

import hmac

from bank.signin.passwords.formats import FORMATS, Format


class CannotRead(ValueError):
    """A stored text is no hash that is known here, or a damaged one."""


def recognise(stored: str) -> tuple[Format, str, str]:
    """What a stored text is: its format, its setting and its digest.

    :raises CannotRead: it is of none of them.
    """
    for one in FORMATS.values():
        if found := one.split(stored):
            return one, *found
    raise CannotRead


def verify(forms: tuple[bytes, ...], stored: str) -> bool:
    """Whether the hash is of one of these spellings of a password, each compared in constant time.

    :raises CannotRead: it is no hash that is known here.
    """
    one, setting, digest = recognise(stored)
    made = [one.digest(form, setting) for form in forms]
    # All of them are looked at: which one was right is nobody's business.
    return any(each is not None and hmac.compare_digest(each, digest) for each in made)
