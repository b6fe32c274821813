"""Text that cannot pretend to be something else where it is shown."""

from __future__ import annotations

import re

# Line and page ends, terminal controls, and the marks that turn the direction of writing:
# all of Cc, the two separators of Unicode, the bidirectional controls, halves of pairs.
_UNSAFE = re.compile(
    "[\x00-\x1f\x7f-\x9f\u061c\u200e\u200f\u2028\u2029\u202a-\u202e\u2066-\u2069\ud800-\udfff\ufeff]"
)
_UNSAFE_IN_LINES = re.compile(_UNSAFE.pattern.replace("\x00-\x1f", "\x00-\x08\x0b-\x1f"))
_SHORT = {"\n": "\\n", "\r": "\\r", "\t": "\\t"}


def escape(text: str) -> str:
    """One physical line that shows what a terminal would obey (OWASP ASVS 5.0, 16.4.1).

    ``’`` and every other letter or sign stays as it is.
    """
    return _UNSAFE.sub(_visible, text)


def escape_lines(text: str) -> str:
    """The same for what is made of lines, such as a traceback.

    Each line is set in, so that none can be taken for a record of its own.
    """
    return "\n".join(
        f"  | {line}" for line in _UNSAFE_IN_LINES.sub(_visible, text).rstrip("\n").split("\n")
    )


def spelled_for(text: str, encoding: str | None) -> str:
    r"""The text with what ``encoding`` does not have as an escape: ``O\u2019Connor`` in ASCII."""
    return text.encode(encoding or "utf-8", "backslashreplace").decode(encoding or "utf-8")


def _visible(match: re.Match[str]) -> str:
    char = match[0]
    return _SHORT.get(char) or (f"\\x{ord(char):02x}" if char < "\x80" else f"\\u{ord(char):04x}")
