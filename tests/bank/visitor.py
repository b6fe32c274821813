"""A person with a browser that runs no script: follows links, fills in forms, keeps cookies."""

from __future__ import annotations

import re
from html import unescape
from typing import Any

from flask import Flask
from werkzeug.test import TestResponse

from bank import Bank
from nightlatch import Live

# What a browser says of itself when somebody follows a link or sends a form.
NAVIGATION = {
    "Accept": "text/html",
    "Sec-Fetch-Site": "same-origin",
    "Sec-Fetch-Mode": "navigate",
    "Sec-Fetch-Dest": "document",
}
PASSWORDS = {"george": "george", "O’Connor": "o’connor", "admin": "admin"}

_HIDDEN = re.compile(
    r'<input[^>]*name="(?P<name>\w+)"[^>]*type="hidden"[^>]*value="(?P<value>[^"]*)"'
)


class Visitor:
    """One browser; its last answer is kept as ``page``."""

    def __init__(self, app: Flask) -> None:
        self.client = app.test_client()
        self.page: TestResponse | None = None

    def get(self, path: str, *, query: dict[str, str] | None = None) -> TestResponse:
        """Follows a link, or sends a form whose fields go into the address."""
        self.page = self.client.get(path, headers=NAVIGATION, query_string=query, buffered=True)
        return self.page

    def send(self, path: str, **fields: Any) -> TestResponse:
        """Sends the form of the last page, its hidden fields included."""
        self.page = self.client.post(path, data=self.hidden() | fields, headers=NAVIGATION)
        return self.page

    def sign_in(self, name: str = "george", password: str | None = None) -> TestResponse:
        """Fills in the sign-in page; without a password, the right one."""
        self.get("/login")
        return self.send("/login", username=name, password=password or PASSWORDS[name])

    def sign_out(self) -> TestResponse:
        """Presses *Sign out*."""
        return self.send("/session/end")

    def hidden(self) -> dict[str, str]:
        """The hidden fields of the last page."""
        assert self.page is not None
        return {name: unescape(value) for name, value in _HIDDEN.findall(self.page.text)}

    def cookie(self, name: str) -> str | None:
        """The value of one of its cookies."""
        found = self.client.get_cookie(name)
        return found.value if found else None


def token(visitor: Visitor) -> str:
    """What the visitor's session cookie holds."""
    cookie = visitor.cookie("nightlatch")
    assert cookie is not None
    return cookie


def sid(visitor: Visitor) -> str:
    """The public handle of the visitor's session."""
    return token(visitor).split(".")[1]


def alive(bank: Bank, visitor: Visitor) -> bool:
    """Whether the visitor's session is live, by the bank's own record."""
    return isinstance(bank.sessions.peek(token(visitor)), Live)
