"""How :mod:`nightlatch.stores.redis` connects: time limits, TLS, and nothing tried twice."""

from __future__ import annotations

from typing import Any

from redis import ConnectionPool, RedisCluster, SSLConnection, UnixDomainSocketConnection
from redis.backoff import NoBackoff
from redis.cluster import ClusterNode
from redis.retry import Retry
from redis.sentinel import Sentinel, SentinelConnectionPool

from nightlatch.stores.redis_url import Address


def pool(address: Address) -> ConnectionPool:
    """Connections to one server, or to whichever one the sentinels call the master."""
    options = _options(address)
    if address.kind == "sentinel":
        sentinel = Sentinel(
            list(address.hosts),
            # They are asked one after the other, and all may be silent.
            sentinel_kwargs=_common(address, shared_by=len(address.hosts))
            | {"username": address.sentinel_username, "password": address.sentinel_password}
            | ({"ssl": True, **_tls(address)} if address.tls else {}),
        )
        return SentinelConnectionPool(
            address.master, sentinel, db=address.db, ssl=address.tls, **options
        )
    if address.scheme == "unix":
        return ConnectionPool(
            connection_class=UnixDomainSocketConnection, path=address.path, db=address.db, **options
        )
    host, port = address.hosts[0]
    if address.tls:
        options["connection_class"] = SSLConnection
    return ConnectionPool(host=host, port=port, db=address.db, **options)


def cluster(address: Address) -> RedisCluster:
    """A client that knows which node has which slot. It connects at once."""
    return RedisCluster(
        startup_nodes=[ClusterNode(host, port) for host, port in address.hosts],
        # Part of a cluster serves its part of the sessions.
        require_full_coverage=False,
        ssl=address.tls,
        **_options(address),
    )


def _options(address: Address) -> dict[str, Any]:
    login = {"username": address.username, "password": address.password}
    return _common(address) | login | (_tls(address) if address.tls else {})


def _common(address: Address, *, shared_by: int = 1) -> dict[str, Any]:
    return {
        "socket_timeout": address.timeout_ms / 1000 / shared_by,
        "socket_connect_timeout": address.connect_timeout_ms / 1000 / shared_by,
        # Whoever gets no answer does not know whether it was done.
        "retry": Retry(NoBackoff(), 0),
        "protocol": 2,
    }


def _tls(address: Address) -> dict[str, Any]:
    return {
        "ssl_ca_certs": address.ca,
        "ssl_certfile": address.cert,
        "ssl_keyfile": address.key,
        "ssl_cert_reqs": "required",
        "ssl_check_hostname": True,
    }
