"""The page after the end says why, and leads back."""

from __future__ import annotations

from collections.abc import Callable
from html import unescape
from pathlib import Path
from urllib.parse import quote

import pytest

from bank import BankConfig, bank_of, create_app
from nightlatch.testing import FakeClock
from tests.bank.visitor import Visitor


@pytest.mark.parametrize(
    ("reason", "words"),
    [
        ("idle", "there was no activity for 59 minutes"),
        ("absolute", "you had been signed in for 12 hours"),
        ("revoked", "ended from somewhere else"),
        ("replaced", "took the place of this session"),
        ("replayed", "an old copy of it was used"),
        ("signed-out-unconfirmed", "it may not have ended yet"),
        ("signed-out", "You have signed out safely."),
    ],
)
def test_the_reason_is_said(visitor: Visitor, reason: str, words: str) -> None:
    """Each way in which a session can end has its own true sentence."""
    page = visitor.get(f"/logged-out?reason={reason}")

    assert page.status_code == 200
    assert words in page.text


@pytest.mark.parametrize("query", ["", "?reason=", "?reason=made-up", "?reason=<script>"])
def test_an_unknown_reason_claims_nothing(visitor: Visitor, query: str) -> None:
    """A reason that somebody made up is neither repeated nor guessed at."""
    page = visitor.get("/logged-out" + query).text

    assert "You are not signed in to your accounts." in page
    assert "made-up" not in page
    assert "<script>" not in page


def test_the_words_follow_the_configured_limits(tmp_path: Path) -> None:
    """With the demonstration's timing, the pages say 13 seconds and not 60 minutes."""
    app = create_app(BankConfig.from_env({"BANK_HOME": str(tmp_path)}, demo=True))
    visitor = Visitor(app)

    assert "no activity for 13 seconds" in visitor.get("/logged-out?reason=idle").text
    assert "after 13 seconds without activity" in visitor.get("/login").text
    bank_of(app).close()


def test_the_heading_is_where_a_reader_begins(visitor: Visitor) -> None:
    """The heading takes the focus without script, so that it is read first."""
    page = visitor.get("/logged-out?reason=idle").text

    assert '<h1 tabindex="-1" autofocus>' in page


def test_signing_in_again_leads_back_to_path_query_and_hash(visitor: Visitor) -> None:
    """The link carries all of the address, and sign-in returns to it."""
    target = "/another-page?month=2025-12#money-out"
    page = visitor.get("/logged-out?reason=idle&next=" + quote(target, safe="")).text
    link = unescape(page.split('btn-lg" href="')[1].split('"')[0])

    visitor.get(link)
    answer = visitor.send("/login", username="george", password="george")

    assert answer.location == target


def test_it_never_leads_off_the_site(visitor: Visitor) -> None:
    """An address on another site is dropped from the page."""
    page = visitor.get("/logged-out?next=//evil.example").text

    assert "evil" not in page


def test_a_navigation_after_the_limit_is_told_why(
    signed_in: Callable[..., Visitor], clock: FakeClock
) -> None:
    """Also without script: the next page after an idle end is the one that explains it."""
    visitor = signed_in()
    clock.advance(minutes=61)

    answer = visitor.get("/another-page?month=2025-12")

    assert answer.location.startswith("/logged-out?reason=idle&next=")
    assert "no activity for 59 minutes" in visitor.get(answer.location).text


def test_a_session_in_use_lasts(signed_in: Callable[..., Visitor], clock: FakeClock) -> None:
    """Activity every 58 minutes keeps a session for hours; an hour without ends it."""
    visitor = signed_in()

    for _ in range(11):
        clock.advance(minutes=58)
        assert visitor.get("/").status_code == 200
    clock.advance(minutes=58)
    clock.advance(minutes=58)

    assert visitor.get("/").location.startswith("/logged-out?reason=")
