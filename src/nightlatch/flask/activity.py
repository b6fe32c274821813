"""Which requests show that somebody is there.

A page navigation and a form submission do. Background fetches, pollers, prefetches, HEAD and
static files do not. Browsers say which is which in Fetch Metadata (W3C, ``Sec-Fetch-*``);
where they do not, a request counts when it asks for HTML and was not made by script.
A view may say otherwise; a client may only weaken.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import TypeVar

from flask import Flask, Request

View = TypeVar("View", bound=Callable[..., object])

PASSIVE_HEADER = "X-Nightlatch-Passive"
_MARK = "_nightlatch_activity"


def passive(view: View) -> View:
    """Declare that requests to this view are no activity: pollers, dashboards that reload."""
    setattr(view, _MARK, False)
    return view


def active(view: View) -> View:
    """Declare that requests to this view are activity, also when a script makes them."""
    setattr(view, _MARK, True)
    return view


def is_activity(app: Flask, request: Request) -> bool:
    """Whether this request is to be credited as activity."""
    if request.method in ("HEAD", "OPTIONS", "TRACE") or PASSIVE_HEADER in request.headers:
        return False
    if "prefetch" in request.headers.get("Sec-Purpose", request.headers.get("Purpose", "")):
        return False
    declared = getattr(app.view_functions.get(request.endpoint or ""), _MARK, None)
    if declared is not None:
        return bool(declared)
    if (request.endpoint or "").rpartition(".")[2] == "static":
        return False
    return is_navigation(request)


def is_navigation(request: Request) -> bool:
    """Whether the answer will be shown as a page of its own.

    Frames are left out: a page that reloads one by itself would never time out.
    """
    mode = request.headers.get("Sec-Fetch-Mode")
    if mode is not None:
        return (
            mode == "navigate" and request.headers.get("Sec-Fetch-Dest", "document") == "document"
        )
    return (
        request.accept_mimetypes.best == "text/html"
        and request.headers.get("X-Requested-With") != "XMLHttpRequest"
    )


def is_script(request: Request) -> bool:
    """Whether a script made this request and would take a sign-in page for its data.

    Nothing said either way (curl, an application's own tests) counts as a person's request.
    """
    mode = request.headers.get("Sec-Fetch-Mode")
    if mode is not None:
        return mode != "navigate"
    accepts = request.accept_mimetypes
    return (
        request.headers.get("X-Requested-With") == "XMLHttpRequest"
        or accepts["application/json"] > accepts["text/html"]
    )
