"""Records: what may be shown, and what a ``repr`` keeps to itself."""

from __future__ import annotations

import pytest

from nightlatch.record import EndReason, Info, Previous, Record, info
from nightlatch.stores.base import Change, Conflict, Live, Rotation

HASH, DATA = b"h" * 32, b"balance 1,000"
RECORD = Record(
    sid="0" * 32,
    secret_hash=HASH,
    user="O’Connor",
    created=1,
    seen=2,
    absolute_at=3,
    auth_level=1,
    data=DATA,
    device="Firefox",
    address="::1",
    previous=Previous(HASH, 4),
)


def test_info() -> None:
    """What a list shows is the record without secrets and data."""
    assert info(RECORD) == Info("0" * 32, "O’Connor", 1, 2, 3, 1, "Firefox", "::1")


@pytest.mark.parametrize(
    "value",
    [RECORD, Live(RECORD), Conflict(RECORD), Rotation(HASH, 5), Change(DATA, Rotation(HASH, 5))],
    ids=lambda value: type(value).__name__,
)
def test_a_repr_shows_no_secret(value: object) -> None:
    """Neither hashes nor data get into a log through a ``repr``."""
    assert "hhhh" not in repr(value)
    assert "balance" not in repr(value)


def test_reasons() -> None:
    """Reasons are words that stand in stores, logs and URLs: they never change."""
    assert [*EndReason] == [
        "signed-out",
        "idle",
        "absolute",
        "revoked",
        "replaced",
        "replayed",
        "corrupt",
    ]
