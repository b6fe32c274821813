"""What every answer tells the browser, and that the pages keep to it."""

from __future__ import annotations

import re
from collections.abc import Callable

import pytest

from bank.headers import ALWAYS
from tests.bank.visitor import Visitor

PUBLIC = ["/login", "/logged-out", "/nowhere", "/static/bank.css", "/session", "/transfer"]
PRIVATE = ["/", "/another-page", "/transfer", "/nowhere"]


@pytest.mark.parametrize("path", PUBLIC)
def test_every_answer_carries_the_headers(visitor: Visitor, path: str) -> None:
    """Pages, files, redirects, errors and the library's own routes are hardened alike."""
    headers = visitor.get(path).headers

    for name, value in ALWAYS.items():
        assert headers[name] == value


def test_the_policy_begins_with_nothing_and_allows_nothing_inline() -> None:
    """The policy forbids everything first, and has no unsafe exception."""
    policy = ALWAYS["Content-Security-Policy"]

    assert policy.startswith("default-src 'none'; script-src 'self'; style-src 'self';")
    assert "unsafe" not in policy
    assert "require-trusted-types-for 'script'" in policy


def test_only_a_secure_connection_asks_to_stay_secure(visitor: Visitor) -> None:
    """Strict-Transport-Security goes out over TLS and not over plain HTTP."""
    name = "Strict-Transport-Security"

    assert name not in visitor.client.get("/login").headers
    assert name in visitor.client.get("/login", base_url="https://localhost").headers


@pytest.mark.parametrize("path", PRIVATE)
def test_nothing_private_is_kept_by_a_cache(signed_in: Callable[..., Visitor], path: str) -> None:
    """Pages under a session are no-store, the one that is not found included."""
    assert signed_in().get(path).headers["Cache-Control"] == "no-store"


def test_a_form_token_is_kept_by_no_cache(visitor: Visitor) -> None:
    """The sign-in page belongs to one browser, though there is no session yet."""
    assert visitor.get("/login").headers["Cache-Control"] == "no-store"


@pytest.mark.parametrize("path", ["/static/bank.css", "/bootstrap/static/css/bootstrap.min.css"])
def test_files_may_be_kept_and_are_asked_about(visitor: Visitor, path: str) -> None:
    """Style sheets may be stored, and are revalidated by their tag."""
    answer = visitor.get(path)

    assert answer.status_code == 200
    assert answer.headers["Cache-Control"] == "no-cache"
    assert answer.headers["ETag"]


@pytest.mark.parametrize("path", ["/login", "/logged-out?reason=idle", *PRIVATE])
def test_pages_hold_nothing_inline_and_nothing_from_elsewhere(
    signed_in: Callable[..., Visitor], visitor: Visitor, path: str
) -> None:
    """No page needs what the policy forbids: inline code, inline style, other origins."""
    stranger = path.startswith("/log")
    page = (visitor if stranger else signed_in()).get(path).text

    assert not re.search(r"<style|\sstyle=|\son\w+=|javascript:", page)
    assert not re.search(r"<script(?![^>]*\ssrc=)", page)
    for address in re.findall(r'(?:href|src|action)="([^"]*)"', page):
        assert address.startswith(("/", "#"))
        assert not address.startswith("//")


@pytest.mark.parametrize("path", ["/login", "/logged-out?reason=idle", *PRIVATE])
def test_pages_have_one_title_one_main_part_and_one_first_heading(
    signed_in: Callable[..., Visitor], visitor: Visitor, path: str
) -> None:
    """The frame that assistive technology finds its way by is on every page."""
    page = (visitor if path.startswith("/log") else signed_in()).get(path).text

    assert '<html lang="en-GB">' in page
    for tag in ("title", "main", "h1"):
        assert len(re.findall(rf"<{tag}[ >]", page)) == 1
    assert 'href="#main"' in page
