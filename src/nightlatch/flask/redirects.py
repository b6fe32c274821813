"""Where to go next, and only on this site."""

from __future__ import annotations

import re
from urllib.parse import unquote

from flask import request

# One slash and then anything but a slash or a backslash: browsers read both as "another host".
_LOCAL = re.compile(r"/(?![/\\])")
# Browsers drop tabs and line ends inside an address before they read it.
_CONTROL = re.compile(r"[\x00-\x1f\x7f\\]")
LONGEST = 2048


def is_safe_next(target: str | None) -> bool:
    """Whether ``target`` is an address on this site: path, query and hash, nothing else."""
    if not target or len(target) > LONGEST or not target.isprintable():
        return False
    # Decoded once more, because a server or proxy on the way may do so too.
    return all(_is_local(text) for text in (target, unquote(target.partition("?")[0])))


def safe_next(default: str) -> str:
    """The ``next`` of this request's form or query if it stays on this site, else ``default``.

    OWASP ASVS 5.0, 3.7.2: an application redirects only to where it means to.
    """
    target = request.form.get("next") or request.args.get("next")
    return target if target is not None and is_safe_next(target) else default


def asked_for() -> str:
    """Path and query of this request, as a browser spells them."""
    # From the whole address: the path alone lacks what the application is mounted under, and
    # its %3F have become question marks.
    return request.url[len(request.host_url) - 1 :]


def came_from() -> str | None:
    """Path and query of the page of this site that the request was made on, if it tells."""
    referrer = request.referrer or ""
    path = referrer.removeprefix(request.host_url.removesuffix("/"))
    return path if path != referrer and is_safe_next(path) else None


def _is_local(text: str) -> bool:
    return bool(_LOCAL.match(text)) and not _CONTROL.search(text)
