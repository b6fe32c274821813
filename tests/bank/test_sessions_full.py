"""A limit of parallel sessions: one more is refused, or takes the place of the oldest."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace

import pytest
from flask import Flask

from bank import BankConfig, bank_of, create_app
from nightlatch.testing import FakeClock
from tests.bank.visitor import Visitor

Start = Callable[..., Flask]


@pytest.fixture
def start(config: BankConfig, clock: FakeClock) -> Iterator[Start]:
    """Starts the bank with other settings."""
    apps = []

    def start(**settings: object) -> Flask:
        apps.append(create_app(replace(config, **settings), clock=clock))
        return apps[-1]

    yield start
    for app in apps:
        bank_of(app).close()


def signed_in(app: Flask, clock: FakeClock) -> Visitor:
    visitor = Visitor(app)
    assert visitor.sign_in().status_code == 303
    clock.advance(minutes=1)
    return visitor


def test_one_too_many_is_refused_with_what_is_open_and_what_to_do(
    start: Start, clock: FakeClock
) -> None:
    """409, how many, where, and no cookie; the others go on."""
    app = start(sessions_max=2, sessions_when_full="refuse")
    first, second = signed_in(app, clock), signed_in(app, clock)
    third = Visitor(app)
    third.get("/login?next=/transfer")

    answer = third.send("/login", username="george", password="george")

    assert answer.status_code == 409
    assert "2 sessions open already" in " ".join(answer.text.split())
    assert answer.text.count("Another program") == 2
    assert "ends after 59 minutes" in answer.text
    assert 'href="/login?next=/transfer">Try again</a>' in answer.text
    assert "Signed in as" not in answer.text
    assert third.cookie("nightlatch") is None
    assert [each.get("/").status_code for each in (first, second)] == [200, 200]


def test_there_is_room_again_when_one_has_signed_out(start: Start, clock: FakeClock) -> None:
    """Doing what the page says works."""
    app = start(sessions_max=1, sessions_when_full="refuse")
    first, second = signed_in(app, clock), Visitor(app)
    refused = second.sign_in()
    first.get("/")

    first.sign_out()

    assert "1 session open already" in " ".join(refused.text.split())
    assert second.sign_in().status_code == 303


def test_a_wrong_password_is_told_nothing_of_it(start: Start, clock: FakeClock) -> None:
    """Whoever cannot prove to be the user does not learn what is open."""
    app = start(sessions_max=1, sessions_when_full="refuse")
    signed_in(app, clock)

    answer = Visitor(app).sign_in("george", "wrong")

    assert answer.status_code == 422
    assert "open already" not in answer.text


def test_the_oldest_makes_room_and_is_told_why(start: Start, clock: FakeClock) -> None:
    """It ends as replaced, which the page says in words."""
    app = start(sessions_max=2, sessions_when_full="end-oldest")
    first, second = signed_in(app, clock), signed_in(app, clock)

    third = signed_in(app, clock)

    assert [each.get("/").status_code for each in (second, third)] == [200, 200]
    leaves = first.get("/")
    assert "reason=replaced" in leaves.location
    assert "took the place of this session" in first.get(leaves.location).text
