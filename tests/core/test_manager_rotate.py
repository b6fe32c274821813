"""Rotation: a new secret in place, and what the old one is still good for."""

import pytest

from nightlatch import Ended, EndReason, Live, SessionEnded, SessionRotated, Started
from tests.core.manager_desk import Desk


@pytest.fixture
def desk():
    return Desk()


@pytest.fixture
def george(desk):
    started = desk.manager.start("george", values={"colour": "red"})
    desk.clock.advance(minutes=2)
    desk.events.clear()
    return started


def test_a_rotated_session_goes_on_under_a_new_secret(desk, george):
    """Same handle, same values, same times; told once."""
    rotated = desk.manager.rotate(george.record)

    found = desk.manager.peek(rotated.token.text())
    assert isinstance(found, Live)
    assert found.record.sid == george.record.sid
    assert desk.manager.values(found.record) == {"colour": "red"}
    assert found.record.auth_at == george.record.auth_at
    assert desk.events == [SessionRotated(george.record.sid, "george", desk.clock.now())]


def test_a_step_up_raises_the_level_and_the_time_of_the_proof(desk, george):
    """The returned record and the stored one agree."""
    rotated = desk.manager.rotate(george.record, auth_level=2)

    stored = desk.manager.peek(rotated.token.text()).record
    for record in (rotated.record, stored):
        assert (record.auth_level, record.auth_at) == (2, desk.clock.now())


@pytest.mark.parametrize(("auth_level", "overlap_s"), [(2, 30), (None, 60)])
def test_the_old_secret_is_read_only_for_a_moment_and_then_a_replay(
    desk, george, auth_level, overlap_s
):
    """30 s after a step-up, 60 s after a renewal; later the session ends for both of them."""
    rotated = desk.manager.rotate(george.record, auth_level=auth_level)
    desk.clock.advance(ms=overlap_s * 1000 - 1)

    in_time = desk.manager.resume(george.token.text(), activity=True)
    desk.clock.advance(ms=1)
    late = desk.manager.resume(george.token.text(), activity=True)

    assert isinstance(in_time, Live)
    assert in_time.stale
    assert not in_time.touched
    assert isinstance(late, Ended)
    assert late.reason is EndReason.REPLAYED
    assert isinstance(desk.manager.peek(rotated.token.text()), Ended)
    assert [event.reason for event in desk.told(SessionEnded)] == [EndReason.REPLAYED]


def test_a_renewal_is_over_as_soon_as_the_new_secret_is_seen(desk, george):
    """The browser has it; whoever still comes with the old one has copied it."""
    rotated = desk.manager.rotate(george.record)
    desk.manager.peek(rotated.token.text())

    found = desk.manager.peek(george.token.text())

    assert isinstance(found, Ended)
    assert found.reason is EndReason.REPLAYED


def test_a_step_up_bears_requests_under_way_after_the_new_secret_was_seen(desk, george):
    """A page has many requests in flight when its user proves who they are."""
    rotated = desk.manager.rotate(george.record, auth_level=2)
    desk.manager.peek(rotated.token.text())

    found = desk.manager.peek(george.token.text())

    assert isinstance(found, Live)
    assert found.stale


def test_a_ping_with_the_old_secret_extends_nothing(desk, george):
    """Read-only means that, too."""
    rotated = desk.manager.rotate(george.record, auth_level=2)
    desk.clock.advance(seconds=20)

    found = desk.manager.extend(george.token.text())

    assert isinstance(found, Live)
    assert found.record.seen == rotated.record.seen
    assert [type(event) for event in desk.events] == [SessionRotated]


def test_a_rotation_after_another_requests_save_keeps_that_save(desk, george):
    """It is tried again on what there is now."""
    desk.manager.save(george.record, {"colour": "blue"})

    rotated = desk.manager.rotate(george.record)

    assert isinstance(rotated, Started)
    assert desk.manager.values(rotated.record) == {"colour": "blue"}


def test_a_session_past_its_limit_is_not_rotated(desk, george):
    """It ends instead, with its reason."""
    desk.clock.advance(hours=1)

    answer = desk.manager.rotate(george.record)

    assert isinstance(answer, Ended)
    assert answer.reason is EndReason.IDLE
    assert len(desk.told(SessionEnded)) == 1


def test_the_old_secret_stands_for_the_old_level_and_no_recent_proof(desk, george):
    """What the user has proved since belongs to the new secret alone."""
    desk.manager.rotate(george.record, auth_level=2)

    found = desk.manager.peek(george.token.text())

    assert found.stale
    assert (found.record.auth_level, found.record.auth_at) == (1, None)
