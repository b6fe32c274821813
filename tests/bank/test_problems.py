"""The pages for what goes wrong."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from flask import Flask, abort, redirect
from sqlalchemy import text

from bank import bank_of
from bank.problems import PROBLEMS
from nightlatch.errors import StoreUnavailable
from tests.bank.visitor import Visitor


@pytest.fixture
def failing(app: Flask) -> Flask:
    """A bank with addresses that fail."""

    @app.get("/fails/<int:status>")
    def fails(status: int) -> str:
        abort(status)

    @app.get("/breaks")
    def breaks() -> str:
        raise ZeroDivisionError("canary")

    @app.get("/store-is-away")
    def store_is_away() -> str:
        raise StoreUnavailable("open", "canary", retry_after_s=7)

    @app.get("/leads-away")
    def leads_away() -> str:
        abort(redirect("/login"))

    # Not in a test's way: the page is what a visitor gets.
    app.config["PROPAGATE_EXCEPTIONS"] = False
    return app


@pytest.mark.parametrize("status", PROBLEMS)
def test_a_problem_has_a_page_that_says_what_to_do(failing: Flask, status: int) -> None:
    """Each status has the bank's look, its own words and a way on."""
    answer = Visitor(failing).get(f"/fails/{status}")

    assert answer.status_code == status
    assert PROBLEMS[status].title in answer.text
    assert "Go to the first page" in answer.text
    assert "Latch &amp; Key Bank" in answer.text


@pytest.mark.parametrize(
    ("status", "title"), [(418, PROBLEMS[400].title), (501, PROBLEMS[500].title)]
)
def test_a_status_without_words_of_its_own_borrows_some(
    failing: Flask, status: int, title: str
) -> None:
    """Other statuses keep their number and take the words of their kind."""
    answer = Visitor(failing).get(f"/fails/{status}")

    assert answer.status_code == status
    assert title in answer.text


def test_an_exception_is_a_page_without_the_exception(failing: Flask) -> None:
    """Nothing of an unhandled exception reaches the visitor."""
    answer = Visitor(failing).get("/breaks")

    assert answer.status_code == 500
    assert "our side" in answer.text
    assert "canary" not in answer.text
    assert "ZeroDivisionError" not in answer.text


def test_a_database_that_fails_does_not_fail_the_page_that_says_so(failing: Flask) -> None:
    """The page for 500 asks nobody who is signed in: that may be what has failed."""
    visitor = Visitor(failing)
    visitor.sign_in()
    with bank_of(failing).database.write() as session:
        session.execute(text("ALTER TABLE users RENAME TO users_elsewhere"))

    answer = visitor.get("/")

    assert answer.status_code == 500
    assert "our side" in answer.text


def test_a_store_out_of_reach_is_not_a_sign_out(failing: Flask) -> None:
    """503 with Retry-After, no-store, the cookie untouched, and words that say so."""
    visitor = Visitor(failing)
    visitor.sign_in()

    answer = visitor.get("/store-is-away")

    assert answer.status_code == 503
    assert answer.headers["Retry-After"] == "7"
    assert answer.headers["Cache-Control"] == "no-store"
    assert "You have not been signed out" in answer.text
    assert "canary" not in answer.text
    assert "Set-Cookie" not in answer.headers


def test_a_store_that_goes_away_answers_with_the_banks_page(app: Flask) -> None:
    """The real store's failure leads there too; what needs no session still works."""
    visitor = Visitor(app)
    visitor.sign_in()
    cookie = visitor.cookie("nightlatch")

    bank_of(app).sessions.store.close()
    answer = visitor.get("/")

    assert answer.status_code == 503
    assert "You have not been signed out" in answer.text
    assert int(answer.headers["Retry-After"]) > 0
    assert visitor.cookie("nightlatch") == cookie
    assert Visitor(app).get("/login").status_code == 200
    assert visitor.get("/static/bank.css").status_code == 200


def test_a_response_that_was_raised_is_sent(failing: Flask) -> None:
    """A view may raise a redirect, and it is one."""
    assert Visitor(failing).get("/leads-away").location == "/login"


def test_a_missing_page_keeps_the_way_out(signed_in: Callable[..., Visitor]) -> None:
    """Somebody who is signed in can sign out on an error page as well."""
    answer = signed_in().get("/nowhere")

    assert answer.status_code == 404
    assert "data-nightlatch-sign-out" in answer.text


def test_a_form_address_that_is_visited_says_how_it_is_meant(visitor: Visitor) -> None:
    """405 keeps its Allow header and is a page."""
    answer = visitor.client.put("/login")

    assert answer.status_code == 405
    assert "POST" in answer.headers["Allow"]
    assert "meant for one of our forms" in answer.text


def test_more_than_any_form_holds_is_refused(visitor: Visitor) -> None:
    """A body past the limit is refused with words of its own."""
    visitor.get("/login")

    answer = visitor.send("/login", username="x" * 100_000, password="x")

    assert answer.status_code == 413
    assert "larger than any of our forms" in answer.text
