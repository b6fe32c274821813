"""A forgery token for people who are not signed in yet, without a session for each of them.

Flask-WTF keeps its token in the session. On the sign-in page that would write a session for
every visitor and every robot, and the token would die with that session's idle limit while
somebody looks for their password. Here a random value stands in a cookie of its own and the
form carries its keyed digest: another site can set neither to match.
"""

from __future__ import annotations

import hmac
import secrets
from typing import Any

from flask import Response, after_this_request, current_app, g, request
from wtforms import ValidationError
from wtforms.csrf.core import CSRF


class CookieToken(CSRF):
    """Binds a form to the browser it was given to, for as long as that browser runs."""

    def generate_csrf_token(self, csrf_token_field: Any) -> str:
        """The token for this browser; gives it the cookie if it has none."""
        key = str(current_app.secret_key).encode()
        return hmac.new(key, b"sign-in form\0" + _browser().encode(), "sha256").hexdigest()

    def validate_csrf_token(self, form: Any, field: Any) -> None:
        """Refuses a token that this browser was not given.

        :raises ValidationError: it is missing, or the cookie is.
        """
        if not hmac.compare_digest(field.current_token.encode(), (field.data or "").encode()):
            raise ValidationError("The page was open for too long.")


def _browser() -> str:
    if "form_browser" not in g:
        # A browser keeps a name with this prefix to this host alone, and so to this bank.
        name = "__Host-bank_form" if request.is_secure else "bank_form"
        known = request.cookies.get(name)
        g.form_browser = known or secrets.token_urlsafe(16)
        if known is None:
            after_this_request(lambda response: _remember(response, name, g.form_browser))
    return str(g.form_browser)


def _remember(response: Response, name: str, value: str) -> Response:
    response.set_cookie(name, value, secure=request.is_secure, httponly=True, samesite="Lax")
    return response
