"""How many wrong passwords are taken, from whom, and how long to wait for the next try.

Nobody is locked out: too many failures cost time, at the address that they came from. What is
counted, over all workers of the bank (NIST SP 800-63B-4, 3.2.2; OWASP ASVS 5.0, 6.1.1, 6.3.1):

- failures of one name at one address: the next one has to wait;
- failures at one address, whatever the names;
- failures of one name at all addresses, more than which are taken only where that user has signed
  in lately. Whoever attacks from everywhere cannot keep a user out of their usual places.

A name that nobody has is counted like any other. Names and addresses are not kept: a keyed
fingerprint of each is.
"""

from __future__ import annotations

import logging
from collections.abc import Callable
from dataclasses import dataclass
from ipaddress import IPv6Address, ip_address
from math import ceil
from typing import Protocol, TypeVar

from bank.audit.events import Fingerprints
from bank.words import duration, moment
from nightlatch import Clock

log = logging.getLogger(__name__)

MINUTE_MS = 60_000
DAY_MS = 24 * 60 * MINUTE_MS
# How long a place is known after its user has signed in there.
KNOWN_MS = 30 * DAY_MS

Result = TypeVar("Result")


@dataclass(frozen=True, slots=True)
class Limit:
    """So many failures are taken in any stretch of that length."""

    failures: int
    window_ms: int


HERE = Limit(5, 15 * MINUTE_MS)
"""Of one name at one address."""
ADDRESS = Limit(50, 15 * MINUTE_MS)
"""At one address, of any names: an office has one address for many people."""
ACCOUNT = Limit(100, DAY_MS)
"""Of one name at all addresses together; NIST's number."""


@dataclass(frozen=True, slots=True)
class Who:
    """Whose password was tried, and where: fingerprints, as they are kept."""

    account: str
    address: str


class Counts(Protocol):
    """Where failures are counted, for all processes of a bank.

    :ivar errors: what is raised when it cannot be reached.
    """

    errors: type[Exception]

    def wait_ms(self, who: Who, now: int) -> int:
        """How long until the next try may be made; 0: now."""
        ...

    def add(self, who: Who, now: int) -> bool:
        """Counts one failure, in one step however many do so at once.

        :returns: whether it was one too many.
        """
        ...

    def clear(self, who: Who, now: int) -> None:
        """That user has signed in there: forgets their failures there, and knows the place."""
        ...

    def close(self) -> None:
        """Lets go of what it holds."""
        ...


class TooManyTries(Exception):
    """The password was not looked at, or nothing is said about it.

    :ivar wait_s: seconds, more than 0.
    """

    def __init__(self, wait_ms: int, now: int) -> None:
        super().__init__(f"Too many failures. The next try may be made in {wait_ms} ms.")
        self.wait_s = max(1, ceil(wait_ms / 1_000))
        # To the next full minute, so that nobody who reads a clock is a moment too early.
        self._until_ms = ceil((now + wait_ms) / MINUTE_MS) * MINUTE_MS

    @property
    def words(self) -> str:
        """What to tell the person: the same whether such a user exists or not."""
        seconds = self.wait_s if self.wait_s < 120 else ceil(self.wait_s / 60) * 60
        return (
            f"There were too many tries with a wrong password. Wait {duration(seconds * 1_000)}, "
            f"until {moment(self._until_ms)}, then try again. No account was locked."
        )

    @property
    def headers(self) -> dict[str, str]:
        """What to tell the browser."""
        return {"Retry-After": str(self.wait_s)}


class Throttle:
    """Counts wrong passwords, and says when there were too many.

    When the place of the counts cannot be reached, passwords are taken all the same: the log
    says so, and nobody is kept out of their account by an outage.

    :param key: for the fingerprints; secret, and the same in every process of the bank.
    """

    def __init__(self, counts: Counts, clock: Clock, key: str) -> None:
        self._counts = counts
        self._clock = clock
        self._prints = Fingerprints(key.encode)

    def ask(self, name: str, address: str | None) -> None:
        """Lets a try be made if the name's password may be tried from there.

        :param name: as it was typed, in any spelling.
        :param address: where the request came from; None where that is not known.
        :raises TooManyTries: not now.
        """
        who, now = self._who(name, address), self._clock.now()
        if wait_ms := self._try(lambda: self._counts.wait_ms(who, now), 0):
            raise TooManyTries(wait_ms, now)

    def wrong(self, name: str, address: str | None) -> None:
        """It was wrong.

        :raises TooManyTries: others have used up the tries meanwhile.
        """
        who, now = self._who(name, address), self._clock.now()
        if self._try(lambda: self._counts.add(who, now), False):
            self.ask(name, address)

    def right(self, name: str, address: str | None) -> None:
        """It was right.

        :raises TooManyTries: wrong ones have used up the tries meanwhile. Of many guesses that
            were made at once no more are answered than of as many in a row.
        """
        self.ask(name, address)
        who, now = self._who(name, address), self._clock.now()
        self._try(lambda: self._counts.clear(who, now), None)

    def close(self) -> None:
        """Lets go of the place where failures are counted."""
        self._counts.close()

    def _who(self, name: str, address: str | None) -> Who:
        place = self._prints.of("throttled address", place_of(address))
        return Who(self._prints.of_name(name), place)

    def _try(self, ask: Callable[[], Result], instead: Result) -> Result:
        try:
            return ask()
        except self._counts.errors as error:
            # The type, not the text: that of a database repeats what it was given.
            log.error(
                "Wrong passwords cannot be counted (%s): none are held up", type(error).__name__
            )
            return instead


def place_of(address: str | None) -> str:
    """What counts as one address.

    Whoever has one IPv6 address has the 2^64 of its network, so they are one.
    """
    try:
        known = ip_address((address or "").partition("%")[0])
    except ValueError:
        return address or ""
    if isinstance(known, IPv6Address):
        if known.ipv4_mapped:
            return str(known.ipv4_mapped)
        return f"{IPv6Address(int(known) >> 64 << 64)}/64"
    return str(known)
