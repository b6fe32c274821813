"""Time: when an end that a browser asks for is due, and what a clock that jumps may not do."""

import pytest

from nightlatch import ClockJumped, Ended, EndReason, Live, SessionEnded
from nightlatch.policy import Touch
from nightlatch.stores.memory import MemoryStore
from nightlatch.stores.sqlite import SqliteStore
from tests.core.manager_desk import LIMITS, MINUTE_MS, Desk

HOUR_MS = 60 * MINUTE_MS


@pytest.fixture
def desk():
    return Desk()


@pytest.fixture
def george(desk):
    started = desk.manager.start("george")
    desk.events.clear()
    return started


@pytest.mark.parametrize(
    ("reason", "due_ms"),
    [(EndReason.IDLE, LIMITS.promise_ms), (EndReason.ABSOLUTE, LIMITS.absolute_ms)],
)
def test_a_browser_gets_the_end_that_it_asks_for_when_it_is_due(desk, george, reason, due_ms):
    """Not a millisecond before the record says so; and then for good."""
    while desk.clock.now() < george.record.created + due_ms - 50 * MINUTE_MS:
        desk.clock.advance(minutes=50)
        desk.manager.extend(george.token.text())
    if reason is EndReason.IDLE:
        desk.clock.advance(ms=LIMITS.promise_ms - 1)
    else:
        desk.clock.advance(ms=george.record.created + due_ms - 1 - desk.clock.now())
    desk.events.clear()

    before = desk.manager.end_if_due(george.token.text(), reason)
    desk.clock.advance(ms=1)
    after = desk.manager.end_if_due(george.token.text(), reason)

    assert isinstance(before, Live)
    assert isinstance(after, Ended)
    assert (after.reason, after.fresh) == (reason, True)
    assert [event.reason for event in desk.told(SessionEnded)] == [reason]


def test_an_end_for_the_absolute_limit_is_not_given_for_idleness(desk, george):
    """The browser names a limit, and that limit must have passed."""
    desk.clock.advance(ms=LIMITS.promise_ms)

    assert isinstance(desk.manager.end_if_due(george.token.text(), EndReason.ABSOLUTE), Live)


@pytest.mark.parametrize("reason", [EndReason.IDLE, EndReason.ABSOLUTE])
def test_past_the_hard_limit_the_session_has_ended_whatever_is_asked(desk, george, reason):
    """With the reason that is true, not the one that was named."""
    desk.clock.advance(ms=LIMITS.idle_ms)

    found = desk.manager.end_if_due(george.token.text(), reason)

    assert isinstance(found, Ended)
    assert (found.reason, found.fresh) == (EndReason.IDLE, True)


class MeddledWith(MemoryStore):
    """Something happens between the manager's look at the record and its end."""

    meanwhile = staticmethod(lambda: None)

    def end(self, target, **arguments):
        """Let it happen first."""
        happen, self.meanwhile = self.meanwhile, lambda: None
        happen()
        return super().end(target, **arguments)


def test_activity_at_the_very_moment_of_the_end_wins():
    """Another tab extended between the check and the end: the session lives, nothing is told."""
    desk = Desk(MeddledWith())
    george = desk.manager.start("george")
    desk.clock.advance(ms=LIMITS.promise_ms)
    desk.store.meanwhile = lambda: desk.store.open(
        george.record.sid,
        george.token.hash,
        now=desk.clock.now(),
        limits=LIMITS,
        touch=Touch(desk.clock.now(), always=True),
    )

    found = desk.manager.end_if_due(george.token.text(), EndReason.IDLE)

    assert isinstance(found, Live)
    assert found.record.seen == desk.clock.now()
    assert desk.told(SessionEnded) == []


def test_of_two_tabs_that_ask_for_the_end_at_once_one_is_told_that_it_did_it():
    """The other gets the same end, and the trail has it once."""
    desk = Desk(MeddledWith())
    george = desk.manager.start("george")
    desk.clock.advance(ms=LIMITS.promise_ms)
    desk.store.meanwhile = lambda: desk.manager.end(george.record.sid, EndReason.SIGNED_OUT)

    found = desk.manager.end_if_due(george.token.text(), EndReason.IDLE)

    assert isinstance(found, Ended)
    assert (found.reason, found.fresh) == (EndReason.SIGNED_OUT, False)
    assert len(desk.told(SessionEnded)) == 1


def test_a_jump_forwards_holds_idle_ends_for_one_slack(desk, george):
    """Everybody looks idle, so nobody is ended until whoever is there can be seen."""
    desk.clock.step(2 * HOUR_MS)

    first = desk.manager.peek(george.token.text())
    desk.clock.advance(ms=LIMITS.slack_ms - 1)
    still = desk.manager.peek(george.token.text())
    desk.clock.advance(ms=1)
    after = desk.manager.peek(george.token.text())

    assert isinstance(first, Live)
    assert isinstance(still, Live)
    assert isinstance(after, Ended)
    assert after.reason is EndReason.IDLE
    assert desk.told(ClockJumped) == [
        ClockJumped(george.record.created + 2 * HOUR_MS, 2 * HOUR_MS),
    ]


def test_whoever_is_seen_while_idle_ends_are_held_goes_on(desk, george):
    """That is what they are held for."""
    desk.clock.step(2 * HOUR_MS)
    desk.manager.extend(george.token.text())
    desk.clock.advance(ms=LIMITS.slack_ms)

    assert isinstance(desk.manager.peek(george.token.text()), Live)


def test_a_tab_cannot_end_the_session_while_idle_ends_are_held(desk, george):
    """By the clock that jumped another tab's activity is long ago; it may be seen any moment."""
    desk.clock.step(2 * HOUR_MS)

    found = desk.manager.end_if_due(george.token.text(), EndReason.IDLE)

    assert isinstance(found, Live)
    assert desk.told(SessionEnded) == []


@pytest.mark.parametrize("verb", ["save", "rotate", "sweep"])
def test_no_verb_ends_a_session_for_idleness_while_that_is_held(desk, george, verb):
    """Saving, rotating and sweeping look at the limits, too."""
    desk.clock.step(2 * HOUR_MS)

    if verb == "save":
        desk.manager.save(george.record, {"a": 1})
    elif verb == "rotate":
        desk.manager.rotate(george.record, auth_level=2)
    else:
        list(desk.manager.sweep())

    assert isinstance(desk.manager.peek(george.token.text()), Live)
    assert desk.told(SessionEnded) == []


@pytest.mark.parametrize("verb", ["peek", "end_if_due", "save", "sweep"])
def test_the_absolute_limit_is_never_held(desk, george, verb):
    """A jump past it ends the session at once."""
    desk.clock.step(LIMITS.absolute_ms)

    if verb == "save":
        desk.manager.save(george.record, {"a": 1})
    elif verb == "sweep":
        list(desk.manager.sweep())
    elif verb == "end_if_due":
        desk.manager.end_if_due(george.token.text(), EndReason.ABSOLUTE)

    found = desk.manager.peek(george.token.text())
    assert isinstance(found, Ended)
    assert found.reason is EndReason.ABSOLUTE


def test_a_clock_set_back_ends_nobody_and_holds_nothing(desk, george):
    """Ages that would be negative count as zero; the trail has the jump."""
    desk.clock.step(-2 * HOUR_MS)

    back = desk.manager.peek(george.token.text())
    desk.clock.advance(ms=3 * HOUR_MS)
    later = desk.manager.peek(george.token.text())

    assert isinstance(back, Live)
    assert desk.manager.status(back)["idle_ms"] <= LIMITS.promise_ms
    assert isinstance(later, Ended)
    assert later.reason is EndReason.IDLE
    assert [event.by_ms for event in desk.told(ClockJumped)] == [-2 * HOUR_MS]


def test_activity_never_moves_backwards_with_the_clock(desk, george):
    """The largest moment ever credited stays."""
    desk.clock.step(-10 * MINUTE_MS)

    desk.manager.extend(george.token.text())

    assert desk.manager.peek(george.token.text()).record.seen == george.record.seen


def test_two_processes_see_the_same_end(tmp_path):
    """One ends the session, the other answers so at once: the store is the authority."""
    desk = Desk(SqliteStore(tmp_path / "sessions.db"))
    other = desk.another_manager()
    george = desk.manager.start("george")
    desk.clock.advance(ms=LIMITS.promise_ms)

    desk.manager.end_if_due(george.token.text(), EndReason.IDLE)

    found = other.extend(george.token.text())
    assert isinstance(found, Ended)
    assert (found.reason, found.fresh) == (EndReason.IDLE, False)
    assert len(desk.told(SessionEnded)) == 1
    desk.manager.close()
