"""People's names as they are typed, kept and compared."""

from __future__ import annotations

import unicodedata

MAX_NAME_CHARS = 100

# Telephones turn ' into ’ as it is typed, and most desktop keyboards have no ’ at all.
_APOSTROPHES = str.maketrans({"’": "'", "ʼ": "'", "＇": "'"})


class BadText(ValueError):
    """A text cannot be kept; ``str()`` says why, in words for the person who typed it."""


def clean(text: str, *, max_chars: int = MAX_NAME_CHARS) -> str:
    """The text as it is kept and shown: composed (Unicode NFC), without spaces around it.

    :param max_chars: the longest result, in code points.
    :raises BadText: it is longer, or holds a control character or half of a surrogate pair,
        which no page, file or database could give back.
    """
    text = unicodedata.normalize("NFC", text).strip()
    if len(text) > max_chars:
        raise BadText(f"Use {max_chars} characters or fewer.")
    # Cc is control characters, NUL and line breaks among them; Cs is surrogates.
    if any(unicodedata.category(char) in ("Cc", "Cs") for char in text):
        raise BadText("Use letters, digits, spaces and signs only.")
    return text


def name_key(name: str) -> str:
    """What two spellings of one user name have in common; only for comparing.

    Composed and decomposed letters, upper and lower case, and the shapes of an apostrophe
    are the same.

    :raises BadText: nobody can have this name.
    """
    return unicodedata.normalize("NFC", clean(name).casefold().translate(_APOSTROPHES))
