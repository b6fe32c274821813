"""The ledger of what was acknowledged finds what contradicts it."""

import pytest

from tests.processes.acknowledged import EXTEND, Ledger


@pytest.fixture
def ledger():
    """One whose idle limit is longer than this test takes."""
    return Ledger(idle=60, absolute=600, slack=3)


def heard(ledger, seat, path="/values", **answer):
    """Send a request and hear its answer at once."""
    sent = ledger.sends(seat, activity=True)
    ledger.hears(seat, sent, path, activity=True, **answer)
    return ledger.violations


def test_answers_that_agree_are_no_violation(ledger):
    """A life as it should be: written, read, ended, refused."""
    seat = ledger.sat_down("ana", "v1.abc.secret", 0.0)
    seat.asked = seat.active = seat.begun

    assert heard(ledger, seat, live=True) == []
    ledger.wrote(seat, {"a": 1})
    assert heard(ledger, seat, live=True, values={"a": 1, "b": 2}) == []
    assert heard(ledger, seat, EXTEND, live=False, reason="signed-out") == []
    assert heard(ledger, seat, live=False, reason="signed-out") == []


def test_a_live_answer_after_an_end_is_found(ledger):
    """Whether it was ended itself or with all of its user's."""
    seats = [ledger.sat_down("ana", f"v1.{name}.secret", 0.0) for name in "ab"]
    heard(ledger, seats[0], live=False, reason="signed-out")
    ledger.revoked(ledger.sends(seats[1], activity=False)[0], "ana")

    for seat in seats:
        heard(ledger, seat, live=True)

    assert len(ledger.violations) == 2
    assert all("after its end" in line for line in ledger.violations)


def test_a_lost_write_is_found(ledger):
    """It was acknowledged, and a later reading does not have it."""
    seat = ledger.sat_down("ana", "v1.abc.secret", 0.0)
    ledger.wrote(seat, {"a": 1})

    assert "has lost ['a']" in heard(ledger, seat, live=True, values={"a": 0})[0]


@pytest.mark.parametrize("reason", ["idle", "absolute"])
def test_an_end_that_came_too_early_is_found(ledger, reason):
    """Right after the sign-in nobody has been idle."""
    seat = ledger.sat_down("ana", "v1.abc.secret", 0.0)
    seat.asked = seat.active = seat.begun

    assert reason in heard(ledger, seat, live=False, reason=reason)[0]


def test_a_session_that_outlives_its_idle_limit_is_found():
    """Its last activity was answered longer ago than the limit."""
    ledger = Ledger(idle=0, absolute=600, slack=0)
    seat = ledger.sat_down("ana", "v1.abc.secret", 0.0)

    assert heard(ledger, seat, live=True)
