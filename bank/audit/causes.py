"""Who ended a session that did not end by itself."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass
from enum import StrEnum

import click
from flask import has_request_context

from nightlatch import EndReason


class By(StrEnum):
    """Who or what ended a session; what a line says under ``by``."""

    USER = "user"
    """Its user: *Sign out*, or from the list of their sessions."""
    ADMINISTRATOR = "administrator"
    PASSWORD_CHANGE = "password change"  # noqa: S105 - the name of a cause
    COMMAND_LINE = "command line"
    """Somebody at the machine: ``flask nightlatch sessions end``."""
    SIGN_IN = "sign-in"
    """Another session of the same user or browser took its place."""
    LIMIT = "time limit"
    SAFEGUARD = "safeguard"
    """The library: a replaced token was used again, or the record could not be read."""
    UNKNOWN = "unknown"
    """Revoked, and nobody has said by whom."""


@dataclass(frozen=True, slots=True)
class Cause:
    """:ivar actor: the number of the user who did it; None when that is not known."""

    by: By
    actor: str | None = None


_BY_REASON = {
    EndReason.SIGNED_OUT: By.USER,
    EndReason.IDLE: By.LIMIT,
    EndReason.ABSOLUTE: By.LIMIT,
    EndReason.REPLACED: By.SIGN_IN,
    EndReason.REPLAYED: By.SAFEGUARD,
    EndReason.CORRUPT: By.SAFEGUARD,
}
_stated: ContextVar[Cause | None] = ContextVar("bank_audit_cause", default=None)


@contextmanager
def ended_by(by: By, actor: str | None = None) -> Iterator[None]:
    """States who revokes the sessions that are ended inside of the block.

    ::

        with ended_by(By.ADMINISTRATOR, current_user.get_id()):
            the_bank().sessions.end_user(user)

    :param actor: the number of the user who does it.
    """
    before = _stated.set(Cause(by, actor))
    try:
        yield
    finally:
        _stated.reset(before)


def cause_of(reason: EndReason) -> Cause:
    """Who ended the session whose end is being told at this moment."""
    if by := _BY_REASON.get(reason):
        return Cause(by)
    if stated := _stated.get():
        return stated
    at_a_shell = not has_request_context() and click.get_current_context(silent=True) is not None
    return Cause(By.COMMAND_LINE if at_a_shell else By.UNKNOWN)
