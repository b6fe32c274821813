"""Python and JavaScript agree on what a user is told, by vectors that both read."""

from __future__ import annotations

import json
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from nightlatch.limits import Limits
from nightlatch.policy import Stage, remaining, stage
from nightlatch.record import Record

VECTORS = json.loads(
    (Path(__file__).parents[1] / "vectors" / "phases.json").read_text(encoding="utf-8")
)["cases"]


def limits_of(case: dict[str, Any]) -> Limits:
    given = {name.removesuffix("_ms"): timedelta(milliseconds=ms) for name, ms in case.items()}
    return Limits(**given, ping_every=timedelta(milliseconds=1), demo=True)


@pytest.mark.parametrize("case", VECTORS, ids=lambda case: case["name"])
def test_vector(case: dict[str, Any]) -> None:
    """The status that the server gives, and the phases that follow from it."""
    limits = limits_of(case["limits"])
    created = case["created"]
    record = Record("0" * 32, b"", "ana", created, case["seen"], created + limits.absolute_ms)

    left = remaining(record, limits, case["asked_at"])

    assert {name: getattr(left, name) for name in left.__slots__} == case["status"]
    for then in case["then"]:
        expected = Stage(then["phase"], then["which"], then["remaining_ms"])
        assert stage(left, then["now"] - case["asked_at"]) == expected


def test_there_are_enough() -> None:
    """The vectors reach every phase and both limits."""
    reached = {(then["phase"], then["which"]) for case in VECTORS for then in case["then"]}

    assert reached == {
        (phase, which) for phase in ("active", "warning", "over") for which in ("idle", "absolute")
    }
