"""``create`` with ``instead_of``: one browser, one session."""

from __future__ import annotations

import pytest

from nightlatch.record import EndReason
from nightlatch.stores.base import Cap, Created, Ended, Live, Refused, SessionStore, User
from nightlatch.testing.conformance.desk import (
    IDLE,
    LIMITS,
    NOW,
    a_record,
    begin,
    end,
    look,
    sids,
    together,
)


class Replacing:
    """What ``create`` promises about the session that the browser had until now."""

    @pytest.mark.parametrize("user", ["ana", "bo", None])
    def test_the_one_before_ends_as_replaced(self, store: SessionStore, user: str | None) -> None:
        """Whoever's it was: the same user's, another's or a visitor's; no other session ends."""
        before, other = begin(store, user), begin(store, user)
        record = a_record(at=NOW + 1)

        answer = store.create(
            record, now=NOW + 1, limits=LIMITS, began=NOW + 1, instead_of=before.sid
        )

        assert answer == Created(
            (Ended(before.sid, user, EndReason.REPLACED, NOW + 1, fresh=True),)
        )
        assert sids(store, at=NOW + 1) == {other.sid, record.sid}

    @pytest.mark.parametrize("full", ["refuse", "end-oldest"])
    def test_the_one_before_takes_no_place(self, store: SessionStore, full: str) -> None:
        """At the limit, signing in again in the same browser is neither refused nor costs a place.

        The other session is older: it would be the one to go.
        """
        older, before = begin(store), begin(store, at=NOW + 1)
        record = a_record(at=NOW + 2)

        answer = store.create(
            record,
            now=NOW + 2,
            limits=LIMITS,
            began=NOW + 2,
            cap=Cap(2, full),  # type: ignore[arg-type]
            instead_of=before.sid,
        )

        assert isinstance(answer, Created)
        assert [one.sid for one in answer.replaced] == [before.sid]
        assert sids(store, at=NOW + 2) == {older.sid, record.sid}

    def test_another_users_one_frees_no_place(self, store: SessionStore) -> None:
        """It goes, but the limit counts the sessions of who signs in."""
        mine, theirs = begin(store), begin(store, "bo", at=NOW + 1)

        answer = store.create(
            a_record(),
            now=NOW + 2,
            limits=LIMITS,
            began=NOW + 2,
            cap=Cap(1),
            instead_of=theirs.sid,
        )

        assert isinstance(answer, Created)
        assert {one.sid for one in answer.replaced} == {mine.sid, theirs.sid}

    @pytest.mark.parametrize("why", ["full", "revoked"])
    def test_refused_and_the_one_before_goes_on(self, store: SessionStore, why: str) -> None:
        """A sign-in that does not happen takes nothing away."""
        begin(store, "bo")
        visitor = begin(store, None)
        began = NOW
        if why == "revoked":
            began = NOW - 1
            store.end(User("bo"), reason=EndReason.REVOKED, now=NOW)

        answer = store.create(
            a_record("bo"),
            now=NOW,
            limits=LIMITS,
            began=began,
            cap=Cap(1, "refuse"),
            instead_of=visitor.sid,
        )

        assert answer == Refused(why)  # type: ignore[arg-type]
        assert isinstance(look(store, visitor), Live)

    @pytest.mark.parametrize("sid", ["ab" * 16, "", "no handle"])
    def test_one_that_never_was(self, store: SessionStore, sid: str) -> None:
        """Nothing is replaced, and nothing fails."""
        answer = store.create(a_record(), now=NOW, limits=LIMITS, began=NOW, instead_of=sid)

        assert answer == Created()

    def test_one_that_has_ended_keeps_its_reason(self, store: SessionStore) -> None:
        """What is told about it stays true, and it is not told twice."""
        before = begin(store)
        end(store, before)

        answer = store.create(a_record(), now=NOW, limits=LIMITS, began=NOW, instead_of=before.sid)

        told = look(store, before)
        assert answer == Created()
        assert isinstance(told, Ended)
        assert told.reason is EndReason.SIGNED_OUT

    def test_one_past_its_limit(self, store: SessionStore) -> None:
        """It is ended all the same, by this call, and takes no place."""
        before = begin(store)
        late = NOW + IDLE

        answer = store.create(
            a_record(at=late),
            now=late,
            limits=LIMITS,
            began=late,
            cap=Cap(1, "refuse"),
            instead_of=before.sid,
        )

        assert isinstance(answer, Created)
        assert [(one.sid, one.fresh) for one in answer.replaced] == [(before.sid, True)]

    def test_two_in_the_place_of_one(self, store: SessionStore) -> None:
        """Of two sign-ins that race for the same place, one replaces it and one finds it gone."""
        before = begin(store)

        def sign_in() -> Created | Refused:
            return store.create(
                a_record(),
                now=NOW,
                limits=LIMITS,
                began=NOW,
                cap=Cap(1, "refuse"),
                instead_of=before.sid,
            )

        answers = together(sign_in, sign_in)

        assert answers.count(Refused("full")) == 1
        assert len(sids(store, "ana")) == 1
