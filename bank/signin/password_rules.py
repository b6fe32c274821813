"""What a new password must be, and no more: long, and not one that is easily guessed.

NIST SP 800-63B-4, 3.1.1.2, and OWASP ASVS 5.0, 6.2. There are no rules about kinds of characters:
those make passwords alike.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Iterator
from functools import cache
from itertools import pairwise

from zxcvbn.frequency_lists import FREQUENCY_LISTS

from bank.signin.passwords import MAX_PASSWORD_BYTES

MIN_CHARS = 15
"""While a password is all that is asked for. With a second factor NIST asks for 8."""

OURS = ("latch", "key", "bank", "banking", "nightlatch", "online", "password")
"""Words that whoever guesses at this bank begins with."""

COMMON = (
    "This is a password that many people use, or such a one with digits or repetitions. It would "
    "be guessed soon. Choose another, of several words perhaps."
)
EXPECTED = (
    "This is made of your name or of our name, which is guessed first. Choose another, of several "
    "words perhaps."
)
UNREADABLE = "This holds half of a character, which no keyboard sends. Enter it once more."

_LONGEST = 30
_LETTERS = re.compile(r"[^\W\d_]+")
_AROUND = re.compile(r"([\W\d_]*)(.*?)([\W\d_]*)", re.DOTALL)


def fault(password: str, about: Iterable[str]) -> str | None:
    """Why this cannot be a new password, in words for the person who typed it; else None.

    :param about: what is known of the person, such as their names.
    """
    typed = unicodedata.normalize("NFC", password)
    try:
        size = len(typed.encode())
    except UnicodeEncodeError:
        return UNREADABLE
    if len(typed) < MIN_CHARS:
        return f"Use {MIN_CHARS} characters or more; this has {len(typed)}."
    if size > MAX_PASSWORD_BYTES:
        return f"Use fewer characters: this takes {size:,} bytes, and {MAX_PASSWORD_BYTES:,} fit."
    if _is_common(typed):
        return COMMON
    if _is_expected(typed, (*OURS, *about)):
        return EXPECTED
    return None


def _is_common(typed: str) -> bool:
    """Whether the whole of it is common, with digits and signs around it or several times over."""
    folded = _fold(typed)
    once = _once(folded)
    # So few characters are not a password, however often they come.
    if len(once) < 6 or len(set(once)) < 5 or _runs(once):
        return True
    return not _common().isdisjoint({folded, once, *_cores(folded)})


def _is_expected(typed: str, words: Iterable[str]) -> bool:
    """Whether nothing is left of it without those words, digits and signs."""
    letters = rest = "".join(_LETTERS.findall(_fold(typed)))
    parts = {part for word in words for part in _LETTERS.findall(_fold(word)) if len(part) > 2}
    # The longest first: of "nightlatch" without "latch" something is left.
    for part in sorted(parts, key=len, reverse=True):
        rest = rest.replace(part, "")
    return rest != letters and len(rest) < 4


def _cores(text: str) -> Iterator[str]:
    """The text without some or all of the digits and signs around its letters: ``abc12``, ``abc1``.

    A text without letters has none.
    """
    around = _AROUND.fullmatch(text)
    before, letters, after = around.groups() if around else ("", "", "")
    if letters:
        yield _once(letters)
        # No common password is longer than this.
        for begin in range(min(len(before), _LONGEST) + 1):
            head = before[len(before) - begin :] + letters
            for end in range(min(len(after), _LONGEST) + 1):
                yield head + after[:end]


def _fold(text: str) -> str:
    return unicodedata.normalize("NFKC", text).casefold()


def _once(text: str) -> str:
    """The shortest text of which this one is a repetition: ``abcabca`` is one of ``abc``."""
    size = next((n for n in range(1, len(text)) if text.startswith(text[n:])), len(text))
    return text[:size]


def _runs(text: str) -> bool:
    """Whether it only counts, up or down: 0123456789, zyxw."""
    steps = {(ord(after) - ord(before)) % 10 for before, after in pairwise(text)}
    return steps in ({1}, {9})


@cache
def _common() -> frozenset[str]:
    return frozenset(FREQUENCY_LISTS["passwords"])
