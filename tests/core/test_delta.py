"""What a request changed, and how it merges with what others changed."""

from __future__ import annotations

from copy import deepcopy
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from nightlatch.codec import Codec
from nightlatch.delta import Delta, apply, between
from nightlatch.errors import NotStorable

pack = Codec().pack

SESSIONS = st.dictionaries(
    st.sampled_from("abcd"),
    st.integers(0, 2) | st.booleans() | st.lists(st.integers(0, 2), max_size=2),
)


@given(SESSIONS, SESSIONS)
def test_a_delta_does_what_was_done(before: dict[str, Any], after: dict[str, Any]) -> None:
    """A delta on what it was made from gives what it was made to."""
    delta = between(before, after, pack)

    assert apply(delta, before) == after
    assert bool(delta) is (pack(dict(sorted(before.items()))) != pack(dict(sorted(after.items()))))


@given(SESSIONS, SESSIONS, SESSIONS)
def test_other_keys_survive(
    before: dict[str, Any], mine: dict[str, Any], theirs: dict[str, Any]
) -> None:
    """Of two requests at once, each keeps its own keys; where both changed one, the later wins."""
    my_delta, their_delta = between(before, mine, pack), between(before, theirs, pack)

    merged = apply(my_delta, apply(their_delta, before))

    for key in "abcd":
        if key in my_delta.changed or key in my_delta.deleted:
            assert merged.get(key) == mine.get(key)
        else:
            assert merged.get(key) == theirs.get(key)


def test_nothing_changed() -> None:
    """The same values again are no change."""
    delta = between({"a": [1, {"b": 2}]}, {"a": [1, {"b": 2}]}, pack)

    assert delta == Delta({}, frozenset())
    assert not delta


def test_a_change_inside() -> None:
    """A change inside a list inside a dict is noticed, though nobody assigned the key."""
    before = {"cart": {"lines": [1]}, "name": "ana"}
    after = deepcopy(before)
    after["cart"]["lines"].append(2)  # type: ignore[index]

    assert between(before, after, pack) == Delta({"cart": {"lines": [1, 2]}}, frozenset())


@pytest.mark.parametrize(
    ("before", "after"), [(1, True), (1, 1.0), (0.0, -0.0), ([1], (1,)), ({1}, frozenset([1]))]
)
def test_a_change_of_type(before: object, after: object) -> None:
    """Values that Python calls equal but that are of another type have changed."""
    assert between({"a": before}, {"a": after}, pack).changed == {"a": after}


def test_set_and_deleted() -> None:
    """New keys and keys that are gone are told apart; ``None`` is a value."""
    delta = between({"old": 1, "kept": None}, {"new": None, "kept": None}, pack)

    assert delta == Delta({"new": None}, frozenset({"old"}))


def test_applying_leaves_the_current_alone() -> None:
    """Merging makes a new dict and changes none of what it was given."""
    current = {"a": 1, "b": 2}
    delta = Delta({"a": 3}, frozenset({"b", "gone"}))

    assert apply(delta, current) == {"a": 3}
    assert current == {"a": 1, "b": 2}


def test_deleted_there_and_changed_here() -> None:
    """A key that another request deleted is there again when this one has set it."""
    assert apply(Delta({"a": 1}, frozenset()), {}) == {"a": 1}


def test_what_cannot_be_stored() -> None:
    """A value that cannot be stored is refused under its own key."""
    with pytest.raises(NotStorable, match=r"session\['cart\[0\]'\]"):
        between({"cart": []}, {"cart": [object()]}, pack)
