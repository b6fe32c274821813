"""Going on, asking, ending, listing and sweeping: one verb, one answer, one event."""

import pytest

from nightlatch import (
    Ended,
    EndReason,
    Live,
    Record,
    SessionEnded,
    SessionExtended,
    SessionRefused,
)
from nightlatch.status import who
from nightlatch.token import Token, mint
from tests.core.manager_desk import LIMITS, MINUTE_MS, Desk


@pytest.fixture
def desk():
    return Desk()


@pytest.fixture
def george(desk):
    """A session that is five minutes old."""
    started = desk.manager.start("george")
    desk.clock.advance(minutes=5)
    desk.events.clear()
    return started


def seen(desk, started):
    """When the store says that somebody was last there."""
    found = desk.manager.peek(started.token.text())
    assert isinstance(found, Live)
    return found.record.seen


def test_activity_is_credited_to_the_session(desk, george):
    """A navigation past the slack moves it to now, without an event of its own."""
    found = desk.manager.resume(george.token.text(), activity=True)

    assert isinstance(found, Live)
    assert found.touched
    assert found.record.seen == seen(desk, george) == desk.clock.now()
    assert desk.events == []


def test_activity_within_the_slack_is_not_written(desk, george):
    """One write a minute is enough; the promise to the user has room for it."""
    desk.manager.resume(george.token.text(), activity=True)
    before = seen(desk, george)
    desk.clock.advance(ms=LIMITS.slack_ms - 1)

    found = desk.manager.resume(george.token.text(), activity=True)

    assert isinstance(found, Live)
    assert not found.touched
    assert seen(desk, george) == before


@pytest.mark.parametrize("ask", ["resume", "peek"])
def test_asking_never_extends(desk, george, ask):
    """Neither a request that is no activity nor a status request moves anything."""
    before = george.record.seen

    if ask == "resume":
        desk.manager.resume(george.token.text(), activity=False)
    else:
        desk.manager.peek(george.token.text())

    assert seen(desk, george) == before


def test_a_ping_is_credited_to_the_moment_of_the_input(desk, george):
    """Two minutes ago, not now; and the trail has both moments."""
    now = desk.clock.now()

    found = desk.manager.extend(george.token.text(), idle_for_ms=2 * MINUTE_MS)

    assert isinstance(found, Live)
    assert found.record.seen == now - 2 * MINUTE_MS
    assert desk.events == [SessionExtended(george.record.sid, "george", now, now - 2 * MINUTE_MS)]


def test_a_ping_is_written_however_little_it_moves(desk, george):
    """The user chose to stay: that counts to the millisecond."""
    desk.manager.extend(george.token.text())
    desk.clock.advance(ms=1)

    desk.manager.extend(george.token.text())

    assert seen(desk, george) == desk.clock.now()


@pytest.mark.parametrize("idle_for_ms", [-1, -(10**30)])
def test_input_from_the_future_happened_now(desk, george, idle_for_ms):
    """Nobody extends a session beyond what being there right now would."""
    desk.manager.extend(george.token.text(), idle_for_ms=idle_for_ms)

    assert seen(desk, george) == desk.clock.now()


@pytest.mark.parametrize("idle_for_ms", [6 * MINUTE_MS, 10**30])
def test_input_from_before_the_last_activity_moves_nothing(desk, george, idle_for_ms):
    """Activity never goes backwards, and nothing is told of a ping that changed nothing."""
    found = desk.manager.extend(george.token.text(), idle_for_ms=idle_for_ms)

    assert isinstance(found, Live)
    assert seen(desk, george) == george.record.seen
    assert desk.events == []


@pytest.mark.parametrize("verb", ["resume", "peek", "extend", "end_if_due"])
@pytest.mark.parametrize("token", [None, "", "nonsense", "v1.made.up"])
def test_what_is_no_token_opens_nothing(desk, verb, token):
    """Only something that was presented is told of, and without repeating it."""
    arguments = {"resume": {"activity": True}, "end_if_due": {"reason": EndReason.IDLE}}

    found = getattr(desk.manager, verb)(token, **arguments.get(verb, {}))

    assert found is None
    refused = [SessionRefused(None, None, desk.clock.now(), "malformed")]
    assert desk.events == (refused if token else [])


def test_a_made_up_token_is_not_adopted(desk):
    """Unknown: refused, told with its handle, and no row is made."""
    token = mint()

    assert desk.manager.resume(token.text(), activity=True) is None

    assert desk.events == [SessionRefused(token.sid, None, desk.clock.now(), "unknown")]
    assert list(desk.manager.list()) == []


def test_a_handle_without_its_secret_is_worth_nothing(desk, george):
    """Sids stand in logs and lists: with another secret they open, extend and end nothing."""
    forged = Token(george.record.sid, mint().secret).text()

    assert desk.manager.extend(forged) is None
    assert desk.manager.end_if_due(forged, EndReason.IDLE) is None
    assert seen(desk, george) == george.record.seen


def test_an_ended_session_never_comes_back(desk, george):
    """Ended once, with its reason; every verb then says so."""
    ended = desk.manager.end(george.record.sid, EndReason.SIGNED_OUT)

    assert ended == Ended(
        george.record.sid, "george", EndReason.SIGNED_OUT, desk.clock.now(), fresh=True
    )
    for found in (
        desk.manager.resume(george.token.text(), activity=True),
        desk.manager.extend(george.token.text()),
        desk.manager.end_if_due(george.token.text(), EndReason.IDLE),
        desk.manager.save(george.record, {"a": 1}),
        desk.manager.rotate(george.record),
    ):
        assert isinstance(found, Ended)
        assert found.reason is EndReason.SIGNED_OUT
    assert [type(event) for event in desk.events] == [SessionEnded]


def test_ending_twice_happens_once(desk, george):
    """The second caller is told that there was nothing to end; so is one who names no session."""
    desk.manager.end(george.record.sid, EndReason.SIGNED_OUT)

    assert desk.manager.end(george.record.sid, EndReason.REVOKED) is None
    assert desk.manager.end("00" * 16, EndReason.REVOKED) is None
    assert len(desk.told(SessionEnded)) == 1


def test_all_sessions_of_a_user_end_but_the_one_that_they_keep(desk, george):
    """A password change signs out everywhere else; nobody else is touched."""
    others = [desk.manager.start("george") for _ in range(2)]
    connor = desk.manager.start("O’Connor")

    ends = desk.manager.end_user("george", keep=george.record.sid)

    assert {ended.sid for ended in ends.ended} == {other.record.sid for other in others}
    assert {info.sid for info in desk.manager.list()} == {george.record.sid, connor.record.sid}
    assert {event.reason for event in desk.told(SessionEnded)} == {EndReason.REVOKED}


def test_everyones_sessions_end_with_the_reason_that_is_given(desk, george):
    """Visitors' too."""
    visitor = desk.manager.start(None)

    desk.manager.end_everyone(reason=EndReason.ABSOLUTE)

    assert list(desk.manager.list()) == []
    assert {(event.sid, event.reason) for event in desk.told(SessionEnded)} == {
        (george.record.sid, EndReason.ABSOLUTE),
        (visitor.record.sid, EndReason.ABSOLUTE),
    }


def test_a_long_list_arrives_whole(desk):
    """Page after page, each session once, without data and secrets."""
    expected = {desk.manager.start("george").record.sid for _ in range(120)}

    listed = list(desk.manager.list("george"))

    assert len(listed) == 120
    assert {info.sid for info in listed} == expected


def test_a_sweep_ends_what_is_over_step_by_step(desk):
    """Each step is bounded; each end is told once, with its reason."""
    for _ in range(501):
        desk.manager.start(None)
    desk.clock.advance(ms=LIMITS.idle_ms)
    alive = desk.manager.start("george")

    steps = list(desk.manager.sweep())

    assert len(steps) == 2
    assert sum(len(step.ended) for step in steps) == 501
    assert {event.reason for event in desk.told(SessionEnded)} == {EndReason.IDLE}
    assert [info.sid for info in desk.manager.list()] == [alive.record.sid]


def test_the_status_document_of_what_a_verb_returned(desk, george):
    """Live, ended and nothing, each as it is at this moment."""
    live = desk.manager.status(desk.manager.peek(george.token.text()))
    ended = desk.manager.status(desk.manager.end(george.record.sid, EndReason.REVOKED))

    assert (live["state"], live["idle_ms"]) == ("active", LIMITS.promise_ms - 5 * MINUTE_MS)
    assert live["who"] == who(george.record)
    assert (ended["state"], ended["reason"]) == ("ended", "revoked")
    assert desk.manager.status(None)["state"] == "anonymous"


def test_a_corrupt_record_ends_its_session(desk, george):
    """Never an empty session: what cannot be read ends as corrupt, and the trail says so."""
    broken = Record(**{**as_fields(george.record), "data": b"\x01{"})

    first = desk.manager.values(broken)
    again = desk.manager.values(broken)

    assert isinstance(first, Ended)
    assert isinstance(again, Ended)
    assert (first.reason, first.fresh) == (EndReason.CORRUPT, True)
    assert (again.reason, again.fresh) == (EndReason.CORRUPT, False)
    assert len(desk.told(SessionEnded)) == 1


def as_fields(record):
    """A record's fields by name."""
    return {name: getattr(record, name) for name in type(record).__dataclass_fields__}
