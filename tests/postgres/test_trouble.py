"""A server that is gone, silent, full of locks or not to be written."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import closing
from functools import partial
from typing import Any

import psycopg
import pytest

from nightlatch.clock import SystemClock
from nightlatch.errors import StoreUnavailable
from nightlatch.policy import Touch
from nightlatch.record import EndReason
from nightlatch.stores.base import Change, Created, Ended, Everyone, Live, One, User
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
from tests.postgres.proxy import CuttingProxy
from tests.postgres.server import Server, opened, until

LIMIT_MS = 300
# What a busy machine adds.
SLOW_MS = 1_500


def verbs(store: PostgresStore, record: Any) -> dict[str, Callable[[], Any]]:
    given = {"now": NOW, "limits": LIMITS}
    return {
        "create": partial(store.create, a_record(), began=NOW, **given),
        "open": partial(store.open, record.sid, record.secret_hash, **given),
        "touch": partial(
            store.open, record.sid, record.secret_hash, touch=Touch(NOW + 1, True), **given
        ),
        "save": partial(store.save, record.sid, version=1, change=Change(b"x"), **given),
        "end": partial(store.end, One("0" * 32), reason=EndReason.SIGNED_OUT, now=NOW),
        "end all": partial(store.end, User("bo"), reason=EndReason.REVOKED, now=NOW),
        "list": partial(store.list, "ana", **given),
        "sweep": partial(store.sweep, **given),
    }


def timed(call: Callable[[], Any]) -> tuple[Any, int]:
    clock = SystemClock()
    began = clock.elapsed()
    try:
        answer = call()
    except StoreUnavailable as error:
        answer = error
    return answer, clock.elapsed() - began


def test_a_silent_server_is_given_up_in_time_and_soon_used_again(server: Server) -> None:
    """Every verb answers within the limit; within 2 s of the server's return every verb works."""
    clock = SystemClock()
    with opened(server, limit_ms=LIMIT_MS) as store:
        record = begin(store)

        with server.frozen():
            told = {name: timed(verb) for name, verb in verbs(store, record).items()}
        back = clock.elapsed()
        until(lambda: not isinstance(timed(lambda: look(store, record))[0], StoreUnavailable))
        recovered_ms = clock.elapsed() - back
        after = {name: timed(verb)[0] for name, verb in verbs(store, record).items()}

        for name, (answer, took_ms) in told.items():
            assert isinstance(answer, StoreUnavailable), name
            assert took_ms < LIMIT_MS + SLOW_MS, name
        assert recovered_ms < 2_000
        assert not [one for one in after.values() if isinstance(one, StoreUnavailable)]
        assert live(store, record).user == "ana"


def test_ending_everybody_may_take_long_but_not_waiting_for_a_connection(own_server) -> None:
    """Its limit is for many sessions, and not for a server that is gone."""
    with opened(own_server, limit_ms=LIMIT_MS) as store:
        record = begin(store)
        own_server.kill()

        answer, took_ms = timed(partial(store.end, Everyone(), reason=EndReason.REVOKED, now=NOW))
        own_server.start()

        assert isinstance(answer, StoreUnavailable)
        assert took_ms < LIMIT_MS + SLOW_MS
        until(lambda: not isinstance(timed(lambda: look(store, record))[0], StoreUnavailable))
        assert live(store, record) == record


def test_connections_that_were_cut_are_not_noticed_by_anybody(server: Server, store) -> None:
    """As after the server's restart: whoever comes next is answered, by a new connection."""
    record = begin(store)
    with closing(server.connect()) as admin:
        admin.execute(
            "SELECT pg_terminate_backend(pid, 5000) FROM pg_stat_activity"
            " WHERE application_name = 'nightlatch'"
        )

    assert live(store, record) == record


def test_a_touch_that_cannot_be_written_fails_no_request(server: Server, store) -> None:
    """On a read-only server requests are answered, untouched; what must be written says so."""
    record = begin(store)
    change = Change(rotate=a_rotation(until=NOW + 60_000, closes_on_use=True))
    store.save(record.sid, version=1, change=change, now=NOW, limits=LIMITS)
    secret = change.rotate.secret_hash
    url = server.url(options="-c%20default_transaction_read_only%3Don")
    with closing(PostgresStore(url, schema=store._turns.schema)) as reader:
        open_ = partial(reader.open, record.sid, secret, limits=LIMITS)

        touched = open_(now=NOW + 1, touch=Touch(NOW + 1, True))
        expired = timed(lambda: open_(now=NOW + IDLE))[0]
        refused = timed(lambda: begin(reader))[0]

        assert isinstance(touched, Live)
        assert (touched.touched, touched.record.seen) == (False, NOW)
        assert touched.record.previous is not None
        assert expired.cause == refused.cause == "ReadOnlySqlTransaction"
        assert isinstance(refused.__cause__, psycopg.Error)


def test_a_touch_does_not_wait_for_ever_for_its_row(server: Server) -> None:
    """Another transaction holds it: answered in time and untouched, and the server gives up too."""
    limit_ms = 1_200
    with opened(server, limit_ms=limit_ms) as store, closing(server.connect()) as other:
        record = begin(store)
        with other.transaction():
            other.execute(f"SELECT FROM {store._turns.schema}.session FOR UPDATE".encode())

            answer, took_ms = timed(lambda: touch(store, record, at=NOW + 1, always=True))
            error, _ = timed(lambda: end(store, record))
            # While the row is still held: nobody goes on waiting for whom nobody asks any more.
            until(
                lambda: (
                    other.execute(
                        "SELECT count(*) FROM pg_stat_activity WHERE wait_event_type = 'Lock'"
                    ).fetchone()
                    == (0,)
                )
            )

        assert answer == Live(record)
        assert took_ms < limit_ms + SLOW_MS
        assert isinstance(error, StoreUnavailable)


def test_more_requests_than_connections_wait_for_one_and_not_for_ever(server: Server) -> None:
    """Whoever gets none in time hears so, and a free one is used again."""
    with opened(server, limit_ms=LIMIT_MS, connections=1) as store:
        record = begin(store)
        pool = store._db._opened()
        held = pool.getconn()

        error, took_ms = timed(lambda: look(store, record))
        pool.putconn(held)

        assert error.cause == "PoolTimeout"
        assert took_ms < LIMIT_MS + SLOW_MS
        assert live(store, record) == record


def test_after_close_nothing_is_answered(store) -> None:
    """Nor does closing again do any harm, or closing what was never used."""
    record = begin(store)
    store.close()
    store.close()

    with pytest.raises(StoreUnavailable):
        look(store, record)


def test_closed_before_it_was_used(store) -> None:
    """A store that was closed unused opens no pool any more."""
    store.close()

    with pytest.raises(StoreUnavailable, match="PoolClosed"):
        look(store, a_record())


def test_what_was_committed_and_not_acknowledged_is_one_consistent_state(
    server: Server, store
) -> None:
    """The answer to a sign-in, a rotation and a sign-out is lost: to try again does no harm."""
    with (
        CuttingProxy(server.folder) as proxy,
        closing(PostgresStore(proxy.url(server), schema=store._turns.schema)) as cut,
    ):
        look(cut, a_record())
        record, rotation = a_record(), a_rotation(until=NOW + 60_000)
        create = partial(cut.create, record, now=NOW, limits=LIMITS, began=NOW)
        change = Change(rotate=rotation)
        rotate = partial(cut.save, record.sid, version=1, change=change, now=NOW, limits=LIMITS)

        with proxy.answers_lost():
            assert isinstance(timed(create)[0], StoreUnavailable)
        with pytest.raises(ValueError, match="exists already"):
            create()
        assert sids(store) == {record.sid}

        with proxy.answers_lost():
            assert isinstance(timed(rotate)[0], StoreUnavailable)
        assert rotate().record.secret_hash == rotation.secret_hash
        assert look(store, record).stale

        with proxy.answers_lost():
            assert isinstance(timed(lambda: end(cut, record))[0], StoreUnavailable)
        assert end(cut, record).ended == ()
        assert look(store, record) == Ended(record.sid, "ana", EndReason.SIGNED_OUT, NOW)

        with proxy.answers_lost():
            everyone = partial(cut.end, Everyone(), reason=EndReason.REVOKED, now=NOW)
            assert isinstance(timed(everyone)[0], StoreUnavailable)
        assert everyone().epoch == NOW + 1
        late = partial(store.create, a_record(), now=NOW + 1, limits=LIMITS)
        assert late(began=NOW + 1) != Created()
        assert late(began=NOW + 2) == Created()
