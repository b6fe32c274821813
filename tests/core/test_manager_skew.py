"""Two application servers whose clocks differ by ten minutes, on one store.

No store of this version has a clock, so each server counts by its own. The rule: whatever is
decided differs from one clock's decision by no more than the difference of the clocks, and
what is safe wins. A store with a clock of its own will make the difference nothing.
"""

from datetime import timedelta

import pytest

from nightlatch import Ended, EndReason, Limits, Live, Manager, SignInRefused
from nightlatch.events import SessionEnded
from nightlatch.stores.memory import MemoryStore
from nightlatch.stores.sqlite import SqliteStore
from nightlatch.testing import FakeClock
from nightlatch.testing.clock import START_MS
from tests.core.manager_desk import LIMITS, MINUTE_MS

AHEAD_MS = BEHIND_MS = 5 * MINUTE_MS
SKEW_MS = AHEAD_MS + BEHIND_MS
HALF_HOUR_MS = 30 * MINUTE_MS
HOUR_MS = 2 * HALF_HOUR_MS


class Servers:
    """One five minutes ahead of the true time, one five minutes behind it."""

    def __init__(self, store, limits: Limits = LIMITS) -> None:
        self.clocks = [FakeClock(START_MS + AHEAD_MS), FakeClock(START_MS - BEHIND_MS)]
        self.ahead, self.behind = (Manager(store, limits, clock=clock) for clock in self.clocks)
        self.events = []
        for manager in (self.ahead, self.behind):
            manager.events.listen(self.events.append)

    def advance(self, *, ms: int) -> None:
        """Let time pass for both."""
        for clock in self.clocks:
            clock.advance(ms=ms)


@pytest.fixture(params=["memory", "sqlite"])
def servers(request, tmp_path):
    store = MemoryStore() if request.param == "memory" else SqliteStore(tmp_path / "sessions.db")
    yield Servers(store)
    store.close()


def test_skewed_clocks_never_move_the_last_activity_backwards(servers):
    """What the clock that is behind credits is older than what is there, and changes nothing."""
    token = servers.ahead.start("george").token.text()
    first = servers.ahead.extend(token).record.seen

    found = servers.behind.extend(token)

    assert isinstance(found, Live)
    assert found.record.seen == first == START_MS + AHEAD_MS


def test_skewed_clocks_promise_nobody_more_than_the_limit(servers):
    """To the clock that is behind the activity lies in the future: its age counts as nothing."""
    token = servers.ahead.start("george").token.text()

    told = servers.behind.status(servers.behind.peek(token))

    assert told["idle_ms"] == LIMITS.promise_ms
    assert told["absolute_ms"] <= LIMITS.absolute_ms + SKEW_MS


@pytest.mark.parametrize(
    ("active_at", "asked_at", "off_ms"),
    [
        ("ahead", "ahead", 0),
        ("behind", "behind", 0),
        ("behind", "ahead", -SKEW_MS),
        ("ahead", "behind", SKEW_MS),
    ],
)
@pytest.mark.parametrize("reason", [EndReason.IDLE, EndReason.ABSOLUTE])
def test_skewed_clocks_are_off_by_no_more_than_their_difference(
    tmp_path, active_at, asked_at, off_ms, reason
):
    """Not a millisecond: the end comes at the limit, earlier or later by the difference."""
    store = SqliteStore(tmp_path / "sessions.db")
    absolute = timedelta(hours=2) if reason is EndReason.ABSOLUTE else timedelta(hours=12)
    servers = Servers(store, Limits(timedelta(hours=1), absolute))
    active, asked = getattr(servers, active_at), getattr(servers, asked_at)
    token = active.start("george").token.text()
    active_for, left_ms = (3, HALF_HOUR_MS) if reason is EndReason.ABSOLUTE else (1, HOUR_MS)
    for _ in range(active_for):
        servers.advance(ms=HALF_HOUR_MS)
        active.extend(token)
    servers.advance(ms=left_ms + off_ms - 1)

    before = asked.peek(token)
    servers.advance(ms=1)
    after = asked.peek(token)

    assert isinstance(before, Live)
    assert isinstance(after, Ended)
    assert after.reason is reason
    store.close()


def test_skewed_clocks_revive_nobody(servers):
    """Ended by the clock that is ahead, it has ended for the other one, too; told once."""
    token = servers.behind.start("george").token.text()
    servers.advance(ms=LIMITS.idle_ms - SKEW_MS)
    assert isinstance(servers.behind.peek(token), Live)

    by_the_one = servers.ahead.extend(token)
    by_the_other = servers.behind.extend(token)

    assert isinstance(by_the_one, Ended)
    assert isinstance(by_the_other, Ended)
    assert by_the_other.reason is EndReason.IDLE
    assert len([event for event in servers.events if isinstance(event, SessionEnded)]) == 1


def test_skewed_clocks_let_no_sign_in_slip_through_the_end_of_all(servers):
    """Where it cannot be told which was first, the sign-in is refused; later it is good."""
    servers.ahead.end_user("george")

    with pytest.raises(SignInRefused):
        servers.behind.start("george")
    servers.advance(ms=SKEW_MS)
    with pytest.raises(SignInRefused):
        servers.behind.start("george")
    servers.advance(ms=1)

    assert isinstance(servers.behind.peek(servers.behind.start("george").token.text()), Live)
