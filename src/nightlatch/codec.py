"""A session's values to bytes and back: JSON with tags, one version byte, never pickle.

What goes in comes back equal and of the same type, or is refused by name when it is stored, not
when it is missed. The same values always make the same bytes, with or without msgspec, so bytes
can be compared to find out what a request has changed.

A value that JSON does not know is written as an object of one key that begins with ``$``:
``{"$date": "2026-01-05"}``. A dict that looks like that is itself wrapped, as ``{"$": {…}}``.
"""

from __future__ import annotations

import json
from base64 import b64decode, b64encode
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from decimal import Decimal
from math import isfinite
from typing import Any, NamedTuple
from uuid import UUID

from nightlatch.errors import NotStorable, SettingError, TooLarge, Undecodable

VERSION = b"\x01"
MAX_BYTES = 64 * 1024

# Deeper than anybody means; a structure that contains itself gets here too.
MAX_DEPTH = 64

# What every JSON reader keeps exactly.
INT_LOW, INT_HIGH = -(2**63), 2**63 - 1


@dataclass(frozen=True, slots=True)
class Tag:
    """How values of one type are stored. A subclass of the type needs a tag of its own.

    :ivar name: stands in the stored bytes, so it can never change its meaning.
    :ivar to_plain: makes something out of a value that is storable without this tag; raises
        ``ValueError`` with the reason for a value that would not come back.
    :ivar from_plain: makes the value again.
    """

    name: str
    type: type
    to_plain: Callable[[Any], object]
    from_plain: Callable[[Any], object]


class Engine(NamedTuple):
    """A JSON writer and reader. All engines write the same bytes."""

    dumps: Callable[[object], bytes]
    loads: Callable[[bytes], Any]


def standard_engine() -> Engine:
    """JSON by the standard library."""
    encode = json.JSONEncoder(
        ensure_ascii=False, separators=(",", ":"), allow_nan=False, check_circular=False
    ).encode
    # Decoded here: left alone, json guesses at UTF-16 and UTF-32.
    return Engine(lambda value: encode(value).encode(), lambda body: json.loads(str(body, "utf-8")))


def fastest_engine() -> Engine:
    """JSON by msgspec where it is installed, else by the standard library."""
    try:
        from msgspec.json import Decoder, Encoder
    except ImportError:
        return standard_engine()
    return Engine(Encoder().encode, Decoder().decode)


class Codec:
    """Encodes and decodes the values of sessions.

    Storable are ``None``, bool, int, float, str, list, tuple, dict with str keys, set, frozenset,
    bytes, datetime, date, Decimal and UUID, nested 64 deep, and what ``tags`` add. An aware
    datetime comes back with its offset from UTC, not with the name of its zone.

    :param max_bytes: how much one session may hold, encoded. 64 KiB when absent.
    :param tags: more types.
    :param engine: absent: the fastest there is.
    :raises SettingError: two tags of one name or for one type.
    """

    def __init__(
        self,
        max_bytes: int = MAX_BYTES,
        tags: Iterable[Tag] = (),
        *,
        engine: Engine | None = None,
    ) -> None:
        self._max_bytes = max_bytes
        self._dumps, self._loads = engine or fastest_engine()
        self._tags: dict[type, Tag] = {}
        self._from_plain: dict[str, Callable[[Any], object]] = dict(INLINE)
        for tag in (*TAGS, *tags):
            if tag.name in self._from_plain or tag.type in self._tags or tag.type in PLAIN:
                raise SettingError(
                    "tags", f"{tag.name!r} for {tag.type.__name__}", "a new name and a new type"
                )
            self._tags[tag.type] = tag
            self._from_plain[tag.name] = tag.from_plain

    def encode(self, values: Mapping[str, object]) -> bytes:
        """Every value of a session as bytes.

        :raises NotStorable: a value would not come back as it went in; names its key.
        :raises TooLarge: more than ``max_bytes``.
        """
        try:
            body = self._dumps(self._plain(dict(values), 0))
        except _Unfit as unfit:
            raise NotStorable(unfit.path[1:], unfit.kind, unfit.why) from None
        size = len(VERSION) + len(body)
        if size > self._max_bytes:
            raise TooLarge(size, self._max_bytes)
        return VERSION + body

    def decode(self, data: bytes) -> dict[str, object]:
        """The values again.

        :raises Undecodable: these bytes are not what :meth:`encode` writes, to the last byte.
        """
        if data[:1] != VERSION:
            raise Undecodable("The session's data does not begin with a known version byte.")
        body = data[1:]
        try:
            values: dict[str, object] = self._revive(self._loads(body))
            # One spelling only: what else reads as JSON was not written here.
            same = type(values) is dict and self._dumps(self._plain(values, 0)) == body
        except Exception as error:
            # Whatever a reader or a tag makes of bytes that may be anything.
            raise Undecodable("The session's data cannot be read.") from error
        if not same:
            raise Undecodable("The session's data is not as this version writes it.")
        return values

    def pack(self, value: object, key: str = "value") -> bytes:
        """One value as bytes, for comparing: equal bytes, equal values of equal types.

        :param key: where it is, for the error.
        :raises NotStorable: the value would not come back as it went in.
        """
        try:
            return self._dumps(self._plain(value, 1))
        except _Unfit as unfit:
            raise NotStorable(key + unfit.path, unfit.kind, unfit.why) from None

    # Inside

    def _plain(self, value: Any, depth: int) -> object:
        kind = type(value)
        if kind is str:
            return value if value.isascii() else _text(value)
        if value is None or kind is bool:
            return value
        if kind is int:
            return value if INT_LOW <= value <= INT_HIGH else {"$int": hex(value)}
        if kind is float:
            return _number(value)
        if depth > MAX_DEPTH:
            raise _Unfit(kind, f"it lies more than {MAX_DEPTH} deep, or contains itself")
        if kind is dict:
            plain = {_key(key): self._item(item, depth, f".{key}") for key, item in value.items()}
            looks_tagged = len(plain) == 1 and next(iter(plain))[:1] == "$"
            return {"$": plain} if looks_tagged else plain
        if kind is list or kind is tuple:
            items = [self._item(item, depth, f"[{at}]") for at, item in enumerate(value)]
            return items if kind is list else {"$tuple": items}
        if kind is set or kind is frozenset:
            members = [self._item(item, depth, "{}") for item in value]
            return {f"${kind.__name__}": sorted(members, key=self._dumps)}
        return self._tagged(value, depth)

    def _item(self, item: object, depth: int, step: str) -> object:
        try:
            return self._plain(item, depth + 1)
        except _Unfit as unfit:
            unfit.path = step + unfit.path
            raise

    def _tagged(self, value: object, depth: int) -> object:
        kind = type(value)
        tag = self._tags.get(kind)
        if tag is None:
            raise _Unfit(kind, "nothing here knows how to make it again")
        try:
            plain = tag.to_plain(value)
        except ValueError as error:
            raise _Unfit(kind, str(error)) from None
        return {f"${tag.name}": self._plain(plain, depth + 1)}

    def _revive(self, plain: Any) -> Any:
        kind = type(plain)
        if kind is dict:
            if len(plain) == 1:
                ((key, inner),) = plain.items()
                if key == "$":
                    return {name: self._revive(item) for name, item in inner.items()}
                if key[:1] == "$":
                    return self._from_plain[key[1:]](self._revive(inner))
            return {name: self._revive(item) for name, item in plain.items()}
        if kind is list:
            return [self._revive(item) for item in plain]
        return plain


class _Unfit(Exception):
    """A value that cannot be stored; gathers its path on the way up."""

    def __init__(self, kind: type, why: str) -> None:
        self.kind = kind.__name__
        self.why = why
        self.path = ""


def _text(value: str) -> str:
    try:
        value.encode()
    except UnicodeEncodeError:
        raise _Unfit(str, "it holds half a character (a lone surrogate)") from None
    return value


def _key(key: object) -> str:
    if type(key) is not str:
        raise _Unfit(dict, f"it has a key that is no str but a {type(key).__name__}")
    return _text(key)


def _number(value: float) -> object:
    if not isfinite(value):
        raise _Unfit(float, "it is not a finite number")
    # JSON writers spell exponents differently.
    text = repr(value)
    return {"$float": text} if "e" in text else value


def _from_datetime(value: datetime) -> object:
    if (value.utcoffset() or timedelta()).microseconds:
        # Python writes such an offset and does not read it.
        raise ValueError("its offset from UTC has parts of a second")
    # The second 02:30 of the night when the clocks go back is told apart only by its fold.
    text = value.isoformat()
    return [text, 1] if value.fold and value.tzinfo is None else text


def _to_datetime(plain: Any) -> datetime:
    if isinstance(plain, list):
        return datetime.fromisoformat(plain[0]).replace(fold=plain[1])
    return datetime.fromisoformat(plain)


def _from_decimal(value: Decimal) -> str:
    if not value.is_finite():
        raise ValueError("it is not a finite number")
    return str(value)


# Written by `_plain` itself.
INLINE: Mapping[str, Callable[[Any], object]] = {
    "": dict,
    "int": lambda text: int(text, 16),
    "float": float,
    "tuple": tuple,
    "set": set,
    "frozenset": frozenset,
}
PLAIN = (str, type(None), bool, int, float, dict, list, tuple, set, frozenset)

TAGS = (
    Tag("bytes", bytes, lambda value: b64encode(value).decode(), b64decode),
    Tag("datetime", datetime, _from_datetime, _to_datetime),
    Tag("date", date, date.isoformat, date.fromisoformat),
    Tag("decimal", Decimal, _from_decimal, Decimal),
    Tag("uuid", UUID, lambda value: value.hex, UUID),
)
