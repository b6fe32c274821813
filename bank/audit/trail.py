"""Where events are told; telling one never fails, and never fails anybody's request."""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import TypeVar

from bank.audit.chain import Chain
from bank.audit.events import (
    CRITICAL,
    INFO,
    WARN,
    AuditEvent,
    Fingerprints,
    told_by_sessions,
    with_request,
)
from bank.audit.losses import Losses
from bank.audit.rows import Rows
from nightlatch import Clock, Event

log = logging.getLogger(__name__)

# A database that is locked or gone is not asked again for every request: each would wait for it.
ROWS_REST_MS = 5_000

Result = TypeVar("Result")


class Trail:
    """The audit trail of one bank, in this process.

    :param key: the audit key of the home folder.
    """

    def __init__(self, home: Path, key: bytes, database_url: str, clock: Clock) -> None:
        self.chain = Chain(home, key)
        self.rows = Rows(database_url)
        self.losses = Losses(home)
        self.prints = Fingerprints(key)
        self._clock = clock
        self._lock = threading.Lock()
        # For each place that is out of order: how many events it has missed in this process.
        self._missed: dict[str, int] = {}
        self._rows_rest_until: int | None = None

    # What is told

    def hear(self, event: Event) -> None:
        """Takes what the session library says; give it to ``manager.events.listen``."""
        for told in told_by_sessions(event, self.prints):
            self.tell(told)

    def signed_in(self, user: str) -> None:
        """Somebody has proved who they are."""
        what = "User name and password were right"
        self.tell(AuditEvent(f"authn_login_success:{user}", self.now(), INFO, what, user))

    def sign_in_failed(self, name: str, user: str | None) -> None:
        """A user name and a password did not match.

        :param name: what was typed. It is not written down, neither for a user nor for
            somebody unknown: it may be a password in the wrong field.
        :param user: the number of the user of that name; None when there is none.
        """
        what = "The password was wrong" if user else "There is no such user"
        event = AuditEvent(f"authn_login_fail:{user or 'unknown'}", self.now(), WARN, what, user)
        self.tell(replace(event, details={"name_print": self.prints.of_name(name)}))

    def proved_again(self, user: str) -> None:
        """Somebody who was signed in has proved once more who they are."""
        what = "The password was right, asked for again before something sensitive"
        self.tell(AuditEvent(f"authn_login_success:{user}", self.now(), INFO, what, user))

    def refused(self, user: str, resource: str) -> None:
        """Somebody asked for what is not theirs, or is not there; they are not told which.

        :param resource: a word of ours for it, such as ``session``.
        """
        what = "What was asked for is not theirs, or not there"
        event = AuditEvent(f"authz_fail:{user},{resource}", self.now(), CRITICAL, what, user)
        self.tell(event)

    def administered(self, admin: str, what: str, **details: str | int) -> None:
        """An administrator has ended sessions of others.

        :param what: a word of ours for it, such as ``end_user``.
        """
        event = AuditEvent(f"authz_admin:{admin},{what}", self.now(), WARN, user=admin)
        said = "An administrator ended sessions"
        self.tell(replace(event, description=said, details=details))

    def money_sent(self, user: str, public_id: str, amount_pence: int) -> None:
        """Somebody has sent money."""
        what = "A transfer was made"
        event = AuditEvent(f"sensitive_create:{user},transfer", self.now(), WARN, what, user)
        transfer = self.prints.of("transfer", public_id)
        self.tell(replace(event, details={"transfer": transfer, "amount_pence": amount_pence}))

    def tell(self, event: AuditEvent) -> None:
        """Writes an event to the file and to the database. Never raises.

        A place that does not take it is reported once, in the log, and counts what it misses;
        when it works again, the log and the trail say how much that was.
        """
        event = with_request(event)
        written = self._try("file", lambda: self.chain.append(event))
        if self._rows_rest_until is not None and self._clock.elapsed() < self._rows_rest_until:
            self._miss("rows", None)
            return
        if self._try("rows", lambda: self.rows.add(event, written)):
            self._rows_rest_until = None
        else:
            self._rows_rest_until = self._clock.elapsed() + ROWS_REST_MS

    def out_of_order(self) -> dict[str, int]:
        """The places that did not take the last event of this process, and what they missed."""
        return dict(self._missed)

    def close(self) -> None:
        """Lets go of the database."""
        self.rows.close()

    # Inside

    def _try(self, place: str, write: Callable[[], Result]) -> Result | None:
        try:
            result = write()
        except Exception as error:
            self._miss(place, error)
            return None
        if place in self._missed:
            self._works_again(place)
        return result

    def _miss(self, place: str, error: Exception | None) -> None:
        with self._lock:
            missed = self._missed.get(place, 0) + 1
            self._missed[place] = missed
        self.losses.add(place)
        if missed == 1:
            # The type, not the text: that of a database repeats the values it was given.
            log.error(
                "The audit trail cannot write its %s (%s%s). Requests go on; what is missed is "
                "counted: flask --app bank audit status",
                place,
                type(error).__name__,
                f": {error.strerror}" if isinstance(error, OSError) else "",
            )

    def _works_again(self, place: str) -> None:
        with self._lock:
            missed = self._missed.pop(place, 0)
        if missed:
            log.warning("The audit trail can write its %s again; it missed %d", place, missed)
            name = f"sys_monitor_enabled:bank,audit_{place}"
            what = "The trail writes again; what it missed is not in it"
            self.tell(AuditEvent(name, self.now(), WARN, what, details={"missed": missed}))

    def now(self) -> int:
        """Milliseconds since the epoch, UTC."""
        return self._clock.now()
