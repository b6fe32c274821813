"""Hashes that are replaced when their owner signs in, on both databases."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from threading import Barrier

import pytest
from flask import Flask
from sqlalchemy import text, update

from bank import Bank, BankConfig, bank_of, create_app
from bank.signin import passwords
from bank.signin.models import User
from bank.signin.passwords import BCRYPT, Checked, Scheme, make_hash
from nightlatch.testing import FakeClock
from tests.bank.signin.samples import SAMPLES, Sample
from tests.bank.visitor import Visitor

Keep = Callable[[str], None]
Read = Callable[[], dict[str, str]]
TODAY = "$argon2id$v=19$m=19456,t=2,p=1$"

every_sample = pytest.mark.parametrize("sample", SAMPLES.values(), ids=SAMPLES)


@every_sample
def test_an_old_hash_signs_in_once_becomes_current_and_signs_in_again(
    app: Flask, keep: Keep, hashes: Read, sample: Sample
) -> None:
    """The second sign-in finds a hash of today, and leaves it alone."""
    keep(sample.stored)

    assert Visitor(app).sign_in("george", sample.password).status_code == 303

    first = hashes()["george"]
    assert first.startswith(TODAY)
    assert Visitor(app).sign_in("george", sample.password).status_code == 303
    assert hashes()["george"] == first


def test_a_wrong_password_changes_no_row(
    app: Flask, keep: Keep, hashes: Read, clock: FakeClock
) -> None:
    """Whatever is stored stays as it is, for everybody."""
    visitor = Visitor(app)
    for sample in SAMPLES.values():
        keep(sample.stored)
        before = hashes()
        # Guesses are held up for a while after five wrong ones.
        clock.advance(minutes=16)

        assert visitor.sign_in("george", "wrong").status_code == 422

        assert hashes() == before


def test_two_sign_ins_at_once_upgrade_once_and_both_are_in(
    app: Flask, keep: Keep, hashes: Read, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Both have checked the same old hash; one replaces it, the other finds that done."""
    keep(SAMPLES["sha1"].stored)
    together = Barrier(2)
    made: list[str] = []
    real = passwords.check

    def check(typed: str, stored: str | None, scheme: Scheme) -> Checked:
        checked = real(typed, stored, scheme)
        assert checked.replacement
        made.append(checked.replacement)
        together.wait(30)
        return checked

    monkeypatch.setattr(passwords, "check", check)
    visitors = [Visitor(app), Visitor(app)]
    with ThreadPoolExecutor(2) as pool:
        password = SAMPLES["sha1"].password
        answers = list(pool.map(lambda visitor: visitor.sign_in("george", password), visitors))

    assert [answer.status_code for answer in answers] == [303, 303]
    assert all(visitor.get("/").status_code == 200 for visitor in visitors)
    assert len(made) == 2
    assert made.count(hashes()["george"]) == 1


def test_a_password_that_is_changed_between_check_and_upgrade_stands(
    app: Flask, bank: Bank, keep: Keep, hashes: Read, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The replacement is of the old password, and the row no longer is."""
    keep(SAMPLES["md5"].stored)
    changed = make_hash("another password")
    real = passwords.check

    def check(typed: str, stored: str | None, scheme: Scheme) -> Checked:
        checked = real(typed, stored, scheme)
        with bank.database.write() as session:
            session.execute(update(User).where(User.name == "george").values(password_hash=changed))
        return checked

    monkeypatch.setattr(passwords, "check", check)

    assert Visitor(app).sign_in("george", SAMPLES["md5"].password).status_code == 303

    assert hashes()["george"] == changed


def test_a_hash_that_cannot_be_written_does_not_stop_the_sign_in(
    app: Flask, bank: Bank, keep: Keep, hashes: Read, caplog: pytest.LogCaptureFixture
) -> None:
    """The database refuses the change; the log says whose and not what, and the next one works."""
    old = SAMPLES["sha512-crypt"]
    keep(old.stored)
    refuse_changes(bank)

    assert Visitor(app).sign_in("george", old.password).status_code == 303

    assert hashes()["george"] == old.stored
    assert "user 1: the hash could not be replaced" in caplog.text
    assert old.stored not in caplog.text
    assert TODAY not in caplog.text
    with bank.database.write() as session:
        on = " ON users" if bank.database.backend == "postgresql" else ""
        session.execute(text(f"DROP TRIGGER full_disk{on}"))
    assert Visitor(app).sign_in("george", old.password).status_code == 303
    assert hashes()["george"].startswith(TODAY)


def refuse_changes(bank: Bank) -> None:
    with bank.database.write() as session:
        if bank.database.backend == "postgresql":
            session.execute(
                text(
                    "CREATE FUNCTION no_room() RETURNS trigger LANGUAGE plpgsql AS "
                    "$$ BEGIN RAISE EXCEPTION 'the disk is full'; END $$"
                )
            )
            session.execute(
                text(
                    "CREATE TRIGGER full_disk BEFORE UPDATE ON users "
                    "FOR EACH ROW EXECUTE FUNCTION no_room()"
                )
            )
        else:
            session.execute(
                text(
                    "CREATE TRIGGER full_disk BEFORE UPDATE ON users "
                    "BEGIN SELECT RAISE(ABORT, 'the disk is full'); END"
                )
            )


def test_a_bank_that_is_set_to_bcrypt_replaces_by_bcrypt(
    config: BankConfig, hashes: Read, keep: Keep
) -> None:
    """The setting says what becomes of a hash at its owner's sign-in."""
    app = create_app(replace(config, password_scheme=BCRYPT))
    password = "é" * 500

    keep(make_hash(password))
    assert Visitor(app).sign_in("george", password).status_code == 303

    assert hashes()["george"].startswith("$bank$v=1$hmac-sha384$2b$12$")
    assert Visitor(app).sign_in("george", password).status_code == 303
    assert Visitor(app).sign_in("george", password[:-1]).status_code == 422
    bank_of(app).close()


@pytest.mark.parametrize(
    "typed", ["x" * 72, "x" * 73, "x" * 1_024, "x" * 1_025, "a\0b", "👨‍👩‍👧", "é", "e\u0301"]
)
def test_odd_passwords_get_the_ordinary_refusal(
    app: Flask, keep: Keep, clock: FakeClock, typed: str
) -> None:
    """Whatever is stored: 422, and never an error page."""
    answers = {}
    for stored in (
        make_hash("right"),
        TODAY + "damaged",
        *(one.stored for one in SAMPLES.values()),
    ):
        keep(stored)
        clock.advance(minutes=16)
        answers[stored] = Visitor(app).sign_in("george", typed).status_code

    assert set(answers.values()) == {422}
