"""``save``: compare and set, never insert."""

from __future__ import annotations

from dataclasses import replace

from nightlatch.record import EndReason, Record
from nightlatch.stores.base import Change, Conflict, Ended, Saved, SessionStore
from nightlatch.testing.conformance.desk import (
    ABSOLUTE,
    IDLE,
    LIMITS,
    NOW,
    SLACK,
    a_record,
    begin,
    end,
    live,
    look,
    sids,
    touch,
)


class Saving:
    """What ``save`` promises of data."""

    def test_saved(self, store: SessionStore) -> None:
        """Data is replaced, the version raised by one, and nothing else changes."""
        record = begin(store, data=b"old", auth_level=2)

        answer = save(store, record, b"new")

        assert answer == Saved(2)
        assert live(store, record) == replace(record, data=b"new", version=2)

    def test_emptied(self, store: SessionStore) -> None:
        """Empty data is data: it replaces what was there."""
        record = begin(store, data=b"old")

        save(store, record, b"")

        assert live(store, record).data == b""

    def test_nothing_to_change(self, store: SessionStore) -> None:
        """A change of nothing leaves the data as it is."""
        record = begin(store, data=b"old")

        answer = store.save(record.sid, version=1, change=Change(), now=NOW, limits=LIMITS)

        assert answer == Saved(2)
        assert live(store, record).data == b"old"

    def test_another_was_first(self, store: SessionStore) -> None:
        """A save of a version that is gone stores nothing and hands back what there is now."""
        record = begin(store)
        save(store, record, b"first")

        answer = save(store, record, b"second")

        now_there = replace(record, data=b"first", version=2)
        assert answer == Conflict(now_there)
        assert live(store, record) == now_there

    def test_a_version_to_come(self, store: SessionStore) -> None:
        """A version that has not been reached yet conflicts just the same."""
        record = begin(store)

        assert save(store, replace(record, version=2), b"x") == Conflict(record)

    def test_never_inserts(self, store: SessionStore) -> None:
        """Saving a session that is not there makes none."""
        record = a_record()

        assert save(store, record, b"x") is None
        assert look(store, record) is None
        assert sids(store) == set()

    def test_save_no_sid_at_all(self, store: SessionStore) -> None:
        """Text that is no sid is as unknown as any other."""
        assert save(store, a_record(sid="’"), b"x") is None

    def test_never_brings_back(self, store: SessionStore) -> None:
        """A save that was in flight when its session ended stores nothing and is told why."""
        record = begin(store)
        end(store, record, at=NOW + 1)

        answer = save(store, record, b"late", at=NOW + 2)

        ended = Ended(record.sid, "ana", EndReason.SIGNED_OUT, NOW + 1)
        assert answer == ended
        assert look(store, record, at=NOW + 2) == ended
        assert sids(store) == set()

    def test_saving_does_not_extend(self, store: SessionStore) -> None:
        """Only a touch moves ``seen``: who saves and saves still goes idle."""
        record = begin(store)

        save(store, record, b"x", at=NOW + IDLE - 1)

        assert live(store, record, at=NOW + IDLE - 1).seen == NOW
        assert isinstance(look(store, record, at=NOW + IDLE), Ended)

    def test_a_session_past_a_limit(self, store: SessionStore) -> None:
        """A save past a limit ends the session with that reason, and stores nothing."""
        idle = begin(store)
        old = begin(store, seen=NOW + ABSOLUTE - 1)

        assert save(store, idle, b"x", at=NOW + IDLE) == Ended(
            idle.sid, "ana", EndReason.IDLE, NOW + IDLE, fresh=True
        )
        assert save(store, old, b"x", at=NOW + ABSOLUTE) == Ended(
            old.sid, "ana", EndReason.ABSOLUTE, NOW + ABSOLUTE, fresh=True
        )

    def test_save_while_held(self, store: SessionStore) -> None:
        """Held, a save of an idle session is stored; the absolute limit is never held."""
        record = begin(store)
        change = Change(data=b"x")

        held = store.save(
            record.sid, version=1, change=change, now=NOW + IDLE, limits=LIMITS, hold_idle=True
        )
        over = store.save(
            record.sid, version=2, change=change, now=NOW + ABSOLUTE, limits=LIMITS, hold_idle=True
        )

        assert held == Saved(2)
        assert isinstance(over, Ended)

    def test_a_touch_in_between(self, store: SessionStore) -> None:
        """A save and a touch of the same session do not undo each other."""
        record = begin(store)

        touch(store, record, at=NOW + SLACK)
        save(store, record, b"new", at=NOW + SLACK)
        touch(store, record, at=NOW + 2 * SLACK)

        now_there = live(store, record, at=NOW + 2 * SLACK)
        assert (now_there.data, now_there.seen) == (b"new", NOW + 2 * SLACK)


def save(
    store: SessionStore, record: Record, data: bytes, *, at: int = NOW
) -> Saved | Conflict | Ended | None:
    """Save data under the version that this record has."""
    return store.save(
        record.sid, version=record.version, change=Change(data=data), now=at, limits=LIMITS
    )
