"""What must not be done from a desk that its user has left."""

from __future__ import annotations

from collections.abc import Callable
from typing import TypeVar

from flask import Flask

from bank.context import the_bank
from nightlatch.flask import current_session, require_recent

View = TypeVar("View", bound=Callable[..., object])

_MARK = "bank_needs_recent_proof"


def needs_recent_proof(view: View) -> View:
    """Declare that a view is for whoever has typed their password a short while ago.

    How short is a setting of each bank, so the guard itself is put on by :func:`guard_views`.
    """
    setattr(view, _MARK, True)
    return view


def guard_views(app: Flask, minutes: int) -> None:
    """Puts the library's ``require_recent`` on every view that declares to need it.

    :param minutes: how long a proof is recent.
    """
    guard = require_recent(minutes)
    for endpoint, view in list(app.view_functions.items()):
        if getattr(view, _MARK, False):
            app.view_functions[endpoint] = guard(view)


def proved_recently() -> bool:
    """Whether whoever is signed in has typed their password a short while ago."""
    return current_session().is_recent(the_bank().config.confirm_within_ms)
