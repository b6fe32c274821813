"""The machine's second opinion, where its answer is hardest to come by."""

from __future__ import annotations

import pytest

from nightlatch.testing.machine import LIMITS
from nightlatch.testing.machine.model import KEEP_MS, Model
from nightlatch.testing.machine.values import edit


@pytest.mark.parametrize(
    ("began", "revoked"),
    [(999, True), (1_000, True), (1_001, False)],
    ids=["before", "at", "after"],
)
def test_a_sign_in_that_began_at_or_before_the_end_of_all_is_revoked(began, revoked) -> None:
    """For the user whose sessions ended, and for nobody else."""
    model = Model(LIMITS[0])
    model.revokes("ana", 1_000, 1_000)

    assert model.sign_in_is_revoked("ana", began) is revoked
    assert model.sign_in_is_revoked("george", began) is False
    assert model.sign_in_is_revoked(None, began) is False


def test_an_old_end_of_all_may_have_been_forgotten() -> None:
    """After a sweep a day later a store may refuse such a sign-in or not; both are right."""
    model = Model(LIMITS[0])
    model.revokes(None, 1_000, 1_000)

    model.forget(1_000 + KEEP_MS)

    assert model.sign_in_is_revoked("ana", 1_000) is None
    assert model.sign_in_is_revoked("ana", 1_001) is False


def test_a_value_of_another_kind_is_left_alone() -> None:
    """A view that appends to what is no list, or nests in what is no mapping, changes nothing."""
    values = {"a": 1, "b": [2]}

    edit(values, "append", "a", 3)
    edit(values, "nest", "b", 3)
    edit(values, "nothing", "a", 3)

    assert values == {"a": 1, "b": [2]}
