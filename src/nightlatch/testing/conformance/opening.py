"""``open``: verify, load and touch."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest

from nightlatch.limits import Limits
from nightlatch.policy import Touch
from nightlatch.record import EndReason
from nightlatch.stores.base import Change, Ended, Live, Rotation, Saved, SessionStore
from nightlatch.testing.conformance.desk import (
    ABSOLUTE,
    IDLE,
    LIMITS,
    NOW,
    SLACK,
    a_hash,
    a_record,
    begin,
    end,
    live,
    look,
    touch,
)


class Opening:
    """What ``open`` promises of the current secret and of wrong ones."""

    def test_unknown(self, store: SessionStore) -> None:
        """A session that never existed is ``None``, and is not made by asking."""
        record = a_record()

        assert look(store, record) is None
        assert touch(store, record, at=NOW) is None

    @pytest.mark.parametrize("sid", ["", "x", "0" * 31, "0" * 33, "G" * 32, "’", "0" * 9_000])
    def test_no_sid_at_all(self, store: SessionStore, sid: str) -> None:
        """Text that is no sid is as unknown as any other; no verb fails over it."""
        begin(store)

        assert look(store, a_record(sid=sid)) is None

    def test_the_sid_in_another_spelling(self, store: SessionStore) -> None:
        """A sid is looked up as it is: no other spelling of it finds the session."""
        record = begin(store, sid="abcdef00" * 4)

        assert look(store, replace(record, sid=record.sid.upper())) is None
        assert look(store, replace(record, sid=f" {record.sid}")) is None

    @pytest.mark.parametrize("wrong", [b"", b"\0" * 32, b"\0" * 31, b"\xff" * 64])
    def test_a_wrong_secret(self, store: SessionStore, wrong: bytes) -> None:
        """A wrong secret is ``None``, and credits no activity."""
        record = begin(store)

        answer = store.open(
            record.sid, wrong, now=NOW + SLACK, limits=LIMITS, touch=Touch(NOW + SLACK, True)
        )

        assert answer is None
        assert live(store, record, at=NOW + SLACK) == record

    def test_a_wrong_secret_ends_nothing(self, store: SessionStore) -> None:
        """A wrong secret does not even end a session that is past its limit."""
        record = begin(store)

        answer = store.open(record.sid, a_hash(), now=NOW + IDLE, limits=LIMITS)

        assert answer is None
        assert live(store, record, at=NOW) == record

    def test_a_wrong_secret_learns_nothing(self, store: SessionStore) -> None:
        """With a wrong secret, an ended session is as unknown as one that never was."""
        record = begin(store)
        end(store, record)

        assert look(store, replace(record, secret_hash=a_hash())) is None

    def test_a_wrong_secret_closes_no_overlap(self, store: SessionStore) -> None:
        """An overlap that closes on use is not closed by a wrong secret."""
        record = begin(store)
        rotation = Rotation(a_hash(), NOW + 60_000, closes_on_use=True)
        store.save(record.sid, version=1, change=Change(rotate=rotation), now=NOW, limits=LIMITS)

        store.open(record.sid, a_hash(), now=NOW, limits=LIMITS)

        answer = look(store, record)
        assert isinstance(answer, Live)
        assert answer.stale

    def test_asking_never_extends(self, store: SessionStore) -> None:
        """Without a touch nothing is written, however often one asks."""
        record = begin(store)

        for minutes in range(30):
            assert look(store, record, at=NOW + minutes * 60_000) == Live(record)

        assert isinstance(look(store, record, at=NOW + IDLE), Ended)

    def test_touch_at_the_slack(self, store: SessionStore) -> None:
        """A touch is written from the slack on, not a millisecond before."""
        record = begin(store)

        early = touch(store, record, at=NOW + SLACK - 1)
        late = touch(store, record, at=NOW + SLACK)

        assert early == Live(record)
        assert late == Live(replace(record, seen=NOW + SLACK), touched=True)
        assert live(store, record, at=NOW + SLACK).seen == NOW + SLACK

    def test_touch_always(self, store: SessionStore) -> None:
        """A ping is written however little it moves, but not when it moves nothing."""
        record = begin(store)

        first = touch(store, record, at=NOW + 1, always=True)
        again = touch(store, record, at=NOW + 1, always=True)

        assert first == Live(replace(record, seen=NOW + 1), touched=True)
        assert again == Live(replace(record, seen=NOW + 1))

    def test_touch_credits_the_past(self, store: SessionStore) -> None:
        """The moment of the activity is written, not that of the call."""
        record = begin(store)

        store.open(
            record.sid,
            record.secret_hash,
            now=NOW + 100_000,
            limits=LIMITS,
            touch=Touch(NOW + 70_000, always=True),
        )

        assert live(store, record, at=NOW + 100_000).seen == NOW + 70_000

    @pytest.mark.parametrize("always", [True, False])
    def test_seen_never_moves_backwards(self, store: SessionStore, always: bool) -> None:
        """Activity that is older than the last, or a clock set back, changes nothing."""
        record = begin(store)

        answer = touch(store, record, at=NOW - 600_000, always=always)

        assert answer == Live(record)
        assert live(store, record) == record

    def test_touch_leaves_the_version(self, store: SessionStore) -> None:
        """A touch does not raise the version: it cannot make another request's save lose."""
        record = begin(store)

        touch(store, record, at=NOW + SLACK)

        saved = store.save(
            record.sid, version=1, change=Change(data=b"x"), now=NOW + SLACK, limits=LIMITS
        )
        assert saved == Saved(2)
        assert live(store, record, at=NOW + SLACK).seen == NOW + SLACK

    @pytest.mark.parametrize("active", [True, False])
    def test_idle_to_the_millisecond(self, store: SessionStore, active: bool) -> None:
        """Live until the idle limit, ended from it on; activity at the limit is too late."""
        early, late = begin(store), begin(store)
        reach = touch if active else look

        before = reach(store, early, at=NOW + IDLE - 1)
        after = reach(store, late, at=NOW + IDLE)

        assert isinstance(before, Live)
        assert after == Ended(late.sid, "ana", EndReason.IDLE, NOW + IDLE, fresh=True)

    def test_absolute_to_the_millisecond(self, store: SessionStore) -> None:
        """The absolute limit ends a session that is in constant use, and is never moved."""
        record = begin(store, seen=NOW + ABSOLUTE - 60_000)

        before = touch(store, record, at=NOW + ABSOLUTE - 1, always=True)
        after = touch(store, record, at=NOW + ABSOLUTE, always=True)

        assert isinstance(before, Live)
        assert after == Ended(record.sid, "ana", EndReason.ABSOLUTE, NOW + ABSOLUTE, fresh=True)

    def test_limits_lowered(self, store: SessionStore) -> None:
        """A limit that is lowered in the configuration acts at once on live sessions."""
        record = begin(store)
        short = Limits(timedelta(minutes=5), timedelta(minutes=5))

        answer = store.open(record.sid, record.secret_hash, now=NOW + 300_000, limits=short)

        assert isinstance(answer, Ended)
        assert answer.reason is EndReason.ABSOLUTE

    def test_limits_raised(self, store: SessionStore) -> None:
        """An absolute limit that is raised lengthens no session that began before."""
        record = begin(store, seen=NOW + ABSOLUTE - 1)
        long = Limits(timedelta(minutes=30), timedelta(days=2))

        answer = store.open(record.sid, record.secret_hash, now=NOW + ABSOLUTE, limits=long)

        assert isinstance(answer, Ended)
        assert answer.reason is EndReason.ABSOLUTE

    def test_ended_is_told_with_its_reason(self, store: SessionStore) -> None:
        """An expiry is fresh for the call that found it, and told unchanged to later ones."""
        record = begin(store)

        first = look(store, record, at=NOW + IDLE)
        later = look(store, record, at=NOW + ABSOLUTE)

        assert first == Ended(record.sid, "ana", EndReason.IDLE, NOW + IDLE, fresh=True)
        assert later == replace(first, fresh=False)

    def test_an_ended_session_is_not_touched_alive(self, store: SessionStore) -> None:
        """No activity brings back what has ended, nor does a clock that is set back."""
        record = begin(store)
        end(store, record, at=NOW + 5)

        answers = {touch(store, record, at=NOW + at, always=True) for at in (0, 5, 90_000)}

        assert answers == {Ended(record.sid, "ana", EndReason.SIGNED_OUT, NOW + 5)}

    def test_idle_expiry_held(self, store: SessionStore) -> None:
        """Held, an idle session goes on and can be touched; the hold itself extends nothing."""
        held, touched = begin(store), begin(store)
        at = NOW + IDLE + 60_000

        assert look(store, held, at=at, hold_idle=True) == Live(held)
        store.open(
            touched.sid,
            touched.secret_hash,
            now=at,
            limits=LIMITS,
            touch=Touch(at),
            hold_idle=True,
        )

        assert isinstance(look(store, held, at=at), Ended)
        assert isinstance(look(store, touched, at=at), Live)

    def test_the_absolute_limit_is_never_held(self, store: SessionStore) -> None:
        """Holding idle expiry does not hold the absolute limit."""
        record = begin(store)

        answer = look(store, record, at=NOW + ABSOLUTE, hold_idle=True)

        assert isinstance(answer, Ended)
        assert answer.reason is EndReason.ABSOLUTE
