"""Beginning a session: who may, what it replaces, and what is told."""

import pytest

from nightlatch import (
    Cap,
    Ended,
    EndReason,
    Live,
    NotStorable,
    SessionEnded,
    SessionRefused,
    SessionStarted,
    SignInRefused,
)
from nightlatch.stores.sqlite import SqliteStore
from tests.core.manager_desk import LIMITS, Desk


@pytest.fixture
def desk():
    return Desk()


def test_a_session_begins_with_its_user_its_times_and_its_values(desk):
    """The record says whose it is, since when, until when at the latest, and from where."""
    now = desk.clock.now()

    record = desk.manager.start(
        "george", values={"theme": "dark"}, device="Firefox", address="192.0.2.1"
    ).record

    assert (record.user, record.created, record.seen, record.auth_at) == ("george", now, now, now)
    assert record.absolute_at == now + LIMITS.absolute_ms
    assert (record.auth_level, record.device, record.address) == (1, "Firefox", "192.0.2.1")
    assert desk.manager.values(record) == {"theme": "dark"}
    assert desk.events == [SessionStarted(record.sid, "george", now)]


def test_the_token_of_a_new_session_opens_it(desk):
    """What the browser gets is what the next request comes with."""
    started = desk.manager.start("george")

    found = desk.manager.peek(started.token.text())

    assert found == Live(started.record)


def test_a_visitor_has_proved_nothing(desk):
    """No user, no time of authentication, level 0."""
    record = desk.manager.start(None, auth_level=3).record

    assert (record.user, record.auth_at, record.auth_level) == (None, None, 0)


def test_a_browser_that_describes_itself_at_length_is_cut_short(desk):
    """200 characters of device are kept."""
    record = desk.manager.start("george", device="x" * 5000).record

    assert record.device == "x" * 200


def test_a_session_that_takes_the_place_of_another_ends_it(desk):
    """Sign-in: the visitor's token is worth nothing from that moment."""
    visitor = desk.manager.start(None)

    signed_in = desk.manager.start("george", instead_of=visitor.record)

    found = desk.manager.peek(visitor.token.text())
    assert isinstance(found, Ended)
    assert found.reason is EndReason.REPLACED
    assert [type(event) for event in desk.events] == [SessionStarted, SessionEnded, SessionStarted]
    assert desk.manager.peek(signed_in.token.text()) == Live(signed_in.record)


def test_a_sign_in_is_refused_when_all_of_the_users_sessions_were_ended_meanwhile(desk):
    """The password was checked before it was changed elsewhere: begin again."""
    began = desk.manager.now()
    desk.clock.advance(seconds=1)
    desk.manager.end_user("george")
    desk.clock.advance(seconds=1)

    with pytest.raises(SignInRefused, match="sign in again") as refused:
        desk.manager.start("george", began=began)

    assert refused.value.reason == "revoked"
    assert desk.events == [SessionRefused(None, "george", desk.clock.now(), "revoked")]
    assert list(desk.manager.list()) == []


def test_a_sign_in_is_refused_when_everybodys_sessions_were_ended_meanwhile(desk):
    """The epoch of everyone counts for each user."""
    began = desk.manager.now()
    desk.clock.advance(seconds=1)
    desk.manager.end_everyone()

    with pytest.raises(SignInRefused):
        desk.manager.start("george", began=began)


def test_an_authentication_that_begins_after_the_end_of_all_is_good(desk):
    """And another user's is good in any case."""
    began = desk.manager.now()
    ends = desk.manager.end_user("george")
    desk.clock.advance(ms=1)

    george = desk.manager.start("george", began=ends.epoch + 1)
    connor = desk.manager.start("O’Connor", began=began)

    assert {info.sid for info in desk.manager.list()} == {george.record.sid, connor.record.sid}


def test_the_oldest_session_makes_room_for_one_too_many():
    """With a cap the one that began first is replaced, and the trail says so."""
    desk = Desk(cap=Cap(2))
    first = desk.manager.start("george")
    desk.clock.advance(minutes=1)
    desk.manager.start("george")
    desk.clock.advance(minutes=1)

    desk.manager.start("george")

    (ended,) = desk.told(SessionEnded)
    assert (ended.sid, ended.reason) == (first.record.sid, EndReason.REPLACED)
    assert len(list(desk.manager.list("george"))) == 2


def test_one_session_too_many_is_refused_where_the_application_wants_that():
    """Nothing ends and nothing begins; visitors are not counted."""
    desk = Desk(cap=Cap(1, "refuse"))
    desk.manager.start("george")
    desk.manager.start(None)
    desk.manager.start(None)

    with pytest.raises(SignInRefused, match="as many sessions as are allowed") as refused:
        desk.manager.start("george")

    assert refused.value.reason == "full"
    assert len(list(desk.manager.list())) == 3


def test_values_that_cannot_be_stored_begin_nothing(desk):
    """The error names the key; no row is made."""
    with pytest.raises(NotStorable, match="'basket'"):
        desk.manager.start(None, values={"basket": object()})

    assert list(desk.manager.list()) == []
    assert desk.events == []


def test_a_started_session_shows_no_secret(desk):
    """Its repr is the record without hash and data, and nothing of the token."""
    started = desk.manager.start("george", values={"pin": "secret-pin"})

    assert started.token.secret not in repr(started)
    assert "secret-pin" not in repr(started)
    assert started.record.sid in repr(started)


def test_a_name_with_a_typographic_apostrophe_is_kept_as_it_is(tmp_path):
    """O’Connor (U+2019) through SQLite: begun, listed, opened, ended by name."""
    desk = Desk(SqliteStore(tmp_path / "sessions.db"))
    name = "O’Connor"

    started = desk.manager.start(name, device="Jo’s phone")

    assert [(info.user, info.device) for info in desk.manager.list(name)] == [(name, "Jo’s phone")]
    assert desk.manager.peek(started.token.text()) == Live(started.record)
    (ended,) = desk.manager.end_user(name).ended
    assert ended.user == name
    desk.manager.close()


def test_signing_in_again_in_one_browser_takes_no_second_place():
    """At the limit it is neither refused nor ends another device's session."""
    desk = Desk(cap=Cap(2, "refuse"))
    elsewhere = desk.manager.start("george")
    here = desk.manager.start("george")

    again = desk.manager.start("george", instead_of=here.record)

    assert {info.sid for info in desk.manager.list()} == {elsewhere.record.sid, again.record.sid}
    assert [event.reason for event in desk.told(SessionEnded)] == [EndReason.REPLACED]


def test_a_refused_sign_in_leaves_the_browser_the_session_that_it_had():
    """A visitor's basket is still there."""
    desk = Desk(cap=Cap(1, "refuse"))
    desk.manager.start("george")
    visitor = desk.manager.start(None, values={"basket": 1})

    with pytest.raises(SignInRefused):
        desk.manager.start("george", instead_of=visitor.record)

    assert isinstance(desk.manager.peek(visitor.token.text()), Live)


def test_live_sessions_can_be_had_page_by_page():
    """Two and one."""
    desk = Desk()
    for _ in range(3):
        desk.manager.start("george")

    first = desk.manager.page("george", count=2)
    second = desk.manager.page("george", after=first.after, count=2)

    assert (len(first.sessions), len(second.sessions), second.after) == (2, 1, None)
