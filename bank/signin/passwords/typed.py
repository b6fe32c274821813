"""What somebody typed, as the bytes that are hashed."""

from __future__ import annotations

import unicodedata

# Longer input is free work for whoever sends it; no person types this much.
MAX_PASSWORD_BYTES = 1_024


def composed(password: str) -> bytes | None:
    """The bytes that every new hash is made of: composed (Unicode NFC) UTF-8.

    :returns: None for what can be no password: more than :data:`MAX_PASSWORD_BYTES`, or half of
        a surrogate pair.
    """
    try:
        typed = unicodedata.normalize("NFC", password).encode()
    except UnicodeEncodeError:
        return None
    return typed if len(typed) <= MAX_PASSWORD_BYTES else None


def spellings(password: str) -> tuple[bytes, ...]:
    """Every form in which another system may have hashed it, the composed one first.

    Systems that changed nothing have hashed what a keyboard sent: composed on most, decomposed
    (NFD) on some. A password of ASCII has one form, and nothing has more than three; what can be
    no password has none.
    """
    first = composed(password)
    if first is None:
        return ()
    decomposed = unicodedata.normalize("NFD", password).encode()
    return tuple(dict.fromkeys((first, password.encode(), decomposed)))
