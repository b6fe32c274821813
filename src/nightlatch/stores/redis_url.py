"""The URLs of :mod:`nightlatch.stores.redis`, taken apart and checked."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any
from urllib.parse import parse_qsl, unquote, urlsplit

from nightlatch.errors import SettingError

SCHEMES = (
    "redis",
    "rediss",
    "unix",
    "redis+sentinel",
    "rediss+sentinel",
    "redis+cluster",
    "rediss+cluster",
)
PORT = 6379
SENTINEL_PORT = 26379

# A thread that waits for longer is lost to everybody else.
TIMEOUT_MS = 1_000
LONGEST_MS = 60_000
WAIT_MS = 250

NUMBERS = {
    "timeout_ms": (1, LONGEST_MS),
    "connect_timeout_ms": (1, LONGEST_MS),
    "wait": (0, 100),
    "wait_ms": (1, LONGEST_MS),
    "db": (0, 1_000_000),
}
TEXTS = ("prefix", "ca", "cert", "key", "sentinel_username", "sentinel_password")


@dataclass(frozen=True, slots=True)
class Address:
    """Where the sessions are, and how long to wait for them.

    :ivar scheme: as in the URL; ``s`` after ``redis`` means TLS, with the server's name checked.
    :ivar hosts: names and ports: of one server, of sentinels, or of some nodes of a cluster.
    :ivar path: of a unix socket.
    :ivar master: what sentinels call the master.
    :ivar db: number of the database; a cluster has only 0.
    :ivar prefix: what every key begins with.
    :ivar timeout_ms: how long one answer may take; :ivar connect_timeout_ms: a connection.
    :ivar wait: how many replicas must have what is written before it is acknowledged; 0: none.
    :ivar wait_ms: how long they are waited for.
    :ivar ca: file with the certificates that are trusted; absent: the system's.
    :ivar cert: file with this client's certificate; :ivar key: with its key.
    """

    scheme: str
    hosts: tuple[tuple[str, int], ...] = ()
    path: str = ""
    master: str = ""
    username: str | None = None
    password: str | None = field(default=None, repr=False)
    db: int = 0
    prefix: str = "nightlatch"
    timeout_ms: int = TIMEOUT_MS
    connect_timeout_ms: int = TIMEOUT_MS
    wait: int = 0
    wait_ms: int = WAIT_MS
    ca: str | None = None
    cert: str | None = None
    key: str | None = None
    sentinel_username: str | None = None
    sentinel_password: str | None = field(default=None, repr=False)

    @property
    def tls(self) -> bool:
        """Whether the connection is encrypted."""
        return self.scheme.startswith("rediss")

    @property
    def kind(self) -> str:
        """``"one"``, ``"sentinel"`` or ``"cluster"``."""
        return self.scheme.partition("+")[2] or "one"


def address(url: str) -> Address:
    """What a URL says.

    :raises SettingError: it cannot be right. No message repeats what may be a password.
    """
    scheme = url.partition("://")[0]
    try:
        parts = urlsplit(url)
        given = parse_qsl(parts.query, keep_blank_values=True, strict_parsing=bool(parts.query))
    except ValueError:
        raise _wrong(scheme, "a URL that can be taken apart; percent-encode the password") from None
    if scheme not in SCHEMES:
        raise _wrong(scheme, ", ".join(f"{one}://" for one in SCHEMES))
    options = _options(given)
    login, _, where = parts.netloc.rpartition("@")
    username, _, password = login.partition(":")
    options["username"] = unquote(username) or None
    options["password"] = unquote(password) or None
    path = unquote(parts.path)
    if scheme == "unix":
        if where or len(path) < 2:
            raise _wrong(scheme, "unix:///path/of/the/socket")
        return _checked(Address(scheme, path=path, **options))
    sentinel = scheme.endswith("+sentinel")
    usual = SENTINEL_PORT if sentinel else PORT
    hosts = tuple(_host(scheme, one, usual) for one in where.split(","))
    rest = path.strip("/")
    if sentinel:
        master, _, rest = rest.partition("/")
        if not master:
            raise _wrong(scheme, f"{scheme}://host:port,host:port/name-of-the-master")
        options["master"] = master
    elif scheme.endswith("+cluster"):
        if rest or options.get("db"):
            raise _wrong(scheme, "no number of a database: a cluster has only one")
    elif len(hosts) > 1:
        raise _wrong(scheme, "one server; for several, redis+sentinel:// or redis+cluster://")
    if rest:
        options.update(_options([("db", rest)]))
    return _checked(Address(scheme, hosts, **options))


def _options(given: list[tuple[str, str]]) -> dict[str, Any]:
    options: dict[str, Any] = {}
    for name, value in given:
        if name in NUMBERS:
            low, high = NUMBERS[name]
            # int() takes more than digits, such as a sign and other scripts' digits.
            if not (value.isascii() and value.isdigit() and low <= int(value) <= high):
                raise SettingError(f"store: {name}", "another", f"{low} to {high}")
            options[name] = int(value)
        elif name in TEXTS and value:
            options[name] = value
        else:
            # Neither name nor value: a password that was not percent-encoded may end up in them.
            raise SettingError(
                "store", "an unknown or empty option", ", ".join(sorted([*NUMBERS, *TEXTS]))
            )
    return options


def _host(scheme: str, text: str, port: int) -> tuple[str, int]:
    try:
        parts = urlsplit(f"//{text}")
        name, number = parts.hostname, parts.port
    except ValueError:
        name, number = None, None
    if not name:
        raise _wrong(scheme, "names or addresses of servers, each with its port")
    return name, port if number is None else number


def _checked(found: Address) -> Address:
    if found.wait_ms >= found.timeout_ms:
        raise SettingError(
            "store: wait_ms", found.wait_ms, f"less than timeout_ms ({found.timeout_ms})"
        )
    if any(brace in found.prefix for brace in "{}"):
        raise SettingError("store: prefix", "another", "a text without braces")
    return found


def _wrong(scheme: str, allowed: str) -> SettingError:
    return SettingError("store", f"{scheme}://…", allowed)
