"""What the rooms of one bank share: its database, its clock and its sessions."""

from __future__ import annotations

from dataclasses import dataclass
from typing import cast

from flask import Flask, current_app

from bank.audit.trail import Trail
from bank.config import BankConfig
from bank.db import Database
from bank.migrations import Upgrade
from bank.signin.breached import Breached
from bank.signin.throttle import Throttle
from nightlatch import Clock, Limits, Manager


@dataclass(frozen=True, slots=True)
class Bank:
    """One bank, as :func:`bank.create_app` has put it together."""

    config: BankConfig
    database: Database
    clock: Clock
    sessions: Manager
    audit: Trail
    upgraded: Upgrade
    throttle: Throttle
    breached: Breached

    @property
    def limits(self) -> Limits:
        """How long a session lasts here."""
        return self.sessions.limits

    def now(self) -> int:
        """Milliseconds since the epoch, UTC."""
        return self.clock.now()

    def close(self) -> None:
        """Lets go of every connection; the bank answers no more requests."""
        self.throttle.close()
        self.audit.close()
        self.database.close()
        self.sessions.close()


def bank_of(app: Flask) -> Bank:
    """The bank that an application serves."""
    return cast(Bank, app.extensions["bank"])


def the_bank() -> Bank:
    """The bank that answers the current request."""
    return bank_of(current_app)
