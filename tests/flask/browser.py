"""A browser that runs no script: it keeps cookies and says what browsers say of a request."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from flask import Flask
from werkzeug.test import TestResponse

# What a browser adds by itself (W3C Fetch Metadata).
NAVIGATION = {
    "Accept": "text/html,application/xhtml+xml,*/*;q=0.8",
    "Sec-Fetch-Site": "same-origin",
    "Sec-Fetch-Mode": "navigate",
    "Sec-Fetch-Dest": "document",
}
SCRIPT = {
    "Accept": "*/*",
    "Sec-Fetch-Site": "same-origin",
    "Sec-Fetch-Mode": "cors",
    "Sec-Fetch-Dest": "empty",
}
NOTHING_MORE: Mapping[str, str] = {}


class Browser:
    """One browser at one application.

    :param address: where it thinks the application is; ``https`` makes the connection secure.
    """

    def __init__(self, app: Flask, address: str = "http://localhost") -> None:
        self.client = app.test_client()
        self.address = address
        self.cookie_name = "__Host-nightlatch" if address.startswith("https") else "nightlatch"

    def go(self, path: str, headers: Mapping[str, str] = NOTHING_MORE) -> TestResponse:
        """Follow a link to a page."""
        return self.ask("GET", path, {**NAVIGATION, **headers})

    def submit(self, path: str, **fields: Any) -> TestResponse:
        """Send a form."""
        return self.ask("POST", path, NAVIGATION, data=fields)

    def fetch(self, path: str, **options: Any) -> TestResponse:
        """Ask from a script on the page; with ``json`` by POST."""
        return self.ask("POST" if "json" in options else "GET", path, SCRIPT, **options)

    def ask(
        self, method: str, path: str, headers: Mapping[str, str], **options: Any
    ) -> TestResponse:
        """Any request at all, with these headers and no others."""
        return self.client.open(
            path,
            method=method,
            base_url=self.address,
            headers=dict(headers),
            buffered=True,  # as a browser reads an answer to its end
            **options,
        )

    @property
    def token(self) -> str | None:
        """The session cookie's value."""
        found = self.client.get_cookie(self.cookie_name)
        return found.value if found else None

    @token.setter
    def token(self, value: str | None) -> None:
        self.client.delete_cookie(self.cookie_name)
        if value is not None:
            self.client.set_cookie(self.cookie_name, value)


def cookies(response: TestResponse) -> list[str]:
    """The cookies that an answer sets or takes away."""
    return response.headers.getlist("Set-Cookie")
