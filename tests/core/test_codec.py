"""The codec: what goes in comes back, or is refused by name."""

from __future__ import annotations

import json
import string
import subprocess
import sys
from collections import OrderedDict, UserDict
from datetime import UTC, date, datetime, time, timedelta, timezone
from decimal import Decimal
from enum import IntEnum, StrEnum
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

import pytest
from hypothesis import example, given
from hypothesis import strategies as st
from markupsafe import Markup

from nightlatch.codec import (
    MAX_BYTES,
    MAX_DEPTH,
    Codec,
    Engine,
    Tag,
    fastest_engine,
    standard_engine,
)
from nightlatch.errors import NotStorable, SettingError, TooLarge, Undecodable

ENGINES = {"json": standard_engine(), "msgspec": fastest_engine()}
BIG = 10**9

TEXT = st.text(st.characters(exclude_categories=["Cs"]))
OFFSETS = st.integers(-86_399, 86_399).map(lambda s: timezone(timedelta(seconds=s)))
ATOMS = (
    st.none()
    | st.booleans()
    | st.integers()
    | st.integers(-(2**70), 2**70)
    | st.floats(allow_nan=False, allow_infinity=False)
    | TEXT
    | st.binary()
    | st.datetimes()
    | st.datetimes(timezones=OFFSETS)
    | st.dates()
    | st.decimals(allow_nan=False, allow_infinity=False)
    | st.uuids()
)
# Keys that look like tags, now and then.
KEYS = TEXT | st.sampled_from(["$", "$set", "$tuple", "$nobody", "$date"])
HASHABLE = ATOMS | st.tuples(ATOMS, ATOMS) | st.frozensets(ATOMS, max_size=3)
VALUES = st.recursive(
    ATOMS | st.sets(HASHABLE, max_size=4) | st.frozensets(HASHABLE, max_size=4),
    lambda inner: (
        st.lists(inner, max_size=4)
        | st.lists(inner, max_size=4).map(tuple)
        | st.dictionaries(KEYS, inner, max_size=3)
    ),
    max_leaves=20,
)
SESSIONS = st.dictionaries(KEYS, VALUES, max_size=5)


def shape(value: Any) -> Any:
    """A value in which also types, order and signs are compared."""
    if isinstance(value, dict):
        return dict, [(key, shape(item)) for key, item in value.items()]
    if isinstance(value, list | tuple):
        return type(value), [shape(item) for item in value]
    if isinstance(value, set | frozenset):
        return type(value), sorted(repr(shape(item)) for item in value)
    if isinstance(value, datetime):
        return datetime, value.isoformat()
    return type(value), repr(value)


@pytest.fixture(params=ENGINES)
def engine(request: pytest.FixtureRequest) -> Engine:
    return ENGINES[request.param]


@pytest.fixture
def codec(engine: Engine) -> Codec:
    return Codec(engine=engine)


@given(SESSIONS)
@example({"$": 1})
@example({"a": {"$": {"$": 1}}})
@example({"a": [(), {}, [], set(), frozenset(), b"", "", -0.0, 1e300, 5e-324, 2**64, -(2**63)]})
def test_round_trip(values: dict[str, object]) -> None:
    """Everything storable comes back equal, of the same types, in the same order."""
    codec = Codec(BIG)

    back = codec.decode(codec.encode(values))

    assert back == values
    assert shape(back) == shape(values)


@given(SESSIONS)
def test_the_same_bytes(values: dict[str, object]) -> None:
    """Both engines write the same bytes and read each other's; encoding again changes nothing."""
    slow, fast = (Codec(BIG, engine=engine) for engine in ENGINES.values())

    data = slow.encode(values)

    assert fast.encode(values) == data
    assert shape(fast.decode(data)) == shape(slow.decode(data))
    assert slow.encode(slow.decode(data)) == data


@given(st.sets(HASHABLE, max_size=6))
def test_sets_have_one_spelling(members: set[object]) -> None:
    """Equal sets make equal bytes, in whatever order they were filled."""
    codec = Codec(BIG)
    backwards: set[object] = set()
    for member in [*members][::-1]:
        backwards.add(member)

    assert codec.pack(members) == codec.pack(backwards)


NAMES = ["$", "$nobody", "$int", "$float", "$tuple", "$set", "$frozenset"]
NAMES += ["$bytes", "$datetime", "$date", "$decimal", "$uuid"]
JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(
            st.text(max_size=3) | st.sampled_from(NAMES),
            inner,
            max_size=2,
        )
    ),
)


@given(st.binary().map(lambda rest: b"\x01" + rest) | st.binary())
@example(b"")
@example(b"\x01")
@example(b"\x01\xff\xfe{\x00}\x00")
@example(b"\x01\xef\xbb\xbf{}")
def test_arbitrary_bytes(data: bytes) -> None:
    """Bytes that nobody wrote are ``Undecodable``, and nothing else is raised."""
    for engine in ENGINES.values():
        _decodes_cleanly(Codec(BIG, engine=engine), data)


@given(JSON, st.sampled_from([None, 1]), st.booleans())
@example({"$set": [[1]]}, None, False)
@example({"a": {"$set": [1, True]}}, None, False)
@example({"a": {"$set": [2, 1]}}, None, False)
@example({"a": {"$": 1}}, None, False)
@example({"a": {"$": {"b": 1}}}, None, False)
@example({"a": {"$int": "0x1"}}, None, False)
@example({"a": {"$float": "nan"}}, None, False)
@example({"a": {"$datetime": ["2026-01-05T09:00:00", 2]}}, None, False)
@example({"a": "\ud800"}, None, True)
@example({"a": 1e999}, None, False)
def test_foreign_json(value: object, indent: int | None, ascii_only: bool) -> None:
    """Well-formed JSON that is not as we write it is ``Undecodable`` too, with either engine."""
    text = json.dumps(value, indent=indent, ensure_ascii=ascii_only)
    data = b"\x01" + text.encode(errors="surrogatepass")

    answers = [_decodes_cleanly(Codec(BIG, engine=engine), data) for engine in ENGINES.values()]

    assert shape(answers[0]) == shape(answers[1])


def _decodes_cleanly(codec: Codec, data: bytes) -> object:
    """What comes of decoding: ``Undecodable``, or values that make the very same bytes."""
    try:
        values = codec.decode(data)
    except Undecodable:
        return Undecodable
    assert codec.encode(values) == data
    return values


@given(SESSIONS, st.integers(min_value=0))
def test_truncated(values: dict[str, object], length: int) -> None:
    """Data that was cut short is ``Undecodable``."""
    codec = Codec(BIG)
    data = codec.encode(values)

    with pytest.raises(Undecodable):
        codec.decode(data[: length % len(data)])


@pytest.mark.parametrize("bracket", ["[", '{"a":', '{"$tuple":['])
def test_deeply_nested_bytes(codec: Codec, bracket: str) -> None:
    """However deep foreign bytes are nested, they are ``Undecodable`` and break nothing."""
    with pytest.raises(Undecodable):
        codec.decode(b"\x01" + bracket.encode() * 100_000)


@pytest.mark.parametrize(
    "data",
    [
        pytest.param(b"{}", id="no version"),
        pytest.param(b"\x02{}", id="a later version"),
        pytest.param(b"\x01[]", id="no object"),
        pytest.param(b'\x01{"$tuple":[]}', id="a tuple"),
        pytest.param(b'\x01{"a":1,"a":2}', id="a key twice"),
        pytest.param(b'\x01{"a": 1}', id="a blank"),
        pytest.param(b'\x01{"a":1e2}', id="another spelling of a number"),
        pytest.param(b'\x01{"a":NaN}', id="no number"),
        pytest.param(b'\x01{"a":18446744073709551616}', id="too large a number"),
        pytest.param(b'\x01{"a":{"$nobody":1}}', id="unknown tag"),
        pytest.param(b'\x01{"a":{"$uuid":5}}', id="tag on a wrong value"),
    ],
)
def test_not_as_written_here(codec: Codec, data: bytes) -> None:
    """There is one spelling of every session; any other is ``Undecodable``, without its content."""
    with pytest.raises(Undecodable, match=r"^The session's data "):
        codec.decode(data)


def test_the_stored_form(codec: Codec) -> None:
    """The bytes are a version and JSON that people can read; it never changes its meaning."""
    values = {
        "name": "O’Connor",
        "seen": datetime(2026, 1, 5, 9, tzinfo=UTC),
        "day": date(2026, 1, 5),
        "owed": Decimal("10.50"),
        "id": UUID(int=7),
        "raw": b"\0\xff",
        "pair": (1, 2.5),
        "tags": {"b", "a"},
        "fixed": frozenset({1}),
        "big": 2**64,
        "tiny": 1e-9,
        "odd": {"$set": 1},
        "plain": {"$a": 1, "$b": [None, True]},
    }

    assert codec.encode(values) == (
        b"\x01"
        b'{"name":"O\xe2\x80\x99Connor",'
        b'"seen":{"$datetime":"2026-01-05T09:00:00+00:00"},'
        b'"day":{"$date":"2026-01-05"},'
        b'"owed":{"$decimal":"10.50"},'
        b'"id":{"$uuid":"00000000000000000000000000000007"},'
        b'"raw":{"$bytes":"AP8="},'
        b'"pair":{"$tuple":[1,2.5]},'
        b'"tags":{"$set":["a","b"]},'
        b'"fixed":{"$frozenset":[1]},'
        b'"big":{"$int":"0x10000000000000000"},'
        b'"tiny":{"$float":"1e-09"},'
        b'"odd":{"$":{"$set":1}},'
        b'"plain":{"$a":1,"$b":[null,true]}}'
    )


@pytest.mark.parametrize(
    "value", [0.0001, 1e15, 9999999999999998.0, 1e16, 1e-5, -0.0, 0.1, 2.5, 1e22, 123456789.125]
)
def test_floats_at_the_edges(value: float) -> None:
    """Where writers of JSON differ in spelling a number, ours do not."""
    slow, fast = (Codec(engine=engine) for engine in ENGINES.values())

    assert slow.pack(value) == fast.pack(value)
    assert repr(fast.decode(fast.encode({"a": value}))["a"]) == repr(value)


def test_the_second_half_past_two(codec: Codec) -> None:
    """A local time that happens twice comes back as the same one of the two."""
    first = datetime(2026, 10, 25, 2, 30)  # noqa: DTZ001 (a time without zone is what is tested)
    second = first.replace(fold=1)

    back = codec.decode(codec.encode({"first": first, "second": second}))

    assert [value.fold for value in back.values() if isinstance(value, datetime)] == [0, 1]


def test_a_zone_comes_back_as_its_offset(codec: Codec) -> None:
    """An aware datetime is the same moment again, at the same offset."""
    value = datetime(2026, 7, 1, 12, tzinfo=ZoneInfo("Europe/Dublin"))

    (back,) = codec.decode(codec.encode({"a": value})).values()

    assert isinstance(back, datetime)
    assert back == value
    assert back.utcoffset() == timedelta(hours=1)


class Colour(StrEnum):
    RED = "red"


class Size(IntEnum):
    SMALL = 1


class Name(str):
    __slots__ = ()


def deep(levels: int) -> object:
    value: object = 1
    for _ in range(levels):
        value = [value]
    return value


LOOP: list[object] = []
LOOP.append(LOOP)


@pytest.mark.parametrize(
    ("value", "kind", "why"),
    [
        (float("nan"), "float", "not a finite number"),
        (float("-inf"), "float", "not a finite number"),
        (Decimal("NaN"), "Decimal", "not a finite number"),
        (Decimal("Infinity"), "Decimal", "not a finite number"),
        ("\ud800", "str", "half a character"),
        ({"\udfff": 1}, "str", "half a character"),
        ({1: 2}, "dict", "a key that is no str but a int"),
        ({Name("a"): 2}, "dict", "a key that is no str but a Name"),
        (Colour.RED, "Colour", "knows how to make it again"),
        (Size.SMALL, "Size", "knows how to make it again"),
        (Name("x"), "Name", "knows how to make it again"),
        (Markup("<b>"), "Markup", "knows how to make it again"),
        (OrderedDict(), "OrderedDict", "knows how to make it again"),
        (
            datetime(2026, 1, 5, tzinfo=timezone(timedelta(microseconds=1))),
            "datetime",
            "parts of a second",
        ),
        (time(9), "time", "knows how to make it again"),
        (bytearray(b"x"), "bytearray", "knows how to make it again"),
        (object(), "object", "knows how to make it again"),
        (LOOP, "list", "deep, or contains itself"),
        (deep(MAX_DEPTH + 1), "list", "deep, or contains itself"),
    ],
)
def test_refused(codec: Codec, value: object, kind: str, why: str) -> None:
    """What would not come back as it went in is refused when stored, by key, type and reason."""
    with pytest.raises(NotStorable, match=why) as caught:
        codec.encode({"fine": 1, "cart": value})

    assert caught.value.kind == kind
    assert caught.value.key.startswith("cart")
    with pytest.raises(NotStorable, match=why):
        codec.pack(value, "cart")


@pytest.mark.parametrize(
    ("value", "path"),
    [
        ({"cart": object()}, "cart"),
        ({"cart": [1, {"price": (0, object())}]}, "cart[1].price[1]"),
        ({"cart": {frozenset([Name("x")])}}, "cart{}{}"),
    ],
)
def test_refused_with_its_path(codec: Codec, value: dict[str, Any], path: str) -> None:
    """The refusal says where the value lies, also deep inside."""
    with pytest.raises(NotStorable) as encoding:
        codec.encode(value)
    with pytest.raises(NotStorable) as packing:
        codec.pack(value["cart"], "cart")

    assert encoding.value.key == packing.value.key == path


def test_a_key_that_is_no_str(codec: Codec) -> None:
    """A session key that is no str is refused."""
    with pytest.raises(NotStorable, match="a key that is no str but a int"):
        codec.encode({5: 1})  # type: ignore[dict-item]


def test_as_deep_as_promised(codec: Codec) -> None:
    """Lists as deep as is promised are stored."""
    values = {"a": deep(MAX_DEPTH)}

    assert codec.decode(codec.encode(values)) == values


def test_any_mapping(codec: Codec) -> None:
    """A session may be any mapping; what comes back is a dict."""
    assert codec.decode(codec.encode(UserDict(a=1))) == {"a": 1}


def test_too_large() -> None:
    """One byte more than is allowed is refused, with both numbers; just enough is not."""
    exact = Codec(10)

    assert exact.encode({"a": "x"}) == b'\x01{"a":"x"}'
    with pytest.raises(TooLarge, match=r"takes 11 bytes and at most 10") as caught:
        exact.encode({"a": "xx"})

    assert (caught.value.size_bytes, caught.value.max_bytes) == (11, 10)


def test_64_kib_when_nothing_is_said(codec: Codec) -> None:
    """The default limit is 64 KiB, everything counted."""
    frame = len(b'\x01{"a":""}')

    assert len(codec.encode({"a": "x" * (MAX_BYTES - frame)})) == MAX_BYTES
    with pytest.raises(TooLarge):
        codec.encode({"a": "x" * (MAX_BYTES - frame + 1)})


MARKUP = Tag("markup", Markup, str, Markup)


def test_a_tag_of_ones_own(engine: Engine) -> None:
    """A registered type comes back as itself, wherever it lies; plain text stays plain."""
    codec = Codec(tags=[MARKUP], engine=engine)

    back = codec.decode(codec.encode({"note": [Markup("<b>hi</b>"), "<b>"]}))

    assert shape(back) == shape({"note": [Markup("<b>hi</b>"), "<b>"]})


def test_a_tag_that_is_gone(codec: Codec) -> None:
    """Data with a tag that is registered no more is ``Undecodable``, not silently plain."""
    data = Codec(tags=[MARKUP]).encode({"note": Markup("x")})

    with pytest.raises(Undecodable):
        codec.decode(data)


@pytest.mark.parametrize(
    "tag",
    [
        Tag("date", time, str, str),
        Tag("set", time, str, str),
        Tag("", time, str, str),
        Tag("mine", date, str, str),
        Tag("mine", str, str, str),
    ],
)
def test_a_tag_that_is_taken(tag: Tag) -> None:
    """Neither a name nor a type can be given a second meaning."""
    with pytest.raises(SettingError, match=rf"^tags is '{tag.name}' for {tag.type.__name__}"):
        Codec(tags=[tag])


def test_a_tag_that_fails_to_read(codec: Codec) -> None:
    """Whatever a tag's own reader raises, the caller gets ``Undecodable``."""

    def fail(_: object) -> object:
        raise LookupError("no such time")

    tagged = Codec(tags=[Tag("time", time, time.isoformat, fail)])

    with pytest.raises(Undecodable) as caught:
        tagged.decode(tagged.encode({"a": time(9)}))

    assert isinstance(caught.value.__cause__, LookupError)


def test_without_msgspec(monkeypatch: pytest.MonkeyPatch) -> None:
    """Where msgspec is not installed, the standard library does the same."""
    with_it = Codec().encode({"a": [1.5, "’"]})
    monkeypatch.setitem(sys.modules, "msgspec.json", None)

    assert Codec().encode({"a": [1.5, "’"]}) == with_it


def test_never_pickle() -> None:
    """Nothing that encodes or decodes sessions loads pickle."""
    script = (
        "import sys; from nightlatch.codec import Codec, standard_engine;"
        "codec = Codec(engine=standard_engine());"
        "codec.decode(codec.encode({'a': {1, 2}}));"
        "sys.exit('pickle' in sys.modules)"
    )

    assert subprocess.run([sys.executable, "-S", "-c", script], env=_path()).returncode == 0


def _path() -> dict[str, str]:
    import nightlatch

    return {"PYTHONPATH": nightlatch.__path__[0].rpartition("/")[0]}


def test_every_character() -> None:
    """No character is spelled differently by the two engines."""
    slow, fast = (Codec(BIG, engine=engine) for engine in ENGINES.values())
    text = string.printable + "".join(
        map(chr, [*range(0x20), *range(0x7F, 0x300), 0x2028, 0x2029, 0xFFFF, 0x1F98A, 0x10FFFF])
    )

    assert slow.pack(text) == fast.pack(text)
