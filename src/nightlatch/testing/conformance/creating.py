"""``create``: insert or refuse."""

from __future__ import annotations

from dataclasses import replace

import pytest

from nightlatch.record import EndReason, Previous
from nightlatch.stores.base import (
    Cap,
    Created,
    Ended,
    Everyone,
    Live,
    Refused,
    SessionStore,
    User,
)
from nightlatch.testing.conformance.desk import (
    ABSOLUTE,
    IDLE,
    LIMITS,
    NOW,
    a_hash,
    a_record,
    begin,
    end,
    live,
    look,
    sids,
)

FULL = {
    "auth_at": NOW - 1,
    "auth_level": 2,
    "version": 7,
    "data": b"\x01{}",
    "device": "Firefox on Linux",
    "address": "2001:db8::1",
}


class Creating:
    """What ``create`` promises."""

    @pytest.mark.parametrize(
        "fields",
        [
            pytest.param({}, id="least"),
            pytest.param(FULL, id="every field"),
            pytest.param({"user": None}, id="visitor"),
            pytest.param({"user": ""}, id="empty user name"),
            pytest.param({"user": "O’Connor"}, id="U+2019 in the user name"),
            pytest.param({"user": "O'Connor"}, id="apostrophe in the user name"),
            pytest.param({"user": "\U0001f98a\U00020000"}, id="4-byte characters"),
            pytest.param({"user": "u" * 500}, id="long user name"),
            pytest.param({"device": "O’Connor’s \U0001f4f1"}, id="words in the device"),
            pytest.param({"data": bytes(range(256))}, id="every byte"),
            pytest.param({"data": bytes(64 * 1024)}, id="64 KiB of data"),
            pytest.param({"seen": NOW - 5, "created": NOW - 9}, id="times that differ"),
            pytest.param({"absolute_at": 2**53 - 1}, id="the latest time"),
            pytest.param(
                {"previous": Previous(a_hash(), NOW + 9, closes_on_use=False, auth_level=1)},
                id="previous secret",
            ),
        ],
    )
    def test_what_goes_in_comes_out(self, store: SessionStore, fields: dict[str, object]) -> None:
        """A record is given back exactly as it was created."""
        record = a_record(**{"user": "ana", **fields})  # type: ignore[arg-type]

        created = store.create(record, now=NOW, limits=LIMITS, began=NOW)

        assert created == Created()
        assert look(store, record) == Live(record)

    def test_insert_only(self, store: SessionStore) -> None:
        """A sid that exists is refused loudly, and the session keeps its user and secret."""
        record = begin(store)
        thief = replace(record, user="eve", secret_hash=a_hash())

        with pytest.raises(ValueError, match=record.sid):
            store.create(thief, now=NOW, limits=LIMITS, began=NOW)

        assert live(store, record) == record
        assert look(store, thief) is None

    def test_insert_only_over_a_tombstone(self, store: SessionStore) -> None:
        """A session that has ended is not brought back by creating it again."""
        record = begin(store)
        end(store, record)

        with pytest.raises(ValueError, match=record.sid):
            store.create(record, now=NOW + 1, limits=LIMITS, began=NOW + 1)

        assert isinstance(look(store, record), Ended)

    @pytest.mark.parametrize("target", [User("ana"), Everyone()])
    def test_refused_at_or_before_the_epoch(
        self, store: SessionStore, target: User | Everyone
    ) -> None:
        """An authentication that began at or before an *end all* is refused, later ones are not."""
        epoch = store.end(target, reason=EndReason.REVOKED, now=NOW).epoch
        early, boundary, late = a_record(), a_record(), a_record()

        answers = [
            store.create(record, now=NOW + 5, limits=LIMITS, began=began)
            for record, began in ((early, epoch - 1), (boundary, epoch), (late, epoch + 1))
        ]

        assert answers == [Refused("revoked"), Refused("revoked"), Created()]
        assert sids(store, at=NOW + 5) == {late.sid}
        assert look(store, boundary, at=NOW + 5) is None

    def test_the_epoch_of_another_user(self, store: SessionStore) -> None:
        """Ending all of one user's sessions refuses nobody else's sign-in."""
        store.end(User("ana"), reason=EndReason.REVOKED, now=NOW)

        begin(store, "bo", at=NOW)

    def test_no_epoch_for_visitors(self, store: SessionStore) -> None:
        """A visitor's session is not refused by any epoch, and counts against no limit."""
        store.end(Everyone(), reason=EndReason.REVOKED, now=NOW)
        begin(store, None, at=NOW)
        visitor = a_record(None)

        answer = store.create(visitor, now=NOW, limits=LIMITS, began=NOW, cap=Cap(1, "refuse"))

        assert answer == Created()

    def test_full_and_refused(self, store: SessionStore) -> None:
        """At the limit of parallel sessions, ``refuse`` creates nothing and ends nothing."""
        first, second = begin(store), begin(store)
        third = a_record()

        answer = store.create(third, now=NOW, limits=LIMITS, began=NOW, cap=Cap(2, "refuse"))

        assert answer == Refused("full")
        assert sids(store) == {first.sid, second.sid}
        assert look(store, third) is None

    def test_below_the_limit(self, store: SessionStore) -> None:
        """Below the limit of parallel sessions nothing is ended."""
        first = begin(store)
        second = a_record()

        answer = store.create(second, now=NOW, limits=LIMITS, began=NOW, cap=Cap(2))

        assert answer == Created()
        assert sids(store) == {first.sid, second.sid}

    def test_full_and_the_oldest_ended(self, store: SessionStore) -> None:
        """At the limit, the sessions that began first are ended as *replaced*, and told."""
        second = begin(store, at=NOW + 1)
        first = begin(store, at=NOW)
        third = begin(store, at=NOW + 2)
        fourth = a_record(at=NOW + 3)

        answer = store.create(
            fourth, now=NOW + 3, limits=LIMITS, began=NOW + 3, cap=Cap(2, "end-oldest")
        )

        ends = [
            Ended(one.sid, "ana", EndReason.REPLACED, NOW + 3, fresh=True)
            for one in (first, second)
        ]
        assert answer == Created(tuple(ends))
        assert sids(store, at=NOW + 3) == {third.sid, fourth.sid}
        assert look(store, first, at=NOW + 4) == replace(ends[0], fresh=False)

    def test_what_does_not_count(self, store: SessionStore) -> None:
        """Ended sessions, those past a limit and other users' do not count."""
        end(store, begin(store))
        begin(store)  # idle for too long by then
        begin(store, at=NOW + IDLE, created=NOW + IDLE - ABSOLUTE)  # too old
        other = begin(store, "bo", at=NOW + IDLE)
        record = a_record(at=NOW + IDLE)

        answer = store.create(
            record, now=NOW + IDLE, limits=LIMITS, began=NOW + IDLE, cap=Cap(1, "refuse")
        )

        assert answer == Created()
        assert sids(store, at=NOW + IDLE) == {other.sid, record.sid}

    def test_revoked_before_full(self, store: SessionStore) -> None:
        """A sign-in that is refused as revoked makes no room for itself."""
        epoch = store.end(User("ana"), reason=EndReason.REVOKED, now=NOW).epoch
        kept = begin(store, at=epoch + 1)

        answer = store.create(
            a_record(), now=epoch + 1, limits=LIMITS, began=epoch, cap=Cap(1, "end-oldest")
        )

        assert answer == Refused("revoked")
        assert sids(store, at=epoch + 1) == {kept.sid}
