"""What must not be done from a desk that its user has left."""

from __future__ import annotations

from bank.context import the_bank
from nightlatch.flask import current_session


def proved_recently() -> bool:
    """Whether whoever is signed in has typed their password a short while ago."""
    return current_session().is_recent(the_bank().config.confirm_within_ms)


def needs_recent_proof() -> None:
    """Leads to :mod:`bank.signin.confirm` and back, unless the password was typed of late.

    The library's decorator ``require_recent(minutes)`` does the same for a whole view; how many
    minutes is a setting of each bank here, so it is asked inside the views.

    :raises nightlatch.ReauthenticationRequired: it is longer ago; the library answers it.
    """
    current_session().require_recent(the_bank().config.confirm_within_ms)
