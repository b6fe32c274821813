"""Two connections, one of which is held at the moment that matters."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import closing, contextmanager
from typing import Any

import psycopg
import pytest

from nightlatch.drafts import Verdict
from nightlatch.policy import Touch
from nightlatch.record import EndReason
from nightlatch.stores.base import (
    Change,
    Conflict,
    Created,
    Ended,
    Ends,
    Live,
    Refused,
    Saved,
    User,
)
from nightlatch.stores.postgres import PostgresStore
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
    touch,
)
from nightlatch.testing.conformance.drafts import PAGE, a_draft
from tests.postgres.server import Server, opened, until


@pytest.fixture
def store(server: Server) -> Iterator[PostgresStore]:
    with opened(server, limit_ms=20_000) as store:
        yield store


@pytest.fixture
def other(server: Server, store: PostgresStore) -> Iterator[psycopg.Connection[Any]]:
    """Another process's connection, in a transaction that it has not finished."""
    with closing(psycopg.connect(server.url())) as other:
        other.execute(f"SET search_path = {store._turns.schema}".encode())
        other.execute("SET deadlock_timeout = '60s'")
        other.commit()
        yield other


@contextmanager
def waiting(server: Server, call: Callable[[], Any]) -> Iterator[Future[Any]]:
    """A verb in a thread of its own, which has come as far as to wait for another's lock."""
    with closing(server.connect()) as watch, ThreadPoolExecutor(1) as pool:
        future = pool.submit(call)
        until(
            lambda: (
                watch.execute(
                    "SELECT FROM pg_stat_activity WHERE wait_event_type = 'Lock'"
                    " AND application_name = 'nightlatch'"
                ).fetchone()
                is not None
            )
        )
        yield future


def test_a_touch_that_waited_for_an_end_finds_it_ended(server, store, other) -> None:
    """The touch was due when it began, and the session was over when its turn came."""
    record = begin(store)
    other.execute("UPDATE session SET ended = %s, reason = 'revoked'", [NOW])

    with waiting(server, lambda: touch(store, record, at=NOW + 1, always=True)) as answer:
        other.commit()

    assert answer.result() == Ended(record.sid, "ana", EndReason.REVOKED, NOW)


def test_a_touch_that_waited_for_a_save_gives_what_was_saved(server, store, other) -> None:
    """Record and touch are of one moment: the data is not older than the version."""
    record = begin(store)
    other.execute("UPDATE session SET version = 2, data = 'new'")

    with waiting(server, lambda: touch(store, record, at=NOW + 1, always=True)) as answer:
        other.commit()

    found = answer.result().record
    assert (found.version, found.data, found.seen) == (2, b"new", NOW + 1)


def test_a_touch_that_waited_for_a_rotation_is_that_of_an_old_secret(server, store, other) -> None:
    """It was current when the touch began: answered as stale, and not touched."""
    record = begin(store)
    other.execute(
        "UPDATE session SET secret_hash = 'new', previous_hash = secret_hash,"
        " previous_until = %s, previous_closes_on_use = false, previous_auth_level = 0",
        [NOW + 9],
    )

    with waiting(server, lambda: touch(store, record, at=NOW + 1, always=True)) as answer:
        other.commit()

    assert answer.result().stale
    assert answer.result().record.seen == NOW


def test_a_save_that_waited_for_an_end_stores_nothing(server, store, other) -> None:
    """An ended session does not come back, and its data stays away."""
    record = begin(store)
    other.execute("UPDATE session SET ended = %s, reason = 'revoked', data = ''", [NOW])
    save = lambda: store.save(  # noqa: E731 - one call, to be made later
        record.sid, version=1, change=Change(data=b"late"), now=NOW, limits=LIMITS
    )

    with waiting(server, save) as answer:
        other.commit()

    assert answer.result() == Ended(record.sid, "ana", EndReason.REVOKED, NOW)
    assert other.execute("SELECT data FROM session").fetchone() == (b"",)


@pytest.mark.parametrize("stored", [True, False])
def test_a_save_that_waited_for_another_knows_what_became_of_it(
    server, store, other, stored: bool
) -> None:
    """Committed, it is a conflict with what is there now; rolled back, this one is stored."""
    record = begin(store)
    other.execute("UPDATE session SET version = 2, data = 'first'")
    save = lambda: store.save(  # noqa: E731 - one call, to be made later
        record.sid, version=1, change=Change(data=b"second"), now=NOW, limits=LIMITS
    )

    with waiting(server, save) as answer:
        other.commit() if stored else other.rollback()

    if stored:
        assert isinstance(answer.result(), Conflict)
        assert (answer.result().record.version, answer.result().record.data) == (2, b"first")
    else:
        assert answer.result() == Saved(2)


def test_an_expiry_that_waited_for_activity_is_none(server, store, other) -> None:
    """It was over when it was read; whoever was there meanwhile goes on."""
    record = begin(store)
    other.execute("UPDATE session SET seen = %s", [NOW + 1])

    with waiting(server, lambda: look(store, record, at=NOW + IDLE)) as answer:
        other.commit()

    assert isinstance(answer.result(), Live)


def test_a_sign_in_waits_for_an_end_of_all_under_way(server, store, other) -> None:
    """It looks at the epoch after it has waited, and is refused by the new one."""
    turn, values = store._turns.of("ana")
    other.execute(turn, values | {"lock_ms": "0"})
    other.execute("INSERT INTO epoch VALUES ('=ana', %s)", [NOW])
    call = lambda: store.create(  # noqa: E731 - one call, to be made later
        a_record(), now=NOW, limits=LIMITS, began=NOW
    )

    with waiting(server, call) as answer:
        other.commit()

    assert answer.result() == Refused("revoked")
    assert sids(store) == set()


def test_two_creations_of_one_sid_at_once(server, store, other) -> None:
    """The second is refused as if the first had been there long before."""
    record, visitor = a_record(), a_record(None)
    assert store.create(record, now=NOW, limits=LIMITS, began=NOW) == Created()
    other.execute("UPDATE session SET sid = %s", [visitor.sid])
    call = lambda: store.create(  # noqa: E731 - one call, to be made later
        visitor, now=NOW, limits=LIMITS, began=NOW
    )

    with waiting(server, call) as answer:
        other.commit()

    with pytest.raises(ValueError, match=f"{visitor.sid} exists already"):
        answer.result()


def test_a_sweep_leaves_alone_what_is_just_being_used(store, other) -> None:
    """It does not wait for the row, and the next one finds it live."""
    used, left = sorted((begin(store), begin(store)), key=lambda one: one.sid)
    other.execute("UPDATE session SET seen = %s WHERE sid = %s", [NOW + IDLE - 1, used.sid])

    swept = store.sweep(now=NOW + IDLE, limits=LIMITS)
    other.commit()

    assert [one.sid for one in swept.ended] == [left.sid]
    assert store.sweep(now=NOW + IDLE, limits=LIMITS).ended == ()
    assert live(store, used, at=NOW + IDLE).seen == NOW + IDLE - 1


def test_whoever_is_undone_by_a_deadlock_begins_anew(server, store, other) -> None:
    """Two that wait for each other: the server undoes one of them, and nobody hears of it."""
    first, second = sorted((begin(store), begin(store)), key=lambda one: one.sid)
    other.execute("UPDATE session SET seen = seen + 1 WHERE sid = %s", [second.sid])
    call = lambda: store.end(User("ana"), reason=EndReason.REVOKED, now=NOW)  # noqa: E731 - to be made later

    with waiting(server, call) as answer:
        other.execute("UPDATE session SET seen = seen + 1 WHERE sid = %s", [first.sid])
        other.commit()

    assert {one.sid for one in answer.result().ended} == {first.sid, second.sid}
    assert sids(store) == set()


def test_a_replay_of_many_verbs_touches_nothing_that_has_ended(store) -> None:
    """A touch credits no moment to a session that is over, however early the moment was."""
    record = begin(store)
    end(store, record)

    answer = store.open(
        record.sid, record.secret_hash, now=NOW + 1, limits=LIMITS, touch=Touch(NOW + 1, True)
    )

    assert isinstance(answer, Ended)
    assert end(store, record) == Ends(())


def test_an_overlap_that_is_closed_while_another_is_active(server, store, other) -> None:
    """The new secret is seen for the first time, by two at once: it is shut, and both go on."""
    record, rotation = begin(store), a_rotation(until=NOW + 60_000, closes_on_use=True)
    change = Change(rotate=rotation)
    store.save(record.sid, version=1, change=change, now=NOW, limits=LIMITS)
    other.execute("UPDATE session SET seen = %s", [NOW + 1])
    call = lambda: store.open(  # noqa: E731 - one call, to be made later
        record.sid, rotation.secret_hash, now=NOW + 2, limits=LIMITS
    )

    with waiting(server, call) as answer:
        other.commit()

    found = answer.result().record
    assert (found.seen, found.previous.until, found.previous.closes_on_use) == (NOW + 1, 0, False)


def test_a_save_that_found_it_expired_while_somebody_was_active(server, store, other) -> None:
    """The session goes on, and what was to be saved is saved."""
    record = begin(store)
    other.execute("UPDATE session SET seen = %s", [NOW + 1])
    call = lambda: store.save(  # noqa: E731 - one call, to be made later
        record.sid, version=1, change=Change(b"new"), now=NOW + IDLE, limits=LIMITS
    )

    with waiting(server, call) as answer:
        other.commit()

    assert answer.result() == Saved(2)


def test_a_draft_that_waited_for_another_tab_does_not_overwrite_it(server, store, other) -> None:
    """Nothing was there when it was decided, and something when its turn came."""
    drafts = store.drafts()
    turn, values = store._turns.of("ana", "drafts")
    other.execute(turn, values | {"lock_ms": "0"})
    values = [PAGE.encode(), NOW, NOW]
    other.execute("INSERT INTO draft VALUES ('ana', %s, 'b', %s, 1, %s, '')", values)

    with waiting(server, lambda: drafts.put("ana", a_draft(sheet="a"))) as answer:
        other.commit()

    assert answer.result() is Verdict.ELSEWHERE
    assert drafts.get("ana", PAGE, now=NOW).draft.sheet == "b"
