"""The verbs of a web application: start, resume, extend, peek, rotate, save, end, list, sweep.

Between an adapter, which knows requests and cookies, and a store, which knows neither. The
manager asks the clock, hands *now* to the store, merges parallel changes, and tells what
happened as events. Security operations (start, rotate, end) are done when the call returns,
whatever becomes of the request.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from contextlib import suppress
from dataclasses import dataclass, field, replace

from nightlatch.clock import Clock, JumpWatch, SystemClock
from nightlatch.codec import Codec
from nightlatch.delta import apply, between
from nightlatch.drafts import DROPPED_BY, Drafts
from nightlatch.errors import SaveConflict, SignInRefused, StoreUnavailable, Undecodable
from nightlatch.events import (
    ClockJumped,
    Events,
    SessionEnded,
    SessionExtended,
    SessionRefused,
    SessionRotated,
    SessionStarted,
)
from nightlatch.journal import Journal, Noted
from nightlatch.limits import Limits
from nightlatch.policy import Touch, credited_at, promise_kept
from nightlatch.record import EndReason, Info, Record
from nightlatch.status import Status, status
from nightlatch.stores.base import (
    Cap,
    Change,
    Conflict,
    Ended,
    Ends,
    Everyone,
    Live,
    One,
    Page,
    Refused,
    Rotation,
    Saved,
    SessionStore,
    Swept,
    User,
)
from nightlatch.token import Token, mint, parse
from nightlatch.turns import Turns, back_off

# Parallel writers back off with full jitter, and queue when they keep losing.
MAX_TRIES = 60

# A step-up overlaps for requests under way; a renewal until its answer has surely arrived.
STEP_UP_OVERLAP_MS = 30_000
RENEWAL_OVERLAP_MS = 60_000

DEVICE_LENGTH = 200


@dataclass(frozen=True, slots=True)
class Started:
    """A session that has just begun or rotated, and the token for its browser."""

    record: Record
    token: Token = field(repr=False)


class Manager:
    """The sessions of one application.

    :param store: where they are kept.
    :param limits: how long they last.
    :param clock: what time it is; absent: the system's clock.
    :param codec: how ``flask.session`` and its like become bytes.
    :param cap: how many sessions a user may have at once; absent: any number.
    :param journal: where sign-outs are noted that the store did not confirm; absent: nowhere.
    :param drafts: what users have typed and not sent, dropped when they sign out or their sessions
        are revoked; absent: nothing is kept.
    :ivar limits: as given; :ivar codec: as given or the default; :ivar cap: as given.
    :ivar drafts: as given.
    :ivar events: join it with ``manager.events.listen(function)``.
    """

    def __init__(
        self,
        store: SessionStore,
        limits: Limits,
        *,
        clock: Clock | None = None,
        codec: Codec | None = None,
        cap: Cap | None = None,
        journal: Journal | None = None,
        drafts: Drafts | None = None,
    ) -> None:
        self.store = store
        self.drafts = drafts
        self.journal = journal
        self.limits = limits
        self.events = Events()
        self.codec = codec or Codec()
        self.cap = cap
        self._turns = Turns()
        self._watch = JumpWatch(clock or SystemClock(), limits.slack_ms)

    # Time

    def now(self) -> int:
        """Milliseconds since the epoch, UTC: when an authentication that starts now began."""
        return self._read_time()[0]

    def status(self, session: Live | Ended | None) -> Status:
        """The status document for what a verb has returned."""
        return status(
            session.record if isinstance(session, Live) else session, self.limits, self.now()
        )

    # Beginning

    def start(
        self,
        user: str | None,
        *,
        values: Mapping[str, object] | None = None,
        began: int | None = None,
        instead_of: Record | None = None,
        auth_level: int = 1,
        device: str = "",
        address: str = "",
    ) -> Started:
        """Begin a session with a token that nobody has seen before.

        :param user: who has just proved who they are; ``None`` for a visitor.
        :param values: the session's first data.
        :param began: when authentication began, ms since the epoch (:meth:`now` at the time);
            if the user's sessions were all ended since, the sign-in is refused. Absent: now.
        :param instead_of: the session that the browser had until now. It ends, without overlap:
            whoever planted or copied its token gains nothing. It takes no place under ``cap``,
            and goes on when the sign-in is refused.
        :param device: the browser's description of itself; cut to 200 characters.
        :raises SignInRefused: revoked meanwhile, or too many sessions already.
        :raises DataError: ``values`` cannot be stored.
        :raises StoreUnavailable: nobody knows whether it was begun. If it was, it ends as soon
            as the store answers, where there is a journal; try again.
        """
        self.replay()
        now, _ = self._read_time()
        token = mint()
        record = Record(
            sid=token.sid,
            secret_hash=token.hash,
            user=user,
            created=now,
            seen=now,
            absolute_at=now + self.limits.absolute_ms,
            auth_at=None if user is None else now,
            auth_level=0 if user is None else auth_level,
            data=self.codec.encode(values) if values else b"",
            device=device[:DEVICE_LENGTH],
            address=address,
        )
        try:
            answer = self.store.create(
                record,
                now=now,
                limits=self.limits,
                began=now if began is None else began,
                cap=None if user is None else self.cap,
                instead_of=None if instead_of is None else instead_of.sid,
            )
        except StoreUnavailable:
            if user is not None:
                # It may have been done all the same, and then nobody has its token: it would
                # stand in the user's list, and take a place under ``cap``.
                self.note_sign_out(token.text())
            raise
        if isinstance(answer, Refused):
            self.events.emit(SessionRefused(None, user, now, answer.reason))
            raise SignInRefused(answer.reason)
        self._tell_ended(*answer.replaced)
        self.events.emit(SessionStarted(record.sid, user, now))
        return Started(record, token)

    # Going on

    def resume(self, token: str | None, *, activity: bool) -> Live | Ended | None:
        """The session that a request comes with.

        :param token: the cookie's value, whatever it may be.
        :param activity: the request shows that somebody is there.
        :returns: the live session; the ended one with its reason; ``None`` for everything else.
        """
        now, held = self._read_time()
        return self._open(token, now, held, Touch(now) if activity else None)

    def peek(self, token: str | None) -> Live | Ended | None:
        """As :meth:`resume`, for requests that only ask. Asking never extends."""
        return self.resume(token, activity=False)

    def extend(self, token: str | None, *, idle_for_ms: int = 0) -> Live | Ended | None:
        """Credit activity that a browser reports.

        :param idle_for_ms: how long ago the last input was; impossible values are clamped.
        """
        now, held = self._read_time()
        at = credited_at(now, min(idle_for_ms, self.limits.absolute_ms))
        extended = self._open(token, now, held, Touch(at, always=True))
        if isinstance(extended, Live) and extended.touched:
            record = extended.record
            self.events.emit(SessionExtended(record.sid, record.user, now, record.seen))
        return extended

    def rotate(self, record: Record, *, auth_level: int | None = None) -> Started | Ended | None:
        """Give a session a new secret; the old one is read-only for a moment, then a replay.

        :param auth_level: the user has just proved again who they are, for this level (OWASP
            ASVS 5.0, 7.2.4). The overlap is 30 seconds, at the old level. Absent: periodic
            renewal; the overlap ends when the new secret is seen, after 60 seconds at most.
        :returns: ``Ended`` or ``None`` when the session was gone before it could be done.
        """
        now, held = self._read_time()
        token = mint(record.sid)
        step_up = auth_level is not None
        rotation = Rotation(
            token.hash,
            overlap_until=now + (STEP_UP_OVERLAP_MS if step_up else RENEWAL_OVERLAP_MS),
            closes_on_use=not step_up,
            auth_at=now if step_up else None,
            auth_level=auth_level,
        )
        for tried in range(MAX_TRIES):
            answer = self.store.save(
                record.sid,
                version=record.version,
                change=Change(rotate=rotation),
                now=now,
                limits=self.limits,
                hold_idle=held,
            )
            if isinstance(answer, Saved):
                self.events.emit(SessionRotated(record.sid, record.user, now))
                rotated = replace(
                    record,
                    secret_hash=token.hash,
                    version=answer.version,
                    seen=max(record.seen, rotation.auth_at or record.seen),
                    auth_at=rotation.auth_at or record.auth_at,
                    auth_level=record.auth_level if auth_level is None else auth_level,
                )
                return Started(rotated, token)
            if not isinstance(answer, Conflict):
                return self._told(answer)
            record = answer.record
            back_off(tried)
        raise SaveConflict(record.sid, MAX_TRIES)

    # Data

    def values(self, record: Record) -> dict[str, object] | Ended:
        """The session's data; what cannot be read ends the session as *corrupt*."""
        try:
            return self.codec.decode(record.data) if record.data else {}
        except Undecodable:
            ended = self.end(record.sid, EndReason.CORRUPT)
            return ended or Ended(record.sid, record.user, EndReason.CORRUPT, self.now())

    def save(self, record: Record, values: Mapping[str, object]) -> Record | Ended | None:
        """Store what changed, merged with what other requests changed meanwhile.

        Different keys both survive; of the same key, the later. Nothing changed: nothing is
        written. A session that has ended is not brought back.

        :param record: the session as it was read; its data is what ``values`` is compared with.
        :returns: the record as stored; ``Ended`` or ``None`` when the session is gone.
        :raises DataError: the values cannot be stored.
        :raises SaveConflict: other requests won every time; nothing was written.
        """
        data = self.codec.encode(values) if values or record.data else b""
        if data == record.data:
            return record
        before = self.values(record)
        if isinstance(before, Ended):
            return before
        delta = between(before, values, self.codec.pack)
        return self._save(record, data, lambda current: apply(delta, current))

    def update_key(
        self,
        record: Record,
        key: str,
        change: Callable[[object], object],
        *,
        values: Mapping[str, object] | None = None,
    ) -> Record | Ended | None:
        """Store ``change`` of what one key holds at the moment, whatever other requests do to it.

        :param change: is given the value, ``None`` where there is none, and returns the new one.
            It is called again each time another request was first, so it may do nothing else.
        :param values: the session's values with what else this request has changed; that is
            merged as in :meth:`save`. Absent: nothing else.
        :returns: as :meth:`save`.
        :raises DataError: the value cannot be stored.
        :raises SaveConflict: other requests won every time; nothing was written.
        """
        before = self.values(record)
        if isinstance(before, Ended):
            return before
        delta = between(before, before if values is None else values, self.codec.pack)

        def again(current: Mapping[str, object]) -> dict[str, object]:
            # Through bytes: a change made inside a list must not be made to the same list twice.
            fresh = self.codec.decode(self.codec.encode(apply(delta, current)))
            return fresh | {key: change(fresh.get(key))}

        data = self.codec.encode(again(before))
        return record if data == record.data else self._save(record, data, again)

    def _save(
        self,
        record: Record,
        data: bytes,
        again: Callable[[Mapping[str, object]], Mapping[str, object]],
    ) -> Record | Ended | None:
        with self._turns.writer(record.sid) as writer:
            for _ in range(MAX_TRIES):
                now, held = self._read_time()
                answer = self.store.save(
                    record.sid,
                    version=record.version,
                    change=Change(data=data),
                    now=now,
                    limits=self.limits,
                    hold_idle=held,
                )
                if isinstance(answer, Saved):
                    return replace(record, version=answer.version, data=data)
                if not isinstance(answer, Conflict):
                    return self._told(answer)
                record = answer.record
                current = self.values(record)
                if isinstance(current, Ended):
                    return current
                data = self.codec.encode(again(current))
                writer.lost()
        raise SaveConflict(record.sid, MAX_TRIES)

    # Ending

    def end(self, sid: str, reason: EndReason) -> Ended | None:
        """End one session. ``None``: it had ended before, or never was."""
        now, _ = self._read_time()
        ends = self.store.end(One(sid), reason=reason, now=now)
        self._tell_ended(*ends.ended)
        return ends.ended[0] if ends.ended else None

    def end_if_due(self, token: str | None, reason: EndReason) -> Live | Ended | None:
        """End a session because a browser says that its time has come, if the record agrees.

        :param reason: ``IDLE`` or ``ABSOLUTE``.
        :returns: ``Live`` when it has not: another tab or device was active.
        """
        now, held = self._read_time()
        live = self._open(token, now, held, None)
        if not isinstance(live, Live) or not promise_kept(live.record, self.limits, now, reason):
            return live
        if held and reason is EndReason.IDLE:
            # By a clock that has just jumped everybody looks idle, also to their own tabs.
            return live
        # Another tab may be extending it this very moment: the store compares and ends in one step.
        seen_by = now - self.limits.promise_ms if reason is EndReason.IDLE else None
        ends = self.store.end(One(live.record.sid, seen_by), reason=reason, now=now)
        self._tell_ended(*ends.ended)
        return ends.ended[0] if ends.ended else self._open(token, now, held, None)

    def end_user(
        self, user: str, *, keep: str | None = None, reason: EndReason = EndReason.REVOKED
    ) -> Ends:
        """End all sessions of a user, and refuse their sign-ins that are under way.

        :param keep: the sid of a session that may go on.
        :returns: what was ended, and the epoch; authentication that begins later is good.
        """
        return self._end_many(User(user, keep), reason)

    def end_everyone(self, *, reason: EndReason = EndReason.REVOKED) -> Ends:
        """End every session there is, and refuse every sign-in that is under way."""
        return self._end_many(Everyone(), reason)

    # While the store is out of reach

    def note_sign_out(self, token: str | None) -> bool:
        """Keep a sign-out that the store did not confirm, until it can be carried out.

        :param token: the cookie's value.
        :returns: whether it is on disk now.
        """
        meant = parse(token)
        if meant is None or self.journal is None:
            return False
        return self.journal.note(meant.sid, meant.hash, now=self.now())

    def replay(self) -> None:
        """Carry out what :meth:`note_sign_out` has kept, as far as the store answers.

        Every verb that begins, opens or lists sessions does this first, so it need not be
        called; while there is nothing to do it costs one look at a file's size.
        """
        if self.journal is not None and self.journal.pending():
            with suppress(StoreUnavailable):
                self.journal.replay(self._end_noted, now=self.now())

    # Looking after

    def list(self, user: str | None = None) -> Iterator[Info]:
        """Live sessions of a user, or of everyone: no secrets, no data."""
        after: str | None = None
        while True:
            page = self.page(user, after=after)
            yield from page.sessions
            after = page.after
            if after is None:
                return

    def page(self, user: str | None = None, *, after: str | None = None, count: int = 50) -> Page:
        """One page of :meth:`list`, for a list that is looked at page by page.

        :param after: :attr:`Page.after` of the page before; absent: from the beginning.
        :returns: at most ``count`` sessions in the order of their sids; perhaps fewer, even
            none, and still not the last.
        """
        self.replay()
        return self.store.list(user, now=self.now(), limits=self.limits, after=after, count=count)

    def sweep(self) -> Iterator[Swept]:
        """End what is past its limits and purge old tombstones, a bounded step at a time.

        Nothing depends on it: an expired session is refused without it.
        """
        self.replay()
        after: str | None = None
        while True:
            now, held = self._read_time()
            swept = self.store.sweep(now=now, limits=self.limits, after=after, hold_idle=held)
            self._tell_ended(*swept.ended)
            yield swept
            after = swept.after
            if after is None:
                break
        if self.drafts is not None:
            self.drafts.sweep()

    def close(self) -> None:
        """Release the connections of the store, and of the drafts."""
        self.store.close()
        if self.drafts is not None:
            self.drafts.close()

    # Inside

    def _read_time(self) -> tuple[int, bool]:
        now, held, jump = self._watch.read()
        if jump:
            self.events.emit(ClockJumped(now, jump))
        return now, held

    def _open(
        self, text: str | None, now: int, held: bool, touch: Touch | None
    ) -> Live | Ended | None:
        token = parse(text)
        if token is None:
            if text:
                self.events.emit(SessionRefused(None, None, now, "malformed"))
            return None
        self.replay()
        journal = self.journal
        signed_out_at = None if journal is None else journal.holds(token.sid, token.hash)
        answer = self.store.open(
            token.sid,
            token.hash,
            now=now,
            limits=self.limits,
            touch=touch if signed_out_at is None else None,
            hold_idle=held,
        )
        if isinstance(answer, Live) and signed_out_at is not None:
            # The store reads and does not write, so this is not done yet; but it holds.
            return Ended(token.sid, answer.record.user, EndReason.SIGNED_OUT, signed_out_at)
        if answer is None:
            self.events.emit(SessionRefused(token.sid, None, now, "unknown"))
            return None
        if isinstance(answer, Live) and answer.stale:
            # When the old secret's user last proved who they are is not kept, and what they have
            # proved since is the new secret's alone.
            old = answer.record.previous
            level = old.auth_level if old else 0
            return replace(answer, record=replace(answer.record, auth_at=None, auth_level=level))
        return answer if isinstance(answer, Live) else self._told(answer)

    def _end_noted(self, noted: Noted) -> None:
        now, held = self._read_time()
        found = self.store.open(
            noted.sid, noted.secret_hash, now=now, limits=self.limits, hold_idle=held
        )
        if isinstance(found, Live):
            self.end(noted.sid, EndReason.SIGNED_OUT)
        else:
            self._told(found)

    def _end_many(self, target: User | Everyone, reason: EndReason) -> Ends:
        self.replay()
        now, _ = self._read_time()
        ends = self.store.end(target, reason=reason, now=now)
        self._tell_ended(*ends.ended)
        if self.drafts is not None and reason in DROPPED_BY:
            # Also of a user without a live session; of everybody there is no one to name.
            self.drafts.forget(target.user if isinstance(target, User) else None)
        return ends

    def _told(self, answer: Ended | None) -> Ended | None:
        if answer is not None and answer.fresh:
            self._tell_ended(answer)
        return answer

    def _tell_ended(self, *ends: Ended) -> None:
        for ended in ends:
            if self.drafts is not None and ended.user is not None and ended.reason in DROPPED_BY:
                self.drafts.forget(ended.user)
            self.events.emit(SessionEnded(ended.sid, ended.user, ended.at, ended.reason))
