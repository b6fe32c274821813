"""The conformance suite itself: none of its tests is hidden by another."""

from __future__ import annotations

from collections import Counter

from nightlatch.testing.conformance import StoreConformance


def test_no_test_hides_another() -> None:
    """The parts of the suite have no test name in common, so that every one of them runs."""
    names = Counter(
        name for part in StoreConformance.__mro__ for name in vars(part) if name.startswith("test_")
    )

    assert [name for name, times in names.items() if times > 1] == []
