"""Wrong passwords counted in Redis, for banks on more machines than one.

The windows are those of ``limits``, the library below Flask-Limiter. They go by the clock of the
machine that asks, in whole seconds.
"""

from __future__ import annotations

import time

from limits import RateLimitItem, RateLimitItemPerSecond
from limits.errors import StorageError
from limits.storage import RedisStorage
from limits.strategies import MovingWindowRateLimiter

from bank.signin.throttle import ACCOUNT, ADDRESS, HERE, KNOWN_MS, Limit, Who

PATIENCE_S = 2


def _item(limit: Limit, namespace: str) -> RateLimitItem:
    seconds = limit.window_ms // 1_000
    return RateLimitItemPerSecond(limit.failures, seconds, namespace=namespace)


_HERE = _item(HERE, "here")
_ADDRESS = _item(ADDRESS, "address")
_ACCOUNT = _item(ACCOUNT, "account")
# A limit of one that is used up is a mark that fades by itself.
_KNOWN = _item(Limit(1, KNOWN_MS), "known")


class RedisCounts:
    """Counts in a Redis that all workers share; what is old goes by itself.

    :param url: ``redis://…``, ``rediss://…`` or ``redis+unix://…``.
    """

    errors: type[Exception] = StorageError

    def __init__(self, url: str) -> None:
        self._storage = RedisStorage(
            url,
            key_prefix="bank-tries",
            wrap_exceptions=True,
            socket_connect_timeout=PATIENCE_S,
            socket_timeout=PATIENCE_S,
        )
        self._limiter = MovingWindowRateLimiter(self._storage)

    def wait_ms(self, who: Who, now: int) -> int:
        """See :class:`bank.signin.throttle.Counts`."""
        waits = [self._wait_ms(item, *keys) for item, keys in _counted(who)]
        if waits[-1] and not self._limiter.test(_KNOWN, who.account, who.address):
            waits.pop()
        return max(waits)

    def add(self, who: Who, now: int) -> bool:
        """See :class:`bank.signin.throttle.Counts`."""
        taken = [self._limiter.hit(item, *keys) for item, keys in _counted(who)]
        if not taken[-1] and not self._limiter.test(_KNOWN, who.account, who.address):
            taken.pop()
        return not all(taken)

    def clear(self, who: Who, now: int) -> None:
        """See :class:`bank.signin.throttle.Counts`."""
        self._limiter.clear(_HERE, who.account, who.address)
        self._limiter.clear(_KNOWN, who.account, who.address)
        self._limiter.hit(_KNOWN, who.account, who.address)

    def close(self) -> None:
        """Closes every connection."""
        self._storage.storage.close()

    def _wait_ms(self, item: RateLimitItem, *keys: str) -> int:
        window = self._limiter.get_window_stats(item, *keys)
        if window.remaining > 0:
            return 0
        return max(1, int((window.reset_time - time.time()) * 1_000))


def _counted(who: Who) -> tuple[tuple[RateLimitItem, tuple[str, ...]], ...]:
    return (
        (_HERE, (who.account, who.address)),
        (_ADDRESS, (who.address,)),
        (_ACCOUNT, (who.account,)),
    )
