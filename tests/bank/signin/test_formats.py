"""Hashes of other systems: recognised, checked, wrapped, and bounded."""

from __future__ import annotations

import hashlib
import unicodedata

import argon2
import bcrypt
import pytest
from hypothesis import given
from hypothesis import strategies as st

from bank.signin.passwords import (
    ARGON2ID,
    BCRYPT,
    Checked,
    Kind,
    Scheme,
    Standing,
    check,
    kind_of,
    make_hash,
    wrap,
)
from tests.bank.signin.samples import PASSWORD, SAMPLES, Sample

NFC, NFD = unicodedata.normalize("NFC", PASSWORD), unicodedata.normalize("NFD", PASSWORD)
assert NFC != NFD

every_sample = pytest.mark.parametrize("sample", SAMPLES.values(), ids=SAMPLES)


@every_sample
def test_the_password_of_every_format_is_right_and_gets_a_hash_of_today(sample: Sample) -> None:
    """The replacement is current, and of the same password."""
    checked = check(sample.password, sample.stored)

    assert checked.ok
    assert checked.replacement is not None
    assert check(sample.password, checked.replacement) == Checked(ok=True)


@every_sample
@pytest.mark.parametrize("wrong", ["", "wrong", "café o'connor", "test1234", "\0", "\udc80", "u*u"])
def test_another_password_is_wrong_in_every_format(sample: Sample, wrong: str) -> None:
    """Nothing else is right, and nothing odd raises."""
    assert check(wrong, sample.stored) == Checked(ok=False)


@every_sample
def test_every_format_is_counted_by_its_name_and_as_weak(sample: Sample) -> None:
    """All of these are under what OWASP asks for."""
    assert kind_of(sample.stored, ARGON2ID) == Kind(sample.scheme, Standing.WEAK)


@every_sample
def test_a_wrapped_hash_opens_with_the_same_password_alone(sample: Sample) -> None:
    """It holds no trace of the old digest, is counted as wrapped, and is not wrapped twice."""
    wrapped = wrap(sample.stored)

    assert wrapped is not None
    assert sample.stored[-16:].rstrip("=") not in wrapped
    assert kind_of(wrapped, ARGON2ID) == Kind(sample.scheme, Standing.WRAPPED)
    assert wrap(wrapped) is None
    checked = check(sample.password, wrapped)
    assert checked.replacement is not None
    assert kind_of(checked.replacement, ARGON2ID).standing is Standing.CURRENT
    assert check("wrong", wrapped) == Checked(ok=False)


@pytest.mark.parametrize("typed", [NFC, NFD])
@pytest.mark.parametrize("kept", [NFC, NFD])
@pytest.mark.parametrize("wrapped", [False, True])
def test_an_old_hash_opens_from_any_keyboard(typed: str, kept: str, wrapped: bool) -> None:
    """Whichever form the old system was sent, and whichever the keyboard sends now."""
    stored: str | None = hashlib.sha1(kept.encode(), usedforsecurity=False).hexdigest()
    assert stored
    if wrapped:
        stored = wrap(stored)

    assert check(typed, stored).ok


def test_a_mixed_form_opens_the_hash_that_was_made_of_it() -> None:
    """Neither composed nor decomposed: as it was typed, then as now."""
    mixed = "caf\u00e9 re\u0301sume\u0301"

    assert check(mixed, hashlib.md5(mixed.encode(), usedforsecurity=False).hexdigest()).ok


@pytest.mark.parametrize("scheme", [ARGON2ID, BCRYPT], ids=lambda scheme: scheme.name)
@pytest.mark.parametrize("length", [71, 72, 73, 1_024])
def test_a_long_password_counts_to_its_last_byte_in_both_schemes(
    scheme: Scheme, length: int
) -> None:
    """Bcrypt's 72 bytes are no limit here."""
    stored = make_hash("x" * length, scheme)

    assert check("x" * length, stored, scheme) == Checked(ok=True)
    assert not check("x" * (length - 1) + "y", stored, scheme).ok
    assert not check("x" * (length + 1), stored, scheme).ok


def test_a_chosen_scheme_replaces_the_other_one() -> None:
    """A bank that changes over lets everybody in, and changes over as they come."""
    checked = check(PASSWORD, make_hash(PASSWORD, ARGON2ID), BCRYPT)

    assert checked.replacement is not None
    assert checked.replacement.startswith("$bank$v=1$hmac-sha384$2b$12$")
    assert kind_of(checked.replacement, BCRYPT) == Kind("bcrypt", Standing.CURRENT)
    assert kind_of(checked.replacement, ARGON2ID) == Kind("bcrypt", Standing.OLDER)
    assert wrap(checked.replacement) is None
    assert check(PASSWORD, checked.replacement).replacement is not None


def test_a_stronger_hash_is_left_as_it_is() -> None:
    """Nobody's hash is made weaker by signing in."""
    strong = argon2.PasswordHasher(time_cost=3, memory_cost=20_000, parallelism=1).hash(PASSWORD)

    assert check(PASSWORD, strong) == Checked(ok=True)


def test_an_old_bcrypt_of_a_long_password_still_opens() -> None:
    """Other systems have cut passwords at 72 bytes; the replacement does not."""
    typed = "x" * 80
    stored = bcrypt.hashpw(typed.encode()[:72], bcrypt.gensalt(4)).decode()

    checked = check(typed, stored)

    assert checked.replacement is not None
    assert not check("x" * 72, checked.replacement).ok


def test_a_password_with_nul_in_an_old_format_is_as_its_system_had_it() -> None:
    """Plain SHA-1 has hashed it; crypt(3) cannot have."""
    typed = "a\0b"

    assert check(typed, hashlib.sha1(typed.encode(), usedforsecurity=False).hexdigest()).ok
    assert not check(typed, SAMPLES["sha512-crypt"].stored).ok
    assert not check(typed, wrap(SAMPLES["sha512-crypt"].stored)).ok


@pytest.mark.parametrize("length", [72, 73, 1_024, 1_025])
@pytest.mark.parametrize("name", SAMPLES)
def test_a_long_password_is_wrong_in_every_format_and_raises_in_none(
    name: str, length: int
) -> None:
    """Limits of the old formats are nobody's error page."""
    assert not check("é" * length, SAMPLES[name].stored).ok


def test_emoji_with_joiners_open_what_they_were_made_from() -> None:
    """No part of a cluster is dropped, and none is added."""
    family = "👨‍👩‍👧 correct horse ❤️"

    assert check(family, make_hash(family)).ok
    assert not check(family.replace("\u200d", ""), make_hash(family)).ok


@pytest.mark.parametrize(
    "stored",
    [
        "$2b$31$" + "C" * 53,
        "$6$rounds=99999999$saltstring$" + "a" * 86,
        "$5$rounds=999$saltstring$" + "a" * 43,  # crypt(3) makes none of under 1,000
        "$P$Z" + "a" * 30,
        "pbkdf2_sha256$99999999$salt$" + "a" * 43 + "=",
        "pbkdf2:sha256:99999999$salt$" + "a" * 64,
        "scrypt:8388608:64:16$salt$" + "a" * 128,
        "$argon2id$v=19$m=99999999,t=99,p=1$c2Vhc2FsdHNhbHQ$" + "a" * 43,
    ],
)
def test_a_stored_text_cannot_keep_a_worker_busy_for_days(stored: str) -> None:
    """Rounds and memory beyond all use are refused unread."""
    assert check(PASSWORD, stored) == Checked(ok=False)


@pytest.mark.parametrize(
    "stored",
    [
        "scrypt:1000:8:1$salt$" + "a" * 128,  # not a power of two
        "pbkdf2:sha256:0$salt$" + "a" * 64,
        "$2b$04$" + "." * 21 + "9" + "a" * 31,
        "$argon2i$v=19$m=1,t=0,p=9$c2Vhc2FsdHNhbHQ$" + "a" * 43,
    ],
)
def test_a_hash_that_asks_for_the_impossible_is_wrong(stored: str) -> None:
    """It is answered like a wrong password, wrapped or not."""
    assert check(PASSWORD, stored) == Checked(ok=False)
    assert check(PASSWORD, wrap(stored)) == Checked(ok=False)


@pytest.mark.parametrize(
    ("stored", "standing"),
    [
        ("$2y$10$" + "C" * 53, Standing.OLDER),
        ("$2y$09$" + "C" * 53, Standing.WEAK),
        ("pbkdf2_sha256$600000$salt$" + "a" * 43 + "=", Standing.OLDER),
        ("pbkdf2_sha256$599999$salt$" + "a" * 43 + "=", Standing.WEAK),
        ("pbkdf2:sha512:220000$salt$" + "a" * 128, Standing.OLDER),
        ("pbkdf2:sha1:1400000$salt$" + "a" * 40, Standing.OLDER),
        ("scrypt:131072:8:1$salt$" + "a" * 128, Standing.OLDER),
        ("scrypt:32768:8:3$salt$" + "a" * 128, Standing.OLDER),
        ("scrypt:32768:8:1$salt$" + "a" * 128, Standing.WEAK),
        ("x", Standing.UNREADABLE),
        ("$bank$v=1$wrapped$x", Standing.UNREADABLE),
    ],
)
def test_what_is_weak_is_what_owasp_says(stored: str, standing: Standing) -> None:
    """The limits are those of the Password Storage Cheat Sheet, to the last round."""
    assert kind_of(stored, ARGON2ID).standing is standing
    assert (wrap(stored) is not None) is (standing is Standing.WEAK)


@pytest.mark.parametrize(
    "stored",
    [
        "$bank$v=1$hmac-sha384$2b$12$" + "." * 21 + "9" + "a" * 31,
        "$bank$v=1$hmac-sha384$2b$31$" + "C" * 53,
    ],
)
def test_a_damaged_hash_of_ours_by_bcrypt_is_wrong(stored: str) -> None:
    """One whose salt cannot be, and one whose cost is beyond all use."""
    assert check(PASSWORD, stored, BCRYPT) == Checked(ok=False)


@pytest.mark.parametrize("typed", ["wrong", "caf\u00e9", "cafe\u0301"])
@pytest.mark.parametrize(
    "stored",
    [None, "x", SAMPLES["md5"].stored, make_hash("right"), wrap(SAMPLES["md5"].stored)],
    # Not their texts, whose salts are others in every process.
    ids=["nobody", "damaged", "md5", "today", "wrapped"],
)
def test_a_refusal_costs_what_was_typed_and_not_who_it_was_typed_for(
    typed: str, stored: str | None, monkeypatch: pytest.MonkeyPatch
) -> None:
    """One hash of today for each spelling, for nobody and for every kind of somebody."""
    seen = []
    real = argon2.PasswordHasher.verify

    def verify(self: argon2.PasswordHasher, stored: str, typed: bytes) -> bool:
        seen.append(stored)
        return real(self, stored, typed)

    monkeypatch.setattr(argon2.PasswordHasher, "verify", verify)

    check(typed, stored)

    assert len(seen) == (1 if typed == "wrong" else 2)


@given(st.text(), st.text())
def test_no_text_raises(typed: str, stored: str) -> None:
    """Whatever is typed and whatever is stored: an answer."""
    assert not check(typed, "?" + stored).ok


def test_a_number_of_a_future_version_is_not_read() -> None:
    """Our own marks carry a version, and another one is not guessed at."""
    stored = make_hash(PASSWORD, BCRYPT).replace("v=1", "v=2")

    assert kind_of(stored, BCRYPT).standing is Standing.UNREADABLE
