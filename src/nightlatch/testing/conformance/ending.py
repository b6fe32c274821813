"""``end``: one, a user, everyone; and ``close``."""

from __future__ import annotations

import pytest

from nightlatch.record import EndReason
from nightlatch.stores.base import Ended, Ends, Everyone, One, SessionStore, User
from nightlatch.testing.conformance.desk import (
    IDLE,
    LIMITS,
    NOW,
    SLACK,
    a_record,
    begin,
    end,
    listed,
    live,
    look,
    sids,
    touch,
)


class Ending:
    """What ``end`` promises."""

    @pytest.mark.parametrize("reason", EndReason)
    def test_one(self, store: SessionStore, reason: EndReason) -> None:
        """One session ends, with its reason; the user's others and their sign-ins go on."""
        record, other = begin(store), begin(store)

        ends = end(store, record, at=NOW + 1, reason=reason)

        ended = Ended(record.sid, "ana", reason, NOW + 1, fresh=True)
        assert ends == Ends((ended,))
        assert look(store, record, at=NOW + 2) == Ended(record.sid, "ana", reason, NOW + 1)
        assert live(store, other) == other
        begin(store, at=NOW)

    def test_one_that_is_not_there(self, store: SessionStore) -> None:
        """Ending a session that never was ends nothing."""
        assert end(store, a_record()) == Ends(())
        assert end(store, a_record(sid="’")) == Ends(())

    def test_one_twice(self, store: SessionStore) -> None:
        """Ending is idempotent: the first reason and moment stay, and are told once as fresh."""
        record = begin(store)
        end(store, record, at=NOW + 1)

        again = end(store, record, at=NOW + 2, reason=EndReason.REVOKED)

        assert again == Ends(())
        assert look(store, record, at=NOW + 3) == Ended(
            record.sid, "ana", EndReason.SIGNED_OUT, NOW + 1
        )

    def test_one_only_if_not_seen_since(self, store: SessionStore) -> None:
        """With ``seen_by``, a session that was active after that moment is left alone."""
        record = begin(store)
        touch(store, record, at=NOW + SLACK)

        early = store.end(
            One(record.sid, seen_by=NOW + SLACK - 1), reason=EndReason.IDLE, now=NOW + SLACK
        )
        exact = store.end(
            One(record.sid, seen_by=NOW + SLACK), reason=EndReason.IDLE, now=NOW + SLACK
        )

        assert early == Ends(())
        assert [one.sid for one in exact.ended] == [record.sid]

    def test_a_visitors(self, store: SessionStore) -> None:
        """A visitor's session ends like any other."""
        record = begin(store, None)

        assert end(store, record).ended == (
            Ended(record.sid, None, EndReason.SIGNED_OUT, NOW, fresh=True),
        )

    def test_a_user(self, store: SessionStore) -> None:
        """Every session of a user ends; other users' and visitors' go on."""
        first, second = begin(store), begin(store)
        other, visitor = begin(store, "bo"), begin(store, None)

        ends = store.end(User("ana"), reason=EndReason.REVOKED, now=NOW + 1)

        assert {one.sid for one in ends.ended} == {first.sid, second.sid}
        assert all(one.fresh and one.reason is EndReason.REVOKED for one in ends.ended)
        assert ends.epoch == NOW + 1
        assert sids(store) == {other.sid, visitor.sid}

    def test_a_user_but_one(self, store: SessionStore) -> None:
        """The session that the user keeps goes on, and the epoch is raised all the same."""
        kept, other = begin(store), begin(store)

        ends = store.end(User("ana", keep=kept.sid), reason=EndReason.REVOKED, now=NOW + 1)

        assert [one.sid for one in ends.ended] == [other.sid]
        assert ends.epoch == NOW + 1
        assert live(store, kept) == kept

    def test_everyone(self, store: SessionStore) -> None:
        """Every session ends, visitors' included."""
        records = [begin(store, user) for user in ("ana", "bo", None)]

        ends = store.end(Everyone(), reason=EndReason.REVOKED, now=NOW + 1)

        assert {one.sid for one in ends.ended} == {record.sid for record in records}
        assert {one.user for one in ends.ended} == {"ana", "bo", None}
        assert ends.epoch == NOW + 1
        assert listed(store) == []

    @pytest.mark.parametrize("target", [User("ana"), Everyone()])
    def test_no_session_to_end(self, store: SessionStore, target: User | Everyone) -> None:
        """The epoch is raised also when there is no session at all."""
        assert store.end(target, reason=EndReason.REVOKED, now=NOW) == Ends((), NOW)

    @pytest.mark.parametrize("target", [User("ana"), Everyone()])
    def test_epochs_only_rise(self, store: SessionStore, target: User | Everyone) -> None:
        """An epoch is later than the one before it, also in the same ms or on a clock set back."""
        epochs = [
            store.end(target, reason=EndReason.REVOKED, now=now).epoch
            for now in (NOW, NOW, NOW - 5_000, NOW + 10)
        ]

        assert epochs == [NOW, NOW + 1, NOW + 2, NOW + 10]

    def test_epochs_are_each_their_own(self, store: SessionStore) -> None:
        """One user's epoch does not move another's, nor everyone's."""
        store.end(User("ana"), reason=EndReason.REVOKED, now=NOW + 9)

        assert store.end(User("bo"), reason=EndReason.REVOKED, now=NOW).epoch == NOW
        assert store.end(Everyone(), reason=EndReason.REVOKED, now=NOW).epoch == NOW
        assert store.end(User(""), reason=EndReason.REVOKED, now=NOW).epoch == NOW

    @pytest.mark.parametrize("target", [User("ana"), Everyone()])
    def test_what_has_ended_stays(self, store: SessionStore, target: User | Everyone) -> None:
        """Sessions that had ended before keep their reason and are not told again."""
        record = begin(store)
        end(store, record)

        ends = store.end(target, reason=EndReason.REVOKED, now=NOW + 1)

        assert ends.ended == ()
        assert look(store, record, at=NOW + 1) == Ended(
            record.sid, "ana", EndReason.SIGNED_OUT, NOW
        )

    def test_user_names_are_exact(self, store: SessionStore) -> None:
        """A user's name is compared as it is: U+2019 is no apostrophe, and case counts."""
        typographic = begin(store, "O’Connor")
        others = [begin(store, name) for name in ("O'Connor", "o’connor", "O’Connor ", "")]

        ends = store.end(User("O’Connor"), reason=EndReason.REVOKED, now=NOW)

        assert [one.sid for one in ends.ended] == [typographic.sid]
        assert sids(store) == {record.sid for record in others}

    def test_close_twice(self, store: SessionStore) -> None:
        """Closing a second time does nothing."""
        record = begin(store)
        store.open(record.sid, record.secret_hash, now=NOW + IDLE, limits=LIMITS)

        store.close()
        store.close()
