"""Names as they are typed, kept and compared."""

from __future__ import annotations

import pytest

from bank.names import BadText, clean, name_key

DECOMPOSED = "Jose\u0301"


def test_a_name_is_kept_composed_and_without_spaces_around_it() -> None:
    """What is stored is the NFC form of what was typed."""
    assert clean(f"  {DECOMPOSED} Ωmega ") == "José Ωmega"


@pytest.mark.parametrize("text", ["a\0b", "a\nb", "a\x7fb", "a\udc80b"])
def test_what_no_page_could_show_is_refused(text: str) -> None:
    """Control characters and half surrogate pairs are refused at the door."""
    with pytest.raises(BadText, match="letters, digits"):
        clean(text)


def test_the_longest_name_is_kept_and_one_more_is_refused() -> None:
    """The limit is in characters and is itself allowed."""
    assert clean("é" * 100) == "é" * 100
    with pytest.raises(BadText, match="100 characters"):
        clean("é" * 101)


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("O’Connor", "O'Connor"),
        ("O’Connor", "o’CONNOR"),
        ("José", DECOMPOSED),
        ("José", "JOSE\u0301"),
        ("straße", "STRASSE"),
        ("george", " george "),
    ],
)
def test_spellings_of_one_name_are_the_same(one: str, other: str) -> None:
    """Apostrophes, case and composition make no second person."""
    assert name_key(one) == name_key(other)


@pytest.mark.parametrize(("one", "other"), [("jose", "josé"), ("o connor", "oconnor")])
def test_different_names_stay_different(one: str, other: str) -> None:
    """Accents and spaces inside a name do."""
    assert name_key(one) != name_key(other)
