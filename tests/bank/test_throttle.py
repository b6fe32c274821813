"""How many wrong passwords are taken: the counts, in the bank's database and in Redis."""

from __future__ import annotations

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from redis.exceptions import ConnectionError as RedisGone
from sqlalchemy import func, select, text

from bank import Bank
from bank.db import Database
from bank.signin.throttle import (
    ACCOUNT,
    ADDRESS,
    HERE,
    KNOWN_MS,
    Counts,
    Throttle,
    TooManyTries,
    Who,
    place_of,
)
from bank.signin.throttle_redis import RedisCounts
from bank.signin.throttle_table import FailedTry, KnownPlace, TableCounts
from nightlatch.testing import FakeClock
from tests.bank.redis_server import RedisServer
from tools.files import ROOT

GEORGE = Who("george", "office")
SECOND_MS = 1_000


@pytest.fixture(scope="module")
def redis_server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[RedisServer]:
    with RedisServer(tmp_path_factory.mktemp("redis")) as server:
        yield server


@pytest.fixture
def database(tmp_path: Path) -> Iterator[Database]:
    database = Database(f"sqlite:///{tmp_path / 'tries.db'}")
    database.upgrade()
    yield database
    database.close()


@pytest.fixture
def table(database: Database) -> TableCounts:
    return TableCounts(database)


@pytest.fixture(params=["table", "redis"])
def counts(request: pytest.FixtureRequest) -> Iterator[Counts]:
    if request.param == "table":
        yield request.getfixturevalue("table")
        return
    server = request.getfixturevalue("redis_server")
    server.empty()
    counts = RedisCounts(server.url)
    yield counts
    counts.close()


def fail(counts: Counts, who: Who, times: int, now: int) -> list[bool]:
    return [counts.add(who, now) for _ in range(times)]


def test_the_numbers_are_those_of_the_page() -> None:
    """5 in a quarter of an hour, 50 at an address, and NIST's 100 in a day."""
    page = (ROOT / "docs" / "sign-in.md").read_text(encoding="utf-8")

    for limit, what, within in (
        (HERE, "one name at one address", "15 minutes"),
        (ADDRESS, "one address, any names", "15 minutes"),
        (ACCOUNT, "one name, all addresses", "24 hours"),
    ):
        assert f"| {what} | {limit.failures} | {within} |" in page
        assert limit.window_ms == {"15 minutes": 900_000, "24 hours": 86_400_000}[within]


def test_the_sixth_failure_is_one_too_many(counts: Counts, clock: FakeClock) -> None:
    """Five are taken; then there is a wait of a quarter of an hour at the most."""
    now = clock.now()

    assert fail(counts, GEORGE, 5, now) == [False] * 5
    assert 14 * 60 * SECOND_MS < counts.wait_ms(GEORGE, now) <= 15 * 60 * SECOND_MS
    assert counts.add(GEORGE, now)


def test_four_failures_make_nobody_wait(counts: Counts, clock: FakeClock) -> None:
    """Whoever has mistyped a few times goes on."""
    fail(counts, GEORGE, 4, clock.now())

    assert counts.wait_ms(GEORGE, clock.now()) == 0


def test_another_address_and_another_name_are_free(counts: Counts, clock: FakeClock) -> None:
    """Guesses at one place cost nobody the way in from another."""
    fail(counts, GEORGE, 6, clock.now())

    assert counts.wait_ms(Who("george", "home"), clock.now()) == 0
    assert counts.wait_ms(Who("niamh", "office"), clock.now()) == 0


def test_a_sign_in_forgets_the_failures_of_that_user_there(
    counts: Counts, clock: FakeClock
) -> None:
    """And of nobody else, and nowhere else."""
    niamh, home = Who("niamh", "office"), Who("george", "home")
    for who in (GEORGE, niamh, home):
        fail(counts, who, 5, clock.now())

    counts.clear(GEORGE, clock.now())

    assert counts.wait_ms(GEORGE, clock.now()) == 0
    assert counts.wait_ms(niamh, clock.now()) > 0
    assert counts.wait_ms(home, clock.now()) > 0


def test_one_address_cannot_go_through_the_names(counts: Counts, clock: FakeClock) -> None:
    """One password tried for many names is counted at the address, whichever names they are."""
    tries = [
        counts.add(Who(f"name {number}", "office"), clock.now())
        for number in range(ADDRESS.failures + 1)
    ]

    assert tries == [False] * ADDRESS.failures + [True]
    assert counts.wait_ms(Who("nobody yet", "office"), clock.now()) > 0
    assert counts.wait_ms(Who("nobody yet", "home"), clock.now()) == 0


def test_many_addresses_cannot_go_on_guessing_at_one_name(counts: Counts, clock: FakeClock) -> None:
    """After a hundred in a day a new place waits; where the user was lately, they sign in."""
    home = Who("george", "home")
    counts.clear(home, clock.now())

    tries = [
        counts.add(Who("george", f"bot {number}"), clock.now())
        for number in range(ACCOUNT.failures + 1)
    ]

    assert tries == [False] * ACCOUNT.failures + [True]
    assert counts.wait_ms(Who("george", "a new place"), clock.now()) > 0
    assert counts.wait_ms(home, clock.now()) == 0
    assert fail(counts, home, 6, clock.now()) == [False] * 5 + [True]


def test_none_of_many_failures_at_once_is_lost(counts: Counts, clock: FakeClock) -> None:
    """Eight threads, forty tries: at most five are taken."""
    with ThreadPoolExecutor(8) as people:
        tries = list(people.map(lambda _: counts.add(GEORGE, clock.now()), range(40)))

    assert tries.count(False) <= HERE.failures
    assert counts.wait_ms(GEORGE, clock.now()) > 0


def test_time_gives_the_tries_back_one_by_one(table: TableCounts, clock: FakeClock) -> None:
    """The wait ends when the oldest of the five is a quarter of an hour old, and not before."""
    for _ in range(5):
        table.add(GEORGE, clock.now())
        clock.advance(minutes=1)
    wait_ms = table.wait_ms(GEORGE, clock.now())

    assert wait_ms == 10 * 60 * SECOND_MS
    clock.advance(ms=wait_ms - 1)
    assert table.wait_ms(GEORGE, clock.now()) == 1
    clock.advance(ms=1)
    assert table.wait_ms(GEORGE, clock.now()) == 0
    assert not table.add(GEORGE, clock.now())
    assert table.wait_ms(GEORGE, clock.now()) == 60 * SECOND_MS


def test_a_clock_that_was_set_back_makes_nobody_wait_longer(
    table: TableCounts, clock: FakeClock
) -> None:
    """Failures that lie in the future count, for as long as a window is and no longer."""
    fail(table, GEORGE, 5, clock.now() + ACCOUNT.window_ms)

    assert table.wait_ms(GEORGE, clock.now()) == HERE.window_ms


def test_what_is_old_is_swept(table: TableCounts, database: Database, clock: FakeClock) -> None:
    """The next failure takes away those of yesterday, the next sign-in the places of last month."""
    fail(table, GEORGE, 5, clock.now())
    table.clear(Who("niamh", "home"), clock.now())
    clock.advance(ms=ACCOUNT.window_ms)

    table.add(Who("somebody", "else"), clock.now())
    clock.advance(ms=KNOWN_MS)
    table.clear(GEORGE, clock.now())

    with database.read() as session:
        assert session.scalars(select(FailedTry.account)).all() == ["somebody"]
        assert session.scalars(select(KnownPlace.account)).all() == ["george"]


def test_a_place_is_forgotten_after_a_month(table: TableCounts, clock: FakeClock) -> None:
    """Then it waits like any other, also when nobody has swept it away."""
    home = Who("george", "home")
    table.clear(home, clock.now())
    clock.advance(ms=KNOWN_MS)
    for number in range(ACCOUNT.failures):
        table.add(Who("george", f"bot {number}"), clock.now())

    assert table.wait_ms(home, clock.now()) > 0


def test_the_table_cannot_be_filled(database: Database, clock: FakeClock) -> None:
    """However many addresses somebody has, it keeps so many rows and no more."""
    counts = TableCounts(database, most_rows=10)

    for number in range(25):
        counts.add(Who(f"name {number}", f"bot {number}"), clock.now())

    with database.read() as session:
        assert session.scalar(select(func.count(FailedTry.id))) == 10


def test_signing_in_every_day_writes_once_a_day(
    table: TableCounts, database: Database, clock: FakeClock
) -> None:
    """A place that is known needs no write; after a day its time is written anew."""

    def known_ms() -> int | None:
        with database.read() as session:
            return session.scalar(select(KnownPlace.at_ms))

    table.clear(GEORGE, began := clock.now())
    clock.advance(hours=23)
    table.clear(GEORGE, clock.now())
    assert known_ms() == began

    clock.advance(hours=1)
    table.clear(GEORGE, clock.now())
    assert known_ms() == clock.now()


@pytest.mark.parametrize(
    ("address", "place"),
    [
        ("192.0.2.7", "192.0.2.7"),
        ("2001:db8:1:2:3:4:5:6", "2001:db8:1:2::/64"),
        ("2001:db8:1:2::1", "2001:db8:1:2::/64"),
        ("::ffff:192.0.2.7", "192.0.2.7"),
        ("fe80::1%eth0", "fe80::/64"),
        ("a socket", "a socket"),
        (None, ""),
    ],
)
def test_a_network_of_ipv6_is_one_address(address: str | None, place: str) -> None:
    """Nobody has more tries for having 2^64 addresses; an odd address is one as well."""
    assert place_of(address) == place


def test_neither_name_nor_address_is_kept(
    bank: Bank, redis_server: RedisServer, clock: FakeClock
) -> None:
    """Spellings that mean the same are one name; what is kept betrays neither it nor the place."""
    redis_server.empty()
    in_redis = Throttle(RedisCounts(redis_server.url), clock, "a key")
    for throttle in (bank.throttle, in_redis):
        for name in ("O’Connor", "o'connor", " O’CONNOR ", "O’Connor", "o’connor"):
            throttle.wrong(name, "192.0.2.7")

        with pytest.raises(TooManyTries):
            throttle.ask("O’Connor", "192.0.2.7")

    with bank.database.read() as session:
        rows = session.execute(text("SELECT account, address FROM failed_tries")).all()
    kept = str(rows) + str(redis_server.keys())
    assert len(set(rows)) == 1
    assert "connor" not in kept.lower()
    assert "192.0.2" not in kept
    in_redis.close()


@pytest.mark.parametrize("name", ["", "x" * 5_000, "a\0b", "\udc80"])
def test_odd_names_are_counted_too(bank: Bank, name: str) -> None:
    """What can be nobody's name is held up like a name."""
    for _ in range(5):
        bank.throttle.wrong(name, None)

    with pytest.raises(TooManyTries):
        bank.throttle.wrong(name, None)


@pytest.mark.parametrize(
    ("wait_ms", "wait_s", "says"),
    [
        (1, 1, "Wait 1 second, until 24 Nov 2026, 12:01 UTC,"),
        (61_000, 61, "Wait 61 seconds, until 24 Nov 2026, 12:02 UTC,"),
        (120_001, 121, "Wait 3 minutes, until 24 Nov 2026, 12:03 UTC,"),
        (900_000, 900, "Wait 15 minutes, until 24 Nov 2026, 12:15 UTC,"),
    ],
)
def test_nobody_is_told_to_come_too_early(wait_ms: int, wait_s: int, says: str) -> None:
    """Rounded up, in seconds for the browser and in words and a time of day for the person."""
    noon = 1_795_521_600_000

    error = TooManyTries(wait_ms, noon)

    assert error.headers == {"Retry-After": str(wait_s)}
    assert says in error.words


def test_counts_out_of_reach_keep_nobody_out(
    clock: FakeClock, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    """Without its Redis the bank takes passwords, and its log says what is missing."""
    throttle = Throttle(RedisCounts(f"redis+unix://{tmp_path / 'nobody'}"), clock, "a key")

    for _ in range(10):
        throttle.ask("george", None)
        throttle.wrong("george", None)
    throttle.right("george", None)

    assert "Wrong passwords cannot be counted (StorageError)" in caplog.text
    assert RedisGone.__name__ not in caplog.text
    throttle.close()


def test_a_database_that_cannot_be_written_keeps_nobody_out(
    bank: Bank, caplog: pytest.LogCaptureFixture
) -> None:
    """The same of the table."""
    with bank.database.write() as session:
        session.execute(text("DROP TABLE failed_tries"))

    bank.throttle.wrong("george", None)
    bank.throttle.right("george", None)

    assert "Wrong passwords cannot be counted (OperationalError)" in caplog.text
    assert "failed_tries" not in caplog.text
