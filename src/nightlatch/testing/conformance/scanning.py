"""``list`` and ``sweep``: bounded steps over what there is."""

from __future__ import annotations

from datetime import timedelta

import pytest

from nightlatch.limits import Limits
from nightlatch.record import EndReason, info
from nightlatch.stores.base import KEEP_ENDED_MS, Ended, Refused, SessionStore, Swept, User
from nightlatch.testing.conformance.desk import (
    ABSOLUTE,
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
    swept,
    touch,
)


class Scanning:
    """What ``list`` and ``sweep`` promise."""

    def test_nothing_to_list(self, store: SessionStore) -> None:
        """An empty store lists nothing, for anybody."""
        assert listed(store) == []
        assert listed(store, "ana") == []

    def test_a_users_list(self, store: SessionStore) -> None:
        """A list holds the user's live sessions, in the order of their sids, without secrets."""
        records = [begin(store, "O’Connor", device="Tablet", address="::1") for _ in range(3)]
        begin(store, "ana")
        begin(store, None)

        found = listed(store, "O’Connor")

        assert found == [info(record) for record in sorted(records, key=lambda one: one.sid)]
        assert not {"secret_hash", "previous", "data"} & set(dir(found[0]))

    def test_everyones_list(self, store: SessionStore) -> None:
        """Without a user, everybody's sessions are listed, visitors' too."""
        records = [begin(store, user) for user in ("ana", "bo", None)]

        assert sids(store) == {record.sid for record in records}

    @pytest.mark.parametrize("user", ["ana", None])
    def test_only_live_sessions(self, store: SessionStore, user: str | None) -> None:
        """Neither ended sessions nor those past a limit are listed, to the millisecond."""
        end(store, begin(store))
        idle = begin(store)
        begin(store, seen=NOW + IDLE, absolute_at=NOW + IDLE)
        kept = begin(store, seen=NOW + 1)

        assert idle.sid in sids(store, user, at=NOW + IDLE - 1)
        assert sids(store, user, at=NOW + IDLE) == {kept.sid}

    def test_a_list_shows_the_last_activity(self, store: SessionStore) -> None:
        """What was touched is listed with its new ``seen``."""
        record = begin(store)
        touch(store, record, at=NOW + SLACK)

        assert [one.seen for one in listed(store, at=NOW + SLACK)] == [NOW + SLACK]

    @pytest.mark.parametrize("user", ["ana", None])
    @pytest.mark.parametrize("count", [1, 2, 3, 7, 8])
    def test_pages(self, store: SessionStore, user: str | None, count: int) -> None:
        """Pages of any size show every live session once, in the order of their sids."""
        records = [begin(store) for _ in range(7)]
        end(store, records[3])
        expected = sorted(record.sid for record in records if record is not records[3])

        found = listed(store, user, count=count)

        assert [one.sid for one in found] == expected

    def test_a_page_after_a_session_that_ended(self, store: SessionStore) -> None:
        """The next page is right although the last session of this one has ended meanwhile."""
        records = sorted((begin(store) for _ in range(4)), key=lambda one: one.sid)
        first = store.list("ana", now=NOW, limits=LIMITS, count=2)
        end(store, records[1])

        second = store.list("ana", now=NOW, limits=LIMITS, after=first.after, count=3)

        assert [one.sid for one in first.sessions] == [one.sid for one in records[:2]]
        assert [one.sid for one in second.sessions] == [one.sid for one in records[2:]]

    def test_listing_ends_nothing(self, store: SessionStore) -> None:
        """A list leaves sessions past a limit to ``open`` and ``sweep``, which tell the reason."""
        record = begin(store)

        listed(store, at=NOW + IDLE)

        answer = look(store, record, at=NOW + IDLE)
        assert isinstance(answer, Ended)
        assert answer.fresh

    def test_nothing_to_sweep(self, store: SessionStore) -> None:
        """Sweeping an empty store is one step that does nothing."""
        assert [*swept(store, at=NOW)] == [Swept((), 0, None)]

    def test_sweep_ends_what_is_past_a_limit(self, store: SessionStore) -> None:
        """Sessions past a limit end with that reason, and are told once as fresh."""
        idle = begin(store, "ana")
        old = begin(store, "bo", seen=NOW + IDLE, absolute_at=NOW + IDLE)
        kept = begin(store, "cy", seen=NOW + 1)
        at = NOW + IDLE

        first = [one for step in swept(store, at=at) for one in step.ended]
        again = [one for step in swept(store, at=at) for one in step.ended]

        assert sorted(first, key=lambda one: str(one.user)) == [
            Ended(idle.sid, "ana", EndReason.IDLE, at, fresh=True),
            Ended(old.sid, "bo", EndReason.ABSOLUTE, at, fresh=True),
        ]
        assert again == []
        assert look(store, idle, at=at) == Ended(idle.sid, "ana", EndReason.IDLE, at)
        assert live(store, kept, at=at) == kept

    def test_sweep_ends_nothing_usable(self, store: SessionStore) -> None:
        """The rule is that of ``open``: a millisecond before its limit a session is left alone."""
        record = begin(store)

        steps = [*swept(store, at=NOW + IDLE - 1)]

        assert [step.ended for step in steps if step.ended] == []
        assert live(store, record, at=NOW + IDLE - 1) == record

    def test_sweep_held(self, store: SessionStore) -> None:
        """Held, a sweep ends nothing for idleness, but what is past the absolute limit."""
        idle = begin(store)
        begin(store, absolute_at=NOW + IDLE)

        steps = [*swept(store, at=NOW + IDLE, hold_idle=True)]

        assert [one.reason for step in steps for one in step.ended] == [EndReason.ABSOLUTE]
        assert look(store, idle, at=NOW + IDLE, hold_idle=True) is not None

    @pytest.mark.parametrize(
        "options", [{}, {"keep_ended_ms": 5_000}, {"keep_ended_ms": 0}], ids=str
    )
    def test_tombstones_are_kept(self, store: SessionStore, options: dict[str, int]) -> None:
        """A tombstone goes when it is as old as it is to be kept, not a millisecond before."""
        keep_ms = options.get("keep_ended_ms", KEEP_ENDED_MS)
        record = begin(store)
        end(store, record)

        early = [*swept(store, at=NOW + keep_ms - 1, **options)]
        told = look(store, record, at=NOW + keep_ms - 1)
        late = [*swept(store, at=NOW + keep_ms, **options)]

        assert sum(step.purged for step in early) == 0
        assert told == Ended(record.sid, "ana", EndReason.SIGNED_OUT, NOW)
        assert sum(step.purged for step in late) == 1
        assert look(store, record, at=NOW + keep_ms) is None

    def test_a_sweep_does_not_purge_what_it_ends(self, store: SessionStore) -> None:
        """A session ended now is kept for as long as any other."""
        record = begin(store)

        steps = [*swept(store, at=NOW + 10 * ABSOLUTE)]

        assert [(len(step.ended), step.purged) for step in steps] == [(1, 0)]
        assert isinstance(look(store, record, at=NOW + 10 * ABSOLUTE), Ended)

    def test_sweep_goes_by_steps(self, store: SessionStore) -> None:
        """Each step handles at most ``count`` sessions, and all steps together every one."""
        for _ in range(4):
            begin(store)
            end(store, begin(store))

        steps = [*swept(store, at=NOW + IDLE, count=3, keep_ended_ms=0)]

        assert all(len(step.ended) + step.purged <= 3 for step in steps)
        assert sum(len(step.ended) for step in steps) == 4
        assert sum(step.purged for step in steps) == 4

    def test_sweep_keeps_epochs_that_matter(self, store: SessionStore) -> None:
        """However short tombstones are kept, a sign-in under way is still refused after a sweep."""
        epoch = store.end(User("ana"), reason=EndReason.REVOKED, now=NOW).epoch
        [*swept(store, at=NOW + ABSOLUTE - 1, keep_ended_ms=0)]

        answer = store.create(a_record(), now=NOW + ABSOLUTE - 1, limits=LIMITS, began=epoch)

        assert answer == Refused("revoked")

    def test_sweep_much_later(self, store: SessionStore) -> None:
        """Long after, a sweep leaves nothing that would refuse a sign-in that begins then."""
        store.end(User("ana"), reason=EndReason.REVOKED, now=NOW)
        later = NOW + max(KEEP_ENDED_MS, ABSOLUTE)

        [*swept(store, at=later)]

        begin(store, at=later)

    def test_sweep_by_the_limits_of_now(self, store: SessionStore) -> None:
        """A sweep goes by the limits that it is given, not by those of the time of sign-in."""
        begin(store)
        short = Limits(timedelta(minutes=5), timedelta(hours=1))

        step = store.sweep(now=NOW + 300_000, limits=short)

        assert [one.reason for one in step.ended] == [EndReason.IDLE]
