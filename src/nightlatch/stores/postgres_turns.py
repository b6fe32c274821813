"""Turns: who begins and who ends all do so one after the other, by locks of a transaction.

A turn is a statement of its own, before the one that looks: a statement sees what was there when
it began, so it must begin after the wait.
"""

from __future__ import annotations

import hashlib
from typing import Any

TURN = b"""SELECT set_config('lock_timeout', %(lock_ms)s, true),
    pg_advisory_xact_lock_shared(%(everyone)s), pg_advisory_xact_lock(%(who)s)"""
EVERYONES_TURN = b"""SELECT set_config('lock_timeout', %(lock_ms)s, true),
    pg_advisory_xact_lock(%(everyone)s)"""

# In the tables: nobody's name is stored as it is.
EVERYONE = "*"

Turn = tuple[bytes, dict[str, Any]]


def who(user: str) -> str:
    """A user's name as it stands beside ``EVERYONE``."""
    return f"={user}"


class Turns:
    """The locks of one schema."""

    def __init__(self, schema: str) -> None:
        self.schema = schema

    def of(self, user: str | None, kind: str = "sessions") -> Turn:
        """The turn of one user, or of everyone for ``None``."""
        values = {"everyone": self._lock(kind, EVERYONE)}
        if user is None:
            return EVERYONES_TURN, values
        return TURN, values | {"who": self._lock(kind, who(user))}

    def _lock(self, kind: str, name: str) -> int:
        # Two of one number would only wait for each other in vain.
        whole = f"nightlatch {self.schema} {kind} {name}".encode()
        return int.from_bytes(hashlib.sha256(whole).digest()[:8], signed=True)
