"""What every answer of the bank tells the browser to refuse.

The policy names everything that the pages use and refuses the rest: scripts, styles, pictures
and connections from this origin only, nothing inline, no strings as code (OWASP ASVS 5.0,
chapter V3.4).
"""

from __future__ import annotations

from flask import Flask, Response, request

CONTENT_SECURITY_POLICY = "; ".join(
    (
        "default-src 'none'",
        "script-src 'self'",
        "style-src 'self'",
        "img-src 'self'",
        "font-src 'self'",
        "connect-src 'self'",
        "form-action 'self'",
        "base-uri 'none'",
        "frame-ancestors 'none'",
        "require-trusted-types-for 'script'",
        "trusted-types 'none'",
    )
)

ALWAYS = {
    "Content-Security-Policy": CONTENT_SECURITY_POLICY,
    "X-Content-Type-Options": "nosniff",
    # frame-ancestors, for what does not know it.
    "X-Frame-Options": "DENY",
    # Not no-referrer: browsers then send "Origin: null" with our own forms.
    "Referrer-Policy": "same-origin",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Permissions-Policy": "camera=(), display-capture=(), geolocation=(), microphone=(), "
    "payment=(), usb=()",
}
ONE_YEAR_S = 31_536_000


def install(app: Flask) -> None:
    """Adds the headers to every answer of this application, errors and files included."""
    app.after_request(_harden)


def _harden(response: Response) -> Response:
    for name, value in ALWAYS.items():
        response.headers.setdefault(name, value)
    # Files say how long they may be kept. Pages may not: they differ by who asks.
    response.headers.setdefault("Cache-Control", "no-store")
    if request.is_secure:
        # Over plain HTTP browsers ignore it, and on a developer's machine it would do harm.
        response.headers.setdefault("Strict-Transport-Security", f"max-age={ONE_YEAR_S}")
    return response
