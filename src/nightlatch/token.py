"""The token in the cookie: a public handle and a secret, ``v1.<sid>.<secret>``.

A store never sees the secret, only its SHA-256: one that is read by somebody else lets
nobody in. Plain SHA-256 is enough for 256 random bits; OWASP ASVS 5.0, 7.2.3 asks for 128.
"""

from __future__ import annotations

import base64
import hashlib
import re
import secrets
from dataclasses import dataclass, field

_SHAPE = re.compile(r"v1\.([0-9a-f]{32})\.([A-Za-z0-9_-]{43})", re.ASCII)


@dataclass(frozen=True, slots=True)
class Token:
    """What a browser holds to show which session it means, and that it may.

    :ivar sid: 32 hexadecimal digits (128 random bits), safe in logs, lists and URLs.
    :ivar secret: 256 random bits, for the cookie alone; no ``repr`` shows it.
    """

    sid: str
    secret: str = field(repr=False)

    @property
    def hash(self) -> bytes:
        """SHA-256 of the secret: what a store keeps."""
        return hashlib.sha256(self.secret.encode("ascii")).digest()

    def text(self) -> str:
        """The cookie's value."""
        return f"v1.{self.sid}.{self.secret}"


def mint(sid: str | None = None) -> Token:
    """A new token from the system's random source; for ``sid``, or for a new session."""
    return Token(
        sid or secrets.token_hex(16),
        base64.urlsafe_b64encode(secrets.token_bytes(32)).decode("ascii").rstrip("="),
    )


def parse(text: str | None) -> Token | None:
    """The token in a cookie's value; ``None`` for anything that we never wrote."""
    match = _SHAPE.fullmatch(text) if text else None
    return Token(match[1], match[2]) if match else None
