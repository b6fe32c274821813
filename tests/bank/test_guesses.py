"""Guessing at passwords through the pages: what it costs, and whom it does not keep out."""

from __future__ import annotations

import re
import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from html import unescape

import pytest
from flask import Flask
from sqlalchemy import update

from bank import Bank, BankConfig, bank_of, create_app
from bank.signin import guesses, passwords
from bank.signin.models import User
from bank.signin.passwords import Checked, Scheme
from nightlatch.testing import FakeClock
from tests.bank.visitor import NAVIGATION, Visitor

TOO_MANY = "There were too many tries with a wrong password."
NEW = "several words and a comma, perhaps"


def guess(visitor: Visitor, times: int = 1, name: str = "george") -> list[int]:
    """Statuses of so many wrong passwords."""
    return [visitor.sign_in(name, "canary-password").status_code for _ in range(times)]


def from_address(visitor: Visitor, address: str) -> Visitor:
    """The same browser at another address."""
    visitor.client.environ_base["REMOTE_ADDR"] = address
    return visitor


def without_tokens(page: str) -> str:
    return re.sub(r'(name="csrf_token"[^>]*value=)"[^"]*"', r"\1", page)


def test_the_sixth_failure_is_told_to_wait(visitor: Visitor) -> None:
    """429, when to come back for browsers and for people, the name kept, the password not."""
    visitor.get("/login?next=/transfer")

    assert guess(visitor, 5) == [422] * 5
    visitor.get("/login?next=/transfer")
    answer = visitor.send("/login", username="george", password="canary-password")

    assert answer.status_code == 429
    assert answer.headers["Retry-After"] == "900"
    assert TOO_MANY in answer.text
    assert "Wait 15 minutes, until " in answer.text
    assert 'role="alert"' in answer.text
    assert 'value="george"' in answer.text
    assert "canary-password" not in answer.text
    assert visitor.hidden()["next"] == "/transfer"


def test_the_right_password_waits_as_well(visitor: Visitor, clock: FakeClock) -> None:
    """Or the answer would say which one it is; a quarter of an hour later it signs in."""
    guess(visitor, 6)
    clock.advance(minutes=14, seconds=59)
    assert visitor.sign_in().status_code == 429

    clock.advance(minutes=5)

    assert visitor.sign_in().status_code == 303


def test_what_waits_costs_no_hash(visitor: Visitor, monkeypatch: pytest.MonkeyPatch) -> None:
    """A flood of guesses is turned away before the expensive part."""
    guess(visitor, 5)
    monkeypatch.delattr(passwords, "check")

    assert guess(visitor) == [429]


def test_the_right_password_from_another_address_signs_in(
    visitor: Visitor, another_visitor: Visitor
) -> None:
    """Nobody can lock another out by guessing at their password."""
    guess(visitor, 20)

    assert from_address(another_visitor, "192.0.2.7").sign_in().status_code == 303
    assert visitor.sign_in().status_code == 429


def test_signing_in_gives_all_tries_back(visitor: Visitor) -> None:
    """Four slips, then right, and five more may follow."""
    guess(visitor, 4)
    visitor.sign_in()
    visitor.sign_out()

    assert guess(visitor, 6) == [422] * 5 + [429]


def test_signing_in_as_oneself_gives_no_tries_at_another(visitor: Visitor) -> None:
    """An attacker who banks here cannot use that."""
    guess(visitor, 5)
    assert visitor.sign_in("O’Connor").status_code == 303
    visitor.sign_out()

    assert guess(visitor) == [429]


@pytest.mark.parametrize("spelling", ["GEORGE", " george ", "George"])
def test_spelling_the_name_otherwise_gives_no_more_tries(visitor: Visitor, spelling: str) -> None:
    """It is the user that is counted."""
    guess(visitor, 5)

    assert guess(visitor, name=spelling) == [429]


def test_a_name_that_nobody_has_is_held_up_alike(
    visitor: Visitor, another_visitor: Visitor
) -> None:
    """After as many failures, with the same answer, so that it tells nobody which names exist."""
    known = [without_tokens(visitor.sign_in("george", "x").text) for _ in range(7)]
    unknown = [without_tokens(another_visitor.sign_in("georgf", "x").text) for _ in range(7)]

    assert TOO_MANY in known[5]
    assert [page.replace("george", "georgf") for page in known] == unknown


def test_a_damaged_hash_is_held_up_alike(visitor: Visitor, bank: Bank) -> None:
    """It fails as a wrong password does."""
    with bank.database.write() as session:
        session.execute(update(User).where(User.name == "george").values(password_hash="spoilt"))

    statuses = [visitor.sign_in().status_code for _ in range(6)]

    assert statuses == [422] * 5 + [429]


def test_the_password_once_more_is_no_way_round(
    visitor: Visitor, signed_in: Callable[..., Visitor], clock: FakeClock
) -> None:
    """Whoever finds a session open has no more guesses on /confirm, and uses up the same ones."""
    george = signed_in("george")
    clock.advance(minutes=6)
    george.get("/confirm?next=/sessions")

    statuses = [george.send("/confirm", password="x").status_code for _ in range(6)]
    waiting = george.send("/confirm", password="george")

    assert statuses == [422] * 5 + [429]
    assert waiting.status_code == 429
    assert waiting.headers["Retry-After"] == "900"
    assert TOO_MANY in waiting.text
    assert george.hidden()["next"] == "/sessions"
    assert guess(visitor) == [429]


def test_nor_is_the_password_change(signed_in: Callable[..., Visitor]) -> None:
    """Its current password is counted too."""
    george = signed_in("george")
    george.get("/password")

    statuses = [george.send("/password", current="x", new=NEW).status_code for _ in range(6)]

    assert statuses == [422] * 5 + [429]
    assert george.page is not None
    assert george.page.headers["Retry-After"] == "900"
    assert TOO_MANY in george.page.text


def test_many_guesses_at_once_are_answered_as_many_in_a_row(app: Flask) -> None:
    """Sixteen wrong ones at once: at most five are told that they are wrong."""
    visitors = [Visitor(app) for _ in range(16)]
    for visitor in visitors:
        visitor.get("/login")

    with ThreadPoolExecutor(16) as people:
        statuses = list(
            people.map(
                lambda visitor: visitor.send("/login", username="george", password="x").status_code,
                visitors,
            )
        )

    assert statuses.count(422) <= 5
    assert set(statuses) == {422, 429}


def test_a_right_guess_is_held_back_when_wrong_ones_came_first(
    visitor: Visitor, bank: Bank, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Of guesses that were under way together, one may not tell by its success."""
    real = passwords.check

    def check_while_others_fail(typed: str, stored: str | None, scheme: Scheme) -> Checked:
        for _ in range(5):
            bank.throttle.wrong("george", "127.0.0.1")
        return real(typed, stored, scheme)

    monkeypatch.setattr(passwords, "check", check_while_others_fail)

    assert visitor.sign_in().status_code == 429
    assert visitor.get("/").status_code in (302, 303)


def test_no_more_hashes_at_once_than_memory_allows(
    app: Flask, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Twelve sign-ins at once take turns, four at a time, and all get in."""
    visitors = [Visitor(app) for _ in range(12)]
    for visitor in visitors:
        visitor.get("/login")
    lock, under_way, most = threading.Lock(), [0], [0]
    full = threading.Barrier(guesses.HASHES_AT_ONCE)
    real = passwords.check

    def counted(typed: str, stored: str | None, scheme: Scheme) -> Checked:
        with lock:
            under_way[0] += 1
            most[0] = max(most[0], under_way[0])
        # Nobody goes on before as many as may be are at it.
        full.wait(30)
        try:
            return real(typed, stored, scheme)
        finally:
            with lock:
                under_way[0] -= 1

    monkeypatch.setattr(passwords, "check", counted)

    with ThreadPoolExecutor(12) as people:
        statuses = list(
            people.map(
                lambda visitor: (
                    visitor.send("/login", username="george", password="george").status_code
                ),
                visitors,
            )
        )

    assert statuses == [303] * 12
    assert most == [guesses.HASHES_AT_ONCE]


def test_no_client_chooses_its_own_address(visitor: Visitor) -> None:
    """Without a proxy that the bank knows of, X-Forwarded-For is a stranger's claim."""
    visitor.get("/login")

    statuses = [
        visitor.client.post(
            "/login",
            data=visitor.hidden() | {"username": "george", "password": "x"},
            headers=NAVIGATION | {"X-Forwarded-For": f"192.0.2.{number}"},
        ).status_code
        for number in range(6)
    ]

    assert statuses == [422] * 5 + [429]


def test_behind_a_proxy_the_clients_address_counts(config: BankConfig, clock: FakeClock) -> None:
    """With BANK_PROXIES=1 the last address of the list is believed, and what stands before not."""
    app = create_app(replace(config, proxies=1), clock=clock)
    visitor = Visitor(app)

    def attempt(forwarded: str) -> int:
        visitor.get("/login")
        return visitor.client.post(
            "/login",
            data=visitor.hidden() | {"username": "george", "password": "x"},
            headers=NAVIGATION | {"X-Forwarded-For": forwarded},
        ).status_code

    one = [attempt(f"203.0.113.{number}, 192.0.2.1") for number in range(6)]
    others = [attempt(f"192.0.2.{number}") for number in range(2, 8)]

    assert one == [422] * 5 + [429]
    assert others == [422] * 6
    bank_of(app).close()


def test_the_trail_tells_of_it_without_name_or_password(visitor: Visitor, bank: Bank) -> None:
    """Who, by number, and for how long; what was typed is not in it."""
    guess(visitor, 6)
    guess(visitor, 6, name="canary-of-a-name")

    trail = bank.audit.chain.path.read_text(encoding="utf-8")

    assert trail.count("authn_login_fail_max:1") == 1
    assert trail.count("authn_login_fail_max:unknown") == 1
    assert '"wait_s":900' in trail.replace(" ", "")
    assert "canary" not in unescape(trail)
