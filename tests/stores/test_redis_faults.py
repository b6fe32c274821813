"""The Redis store when its server is gone, stops, is full, or throws things away."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from contextlib import closing
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import Any

import pytest

from nightlatch.errors import SettingError, StoreUnavailable
from nightlatch.record import EndReason
from nightlatch.stores.base import (
    Cap,
    Change,
    Created,
    Ended,
    Everyone,
    Live,
    One,
    Refused,
    SessionStore,
    User,
)
from nightlatch.stores.redis import RedisStore
from nightlatch.testing.conformance.desk import (
    IDLE,
    LIMITS,
    NOW,
    SLACK,
    a_record,
    a_rotation,
    begin,
    end,
    live,
    look,
    sids,
    together,
    touch,
)
from tests.stores.redis_proxy import Proxy
from tests.stores.redis_servers import HOST, RedisServer, free_ports

# By itself: it measures how long things take.
pytestmark = pytest.mark.process

VERBS: dict[str, Callable[[SessionStore], Any]] = {
    "create": lambda store: store.create(a_record(), now=NOW, limits=LIMITS, began=NOW),
    "open": lambda store: look(store, a_record()),
    "save": lambda store: store.save("ab" * 16, version=1, change=Change(), now=NOW, limits=LIMITS),
    "end": lambda store: store.end(One("ab" * 16), reason=EndReason.REVOKED, now=NOW),
    "end a user's": lambda store: store.end(User("ana"), reason=EndReason.REVOKED, now=NOW),
    "end everyone's": lambda store: store.end(Everyone(), reason=EndReason.REVOKED, now=NOW),
    "list": lambda store: store.list("ana", now=NOW, limits=LIMITS),
    "list everyone's": lambda store: store.list(None, now=NOW, limits=LIMITS),
    "sweep": lambda store: store.sweep(now=NOW, limits=LIMITS),
}


@pytest.fixture
def own_server(tmp_path: Path) -> Iterator[RedisServer]:
    """A server that a test may ruin."""
    server = RedisServer(tmp_path / "redis")
    yield server
    server.kill()


@pytest.fixture
def proxy(redis_server: RedisServer) -> Iterator[Proxy]:
    """Something in front of the server."""
    proxy = Proxy(redis_server.port)
    yield proxy
    proxy.close()


@pytest.fixture
def far_store(proxy: Proxy, redis_url: str) -> Iterator[RedisStore]:
    """A store behind the proxy."""
    with closing(RedisStore(f"redis://{HOST}:{proxy.port}")) as store:
        yield store


@pytest.mark.parametrize("kind", ["redis://", "redis+cluster://"])
@pytest.mark.parametrize("verb", VERBS)
def test_nobody_there(kind: str, verb: str, caplog: pytest.LogCaptureFixture) -> None:
    """The store can be made without its server, says so, and each verb is told at once."""
    with (
        closing(RedisStore(f"{kind}{HOST}:{free_ports(1)[0]}")) as store,
        pytest.raises(StoreUnavailable) as caught,
    ):
        VERBS[verb](store)

    assert caught.value.doing == verb.split()[0]
    assert "did not answer at the start" in caplog.text


def test_a_store_that_was_never_asked_is_closed() -> None:
    """Closing a cluster's store that never found its cluster does nothing."""
    store = RedisStore(f"redis+cluster://{HOST}:{free_ports(1)[0]}")

    store.close()
    store.close()


@pytest.mark.parametrize("verb", VERBS)
def test_a_server_that_stands_still(verb: str, own_server: RedisServer) -> None:
    """A verb gives up in time, and the next one is answered as soon as the server goes on."""
    with closing(RedisStore(f"{own_server.url}?timeout_ms=300")) as store:
        record = begin(store)
        own_server.pause()
        began = time.monotonic()

        with pytest.raises(StoreUnavailable, match="TimeoutError"):
            VERBS[verb](store)

        assert time.monotonic() - began < 2
        own_server.resume()
        assert live(store, record) == record
        VERBS[verb](store)


def test_a_server_that_comes_back(own_server: RedisServer) -> None:
    """Killed and started again, it is asked on new connections, by the first verb that comes."""
    with closing(RedisStore(own_server.url)) as store:
        record = begin(store)
        together(*[partial(look, store, record)] * 4)
        own_server.kill()
        with pytest.raises(StoreUnavailable):
            look(store, record)

        own_server.start()

        assert [look(store, record) for _ in range(5)] == [None] * 5
        begin(store)


def test_a_server_that_forgot_the_scripts(redis_server: RedisServer, redis_url: str) -> None:
    """Scripts that the server does not know are sent whole, and then known again."""
    with closing(RedisStore(redis_url)) as store:
        record = begin(store)
        redis_server.ask("SCRIPT", "FLUSH")

        assert live(store, record) == record
        assert sids(store) == {record.sid}


def test_everything_is_flushed(redis_server: RedisServer, redis_store: RedisStore) -> None:
    """FLUSHALL signs everybody out cleanly: unknown, no error, and signing in works."""
    record = begin(redis_store)

    redis_server.ask("FLUSHALL")

    assert look(redis_store, record) is None
    assert end(redis_store, record).ended == ()
    assert sids(redis_store, "ana") == set()
    begin(redis_store)


def test_the_key_of_a_session_is_gone(redis_server: RedisServer, redis_store: RedisStore) -> None:
    """A session whose key expired or was evicted is unknown, and leaves no list in disorder."""
    record, other = begin(redis_store), begin(redis_store)
    redis_server.ask("DEL", f"nightlatch:{{{record.sid[:2]}}}:{record.sid}")

    answers = look(redis_store, record), sids(redis_store), sids(redis_store, "ana")
    fitting = redis_store.create(
        a_record(), now=NOW, limits=LIMITS, began=NOW, cap=Cap(2, "refuse")
    )

    assert answers == (None, {other.sid}, {other.sid})
    assert fitting == Created()


def test_a_users_list_is_lost(redis_server: RedisServer, redis_store: RedisStore) -> None:
    """A sweep lists again what a failover took out of a user's list, so that *end all* finds it."""
    record, other = begin(redis_store), begin(redis_store, "bo")
    end(redis_store, other)
    for key in redis_server.ask("KEYS", "nightlatch:{u-*"):
        redis_server.ask("DEL", key)
    before = sids(redis_store, "ana"), sids(redis_store)

    redis_store.sweep(now=NOW, limits=LIMITS)

    assert before == (set(), {record.sid})
    assert sids(redis_store, "ana") == {record.sid}
    ends = redis_store.end(User("ana"), reason=EndReason.REVOKED, now=NOW)
    assert [one.sid for one in ends.ended] == [record.sid]


def test_a_full_server(own_server: RedisServer) -> None:
    """Out of memory, sessions go on untouched and may be ended; nobody signs in."""
    with closing(RedisStore(own_server.url)) as store:
        record = begin(store)
        closing_soon = begin(store, "bo")
        rotation = a_rotation(until=NOW + 60_000, closes_on_use=True)
        store.save(
            closing_soon.sid, version=1, change=Change(rotate=rotation), now=NOW, limits=LIMITS
        )
        own_server.ask("CONFIG", "SET", "maxmemory", 1)

        answer = touch(store, record, at=NOW + SLACK)
        unclosed = store.open(closing_soon.sid, rotation.secret_hash, now=NOW + 1, limits=LIMITS)

        assert answer == Live(record, touched=False)
        assert isinstance(unclosed, Live)
        assert unclosed.record.previous is not None
        assert unclosed.record.previous.closes_on_use
        with pytest.raises(StoreUnavailable, match="OutOfMemory"):
            begin(store)
        own_server.ask("CONFIG", "SET", "maxmemory", 0)
        assert isinstance(touch(store, record, at=NOW + SLACK), Live)


def test_a_replica_is_not_asked_again(own_server: RedisServer) -> None:
    """A server that has become a replica may say what is no longer true, so it is an outage."""
    with closing(RedisStore(own_server.url)) as store:
        record = begin(store)
        own_server.ask("REPLICAOF", HOST, free_ports(1)[0])

        with pytest.raises(StoreUnavailable, match="ReadOnlyError"):
            touch(store, record, at=NOW + SLACK)


@pytest.mark.parametrize("policy", ["allkeys-lru", "volatile-ttl"])
def test_a_server_that_evicts(
    policy: str, own_server: RedisServer, caplog: pytest.LogCaptureFixture
) -> None:
    """The start warns of a server that throws sessions away; whose session it is is unknown."""
    own_server.ask("CONFIG", "SET", "maxmemory-policy", policy)

    with closing(RedisStore(own_server.url)) as store:
        first = begin(store)
        used = own_server.facts("memory")["used_memory"]
        own_server.ask("CONFIG", "SET", "maxmemory", int(used) + 200_000)
        records = [begin(store, None, data=bytes(2_000)) for _ in range(400)]
        answers = [look(store, one) for one in [first, *records]]

    assert f"maxmemory-policy is {policy}" in caplog.text
    assert None in answers
    assert all(answer is None or isinstance(answer, Live) for answer in answers)


def test_a_server_that_keeps_everything(redis_url: str, caplog: pytest.LogCaptureFixture) -> None:
    """The usual policy needs no word."""
    RedisStore(redis_url).close()

    assert caplog.text == ""


def test_a_wrong_password(own_server: RedisServer) -> None:
    """The start is refused, and no message repeats the password."""
    own_server.ask("CONFIG", "SET", "requirepass", "open-sesame")

    with pytest.raises(SettingError, match="the password that the server knows") as caught:
        RedisStore(f"redis://:hunter2@{HOST}:{own_server.port}")

    assert "hunter2" not in f"{caught.value} {caught.value!r}"
    with closing(RedisStore(f"redis://:open-sesame@{HOST}:{own_server.port}")) as store:
        begin(store)


def test_a_record_of_a_version_to_come(redis_server: RedisServer, redis_store: RedisStore) -> None:
    """What a newer version of this store wrote is refused, and left as it is."""
    record = begin(redis_store)
    key = f"nightlatch:{{{record.sid[:2]}}}:{record.sid}"
    redis_server.ask("SETRANGE", key, 0, b"\x02")
    before = redis_server.ask("GET", key)

    with pytest.raises(StoreUnavailable):
        look(redis_store, record)
    with pytest.raises(StoreUnavailable):
        end(redis_store, record)

    assert redis_server.ask("GET", key) == before


def test_every_byte_of_the_secret_counts(redis_store: RedisStore) -> None:
    """A hash that differs in one byte only, whichever it is, or in its length, is another one."""
    record = begin(redis_store)

    for place in range(32):
        wrong = bytearray(record.secret_hash)
        wrong[place] ^= 1
        assert look(redis_store, replace(record, secret_hash=bytes(wrong))) is None
    for wrong_length in (b"", record.secret_hash[:31], record.secret_hash + b"x"):
        assert look(redis_store, replace(record, secret_hash=wrong_length)) is None


def test_what_is_no_sid_begins_no_session(redis_store: RedisStore) -> None:
    """A name that no token can have is refused, and takes no place in any list."""
    for sid in ("", "no sid", "AB" * 16, "abc"):
        with pytest.raises(ValueError, match="hexadecimal"):
            redis_store.create(a_record(sid=sid), now=NOW, limits=LIMITS, began=NOW)

    assert sids(redis_store) == set()


def test_keys_go_in_the_end(redis_server: RedisServer, redis_store: RedisStore) -> None:
    """Every key but everyone's epoch has a time to go, so that nothing stays that nobody sweeps."""
    begin(redis_store)
    end(redis_store, begin(redis_store, None))
    redis_store.end(User("bo"), reason=EndReason.REVOKED, now=NOW)

    keys = redis_server.ask("KEYS", "nightlatch:*")

    sessions_and_users = [key for key in keys if key.count(b":") == 2 or b"{u-" in key]
    assert len(sessions_and_users) == 4
    assert all(redis_server.ask("PTTL", key) > 86_400_000 for key in sessions_and_users)


# What was asked was done, and the answer was lost (scenario 38)


@pytest.mark.parametrize("lost", range(4))
def test_a_sign_in_whose_answer_is_lost(
    lost: int, proxy: Proxy, far_store: RedisStore, redis_store: RedisStore
) -> None:
    """Whichever answer is lost, *end all* reaches whatever is there, and signing in works."""
    record = a_record()
    proxy.lose_after = lost
    with pytest.raises(StoreUnavailable):
        far_store.create(record, now=NOW, limits=LIMITS, began=NOW)
    proxy.lose_after = None

    listed = sids(redis_store, "ana")
    redis_store.end(User("ana"), reason=EndReason.REVOKED, now=NOW)
    ended = look(redis_store, record)

    # Before it was let in it stands in no list, and has a minute to live.
    assert listed == (set() if lost < 2 else {record.sid})
    if lost >= 2:
        assert isinstance(ended, Ended)
    with pytest.raises(ValueError, match=record.sid):
        far_store.create(record, now=NOW + 1, limits=LIMITS, began=NOW + 1)
    begin(far_store, at=NOW + 1)


def test_what_was_never_let_in_goes_by_itself(
    proxy: Proxy, far_store: RedisStore, redis_server: RedisServer
) -> None:
    """A session whose sign-in broke off half way has a minute, not a day."""
    record = a_record()
    proxy.lose_after = 0
    with pytest.raises(StoreUnavailable):
        far_store.create(record, now=NOW, limits=LIMITS, began=NOW)

    left_ms = redis_server.ask("PTTL", f"nightlatch:{{{record.sid[:2]}}}:{record.sid}")

    assert 0 < left_ms <= 60_000


def test_a_place_that_was_made_is_made(
    proxy: Proxy, far_store: RedisStore, redis_store: RedisStore
) -> None:
    """A sign-in that broke off after it had a place: the next one ends whom it was to end."""
    first = begin(redis_store)
    proxy.lose_after = 4  # INSERT, epoch, HGETALL, PEEK; and ADMIT's is lost
    with pytest.raises(StoreUnavailable):
        far_store.create(a_record(), now=NOW, limits=LIMITS, began=NOW, cap=Cap(1))
    proxy.lose_after = None
    third = a_record(at=NOW + 1)

    answer = redis_store.create(third, now=NOW + 1, limits=LIMITS, began=NOW + 1, cap=Cap(1))

    assert isinstance(answer, Created)
    assert first.sid in {one.sid for one in answer.replaced}
    assert sids(redis_store, "ana") == {third.sid}


def test_a_sign_out_whose_answer_is_lost(proxy: Proxy, far_store: RedisStore) -> None:
    """It has ended; asking again changes neither moment nor reason."""
    record = begin(far_store)
    proxy.lose_after = 0
    with pytest.raises(StoreUnavailable):
        end(far_store, record)
    proxy.lose_after = None

    again = end(far_store, record, at=NOW + 9, reason=EndReason.REVOKED)

    assert again.ended == ()
    assert look(far_store, record) == Ended(record.sid, "ana", EndReason.SIGNED_OUT, NOW)


def test_a_rotation_whose_answer_is_lost(proxy: Proxy, far_store: RedisStore) -> None:
    """The browser never got the new secret: the old one reads, and is a replay in the end."""
    record = begin(far_store)
    change = Change(rotate=a_rotation(until=NOW + 30_000))
    proxy.lose_after = 0
    with pytest.raises(StoreUnavailable):
        far_store.save(record.sid, version=1, change=change, now=NOW, limits=LIMITS)
    proxy.lose_after = None

    inside, after = look(far_store, record), look(far_store, record, at=NOW + 30_000)

    assert isinstance(inside, Live)
    assert inside.stale
    assert isinstance(after, Ended)
    assert after.reason is EndReason.REPLAYED


def test_an_answer_is_never_anothers(proxy: Proxy, redis_url: str, own_server: RedisServer) -> None:
    """After a verb that was given up, its late answer is not taken for the next verb's."""
    with closing(RedisStore(f"{own_server.url}?timeout_ms=300")) as store:
        first, second = begin(store), begin(store, "bo")
        own_server.pause()
        with pytest.raises(StoreUnavailable):
            look(store, first)
        own_server.resume()

        assert live(store, second) == second


def test_a_sign_in_that_takes_too_long(
    redis_server: RedisServer, redis_store: RedisStore, monkeypatch: pytest.MonkeyPatch
) -> None:
    """One that is let in after its minute is no session, and is told so."""
    record = a_record()
    admit = redis_store._admit

    def late(*args: Any, **options: Any) -> Any:
        admitted = admit(*args, **options)
        redis_server.ask("DEL", f"nightlatch:{{{record.sid[:2]}}}:{record.sid}")
        return admitted

    monkeypatch.setattr(redis_store, "_admit", late)

    with pytest.raises(StoreUnavailable, match="longer than a minute"):
        redis_store.create(record, now=NOW, limits=LIMITS, began=NOW)


def test_many_sign_ins_of_one_user(
    redis_store: RedisStore, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Whoever loses against others every time gives up and says so, and leaves nothing."""
    monkeypatch.setattr("nightlatch.stores.redis_index.TRIES", 2)
    users = redis_store._users
    look_first = users._live

    def others_first(*args: Any) -> Any:
        found = look_first(*args)
        begin(redis_store)
        return found

    monkeypatch.setattr(users, "_live", others_first)

    with pytest.raises(StoreUnavailable, match="at once"):
        redis_store.create(a_record(), now=NOW, limits=LIMITS, began=NOW, cap=Cap(9))


def test_ended_while_it_was_let_in(
    redis_store: RedisStore, monkeypatch: pytest.MonkeyPatch
) -> None:
    """An *end all* between looking who is there and letting in is seen."""
    users = redis_store._users
    look_first = users._live

    def revoked_meanwhile(*args: Any) -> Any:
        found = look_first(*args)
        redis_store.end(User("ana"), reason=EndReason.REVOKED, now=NOW)
        return found

    monkeypatch.setattr(users, "_live", revoked_meanwhile)

    answer = redis_store.create(a_record(), now=NOW, limits=LIMITS, began=NOW, cap=Cap(9))

    assert answer == Refused("revoked")
    assert sids(redis_store) == set()


def test_a_bucket_that_empties_while_it_is_walked(
    redis_server: RedisServer, redis_store: RedisStore
) -> None:
    """Where nothing is left of what was counted, the walk goes on behind it."""
    records = [
        begin(redis_store, None, sid=f"{bucket}{number:030x}")
        for bucket in ("00", "01")
        for number in range(2)
    ]
    for one in records[:2]:
        redis_server.ask("DEL", f"nightlatch:{{00}}:{one.sid}")
    step = redis_store.sweep(now=NOW + IDLE, limits=LIMITS, count=2)

    rest = redis_store.sweep(now=NOW + IDLE, limits=LIMITS, count=2, after=step.after)

    assert step.ended == ()
    assert {one.sid for one in rest.ended} == {one.sid for one in records[2:]}
