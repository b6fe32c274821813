"""The formats of other systems: how each is recognised, and how its digest is computed.

A stored text is cut in two: the *setting*, which is everything that the computation needs beside
the password, and the *digest*. So a hash can be checked against a digest, and against a hash of
that digest (:mod:`bank.signin.passwords.wrapped`).

Numbers of rounds are bounded by each layout: a text in the table of users must not be able to
keep a worker busy for days.
"""

from __future__ import annotations

import base64
import binascii
import hashlib
import re
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import bcrypt
from argon2.exceptions import HashingError
from argon2.low_level import Type, hash_secret
from passlib.hash import md5_crypt, phpass, sha256_crypt, sha512_crypt

# Where scrypt stops being a check of one password and becomes a way to fill the memory.
MOST_SCRYPT_BYTES = 256 * 1024 * 1024
_BCRYPT_BYTES = 72


@dataclass(frozen=True, slots=True)
class Format:
    """One format.

    :ivar name: what reports call it.
    :ivar layout: matches the whole stored text; its group ``digest`` is the digest, and what is
        around that is the setting.
    :ivar compute: the digest of a secret under a setting.
    """

    name: str
    layout: re.Pattern[str]
    compute: Callable[[bytes, str], str]
    case_matters: bool = True

    def split(self, stored: str) -> tuple[str, str] | None:
        """Setting and digest; None for a text of another format."""
        found = self.layout.fullmatch(stored)
        if found is None:
            return None
        start, end = found.span("digest")
        digest = stored[start:end] if self.case_matters else stored[start:end].lower()
        return stored[:start] + stored[end:], digest

    def digest(self, secret: bytes, setting: str) -> str | None:
        """What the digest would be; None where the format does not allow this secret.

        crypt(3) ends a password at a NUL, so no such hash is of one with a NUL in it.
        """
        try:
            return self.compute(secret, setting)
        except (ValueError, binascii.Error, HashingError, MemoryError):
            return None


def _md5(secret: bytes, _setting: str) -> str:
    return hashlib.md5(secret, usedforsecurity=False).hexdigest()


def _sha1(secret: bytes, setting: str) -> str:
    salt = setting.removeprefix("sha1$").removesuffix("$").encode()
    return hashlib.sha1(salt + secret, usedforsecurity=False).hexdigest()


def _crypt(handler: Any, digest_chars: int) -> Callable[[bytes, str], str]:
    # The setting is the whole text without its last part; passlib reads it as it is.
    def compute(secret: bytes, setting: str) -> str:
        given = handler.from_string(setting)
        how = {"salt": given.salt}
        if handler is not md5_crypt:
            how["rounds"] = given.rounds
        made = str(handler.using(**how).hash(secret))
        return made[-digest_chars:]

    return compute


def _bcrypt(secret: bytes, setting: str) -> str:
    # Every bcrypt before its fifth version, and PHP's, has looked at no more than that.
    return bcrypt.hashpw(secret[:_BCRYPT_BYTES], setting.encode())[-31:].decode()


def _argon2(secret: bytes, setting: str) -> str:
    _, kind, version, costs, salt, _ = setting.split("$")
    cost = dict(part.split("=") for part in costs.split(","))
    encoded = hash_secret(
        secret,
        _unpadded(salt),
        time_cost=int(cost["t"]),
        memory_cost=int(cost["m"]),
        parallelism=int(cost["p"]),
        hash_len=32,
        type={"argon2id": Type.ID, "argon2i": Type.I, "argon2d": Type.D}[kind],
        version=int(version.removeprefix("v=")),
    )
    return encoded.decode().rpartition("$")[2]


def _django(secret: bytes, setting: str) -> str:
    method, rounds, salt, _ = setting.split("$")
    made = hashlib.pbkdf2_hmac(method.partition("_")[2], secret, salt.encode(), int(rounds))
    return base64.b64encode(made).decode().rstrip("=")


def _werkzeug(secret: bytes, setting: str) -> str:
    method, salt, _ = setting.split("$")
    name, *numbers = method.split(":")
    if name == "scrypt":
        n, r, p = map(int, numbers)
        if 128 * n * r * p > MOST_SCRYPT_BYTES:
            raise ValueError("it asks for too much memory")
        room = 132 * n * r * p
        return hashlib.scrypt(secret, salt=salt.encode(), n=n, r=r, p=p, maxmem=room).hex()
    return hashlib.pbkdf2_hmac(numbers[0], secret, salt.encode(), int(numbers[1])).hex()


def _ssha(secret: bytes, setting: str) -> str:
    salt = bytes.fromhex(setting.partition("}")[2])
    return hashlib.sha1(secret + salt, usedforsecurity=False).hexdigest()


class _Ldap(Format):
    """``{SSHA}``, whose base64 holds digest and salt in one: they are kept apart in hex."""

    __slots__ = ()

    def split(self, stored: str) -> tuple[str, str] | None:
        found = self.layout.fullmatch(stored)
        if found is None:
            return None
        try:
            both = base64.b64decode(found["digest"], validate=True)
        except binascii.Error:
            return None
        # Twenty bytes of SHA-1, and a salt of any length; {SHA} has none.
        return (found["mark"] + both[20:].hex(), both[:20].hex()) if len(both) >= 20 else None


def _unpadded(text: str) -> bytes:
    return base64.b64decode(text + "=" * (-len(text) % 4))


def _layout(pattern: str) -> re.Pattern[str]:
    return re.compile(pattern, re.ASCII)


FORMATS = {
    one.name: one
    for one in (
        Format("md5", _layout(r"(?P<digest>[0-9a-fA-F]{32})"), _md5, case_matters=False),
        Format("sha1", _layout(r"(?P<digest>[0-9a-fA-F]{40})"), _sha1, case_matters=False),
        # salt$digest, and sha1$salt$digest as Django had it: SHA-1 of the salt, then the password.
        Format(
            "salted-sha1",
            _layout(r"(?:sha1\$)?[^$\s]{1,64}\$(?P<digest>[0-9a-fA-F]{40})"),
            _sha1,
            case_matters=False,
        ),
        _Ldap("ldap-sha1", _layout(r"(?P<mark>\{S?SHA\})(?P<digest>[\w+/]+={0,2})"), _ssha),
        Format(
            "md5-crypt",
            _layout(r"\$1\$[./\w]{0,8}\$(?P<digest>[./0-9A-Za-z]{22})"),
            _crypt(md5_crypt, 22),
        ),
        Format(
            "sha256-crypt",
            _layout(r"\$5\$(?:rounds=[1-9]\d{3,6}\$)?[./\w]{0,16}\$(?P<digest>[./0-9A-Za-z]{43})"),
            _crypt(sha256_crypt, 43),
        ),
        Format(
            "sha512-crypt",
            _layout(r"\$6\$(?:rounds=[1-9]\d{3,6}\$)?[./\w]{0,16}\$(?P<digest>[./0-9A-Za-z]{86})"),
            _crypt(sha512_crypt, 86),
        ),
        # The letter is the exponent of its rounds: 2 to the power of 7, up to 20.
        Format(
            "phpass",
            _layout(r"\$[PH]\$[5-9A-I][./0-9A-Za-z]{8}(?P<digest>[./0-9A-Za-z]{22})"),
            _crypt(phpass, 22),
        ),
        Format(
            "bcrypt",
            _layout(r"\$2[aby]\$(?:0[4-9]|1[0-6])\$[./0-9A-Za-z]{22}(?P<digest>[./0-9A-Za-z]{31})"),
            _bcrypt,
        ),
        Format(
            "argon2",
            _layout(
                r"\$argon2(?:id|i|d)\$v=(?:16|19)\$m=\d{1,6},t=\d{1,2},p=\d{1,2}"
                r"\$[\w+/]{11,64}\$(?P<digest>[\w+/]{43})"
            ),
            _argon2,
        ),
        Format(
            "django-pbkdf2",
            _layout(r"pbkdf2_sha(?:1|256)\$\d{1,7}\$[^$\s]{1,64}\$(?P<digest>[\w+/]{27,43})="),
            _django,
        ),
        Format(
            "werkzeug-pbkdf2",
            _layout(r"pbkdf2:sha(?:1|256|512):\d{1,7}\$\w{1,64}\$(?P<digest>[0-9a-f]{40,128})"),
            _werkzeug,
        ),
        Format(
            "werkzeug-scrypt",
            _layout(r"scrypt:\d{1,7}:\d{1,2}:\d{1,2}\$\w{1,64}\$(?P<digest>[0-9a-f]{128})"),
            _werkzeug,
        ),
    )
}
