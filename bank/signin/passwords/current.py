"""How passwords are hashed today: one of two ways, as the bank is set.

The parameters are those of the OWASP Password Storage Cheat Sheet.
"""

from __future__ import annotations

import base64
import hmac
import re
from functools import cache
from typing import Protocol

import bcrypt
from argon2 import PasswordHasher, Type
from argon2.exceptions import InvalidHashError, VerificationError, VerifyMismatchError

from bank.signin.passwords.old import CannotRead

# Each step is twice the work: 16 is about four seconds, 31 is days.
MOST_BCRYPT_COST = 16


class Scheme(Protocol):
    """One way to hash, with one strength.

    :ivar name: as the setting spells it.
    """

    name: str

    def hash(self, secret: bytes) -> str:
        """A new hash, with a salt of its own."""
        ...

    def made(self, stored: str) -> bool:
        """Whether that is a hash of this scheme, of today's strength or more."""
        ...

    def verify(self, secret: bytes, stored: str) -> bool:
        """Whether the hash is of this secret, in constant time.

        :raises CannotRead: it is damaged, and nothing has been computed.
        """
        ...

    def spend(self) -> None:
        """Takes as long as :meth:`verify`, for nobody."""
        ...


class Argon2id:
    """19 MiB of memory, 2 passes, 1 lane: about 35 ms."""

    name = "argon2id"
    _HASHER = PasswordHasher(time_cost=2, memory_cost=19 * 1_024, parallelism=1, type=Type.ID)
    _LAYOUT = re.compile(r"\$argon2id\$v=19\$m=(\d{1,6}),t=(\d{1,2}),p=\d\$\S+", re.ASCII)

    def hash(self, secret: bytes) -> str:
        """A new hash, with a salt of its own."""
        return self._HASHER.hash(secret)

    def made(self, stored: str) -> bool:
        """Whether it is Argon2id with as much memory and as many passes, or more."""
        found = self._LAYOUT.fullmatch(stored)
        if found is None:
            return False
        return int(found[1]) >= self._HASHER.memory_cost and int(found[2]) >= self._HASHER.time_cost

    def verify(self, secret: bytes, stored: str) -> bool:
        """Whether the hash is of this secret."""
        try:
            return self._HASHER.verify(stored, secret)
        except VerifyMismatchError:
            return False
        except (InvalidHashError, VerificationError) as error:
            raise CannotRead from error

    def spend(self) -> None:
        """Verifies nothing against the hash of nobody."""
        self.verify(b"", _nobodys_hash(self))


class Bcrypt:
    """Cost 12: about 225 ms.

    bcrypt takes 72 bytes and refuses more. So that a long password counts to its last byte, what
    it is given is base64 of HMAC-SHA-384, always; and the stored text begins with a mark of our
    own, so that nobody takes it for bcrypt of the password itself. The HMAC's key is a label and
    no secret: because of it, no SHA-384 that was stolen elsewhere can be tried here.
    """

    name = "bcrypt"
    COST = 12
    MARK = "$bank$v=1$hmac-sha384"
    _LAYOUT = re.compile(r"\$bank\$v=1\$hmac-sha384\$2b\$(\d\d)\$[./0-9A-Za-z]{53}", re.ASCII)
    _LABEL = b"nightlatch reference bank, password for bcrypt, v=1"

    def hash(self, secret: bytes) -> str:
        """A new hash, with a salt of its own."""
        return self.MARK + bcrypt.hashpw(self.shortened(secret), bcrypt.gensalt(self.COST)).decode()

    def made(self, stored: str) -> bool:
        """Whether it is bcrypt with our mark, and with that cost or more."""
        found = self._LAYOUT.fullmatch(stored)
        return found is not None and self.COST <= int(found[1]) <= MOST_BCRYPT_COST

    def verify(self, secret: bytes, stored: str) -> bool:
        """Whether the hash is of this secret."""
        try:
            return bcrypt.checkpw(self.shortened(secret), stored.removeprefix(self.MARK).encode())
        except ValueError as error:
            raise CannotRead from error

    def spend(self) -> None:
        """Verifies nothing against the hash of nobody."""
        self.verify(b"", _nobodys_hash(self))

    @classmethod
    def shortened(cls, secret: bytes) -> bytes:
        """64 bytes of base64 that stand for all bytes of the secret."""
        return base64.b64encode(hmac.digest(cls._LABEL, secret, "sha384"))


ARGON2ID = Argon2id()
BCRYPT = Bcrypt()
SCHEMES: dict[str, Scheme] = {scheme.name: scheme for scheme in (ARGON2ID, BCRYPT)}


@cache
def _nobodys_hash(scheme: Scheme) -> str:
    # As costly as every real one; of more bytes than a password may have.
    return scheme.hash(b"\0" * 1_025)
