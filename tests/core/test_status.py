"""The status document: what the server tells the browser half."""

from dataclasses import replace
from datetime import timedelta

import pytest

from nightlatch import Ended, EndReason, Limits, Record
from nightlatch.status import status, who
from tests.core.manager_desk import LIMITS, MINUTE_MS

NOW = 1_700_000_000_000
RECORD = Record(
    sid="ab" * 16,
    secret_hash=b"hash",
    user="george",
    created=NOW,
    seen=NOW,
    absolute_at=NOW + LIMITS.absolute_ms,
)


def test_a_signed_in_session_is_told_with_its_remaining_times():
    """Relative times in ms, counted to what is promised: 59 minutes of an idle hour."""
    document = status(RECORD, LIMITS, NOW + 4 * MINUTE_MS)

    assert document == {
        "state": "active",
        "reason": None,
        "idle_ms": 55 * MINUTE_MS,
        "absolute_ms": (12 * 60 - 4) * MINUTE_MS,
        "warn_ms": 10 * MINUTE_MS,
        "can_extend": True,
        "who": who(RECORD),
    }


@pytest.mark.parametrize(
    ("idle_before_the_end", "can_extend"),
    [(timedelta(minutes=59, milliseconds=1), True), (timedelta(minutes=59), False)],
)
def test_a_session_can_be_extended_while_that_would_move_its_end(idle_before_the_end, can_extend):
    """Not any more when the absolute limit is no later than the promise."""
    seen = RECORD.absolute_at - idle_before_the_end // timedelta(milliseconds=1)

    document = status(replace(RECORD, seen=seen), LIMITS, seen)

    assert document["can_extend"] is can_extend


@pytest.mark.parametrize("reason", EndReason)
def test_an_ended_session_is_told_with_its_reason(reason):
    """Nothing is left of it, and nobody is named."""
    document = status(Ended("ab" * 16, "george", reason, NOW), LIMITS, NOW)

    assert document == {
        "state": "ended",
        "reason": reason.value,
        "idle_ms": 0,
        "absolute_ms": 0,
        "warn_ms": 10 * MINUTE_MS,
        "can_extend": False,
        "who": "",
    }


@pytest.mark.parametrize(
    "session",
    [None, replace(RECORD, user=None), Ended("ab" * 16, None, EndReason.REPLACED, NOW)],
    ids=["nobody", "a visitor", "a visitor whose session has ended"],
)
def test_who_has_not_signed_in_is_anonymous(session):
    """Visitors are never told that a session of theirs ended: they had signed in to nothing."""
    document = status(session, LIMITS, NOW)

    assert (document["state"], document["reason"], document["who"]) == ("anonymous", None, "")
    assert document["idle_ms"] == document["absolute_ms"] == 0
    assert document["can_extend"] is False


def test_the_tag_is_the_same_for_the_same_session_only():
    """Another user or another session has another tag, and none of them tells which."""
    tags = {
        who(RECORD),
        who(replace(RECORD, user="O’Connor")),
        who(replace(RECORD, sid="cd" * 16)),
        who(replace(RECORD, user="\ud800")),
    }

    assert len(tags) == 4
    assert who(RECORD) == who(replace(RECORD, seen=NOW + 5, version=9))
    assert not any("george" in tag or RECORD.sid in tag for tag in tags)


def test_no_time_is_below_zero_or_above_its_limit():
    """Also when the clock was set back, or the limits were lowered since."""
    lowered = Limits(timedelta(minutes=10), timedelta(hours=1), timedelta(minutes=1))

    early = status(RECORD, lowered, NOW - 5 * MINUTE_MS)
    late = status(RECORD, lowered, NOW + 24 * 60 * MINUTE_MS)

    assert (early["idle_ms"], early["absolute_ms"]) == (lowered.promise_ms, lowered.absolute_ms)
    assert (late["idle_ms"], late["absolute_ms"]) == (0, 0)
