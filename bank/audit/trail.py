"""Where events are told; telling one never fails, and never fails anybody's request."""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable
from pathlib import Path
from typing import TypeVar

from bank.audit.chain import Chain, Written
from bank.audit.events import (
    CRITICAL,
    INFO,
    WARN,
    AuditEvent,
    Fingerprints,
    belongs_to_request,
    told_by_sessions,
    with_request,
)
from bank.audit.keys import Keys
from bank.audit.losses import PLACES, Losses
from bank.audit.rows import AuditRow, Rows
from nightlatch import Clock, Event

log = logging.getLogger(__name__)

# A database that is locked or gone is not asked again for every request: each would wait for it.
ROWS_REST_MS = 5_000

Result = TypeVar("Result")


class Trail:
    """The audit trail of one bank, in this process."""

    def __init__(self, home: Path, database_url: str, clock: Clock) -> None:
        self.keys = Keys(home)
        self.chain = Chain(home, self.keys)
        self.rows = Rows(database_url)
        self.losses = Losses(home)
        self.prints = Fingerprints(self.keys.current)
        self._clock = clock
        self._lock = threading.Lock()
        # The thread that finds it working again tells that too.
        self._rows_turn = threading.RLock()
        # For each place that is out of order: how many events it has missed in this process.
        self._missed: dict[str, int] = {}
        self._rows_rest_until: int | None = None

    # What is told

    def hear(self, event: Event) -> None:
        """Takes what the session library says; give it to ``manager.events.listen``."""
        self._tell(lambda: told_by_sessions(event, self.prints), belongs_to_request(event))

    def signed_in(self, user: str, sid: str | None = None) -> None:
        """Somebody has proved who they are, and is in.

        :param sid: the handle of the session that began with it.
        """
        what = "User name and password were right"
        self._person("authn_login_success", user, INFO, what, sid=sid)

    def sign_in_failed(self, name: str, user: str | None) -> None:
        """A user name and a password did not match.

        :param name: what was typed. It is not written down, neither for a user nor for
            somebody unknown: it may be a password in the wrong field.
        :param user: the number of the user of that name; None when there is none.
        """
        what = "The password was wrong" if user else "There is no such user"

        def event() -> AuditEvent:
            word = f"authn_login_fail:{user or 'unknown'}"
            details = {"name_print": self.prints.of_name(name)}
            return AuditEvent(word, self.now(), WARN, what, user, details=details)

        self._tell(event)

    def held_up(self, name: str, user: str | None, wait_s: int) -> None:
        """A password was not looked at, or nothing was said about it: too many were wrong.

        :param name: as in :meth:`sign_in_failed`; so is ``user``.
        :param wait_s: seconds until the next try may be made.
        """

        def event() -> AuditEvent:
            word = f"authn_login_fail_max:{user or 'unknown'}"
            details: dict[str, str | int] = {
                "name_print": self.prints.of_name(name),
                "wait_s": wait_s,
            }
            what = "There were too many wrong passwords; a try was held up"
            return AuditEvent(word, self.now(), WARN, what, user, details=details)

        self._tell(event)

    def proved_again(self, user: str, sid: str | None = None) -> None:
        """Somebody who is signed in has proved once more who they are, before a sensitive act."""
        what = "The password was right, asked for once more"
        self._person("authn_login_success", user, INFO, what, sid=sid, purpose="step-up")

    def proof_failed(self, user: str, sid: str | None = None) -> None:
        """Somebody who is signed in was asked for their password once more, and had another."""
        what = "The password was wrong, asked for once more"
        self._person("authn_login_fail", user, WARN, what, sid=sid, purpose="step-up")

    def password_changed(self, user: str) -> None:
        """Somebody has a new password."""
        self._person("authn_password_change", user, INFO, "The password was changed")

    def password_kept(self, user: str, reason: str, sid: str | None = None) -> None:
        """Somebody wanted a new password, and has the one they had.

        :param reason: in a word of ours: ``wrong``, ``refused``, ``overtaken``.
        """
        what = "The password was not changed"
        self._person("authn_password_change_fail", user, INFO, what, sid=sid, reason=reason)

    def breaches_unread(self, reason: str) -> None:
        """A new password could not be looked up among those of breaches, and was taken.

        :param reason: why; it names no file and nothing of the password.
        """
        what = "The list of breached passwords could not be read; a password was not looked up"
        name = "sys_breached_passwords_unread:bank"
        self.tell(AuditEvent(name, self.now(), WARN, what, details={"reason": reason}))

    def refused(self, user: str, what: str) -> None:
        """Somebody asked for what is not theirs.

        :param what: the kind of thing, in a word of ours: ``session``, ``transfer``.
        """
        self._person("authz_fail", user, CRITICAL, "It is not theirs, or is not there", what)

    def administered(self, user: str, act: str, **details: str) -> None:
        """An administrator has done what only administrators may.

        :param act: in a word of ours: ``end_user``.
        :param details: to whom and how much, such as ``of`` and ``ended``.
        """
        self._person("authz_admin", user, WARN, "Done as an administrator", act, **details)

    def money_sent(
        self, user: str, public_id: str, amount_pence: int, sid: str | None = None
    ) -> None:
        """Somebody has sent money."""

        def event() -> AuditEvent:
            transfer = self.prints.of("transfer", public_id)
            details: dict[str, str | int] = {"transfer": transfer, "amount_pence": amount_pence}
            word, what = f"sensitive_create:{user},transfer", "A transfer was made"
            session = self.prints.of_session(sid)
            return AuditEvent(word, self.now(), WARN, what, user, session, details)

        self._tell(event)

    def tell(self, event: AuditEvent) -> None:
        """Writes an event to the file and to the database. Never raises.

        A place that does not take it is reported once, in the log, and counts what it misses;
        when it works again, the log and the trail say how much that was.
        """
        self._tell(lambda: event)

    def out_of_order(self) -> dict[str, int]:
        """The places that did not take the last event of this process, and what they missed."""
        return dict(self._missed)

    def close(self) -> None:
        """Lets go of the database."""
        self.rows.close()

    # Inside

    def _person(
        self,
        word: str,
        user: str,
        level: str,
        what: str,
        *more: str,
        sid: str | None = None,
        **details: str,
    ) -> None:
        def event() -> AuditEvent:
            name = f"{word}:{','.join((user, *more))}"
            session = self.prints.of_session(sid)
            return AuditEvent(name, self.now(), level, what, user, session, details)

        self._tell(event)

    def _tell(self, make: Callable[[], AuditEvent], of_request: bool = True) -> None:
        try:
            event = with_request(make()) if of_request else make()
        except Exception as error:
            # Without the key there is no fingerprint, and without that no line.
            for place in PLACES:
                self._miss(place, error)
            return
        lines: list[tuple[AuditEvent, Written | None]] = []

        def recovered(note: AuditEvent, line: Written) -> None:
            lines.append((note, line))

        written = self._try("file", lambda: self.chain.append(event, recovered=recovered))
        for told, line in [*lines, (event, written)]:
            self._add_row(told, line)

    def _add_row(self, event: AuditEvent, written: Written | None) -> None:
        # One thread at a time: of many that try at once some wait in vain for SQLite. Whoever
        # waited here while the database was found to be locked does not try again.
        with self._rows_turn:
            if self._rows_rest_until is not None and self._clock.elapsed() < self._rows_rest_until:
                self._miss("rows", None)
                return
            if not self._try("rows", lambda: self._keep_row(event, written)):
                self._rows_rest_until = self._clock.elapsed() + ROWS_REST_MS

    def _keep_row(self, event: AuditEvent, written: Written | None) -> AuditRow:
        row = self.rows.add(event, written)
        # Before it is told that the rows work again: nobody may rest after that.
        self._rows_rest_until = None
        return row

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
                "it rests" if error is None else type(error).__name__,
                f": {error.strerror}" if isinstance(error, OSError) else "",
            )

    def _works_again(self, place: str) -> None:
        with self._lock:
            missed = self._missed.pop(place, 0)
        if missed:
            self.losses.settle()
            log.warning("The audit trail can write its %s again; it missed %d", place, missed)
            name = f"sys_monitor_enabled:bank,audit_{place}"
            what = "The trail writes again; what it missed is not in it"
            self.tell(AuditEvent(name, self.now(), WARN, what, details={"missed": missed}))

    def now(self) -> int:
        """Milliseconds since the epoch, UTC."""
        return self._clock.now()
