"""Passwords: right ones, wrong ones, odd ones, and what each costs."""

from __future__ import annotations

import argon2
import pytest

from bank.signin.passwords import Checked, check, make_hash

# Of "o’connor"; written down, so that the tests have the same names in every process.
STORED = (
    "$argon2id$v=19$m=19456,t=2,p=1$6H5yFfDEL2N3Ohp2dYF"
    "BFg$Z5NCeSRGvppl78IFkvGB3TUCTGC2T59cUSGnMi2zgls"
)


@pytest.fixture
def verifications(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """The hashes that were verified, by the real thing."""
    seen: list[str] = []
    real = argon2.PasswordHasher.verify

    def verify(self: argon2.PasswordHasher, stored: str, typed: bytes) -> bool:
        seen.append(stored)
        return real(self, stored, typed)

    monkeypatch.setattr(argon2.PasswordHasher, "verify", verify)
    return seen


def test_a_hash_has_the_parameters_that_owasp_asks_for() -> None:
    """Argon2id, 19 MiB, two passes, one lane."""
    assert STORED.startswith("$argon2id$v=19$m=19456,t=2,p=1$")


def test_the_right_password_is_right_and_needs_no_new_hash() -> None:
    """A hash of today's strength is left as it is."""
    assert check("o’connor", STORED) == Checked(ok=True, replacement=None)


@pytest.mark.parametrize("typed", ["o'connor", "O’connor", "o’connor ", "", "\0", "\udc80"])
def test_anything_else_is_wrong(typed: str) -> None:
    """Nothing but composition is evened out: case, spaces and apostrophes count."""
    assert check(typed, STORED) == Checked(ok=False)


def test_the_same_keys_on_another_keyboard_are_the_same_password() -> None:
    """NFC and NFD of one password open the same account."""
    assert check("cafe\u0301", make_hash("caf\u00e9")).ok


@pytest.mark.parametrize("length", [72, 73, 1_024])
def test_a_long_password_counts_to_its_last_byte(length: int) -> None:
    """Nothing is cut off at 72 bytes, nor anywhere up to the limit."""
    stored = make_hash("x" * length)

    assert check("x" * length, stored).ok
    assert not check("x" * (length - 1) + "y", stored).ok


def test_one_byte_too_many_is_never_right() -> None:
    """1,025 bytes are refused, and never compared by their beginning."""
    with pytest.raises(ValueError, match="1024 bytes"):
        make_hash("x" * 1_025)

    assert not check("x" * 1_025, make_hash("x" * 1_024)).ok


def test_a_text_that_can_be_no_password_is_not_the_empty_one() -> None:
    """What is hashed in its place to spend the time does not count as typed."""
    stored = make_hash("")

    assert check("", stored).ok
    assert not check("\udc80", stored).ok
    assert not check("x" * 1_025, stored).ok


def test_nobody_has_no_password() -> None:
    """No text signs in a user that there is not, the stand-in's own included."""
    assert not check("", None).ok
    assert not check("\0" * 1_025, None).ok


@pytest.mark.parametrize(
    ("typed", "stored"),
    [
        ("o’connor", STORED),
        ("wrong", STORED),
        ("wrong", None),
        ("\udc80", STORED),
        ("x" * 2_000, STORED),
    ],
)
def test_every_check_costs_one_verification(
    verifications: list[str], typed: str, stored: str | None
) -> None:
    """Right, wrong, unknown and unfit take the same work, with the same parameters."""
    check(typed, stored)

    assert len(verifications) == 1
    assert verifications[0].startswith("$argon2id$v=19$m=19456,t=2,p=1$")


@pytest.mark.parametrize(
    "damaged",
    [
        "",
        "x",
        "$argon2id$damaged",
        STORED[:-60],
        STORED[:-1],
        STORED + "=",
        "$2b$12$abc",
        "$bank$v=1$hmac-sha384$2b$12$abc",
        "$bank$v=1$wrapped$sha1$$argon2id$",
        "$bank$v=1$wrapped$rot13$$" + STORED,
        "$bank$v=1$wrapped$md5-crypt$_w" + STORED,
        "$bank$v=1$wrapped$md5-crypt$A" + STORED,
        "{SSHA}abc=",
        "{SSHA}a",
        "O’Connor",
        "\udc80",
        "\0",
    ],
)
def test_a_damaged_hash_is_never_right_and_costs_what_the_others_cost(
    verifications: list[str], damaged: str
) -> None:
    """What cannot be read is refused, after the work of one real verification."""
    assert check("o’connor", damaged) == Checked(ok=False)

    # One may be refused unread before the work is done on another.
    assert [stored for stored in verifications if stored != damaged] == [verifications[-1]]


def test_a_weaker_hash_of_the_right_password_is_replaced() -> None:
    """A correct password brings the hash up to today's strength; a wrong one does not."""
    weak = argon2.PasswordHasher(time_cost=1, memory_cost=8, parallelism=1).hash("george")

    checked = check("george", weak)

    assert checked.replacement is not None
    assert check("george", checked.replacement) == Checked(ok=True)
    assert check("wrong", weak) == Checked(ok=False)


def test_a_hash_does_not_show_in_a_repr() -> None:
    """The result of a check can be logged without harm."""
    assert "argon2" not in repr(Checked(ok=True, replacement=STORED))
