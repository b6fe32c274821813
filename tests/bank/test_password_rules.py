"""Which new passwords are taken: long ones that are not guessed first, of any characters."""

from __future__ import annotations

import unicodedata

import pytest
from zxcvbn.frequency_lists import FREQUENCY_LISTS

from bank.signin.password_rules import COMMON, EXPECTED, UNREADABLE, fault

ABOUT = ("O’Connor", "Niamh O’Connor")


@pytest.mark.parametrize(
    "password",
    [
        "correct horse battery staple",
        "wombat fiddle quay",
        "O’Connor has a green wheelbarrow",
        "               four words in spaces",
        "Zoë\u0301 straße Ωmega naïve",
        "🔒🦉🌋🍩🎻🚲🧭🪁🦑🍋🧵🛶🥨🎈🪵",
        "918273645091823",
        "aB3$aB4%cD5^eF6",
        "x" + "9f8e7d6c" * 127,
        "several\0words with a NUL",
    ],
)
def test_a_password_of_any_characters_is_taken(password: str) -> None:
    """Words, spaces, scripts, emoji, digits and controls: nobody is told which kinds to use."""
    assert fault(password, ABOUT) is None


def test_fifteen_characters_are_enough_and_fourteen_are_not() -> None:
    """NIST SP 800-63B-4 while the password is the only factor; the length is told."""
    assert fault("wombatfiddlequa", ABOUT) is None
    assert fault("wombatfiddlequ", ABOUT) == "Use 15 characters or more; this has 14."


def test_characters_are_counted_as_they_are_kept() -> None:
    """Letters with accents count once, however the keyboard makes them."""
    composed = "éèêàùîôöüçñåøéè"

    assert fault(composed, ABOUT) is None
    assert fault(unicodedata.normalize("NFD", composed), ABOUT) is None
    assert "14" in str(fault(unicodedata.normalize("NFD", composed[:14]), ABOUT))


def test_1024_bytes_fit_and_1025_do_not() -> None:
    """The most that is ever hashed; the size is told in bytes, as it is counted."""
    longest = "".join(chr(0x4E00 + number) for number in range(341)) + "x"

    assert len(longest.encode()) == 1024
    assert fault(longest, ABOUT) is None
    assert (
        fault(longest + "y", ABOUT)
        == "Use fewer characters: this takes 1,025 bytes, and 1,024 fit."
    )


def test_half_a_character_is_named() -> None:
    """No 500 for what no keyboard sends."""
    assert fault("wombat fiddle quay\udc80", ABOUT) == UNREADABLE


def test_every_common_password_that_is_long_enough_is_refused() -> None:
    """OWASP ASVS 5.0, 6.2.4: of the list of 30,000, all that the length lets through."""
    long = [each for each in FREQUENCY_LISTS["passwords"] if len(each) >= 15]

    assert len(long) > 20
    assert {fault(each, ()) for each in long} == {COMMON}


def test_a_common_password_is_not_better_for_being_repeated() -> None:
    """Each of the 3,000 that ASVS asks for, several times over, is refused."""
    common = FREQUENCY_LISTS["passwords"][:3_000]

    assert [each for each in common if fault(each * 15, ()) is None] == []


def test_a_common_password_is_not_better_for_digits_and_signs_around_it() -> None:
    """Nor for capitals: each of the 3,000 that has a letter, in three disguises."""
    common = [each for each in FREQUENCY_LISTS["passwords"][:3_000] if any(map(str.isalpha, each))]

    for each in common:
        for made in (f"{each.upper()}{'!2026' * 4}", f"  {each}              ", f"*{each:1<16}"):
            assert fault(made, ()) is not None, made


@pytest.mark.parametrize(
    "password",
    [
        "aaaaaaaaaaaaaaa",
        "abababababababab",
        "q              q",
        "123456789012345",
        "zyxwvutsrqponmlk",
        "passwordpassword",
        "Password1234567",
        "\N{FULLWIDTH LATIN CAPITAL LETTER P}assword123456789",
        "qwertyuiopqwertyuiop",
    ],
)
def test_what_is_guessed_soon_is_refused(password: str) -> None:
    """Repetitions, counting, and common passwords in other clothes."""
    assert fault(password, ABOUT) == COMMON


@pytest.mark.parametrize(
    "password",
    [
        "latch&keybank2026",
        "Latch & Key Bank!",
        "nightlatch nightlatch bank",
        "o'connor-19850714",
        "O’CONNOR.O’CONNOR",
        "Niamh O’Connor 1",
        "Connor@Latch&Key-Bank",
        "password of niamh 1",
    ],
)
def test_our_name_and_theirs_are_refused(password: str) -> None:
    """OWASP ASVS 5.0, 6.2.11: when nothing is left of it without them."""
    assert fault(password, ABOUT) == EXPECTED
