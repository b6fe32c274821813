"""The page for a new password: who may, what is taken, and who is signed out by it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from html import unescape
from pathlib import Path

import pytest
from flask import Flask
from sqlalchemy import select, update

from bank import Bank, BankConfig, bank_of, create_app
from bank.signin import passwords
from bank.signin.models import User
from bank.signin.password_change import OVERTAKEN, SAME, WRONG
from bank.signin.passwords import Scheme, make_hash
from nightlatch.testing import FakeClock
from tests.bank.test_breached import range_file
from tests.bank.visitor import NAVIGATION, Visitor, alive, sid, token

NEW = "several words and a comma, perhaps"


@pytest.fixture
def george(signed_in: Callable[..., Visitor]) -> Visitor:
    george = signed_in("george")
    george.get("/password")
    return george


def stored(bank: Bank) -> str:
    with bank.database.read() as session:
        return session.scalars(select(User.password_hash).where(User.name == "george")).one()


def trail(bank: Bank) -> str:
    return bank.audit.chain.path.read_text(encoding="utf-8")


def test_the_new_password_signs_in_and_the_old_one_does_not(
    george: Visitor, visitor: Visitor, bank: Bank, clock: FakeClock
) -> None:
    """It is changed at once, and the trail says so."""
    answer = george.send("/password", current="george", new=NEW)

    assert (answer.status_code, answer.location) == (303, "/sessions")
    assert "Your password is changed." in george.get("/sessions").text
    clock.advance(seconds=1)
    assert visitor.sign_in().status_code == 422
    assert visitor.sign_in("george", NEW).status_code == 303
    assert trail(bank).count('"authn_password_change:1"') == 1


def test_everybody_else_is_signed_out_and_this_one_has_a_new_token(
    george: Visitor, signed_in: Callable[..., Visitor], bank: Bank
) -> None:
    """OWASP ASVS 5.0, 7.4.3 and 7.2.4: whoever had the password or the cookie has nothing now."""
    elsewhere, niamh = signed_in("george"), signed_in("O’Connor")
    before, handle = token(george), sid(george)

    george.send("/password", current="george", new=NEW)

    assert not alive(bank, elsewhere)
    assert "on another of your devices" in unescape(
        elsewhere.get("/logged-out?reason=revoked").text
    )
    assert alive(bank, niamh)
    assert alive(bank, george)
    assert token(george) != before
    assert sid(george) == handle
    assert '"by":"password change","actor":"1"' in trail(bank).replace(": ", ":").replace(", ", ",")


def test_the_token_before_opens_nothing(george: Visitor, clock: FakeClock) -> None:
    """A copy of the cookie from before the change is worth nothing after the grace."""
    copy = Visitor(george.client.application)
    copy.client.set_cookie("nightlatch", token(george))

    george.send("/password", current="george", new=NEW)
    clock.advance(minutes=1)

    assert copy.get("/").status_code in (302, 303)


@pytest.mark.parametrize(
    ("current", "new", "says"),
    [
        ("canary-current", NEW, WRONG),
        ("george", "canary-new", "Use 15 characters or more; this has 10."),
        ("george", "passwordpassword", "that many people use"),
        ("george", "George Harper 1985", "made of your name"),
        ("", NEW, "Enter the password that you have now."),
        ("george", "", "Enter a new password."),
        ("george", "x" * 1_025 + "canary-new", "takes 1,035 bytes, and 1,024 fit"),
    ],
)
def test_what_cannot_be_is_said_and_changes_nothing(
    george: Visitor,
    signed_in: Callable[..., Visitor],
    bank: Bank,
    current: str,
    new: str,
    says: str,
) -> None:
    """422, in words, tied to its field, without either password; and nobody is signed out."""
    elsewhere, before, session = signed_in("george"), stored(bank), token(george)

    answer = george.send("/password", current=current, new=new)

    assert answer.status_code == 422
    assert says in unescape(answer.text)
    assert 'role="alert"' in answer.text
    assert 'aria-invalid="true"' in answer.text
    assert "canary" not in answer.text + trail(bank)
    assert stored(bank) == before
    assert token(george) == session
    assert alive(bank, elsewhere)


def test_both_faults_are_told_at_once(george: Visitor) -> None:
    """Nobody has to come back twice."""
    answer = george.send("/password", current="wrong", new="short")

    assert WRONG in answer.text
    assert "Use 15 characters or more" in answer.text


def test_the_same_password_is_no_new_one(george: Visitor, bank: Bank) -> None:
    """In another spelling of the same characters neither."""
    with bank.database.write() as session:
        session.execute(
            update(User).where(User.name == "george").values(password_hash=make_hash("é " + NEW))
        )

    answer = george.send("/password", current="é " + NEW, new="e\u0301 " + NEW)

    assert answer.status_code == 422
    assert SAME in answer.text


def test_the_password_is_kept_composed(george: Visitor, visitor: Visitor, clock: FakeClock) -> None:
    """Set on one keyboard, typed on another."""
    george.send("/password", current="george", new="Zoe\u0308’s wombat fiddle")
    clock.advance(seconds=1)

    assert visitor.sign_in("george", "Zoë’s wombat fiddle").status_code == 303


def test_a_form_from_elsewhere_changes_nothing(george: Visitor, bank: Bank) -> None:
    """Without this page's token it is asked again, with 400."""
    before = stored(bank)

    answer = george.client.post(
        "/password", data={"current": "george", "new": NEW}, headers=NAVIGATION
    )

    assert answer.status_code == 400
    assert "open for too long" in answer.text
    assert stored(bank) == before


def test_a_stranger_is_led_to_sign_in(visitor: Visitor) -> None:
    """And then to the page."""
    assert visitor.get("/password").location == "/login?next=%2Fpassword"
    assert visitor.client.post("/password", headers=NAVIGATION).status_code in (302, 303)


def test_password_managers_and_paste_are_welcome(george: Visitor) -> None:
    """WCAG 2.2, 1.3.5 and 3.3.8; OWASP ASVS 5.0, 6.2.7: fields say what they are, limit nothing."""
    page = george.get("/password").text

    assert 'autocomplete="username"' in page
    assert 'autocomplete="current-password"' in page
    assert 'autocomplete="new-password"' in page
    assert "onpaste" not in page
    assert "maxlength" not in page


def test_the_page_is_found_where_sessions_are_listed(george: Visitor) -> None:
    """Whoever finds a stranger there knows what to do next."""
    assert 'href="/password"' in george.get("/sessions").text


def test_pressing_twice_is_no_disaster(george: Visitor, bank: Bank) -> None:
    """The second press comes with the token before; it costs no try and leads to the same page."""
    form, old = george.hidden(), token(george)
    george.send("/password", current="george", new=NEW)
    second = Visitor(george.client.application)
    second.client.set_cookie("nightlatch", old)

    answer = second.client.post(
        "/password", data=form | {"current": "george", "new": NEW}, headers=NAVIGATION
    )

    assert (answer.status_code, answer.location) == (303, "/sessions")
    assert "authn_password_change_fail" not in trail(bank)


def test_a_change_in_between_wins(
    george: Visitor, bank: Bank, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Of two changes at once one is told that it came too late."""
    other = make_hash("another one altogether")
    real = passwords.make_hash

    def hash_while_another_changes_it(new: str, scheme: Scheme) -> str:
        with bank.database.write() as session:
            session.execute(update(User).where(User.name == "george").values(password_hash=other))
        return real(new, scheme)

    monkeypatch.setattr(passwords, "make_hash", hash_while_another_changes_it)

    answer = george.send("/password", current="george", new=NEW)

    assert answer.status_code == 409
    assert OVERTAKEN in answer.text
    assert stored(bank) == other
    assert '"reason":"overtaken"' in trail(bank).replace(": ", ":")


def test_a_store_that_goes_away_before_changes_nothing(
    george: Visitor, bank: Bank, monkeypatch: pytest.MonkeyPatch
) -> None:
    """503 and the password as it was, because the new token comes first."""
    before, real = stored(bank), passwords.make_hash

    def hash_while_the_store_goes(new: str, scheme: Scheme) -> str:
        bank.sessions.store.close()
        return real(new, scheme)

    monkeypatch.setattr(passwords, "make_hash", hash_while_the_store_goes)

    answer = george.send("/password", current="george", new=NEW)

    assert answer.status_code == 503
    assert stored(bank) == before


def test_a_store_that_goes_away_after_is_told(
    george: Visitor, bank: Bank, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The password is changed, the sessions have not ended: both are said, and what to do."""
    real = bank.audit.password_changed

    def change_while_the_store_goes(user: str) -> None:
        real(user)
        bank.sessions.store.close()

    monkeypatch.setattr(
        type(bank.audit), "password_changed", lambda _, user: change_while_the_store_goes(user)
    )

    answer = george.send("/password", current="george", new=NEW)

    assert answer.status_code == 503
    assert int(answer.headers["Retry-After"]) > 0
    assert "Your password is changed" in answer.text
    assert "could not end your sessions on other devices" in answer.text


def test_a_sign_in_with_the_old_password_that_is_under_way_is_refused(
    george: Visitor, visitor: Visitor, clock: FakeClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It was right when it was checked, and the change came before the session."""
    real = passwords.check

    def check_and_change(typed: str, hashed: str | None, scheme: Scheme) -> passwords.Checked:
        checked = real(typed, hashed, scheme)
        monkeypatch.setattr(passwords, "check", real)
        clock.advance(seconds=1)
        assert george.send("/password", current="george", new=NEW).status_code == 303
        return checked

    monkeypatch.setattr(passwords, "check", check_and_change)

    assert visitor.sign_in().status_code == 409


@pytest.fixture
def breached_bank(config: BankConfig, clock: FakeClock, tmp_path: Path) -> Flask:
    folder = tmp_path / "breached"
    folder.mkdir()
    range_file(folder, "wombat fiddle quay")
    return create_app(replace(config, breached=folder), clock=clock)


def test_a_breached_password_is_refused(breached_bank: Flask) -> None:
    """OWASP ASVS 5.0, 6.2.12, from files on the bank's own disk."""
    visitor = Visitor(breached_bank)
    visitor.sign_in()
    visitor.get("/password")

    answer = visitor.send("/password", current="george", new="wombat fiddle quay")

    assert answer.status_code == 422
    assert "stolen from some other site" in answer.text
    bank_of(breached_bank).close()


def test_a_list_that_cannot_be_read_stops_nobody(breached_bank: Flask) -> None:
    """A leaked password must be left also when the list is away; the trail has it."""
    visitor = Visitor(breached_bank)
    visitor.sign_in()
    visitor.get("/password")

    answer = visitor.send("/password", current="george", new=NEW)

    assert answer.status_code == 303
    told = trail(bank_of(breached_bank))
    assert "sys_breached_passwords_unread:bank" in told
    assert "FileNotFoundError" in told
    assert "several words" not in told
    bank_of(breached_bank).close()
