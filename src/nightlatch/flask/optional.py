"""Views that go on without a session while the store is out of reach."""

from __future__ import annotations

from collections.abc import Callable
from typing import TypeVar

from flask import Flask, Request

View = TypeVar("View", bound=Callable[..., object])

_MARK = "_nightlatch_optional"


def optional(view: View) -> View:
    """Declare that a view answers visitors, too, so that it need not fail with the store.

    While the store is out of reach everybody is a visitor to this view: it finds the session
    empty, what it puts there is not kept, and the browser's cookie stays as it is. It may not
    begin a session: signing in raises :class:`nightlatch.StoreUnavailable`.
    """
    setattr(view, _MARK, True)
    return view


def is_optional(app: Flask, request: Request) -> bool:
    """Whether this request's view has been declared so."""
    return getattr(app.view_functions.get(request.endpoint or ""), _MARK, False)
