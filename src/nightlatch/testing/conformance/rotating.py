"""``save`` with a rotation, and what ``open`` makes of the secret before it."""

from __future__ import annotations

from dataclasses import replace

from nightlatch.policy import Touch
from nightlatch.record import EndReason, Previous, Record
from nightlatch.stores.base import Change, Conflict, Ended, Live, Rotation, Saved, SessionStore
from nightlatch.testing.conformance.desk import (
    IDLE,
    LIMITS,
    NOW,
    SLACK,
    a_rotation,
    begin,
    end,
    live,
    look,
    touch,
)


class Rotating:
    """What a rotation promises."""

    def test_the_new_secret(self, store: SessionStore) -> None:
        """After a rotation the session goes on under the new secret, one version on."""
        old = begin(store, data=b"kept", auth_level=1)
        rotation = a_rotation(until=NOW + 30_000)

        saved = store.save(
            old.sid, version=1, change=Change(rotate=rotation), now=NOW, limits=LIMITS
        )

        assert saved == Saved(2)
        assert live(store, _with(old, rotation)) == replace(
            old,
            version=2,
            secret_hash=rotation.secret_hash,
            previous=Previous(old.secret_hash, NOW + 30_000, False, auth_level=1),
        )

    def test_a_new_level(self, store: SessionStore) -> None:
        """A rotation may raise the level; the old secret goes on standing for the old one."""
        old = begin(store, auth_level=1, auth_at=NOW)
        rotation = a_rotation(until=NOW + 30_000, auth_at=NOW + 9, auth_level=2)

        new = _rotate(store, old, rotation, at=NOW + 9)

        record = live(store, new)
        assert (record.auth_at, record.auth_level) == (NOW + 9, 2)
        assert record.previous is not None
        assert record.previous.auth_level == 1

    def test_a_new_proof_is_activity(self, store: SessionStore) -> None:
        """Whoever proves again who they are is there: ``seen`` moves, and never backwards."""
        old = begin(store)

        stepped_up = _rotate(store, old, a_rotation(auth_at=NOW + 9, auth_level=2), at=NOW + 9)
        seen = live(store, stepped_up, at=NOW + 9).seen
        again = _rotate(store, stepped_up, a_rotation(auth_at=NOW + 3, auth_level=2), at=NOW + 3)

        assert (seen, live(store, again, at=NOW + 9).seen) == (NOW + 9, NOW + 9)

    def test_a_renewal_is_no_activity(self, store: SessionStore) -> None:
        """A rotation without a new proof leaves ``seen`` where it was."""
        old = begin(store)

        new = _rotate(store, old, a_rotation(), at=NOW + SLACK)

        assert live(store, new, at=NOW + SLACK).seen == NOW

    def test_data_and_rotation_together(self, store: SessionStore) -> None:
        """One save may change the data and rotate."""
        old = begin(store, data=b"old")
        rotation = a_rotation()

        store.save(
            old.sid,
            version=1,
            change=Change(data=b"new", rotate=rotation),
            now=NOW,
            limits=LIMITS,
        )

        assert live(store, _with(old, rotation)).data == b"new"

    def test_a_rotation_that_lost(self, store: SessionStore) -> None:
        """A rotation of a version that is gone changes nothing: the old secret is the current."""
        old = begin(store, version=4)
        rotation = a_rotation(until=NOW + 30_000)

        answer = store.save(
            old.sid, version=3, change=Change(rotate=rotation), now=NOW, limits=LIMITS
        )

        assert answer == Conflict(old)
        assert live(store, old) == old
        assert look(store, _with(old, rotation)) is None

    def test_the_old_secret_inside_the_overlap(self, store: SessionStore) -> None:
        """Until the overlap ends, the old secret is answered as stale and credits nothing."""
        old = begin(store)
        new = _rotate(store, old, a_rotation(until=NOW + 90_000))

        answer = touch(store, old, at=NOW + 89_999, always=True)

        assert answer == Live(live(store, new), stale=True)
        assert live(store, new, at=NOW + 89_999).seen == NOW

    def test_the_old_secret_at_the_end_of_the_overlap(self, store: SessionStore) -> None:
        """From the end of the overlap on, the old secret is a replay: the session ends for all."""
        old = begin(store)
        new = _rotate(store, old, a_rotation(until=NOW + 90_000))

        answer = look(store, old, at=NOW + 90_000)

        ended = Ended(old.sid, "ana", EndReason.REPLAYED, NOW + 90_000, fresh=True)
        assert answer == ended
        assert look(store, new, at=NOW + 90_000) == replace(ended, fresh=False)

    def test_using_the_new_secret_leaves_the_overlap(self, store: SessionStore) -> None:
        """An overlap of a fixed length is not shortened by using the new secret."""
        old = begin(store)
        new = _rotate(store, old, a_rotation(until=NOW + 30_000))

        touch(store, new, at=NOW + 1, always=True)

        answer = look(store, old, at=NOW + 29_999)
        assert isinstance(answer, Live)
        assert answer.stale

    def test_an_overlap_that_closes_on_use(self, store: SessionStore) -> None:
        """It is open until the new secret is seen, and from then on the old one is a replay."""
        old = begin(store)
        new = _rotate(store, old, a_rotation(until=NOW + 60_000, closes_on_use=True))

        before = look(store, old, at=NOW + 1)
        used = look(store, new, at=NOW + 1)
        after = look(store, old, at=NOW + 1)

        assert isinstance(before, Live)
        assert before.stale
        assert isinstance(used, Live)
        assert not used.touched
        assert isinstance(after, Ended)
        assert after.reason is EndReason.REPLAYED

    def test_closing_and_touching_at_once(self, store: SessionStore) -> None:
        """One call may close the overlap and credit activity; neither raises the version."""
        old = begin(store)
        new = _rotate(store, old, a_rotation(until=NOW + 60_000, closes_on_use=True))

        answer = touch(store, new, at=NOW + SLACK)

        assert isinstance(answer, Live)
        assert answer.touched
        assert (answer.record.seen, answer.record.version) == (NOW + SLACK, 2)
        assert isinstance(look(store, old, at=NOW + 1), Ended)

    def test_the_secret_before_the_previous(self, store: SessionStore) -> None:
        """Two rotations ago is forgotten: such a secret is as wrong as any, and ends nothing."""
        oldest = begin(store)
        middle = _rotate(store, oldest, a_rotation(until=NOW + 30_000))
        newest = _rotate(store, middle, a_rotation(until=NOW + 30_000))

        assert look(store, oldest) is None
        assert isinstance(look(store, middle), Live)
        assert isinstance(look(store, newest), Live)

    def test_expiry_comes_before_replay(self, store: SessionStore) -> None:
        """An old secret at a session that is past a limit finds that limit as the reason."""
        old = begin(store)
        _rotate(store, old, a_rotation(until=NOW + 30_000))

        answer = look(store, old, at=NOW + IDLE)

        assert isinstance(answer, Ended)
        assert answer.reason is EndReason.IDLE

    def test_the_old_secret_of_an_ended_session(self, store: SessionStore) -> None:
        """A session that has ended is told as such to the old secret too, unchanged."""
        old = begin(store)
        _rotate(store, old, a_rotation(until=NOW + 30_000))
        end(store, old)

        answer = look(store, old, at=NOW + 60_000)

        assert answer == Ended(old.sid, "ana", EndReason.SIGNED_OUT, NOW)

    def test_rotation_does_not_extend(self, store: SessionStore) -> None:
        """A rotation is no activity of itself: only a touch moves ``seen``."""
        old = begin(store)
        new = _rotate(store, old, a_rotation(until=NOW + 90_000), at=NOW + 60_000)

        assert live(store, new, at=NOW + 60_000).seen == NOW

    def test_a_stale_call_does_not_close(self, store: SessionStore) -> None:
        """The old secret does not close an overlap that closes on the use of the new one."""
        old = begin(store)
        _rotate(store, old, a_rotation(until=NOW + 60_000, closes_on_use=True))

        answers = [
            store.open(old.sid, old.secret_hash, now=NOW + at, limits=LIMITS, touch=Touch(NOW + at))
            for at in (1, 2)
        ]

        assert [isinstance(answer, Live) and answer.stale for answer in answers] == [True, True]


def _rotate(store: SessionStore, record: Record, rotation: Rotation, *, at: int = NOW) -> Record:
    saved = store.save(
        record.sid, version=record.version, change=Change(rotate=rotation), now=at, limits=LIMITS
    )
    assert saved == Saved(record.version + 1)
    return replace(_with(record, rotation), version=record.version + 1)


def _with(record: Record, rotation: Rotation) -> Record:
    return replace(record, secret_hash=rotation.secret_hash)
