"""Pounds as people write them, pence as the bank keeps them."""

from __future__ import annotations

import pytest

from bank.money import MAX_PENCE, BadAmount, parse_pence, pounds_text


@pytest.mark.parametrize(
    ("text", "pence"),
    [
        ("12", 1200),
        ("12.5", 1250),
        ("12.50", 1250),
        (" £1,234.05 ", 123405),
        ("£ 7", 700),
        ("0.01", 1),
        ("1,000,000", MAX_PENCE),
        ("007", 700),
    ],
)
def test_an_amount_is_read_to_the_penny(text: str, pence: int) -> None:
    """Pounds, pence, signs and separators as people write them give whole pence."""
    assert parse_pence(text) == pence


@pytest.mark.parametrize(
    "text", ["", "x", "-5", "1.234", "1,23", "12,50", "1e3", "١٢", "£", "1 000", "NaN", "12.50\n5"]
)
def test_what_is_no_amount_is_refused_with_an_example(text: str) -> None:
    """Anything that could be read in two ways is not guessed at."""
    with pytest.raises(BadAmount, match=r"such as 12\.50"):
        parse_pence(text)


@pytest.mark.parametrize(("text", "why"), [("0.00", "at least £0.01"), ("1000000.01", "at most")])
def test_nothing_and_too_much_are_refused_with_the_limit(text: str, why: str) -> None:
    """The smallest and the largest amount are in the refusal."""
    with pytest.raises(BadAmount, match=why):
        parse_pence(text)


@pytest.mark.parametrize(
    ("pence", "text"), [(0, "£0.00"), (5, "£0.05"), (123450, "£1,234.50"), (-1200, "−£12.00")]
)
def test_an_amount_is_shown_in_pounds(pence: int, text: str) -> None:
    """Separators, two digits of pence, and a true minus sign."""
    assert pounds_text(pence) == text
