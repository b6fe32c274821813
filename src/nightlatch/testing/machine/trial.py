"""One application in two processes, tried verb by verb against the model."""

from __future__ import annotations

import copy
from collections import Counter
from collections.abc import Iterator
from dataclasses import replace

from nightlatch.errors import SignInRefused
from nightlatch.events import (
    SessionEnded,
    SessionRefused,
    SessionRotated,
    SessionStarted,
)
from nightlatch.manager import Started
from nightlatch.record import EndReason, Record
from nightlatch.stores.base import Ended
from nightlatch.testing.machine.checks import Checks, Process, Reading
from nightlatch.testing.machine.model import Known, Time
from nightlatch.testing.machine.values import Doing, edit, merged


class Trial(Checks):
    """Every verb, with what must be true of its answer and of the events that it tells.

    :param store: an empty store; whoever opened it closes it.
    :raises AssertionError: from any method: the rules do not hold; the message says which.
    """

    # Beginning

    def start(
        self,
        process: Process,
        user: str | None,
        *,
        ago_ms: int = 0,
        number: int = 0,
        instead_of: Reading | None = None,
    ) -> Reading | None:
        """A sign-in, or a visitor's first value. ``ago_ms``: when authentication began."""
        with self._verb(process) as (time, expected):
            values: dict[str, object] = {"begun": number}
            replaced = None if instead_of is None else instead_of.known
            before = [one for one in self.model.not_ended(user) if user and one is not replaced]
            revoked = self.model.sign_in_is_revoked(user, time.now - ago_ms)
            try:
                started = process.manager.start(
                    user,
                    values=values,
                    began=time.now - ago_ms,
                    instead_of=None if instead_of is None else instead_of.record,
                )
            except SignInRefused as refused:
                expected.append(SessionRefused(None, user, time.now, refused.reason))
                if refused.reason == "revoked":
                    assert revoked is not False, "refused as revoked, and nobody revoked"
                else:
                    assert self.cap is not None
                    assert self.cap.full == "refuse"
                    room = self.cap.count - sum(self.model.possibly_live(x, time) for x in before)
                    assert room <= 0, f"refused with room for {room} more"
                return None
            assert not revoked, "a sign-in that began before the end of all was let in"
            record = started.record
            assert record.sid not in self.model.sessions, "a sid that has been used"
            known = Known(
                record.sid, user, started.token.text(), time.now, time.now, time.now, time.now,
                0 if user is None else 1, copy.deepcopy(values),
            )  # fmt: skip
            expected += self._made_room(before, replaced, time)
            self.model.sessions[record.sid] = known
            expected.append(SessionStarted(record.sid, user, time.now))
            self._is_as_known(process, known, record)
            return Reading(known, record)

    def _made_room(
        self, before: list[Known], replaced: Known | None, time: Time
    ) -> Iterator[SessionEnded]:
        """Who was ended by a sign-in: the one in the same browser, and the oldest of too many."""
        told = {event.sid: event for event in self._heard[-1] if isinstance(event, SessionEnded)}
        evicted = [one for one in before if one.sid in told]
        stayed = [
            one for one in before if one.sid not in told and self.model.surely_live(one, time)
        ]
        if self.cap is None:
            assert not evicted, "sessions ended where any number is allowed"
        else:
            assert not evicted or self.cap.full == "end-oldest"
            assert len(stayed) < self.cap.count, f"{len(stayed) + 1} live sessions, {self.cap}"
            room = self.cap.count - sum(self.model.possibly_live(one, time) for one in before)
            assert len(evicted) <= max(0, 1 - room), f"{len(evicted)} sessions made room for one"
            for one in evicted:
                assert not self.model.surely_over(one, time), f"{one} was over, not in the way"
                assert all(one.created <= other.created for other in stayed), f"{one} is not oldest"
        if replaced is not None and replaced.ended is None:
            evicted.append(replaced)
        for one in evicted:
            self.model.ends(one, EndReason.REPLACED, time)
            yield SessionEnded(one.sid, one.user, time.now, EndReason.REPLACED)

    # Going on

    def resume(
        self, process: Process, known: Known, token: str, *, activity: bool
    ) -> Reading | None:
        """A request with one of a session's secrets, or with something that is none."""
        with self._verb(process) as (time, expected):
            answer = process.manager.resume(token, activity=activity)
            return self._opened(process, known, token, answer, time, expected, navigation=activity)

    def extend(self, process: Process, known: Known, token: str, *, idle_for_ms: int) -> None:
        """A ping, for an input some time ago."""
        with self._verb(process) as (time, expected):
            answer = process.manager.extend(token, idle_for_ms=idle_for_ms)
            at = time.now - min(max(0, idle_for_ms), self.limits.absolute_ms)
            self._opened(process, known, token, answer, time, expected, ping=at)

    def end_if_due(self, process: Process, known: Known, token: str, reason: EndReason) -> None:
        """A browser says that its time has come."""
        with self._verb(process) as (time, expected):
            answer = process.manager.end_if_due(token, reason)
            if isinstance(answer, Ended) and answer.fresh and known.ended is None:
                assert answer.reason in (reason, EndReason.IDLE, EndReason.ABSOLUTE, "replayed")
            self._opened(process, known, token, answer, time, expected, asked=reason)

    # Data

    def save(
        self, process: Process, reading: Reading, doing: Doing, key: str, number: int
    ) -> Reading | None:
        """A request stores what it has changed, however long ago it has read."""
        known, record = reading.known, reading.record
        base = process.manager.values(record)
        wanted = process.manager.values(record)
        assert isinstance(base, dict)
        assert isinstance(wanted, dict)
        edit(wanted, doing, key, number)
        if wanted == base:
            assert process.manager.save(record, wanted) is record, "nothing changed, yet written"
            return reading
        with self._verb(process) as (time, expected):
            answer = process.manager.save(record, wanted)
            if not isinstance(answer, Record):
                expected += self._not_done(known, answer, time)
                return None
            self.model.is_usable(known, time)
            known.values = merged(known.values, base, wanted)
            assert process.manager.values(answer) == known.values, f"{known}: a change is lost"
            return Reading(known, answer)

    def rotate(self, process: Process, reading: Reading, level: int | None) -> Reading | None:
        """A new secret: for a level, after a new proof; without, from time to time."""
        known = reading.known
        with self._verb(process) as (time, expected):
            answer = process.manager.rotate(reading.record, auth_level=level)
            if not isinstance(answer, Started):
                expected += self._not_done(known, answer, time)
                return None
            self.model.is_usable(known, time)
            self.model.rotates(known, answer.token.text(), time.now, level)
            if level is not None:
                known.seen = max(known.seen, time.now)
            expected.append(SessionRotated(known.sid, known.user, time.now))
            # Its `seen` is as old as the reading: others may have been active since.
            assert answer.record.seen <= known.seen
            self._is_as_known(process, known, replace(answer.record, seen=known.seen))
            return Reading(known, answer.record)

    # Ending

    def end(self, process: Process, known: Known, reason: EndReason) -> None:
        """Sign-out, or one session ended from elsewhere."""
        with self._verb(process) as (time, expected):
            answer = process.manager.end(known.sid, reason)
            if known.ended is None:
                assert answer is not None, f"{known} was not ended"
                assert answer.reason is reason
                expected += self._ended(known, answer, time)
            else:
                assert answer is None, f"{known} was ended a second time"

    def end_all(self, process: Process, user: str | None, keep: Known | None = None) -> int:
        """All sessions of a user but one, or everybody's. Returns the epoch."""
        with self._verb(process) as (time, expected):
            meant = {one.sid: one for one in self.model.not_ended(user) if one is not keep}
            if user is None:
                meant = {one.sid: one for one in self.model.not_ended()}
                ends = process.manager.end_everyone()
            else:
                ends = process.manager.end_user(user, keep=None if keep is None else keep.sid)
            assert Counter(one.sid for one in ends.ended) == Counter(meant.keys())
            self.model.revokes(user, ends.epoch, time.now)
            for one in ends.ended:
                assert one.fresh
                assert one.reason is EndReason.REVOKED
                expected += self._ended(meant[one.sid], one, time)
            return ends.epoch

    # Looking after

    def list_sessions(self, process: Process, user: str | None) -> None:
        """All live sessions, each once, and no other."""
        with self._verb(process) as (time, _):
            found = list(process.manager.list(user))
            sids = [one.sid for one in found]
            assert sids == sorted(set(sids)), "not each once, in order"
            for one in self.model.not_ended(user):
                if self.model.surely_live(one, time):
                    assert one.sid in sids, f"{one} is missing from the list"
            for sid in sids:
                one = self.model.sessions[sid]
                assert user in (None, one.user)
                assert self.model.possibly_live(one, time), f"{one} is listed"

    def sweep(self, process: Process) -> bool:
        """One step of a sweep; others act between two of them. Returns whether it is through."""
        process.sweeping = process.sweeping or process.manager.sweep()
        with self._verb(process) as (time, expected):
            swept = next(process.sweeping)
            for ended in swept.ended:
                assert ended.fresh
                expected += self._ended(self.model.sessions[ended.sid], ended, time)
            self.model.forget(time.now)
        if swept.after is None:
            process.sweeping = None
        return swept.after is None

    def sweep_all(self, process: Process) -> None:
        """A sweep from beginning to end leaves nothing that is over."""
        process.sweeping = None
        while not self.sweep(process):
            pass
        time = process.watch.read()
        over = [str(one) for one in self.model.not_ended() if self.model.surely_over(one, time)]
        assert not over, f"a whole sweep has left {over}"
