"""Finding secrets in text: by their shape, by what stands before them, and by heart.

A pattern can only know what looks like a secret. What this process holds itself, its keys,
and what the current request brought along, its password and its cookies, is known exactly and
is removed wherever it turns up.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from functools import lru_cache
from urllib.parse import quote, quote_plus

from flask import has_request_context, request
from werkzeug.datastructures import MultiDict

HIDDEN = "***"

# Shorter ones are parts of ordinary words; hiding them would spoil the line and hide nothing.
SHORTEST = 4
SHORTEST_COOKIE = 8

_WORDS = (
    r"passw(?:or)?d|passphrase|pwd|secret|token|api[_-]?key|credential|csrf|authorization"
    r"|session_?id|form_key"
)
_SENSITIVE = re.compile(_WORDS, re.IGNORECASE)

# Every repetition before the value is bounded: a long text costs time in its length, no more.
_COOKIES = re.compile(r"""(cookie['"]?\s{0,2}[:=]\s{0,2}b?['"]?)[^"'\r\n]+""", re.IGNORECASE)
_PAIRS = re.compile(
    rf"""((?:(?:{_WORDS})[\w.-]{{0,40}}['"]?\]?\s{{0,2}}(?:=|:|%3d|,(?=\s?b?['"]))\s{{0,2}})"""
    # Our own cookies; before a colon they are the name of a logger.
    r"""|(?:nightlatch|bank_form)=)"""
    r"""(?:(?:basic|bearer|digest)\s+)?"""
    r"""(?:(b?")(?:\\.|[^"\\])*("?)|(b?')(?:\\.|[^'\\])*('?)|[^\s&;,"'<>()\[\]{}]+)""",
    re.IGNORECASE,
)
_SHAPES = re.compile(
    r"v1\.[0-9a-f]{32}\.[\w-]{20,}"  # a session's token
    r"|(?<![\w-])eyJ[\w-]{8,}\.[\w-]+\.[\w-]*"  # a JSON Web Token
    # The hash of a password, ours and those of other systems. MD5 and SHA-1 alone have no shape:
    # they look like any other hexadecimal number.
    r"|\$(?:argon2\w*|2[aby]|scrypt|pbkdf2[\w-]*|bank|[156]|[PH](?=\$[./\w]{31}))\$[^\s'\"]+"
    r"|\b(?:pbkdf2[_:]|scrypt:)[\w:]{1,40}\$[^\s'\"]+"
    r"|\{S?SHA\}[\w+/]{27,}=*"
    r"|(?<=\$)[0-9a-fA-F]{40}\b",
    re.ASCII,
)
_SCHEMES = re.compile(r"\b((?:basic|bearer)\s+)[\w.~+/=-]{8,}", re.IGNORECASE)
_LOGINS = re.compile(r"(://[^\s/:@]{0,100}:)[^\s/@]+@")

_known: set[str] = set()


def know(*secrets: str) -> None:
    """From now on these texts are hidden wherever this process logs, whatever is around them."""
    _known.update(secret for secret in secrets if len(secret) >= SHORTEST)


def is_sensitive(name: str) -> bool:
    """Whether what has this name is a secret: a form field, a key of a dict, a header."""
    return _SENSITIVE.search(name) is not None or name.lower() in {"cookie", "set-cookie"}


def scrub(text: str) -> str:
    """The text with ``***`` for every secret in it. What is scrubbed already stays as it is."""
    for secret in sorted({*_known, *_of_this_request()}, key=len, reverse=True):
        for spelling in _spellings(secret):
            text = text.replace(spelling, HIDDEN)
    text = _COOKIES.sub(rf"\1{HIDDEN}", text)
    text = _PAIRS.sub(_hide_value, text)
    text = _SHAPES.sub(HIDDEN, text)
    text = _SCHEMES.sub(rf"\1{HIDDEN}", text)
    return _LOGINS.sub(rf"\1{HIDDEN}@", text)


def _hide_value(match: re.Match[str]) -> str:
    # With its quotation marks, or a line of JSON would no longer be one.
    opening = match[2] or match[4] or ""
    return f"{match[1]}{opening}{HIDDEN}{match[3] or match[5] or ''}"


def _of_this_request() -> Iterator[str]:
    """What the request under way has brought along; asked only when something is logged."""
    if not has_request_context():
        return
    # Only a form that has been read: reading it here could take it from whoever needs it.
    form: MultiDict[str, str] = request.__dict__.get("form") or MultiDict()
    for fields in (form, request.args):
        for name, value in fields.items(multi=True):
            if is_sensitive(name) and len(value) >= SHORTEST:
                yield value
    for value in request.cookies.values():
        if len(value) >= SHORTEST_COOKIE:
            yield value
    authorization = request.headers.get("Authorization", "").partition(" ")[2]
    if len(authorization) >= SHORTEST:
        yield authorization


@lru_cache(maxsize=64)
def _spellings(secret: str) -> tuple[str, ...]:
    spellings = {
        secret,
        repr(secret)[1:-1],
        ascii(secret)[1:-1],
        json.dumps(secret)[1:-1],
        quote(secret, safe="", errors="replace"),
        quote_plus(secret, errors="replace"),
    }
    return tuple(sorted(spellings, key=len, reverse=True))
