"""Money is a whole number of pence everywhere; only people see pounds."""

from __future__ import annotations

import re

# A million pounds: far from what any database or browser would round.
MAX_PENCE = 100_000_000

_AMOUNT = re.compile(
    r"£? ?(?P<pounds>\d{1,3}(?:,\d{3})+|\d{1,9})(?:\.(?P<pence>\d{1,2}))?", re.ASCII
)


class BadAmount(ValueError):
    """A text is no amount that can be sent; ``str()`` says why, in words for who typed it."""


def parse_pence(text: str) -> int:
    """Reads an amount in pounds as people write it: ``12``, ``12.5``, ``£1,234.50``.

    :returns: whole pence, 1 to :data:`MAX_PENCE`.
    :raises BadAmount: it is something else, nothing, or too much.
    """
    match = _AMOUNT.fullmatch(text.strip())
    if match is None:
        raise BadAmount("Enter the amount in pounds and pence, such as 12.50.")
    pounds = int(match["pounds"].replace(",", ""))
    # "12.5" is 12 pounds 50.
    pence = pounds * 100 + int((match["pence"] or "").ljust(2, "0"))
    if pence == 0:
        raise BadAmount("Enter an amount of at least £0.01.")
    if pence > MAX_PENCE:
        raise BadAmount(f"Enter an amount of at most {pounds_text(MAX_PENCE)}.")
    return pence


def pounds_text(pence: int) -> str:
    """An amount for people: ``£1,234.50``, and ``−£12.00`` with a true minus sign."""
    pounds, rest = divmod(abs(pence), 100)
    return f"{'−' if pence < 0 else ''}£{pounds:,}.{rest:02d}"
