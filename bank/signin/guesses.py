"""Passwords as requests bring them: never more at once than memory allows, and counted if wrong.

:mod:`bank.signin.passwords` knows how a password is hashed; this knows how often it may be.
"""

from __future__ import annotations

from threading import BoundedSemaphore

from flask import request

from bank.context import the_bank
from bank.signin import passwords
from bank.signin.models import User
from bank.signin.passwords import Checked
from bank.signin.throttle import TooManyTries

HASHES_AT_ONCE = 4
"""In one process. Argon2id takes 19 MiB for each, which is its purpose, and whoever sends many
passwords at once would otherwise choose how much that is together."""

_turns = BoundedSemaphore(HASHES_AT_ONCE)


def check(name: str, password: str, user: User | None) -> Checked:
    """Whether ``password`` is that user's, at the price of one try.

    An unknown user, a wrong password and a damaged hash take the same work and the same time.

    :param name: as it was typed.
    :param user: who has that name and may sign in; None when nobody does.
    :raises TooManyTries: there were too many failures; it was written down.
    """
    bank = the_bank()
    try:
        with _turns:
            # Asked in the turn: of many that come at once most are asked after some have failed.
            bank.throttle.ask(name, request.remote_addr)
            stored = user.password_hash if user else None
            checked = passwords.check(password, stored, bank.config.password_scheme)
        tell = bank.throttle.right if checked.ok else bank.throttle.wrong
        tell(name, request.remote_addr)
    except TooManyTries as error:
        bank.audit.held_up(name, user.get_id() if user else None, error.wait_s)
        raise
    return checked


def make_hash(password: str) -> str:
    """The same as :func:`bank.signin.passwords.make_hash`, when it is its turn.

    :raises ValueError: see there.
    """
    with _turns:
        return passwords.make_hash(password, the_bank().config.password_scheme)
