"""The server is killed by -9 under load: what was acknowledged holds."""

from __future__ import annotations

import threading
from contextlib import closing
from dataclasses import dataclass, field
from itertools import count

from nightlatch.clock import SystemClock
from nightlatch.errors import StoreUnavailable
from nightlatch.record import EndReason, Record
from nightlatch.stores.base import Change, Created, Ended, Live, One, Saved
from nightlatch.stores.postgres import PostgresStore
from nightlatch.testing.conformance.desk import LIMITS, NOW, a_record, look
from tests.postgres.server import Server, until

WRITERS = 8
KILLS = 3


@dataclass
class Book:
    """What one writer was told."""

    live: dict[str, tuple[Record, bytes]] = field(default_factory=dict)
    ended: dict[str, Record] = field(default_factory=dict)
    # Asked, and not answered: either state is right.
    unknown: set[str] = field(default_factory=set)
    failures: int = 0


def write(store: PostgresStore, book: Book, stop: threading.Event) -> None:
    """Begin, save and end sessions until told to stop, and write down what was acknowledged."""
    for number in count():
        if stop.is_set():
            return
        record = a_record(f"user {number % 7}")
        book.unknown.add(record.sid)
        try:
            assert store.create(record, now=NOW, limits=LIMITS, began=NOW) == Created()
            book.live[record.sid] = record, b""
            data = str(number).encode()
            saved = store.save(record.sid, version=1, change=Change(data), now=NOW, limits=LIMITS)
            assert saved == Saved(2)
            book.live[record.sid] = record, data
            if number % 2:
                (ended,) = store.end(One(record.sid), reason=EndReason.REVOKED, now=NOW).ended
                book.ended[ended.sid] = record
                del book.live[ended.sid]
            book.unknown.discard(record.sid)
        except StoreUnavailable:
            book.failures += 1


def test_nothing_acknowledged_is_lost_or_undone_by_killing_the_server(
    own_server: Server,
) -> None:
    """Every process of it dies three times under load; 0 lost, 0 revived, and work goes on."""
    schema = own_server.schema()
    with closing(PostgresStore(own_server.url(), schema=schema, limit_ms=500)) as store:
        books = [Book() for _ in range(WRITERS)]
        stop = threading.Event()
        threads = [threading.Thread(target=write, args=(store, book, stop)) for book in books]
        for thread in threads:
            thread.start()

        recovered_ms = []
        for _ in range(KILLS):
            so_far = sum(len(book.ended) for book in books)
            until(lambda so_far=so_far: sum(len(book.ended) for book in books) > so_far + 100)
            own_server.kill()
            own_server.start()
            clock, so_far = SystemClock(), sum(len(book.ended) for book in books)
            began = clock.elapsed()
            until(lambda so_far=so_far: sum(len(book.ended) for book in books) > so_far)
            recovered_ms.append(clock.elapsed() - began)
        stop.set()
        for thread in threads:
            thread.join()

        assert sum(book.failures for book in books) > 0
        assert max(recovered_ms) < 2_000
        for book in books:
            for record in book.ended.values():
                assert isinstance(look(store, record), Ended), "revived"
            for record, data in book.live.values():
                found = look(store, record)
                if record.sid in book.unknown:
                    continue  # its last step was not answered
                assert isinstance(found, Live), "lost"
                assert found.record.data == data
