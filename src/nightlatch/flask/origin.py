"""Whether an unsafe request comes from our own pages."""

from __future__ import annotations

from urllib.parse import urlsplit

from flask import Request


def is_cross_site(request: Request) -> bool:
    """Whether a browser says that another site made this request.

    ``Sec-Fetch-Site`` decides where there is one (OWASP ASVS 5.0, 3.5.3), else ``Origin``.
    A request with neither was not made by a browser of this decade, and nobody can make a
    victim send one.
    """
    site = request.headers.get("Sec-Fetch-Site")
    if site is not None:
        # Under `Referrer-Policy: no-referrer` our own forms come with `Origin: null`.
        return site != "same-origin"
    origin = request.headers.get("Origin")
    if origin is None:
        return False
    try:
        # The host alone: behind a proxy that ends TLS the application may not know its own scheme.
        return urlsplit(origin).netloc.lower() != request.host.lower()
    except ValueError:
        return True
