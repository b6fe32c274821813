"""Verbs that run at the same time, in threads."""

from __future__ import annotations

from functools import partial

import pytest

from nightlatch.policy import Touch
from nightlatch.record import EndReason, Record
from nightlatch.stores.base import (
    Cap,
    Change,
    Conflict,
    Created,
    Ended,
    Everyone,
    Live,
    One,
    Refused,
    Saved,
    SessionStore,
    User,
)
from nightlatch.testing.conformance.desk import (
    IDLE,
    LIMITS,
    NOW,
    a_record,
    a_rotation,
    begin,
    end,
    live,
    look,
    sids,
    swept,
    together,
    touch,
)

WRITERS = 6
ROUNDS = 8


class Racing:
    """What holds whatever runs beside it. Each race is run several times over."""

    def test_one_ends_it(self, store: SessionStore) -> None:
        """Of many who end the same session, exactly one is told that they did."""
        for _ in range(ROUNDS):
            record = begin(store)

            ends = together(*[partial(end, store, record)] * WRITERS)

            assert sorted(len(one.ended) for one in ends) == [0] * (WRITERS - 1) + [1]

    def test_one_finds_it_expired(self, store: SessionStore) -> None:
        """Of many who open an expired session, exactly one is told that it ended just now."""
        for _ in range(ROUNDS):
            record = begin(store)

            answers = together(*[partial(look, store, record, at=NOW + IDLE)] * WRITERS)

            assert [type(answer) for answer in answers] == [Ended] * WRITERS
            assert sum(answer.fresh for answer in answers) == 1

    def test_one_sweep_ends_it(self, store: SessionStore) -> None:
        """Of several sweeps at once, each expired session is ended by exactly one."""
        expected = sorted(begin(store).sid for _ in range(30))

        sweeps = together(*[lambda: [*swept(store, at=NOW + IDLE, count=7)]] * 3)

        found = [one.sid for steps in sweeps for step in steps for one in step.ended]
        assert sorted(found) == expected

    def test_ended_stays_ended(self, store: SessionStore) -> None:
        """An end beats every touch, save and rotation beside it; none brings the session back."""
        for _ in range(ROUNDS):
            record = begin(store)
            save = partial(store.save, record.sid, version=1, now=NOW, limits=LIMITS)

            together(
                partial(touch, store, record, at=NOW + 1, always=True),
                partial(save, change=Change(data=b"late")),
                partial(end, store, record),
                partial(save, change=Change(rotate=a_rotation(until=NOW + 60_000))),
                partial(touch, store, record, at=NOW + 2, always=True),
            )

            answer = look(store, record, at=NOW + 2)
            assert isinstance(answer, Ended)
            assert answer.reason is EndReason.SIGNED_OUT
        assert sids(store) == set()

    def test_activity_against_an_end_for_idleness(self, store: SessionStore) -> None:
        """An end that holds only if nobody was there, and activity: one of the two wins."""
        for _ in range(ROUNDS):
            record = begin(store)
            at = NOW + IDLE - 1

            answer, ends = together(
                partial(touch, store, record, at=at, always=True),
                partial(store.end, One(record.sid, NOW), reason=EndReason.IDLE, now=at),
            )

            assert isinstance(answer, Live) is (ends.ended == ())
            assert isinstance(look(store, record, at=at), Live) is (ends.ended == ())

    def test_the_latest_activity_stays(self, store: SessionStore) -> None:
        """Of touches at once, the latest is what is left, whichever came last."""
        for _ in range(ROUNDS):
            record = begin(store)

            together(
                *(
                    partial(touch, store, record, at=NOW + step, always=True)
                    for step in range(1, WRITERS + 1)
                )
            )

            assert live(store, record, at=NOW + WRITERS).seen == NOW + WRITERS

    def test_one_save_of_a_version(self, store: SessionStore) -> None:
        """Of many who save the same version, exactly one is stored; the others see that one."""
        for _ in range(ROUNDS):
            record = begin(store)

            answers = together(
                *(
                    partial(
                        store.save,
                        record.sid,
                        version=1,
                        change=Change(data=bytes([writer])),
                        now=NOW,
                        limits=LIMITS,
                    )
                    for writer in range(WRITERS)
                )
            )

            won = [writer for writer, answer in enumerate(answers) if answer == Saved(2)]
            lost = [answer for answer in answers if isinstance(answer, Conflict)]
            assert (len(won), len(lost)) == (1, WRITERS - 1)
            assert {answer.record.data for answer in lost} == {bytes(won)}

    def test_the_limit_of_parallel_sessions(self, store: SessionStore) -> None:
        """However many sign in at once, exactly as many sessions live as are allowed."""
        records = [a_record() for _ in range(2 * WRITERS)]

        answers = together(*(partial(_sign_in, store, one, Cap(3)) for one in records))

        replaced = [one.sid for answer in answers for one in answer.replaced]
        assert len(sids(store)) == 3
        assert sorted([*replaced, *sids(store)]) == sorted(record.sid for record in records)

    def test_the_limit_refuses(self, store: SessionStore) -> None:
        """However many sign in at once, exactly as many are let in as are allowed."""
        calls = [partial(_sign_in, store, a_record(), Cap(3, "refuse")) for _ in range(2 * WRITERS)]

        answers = together(*calls)

        assert answers.count(Created()) == 3
        assert answers.count(Refused("full")) == 2 * WRITERS - 3
        assert len(sids(store)) == 3

    @pytest.mark.parametrize("target", [User("ana"), Everyone()])
    def test_no_sign_in_slips_through(self, store: SessionStore, target: User | Everyone) -> None:
        """A sign-in that began before an *end all* is refused or ended, never left alive."""
        for turn in range(1, ROUNDS + 1):
            now = NOW + turn
            calls = [partial(_sign_in, store, a_record(), began=now) for _ in range(WRITERS)]

            together(*calls, partial(store.end, target, reason=EndReason.REVOKED, now=now))

            assert sids(store) == set()

    def test_one_replay(self, store: SessionStore) -> None:
        """Of many who replay an old secret, exactly one is told that it ended the session."""
        for _ in range(ROUNDS):
            record = begin(store)
            change = Change(rotate=a_rotation(until=NOW))
            store.save(record.sid, version=1, change=change, now=NOW, limits=LIMITS)
            replay = partial(
                store.open,
                record.sid,
                record.secret_hash,
                now=NOW,
                limits=LIMITS,
                touch=Touch(NOW),
            )

            answers = together(*[replay] * WRITERS)

            assert {answer.reason for answer in answers} == {EndReason.REPLAYED}
            assert sum(answer.fresh for answer in answers) == 1


def _sign_in(
    store: SessionStore, record: Record, cap: Cap | None = None, *, began: int = NOW
) -> Created | Refused:
    return store.create(record, now=NOW, limits=LIMITS, began=began, cap=cap)
