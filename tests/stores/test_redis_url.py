"""The URLs of the Redis store."""

from __future__ import annotations

import re
import subprocess
import sys
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest

from nightlatch.errors import SettingError
from nightlatch.stores import open_store
from nightlatch.stores.redis import RedisStore
from nightlatch.stores.redis_pool import pool
from nightlatch.stores.redis_url import NUMBERS, TEXTS, Address, address
from nightlatch.testing.conformance.desk import LIMITS, NOW, begin, live
from tests.stores.redis_servers import HOST, RedisServer, free_ports

PASSWORD = "hunter2/O’Connor@home"
SPELLED = "hunter2%2FO%E2%80%99Connor%40home"


@pytest.mark.parametrize(
    ("url", "expected"),
    [
        ("redis://cache", Address("redis", (("cache", 6379),))),
        ("redis://[::1]:7000/3", Address("redis", (("::1", 7000),), db=3)),
        (
            f"rediss://bank:{SPELLED}@cache:6380",
            Address("rediss", (("cache", 6380),), username="bank", password=PASSWORD),
        ),
        (f"redis://:{SPELLED}@cache", Address("redis", (("cache", 6379),), password=PASSWORD)),
        (
            f"unix://:{SPELLED}@/run/redis%20one/socket?db=2",
            Address("unix", path="/run/redis one/socket", password=PASSWORD, db=2),
        ),
        (
            "redis+sentinel://one,two:26380/bank/4?sentinel_password=x&sentinel_username=y",
            Address(
                "redis+sentinel",
                (("one", 26379), ("two", 26380)),
                master="bank",
                db=4,
                sentinel_password="x",
                sentinel_username="y",
            ),
        ),
        (
            "rediss+cluster://one:7000,two:7001/?wait=1&wait_ms=100&timeout_ms=500",
            Address(
                "rediss+cluster",
                (("one", 7000), ("two", 7001)),
                wait=1,
                wait_ms=100,
                timeout_ms=500,
            ),
        ),
        (
            "rediss://cache?ca=/ca.pem&cert=/c.pem&key=/k.pem&prefix=bank&connect_timeout_ms=5",
            Address(
                "rediss",
                (("cache", 6379),),
                ca="/ca.pem",
                cert="/c.pem",
                key="/k.pem",
                prefix="bank",
                connect_timeout_ms=5,
            ),
        ),
    ],
)
def test_what_a_url_says(url: str, expected: Address) -> None:
    """Servers, login, database and options are read from it; the rest is as always."""
    assert address(url) == expected


@pytest.mark.parametrize(
    "url",
    [
        f"redis://:{SPELLED}@",
        f"redis://:{SPELLED}@cache:port",
        f"redis://:{SPELLED}@cache:99999",
        f"redis://:{SPELLED}@one,two",
        f"redis://:{SPELLED}@cache/first",
        f"redis://:{SPELLED}@cache/-1",
        f"redis://:{SPELLED}@cache/٣",
        f"redis://:{SPELLED}@cache?nosuch={SPELLED}",
        f"redis://:{SPELLED}@cache?{SPELLED}=1",
        f"redis://:{SPELLED}@cache?{SPELLED}",
        f"redis://:{SPELLED}@cache?ca=",
        f"redis://:{SPELLED}@cache?timeout_ms=0",
        f"redis://:{SPELLED}@cache?timeout_ms=60001",
        f"redis://:{SPELLED}@cache?wait=many",
        f"redis://:{SPELLED}@cache?wait_ms=1000",
        f"redis://:{SPELLED}@cache?prefix=%7Bx",
        f"redis://:{SPELLED}@[cache",
        f"unix://:{SPELLED}@host/socket",
        f"unix://:{SPELLED}@/",
        f"redis+sentinel://:{SPELLED}@one,two",
        f"redis+cluster://:{SPELLED}@one/1",
        f"redis+cluster://:{SPELLED}@one?db=1",
        # Not percent-encoded: parts of it end up where a host or an option would be.
        "redis://:hunter2?hunter2@cache",
        "redis://:hunter2/hunter2@cache",
        "redis://:hunter2#hunter2@cache",
    ],
)
def test_a_url_that_cannot_be_right(url: str) -> None:
    """It stops the start with what is allowed, and never repeats the password."""
    with pytest.raises(SettingError, match=r"^store.*Allowed: ") as caught:
        open_store(url)

    told = f"{caught.value} {caught.value!r} {caught.value.__cause__} {vars(caught.value)}"
    assert "hunter2" not in told


def test_a_scheme_of_another_store() -> None:
    """Only its own schemes are taken."""
    with pytest.raises(SettingError, match="redis://"):
        address("http://cache")


@pytest.mark.parametrize("url", ["redis://cache", "rediss+cluster://cache"])
def test_without_its_client(url: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """Where redis-py is not installed, the start says what to install."""
    for name in [name for name in sys.modules if name.startswith("nightlatch.stores.redis")]:
        monkeypatch.delitem(sys.modules, name)
    monkeypatch.setitem(sys.modules, "redis", None)

    with pytest.raises(SettingError, match=r"pip install nightlatch\[redis\]"):
        open_store(url)


def test_a_fault_of_its_own_is_not_explained_away(monkeypatch: pytest.MonkeyPatch) -> None:
    """Another module that is missing is told as what it is."""
    monkeypatch.setitem(sys.modules, "nightlatch.stores.redis", None)

    with pytest.raises(ModuleNotFoundError):
        open_store("redis://cache")


def test_no_password_is_shown() -> None:
    """Neither the address nor the store has it in its repr."""
    found = address(f"redis://:{SPELLED}@cache?sentinel_password=hunter2")

    assert "hunter2" not in repr(found)


@pytest.mark.parametrize(
    "url",
    ["redis://cache", "unix:///socket", "redis+sentinel://one,two/bank", "rediss://cache"],
)
def test_time_limits_hold_for_every_connection(url: str) -> None:
    """Neither connecting nor waiting takes longer than the URL allows, and nothing is tried twice.

    Sentinels, who are asked one after the other, share what one server may take.
    """
    made = pool(address(f"{url}?timeout_ms=300&connect_timeout_ms=200"))

    kinds = [(made.connection_kwargs, 1)]
    if "sentinel" in url:
        sentinels = made.sentinel_manager.sentinels
        kinds += [(one.connection_pool.connection_kwargs, 2) for one in sentinels]
    for options, sharers in kinds:
        assert options["socket_timeout"] == 0.3 / sharers
        assert options["socket_connect_timeout"] == 0.2 / sharers
        assert options["retry"].get_retries() == 0


def test_a_database_and_a_prefix_of_its_own(redis_server: RedisServer, redis_url: str) -> None:
    """Two applications share one server and see nothing of each other."""
    with (
        closing(RedisStore(f"{redis_url}/1")) as first,
        closing(RedisStore(f"{redis_url}/1?prefix=other")) as second,
    ):
        begin(first)
        begin(second, "bo")

        found = [
            [one.user for one in store.list(None, now=NOW, limits=LIMITS).sessions]
            for store in (first, second)
        ]

    assert found == [["ana"], ["bo"]]
    assert redis_server.ask("DBSIZE") == 0


def test_a_unix_socket(redis_server: RedisServer, redis_url: str) -> None:
    """A store over a socket in the file system."""
    assert redis_url
    with closing(open_store(f"unix://{redis_server.folder}/socket")) as store:
        record = begin(store)

        assert live(store, record) == record


# TLS


@pytest.fixture(scope="module")
def certificates(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A certificate of an authority of our own, for 127.0.0.1."""
    folder = tmp_path_factory.mktemp("tls")
    subprocess.run(
        [
            *("openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256"),
            *("-nodes", "-days", "2", "-subj", "/CN=redis", "-addext", f"subjectAltName=IP:{HOST}"),
            *("-keyout", folder / "key.pem", "-out", folder / "cert.pem"),
        ],
        check=True,
        capture_output=True,
    )
    return folder


@pytest.fixture(scope="module")
def tls_port(certificates: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[int]:
    """Where a server speaks TLS."""
    port = free_ports(1)[0]
    server = RedisServer(
        tmp_path_factory.mktemp("redis-tls"),
        *("--tls-port", port, "--tls-auth-clients", "no"),
        *("--tls-cert-file", certificates / "cert.pem"),
        *("--tls-key-file", certificates / "key.pem"),
        *("--tls-ca-cert-file", certificates / "cert.pem"),
    )
    yield port
    server.kill()


def test_tls(certificates: Path, tls_port: int) -> None:
    """With the authority's certificate, sessions travel encrypted."""
    url = f"rediss://{HOST}:{tls_port}?ca={certificates}/cert.pem"
    with closing(RedisStore(url)) as store:
        record = begin(store)

        assert live(store, record) == record


def test_a_server_that_nobody_vouches_for(tls_port: int, caplog: pytest.LogCaptureFixture) -> None:
    """Without that certificate nothing is sent."""
    RedisStore(f"rediss://{HOST}:{tls_port}").close()

    assert "did not answer" in caplog.text


def test_the_page_names_every_option() -> None:
    """The table of options in docs/store-redis.md is the one that the store takes."""
    page = (Path(__file__).parents[2] / "docs" / "store-redis.md").read_text(encoding="utf-8")
    table = page.split("| option after")[1].split("\n\n")[0]
    named = set(re.findall(r"`(\w+)`", "".join(re.findall(r"^\| (`.*?) \|", table, re.M))))

    assert named == {*NUMBERS, *TEXTS} - {"db"}
