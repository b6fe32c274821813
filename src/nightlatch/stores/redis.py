"""Sessions in Redis 7 or Valkey: one server, Sentinel, or Cluster.

Every session is one value, and the rule is decided on the server, by the scripts of
:mod:`nightlatch.stores.redis_lua`: ``open`` is one of them and one round trip. A session, its
user and everyone's epoch are in slots of their own, so what concerns several of them goes step by
step, in an order that leaves no gap: see :meth:`RedisStore.create`.
"""

from __future__ import annotations

import logging
from collections.abc import Iterator, Sequence
from functools import partial
from typing import Any

from redis.exceptions import AuthenticationError

from nightlatch.errors import SettingError, StoreUnavailable
from nightlatch.limits import Limits
from nightlatch.policy import Touch, ended_by
from nightlatch.record import EndReason, Record, info
from nightlatch.stores import redis_lua as lua
from nightlatch.stores.base import (
    KEEP_ENDED_MS,
    Cap,
    Change,
    Conflict,
    Created,
    Ended,
    Ends,
    Everyone,
    Live,
    One,
    Page,
    Refused,
    Saved,
    Swept,
    User,
)
from nightlatch.stores.redis_drafts import RedisDrafts
from nightlatch.stores.redis_index import Users, walk
from nightlatch.stores.redis_link import Question, link
from nightlatch.stores.redis_rows import (
    Keys,
    change_arguments,
    gone,
    is_sid,
    keep_ms,
    optional,
    pack,
    unpack,
)
from nightlatch.stores.redis_url import address

_log = logging.getLogger("nightlatch")

# How long a session is there that has not been let in yet. Far longer than that takes.
PROVISIONAL_MS = 60_000


class RedisStore:
    """Sessions in Redis or Valkey, for any number of machines.

    URLs: ``redis://user:password@host:port/db``, ``rediss://`` with TLS, ``unix:///socket``,
    ``redis+sentinel://host:port,host:port/master``, ``redis+cluster://host:port,host:port``, the
    last two with ``rediss`` too. Options, after ``?``: see
    :class:`~nightlatch.stores.redis_url.Address`.

    A server that is out of reach at the start stops nothing: each verb raises
    ``StoreUnavailable`` until it answers.

    :raises SettingError: the URL cannot be right.
    """

    def __init__(self, url: str) -> None:
        where = address(url)
        self._prefix = where.prefix
        self._keys = Keys(where.prefix)
        self._link = link(where)
        self._wait = where.wait > 0
        self._walk = partial(walk, self._link, self._keys)
        self._users = Users(self._link, self._keys, kept=self._wait)
        self._look_at_memory(where.scheme)

    def create(
        self,
        record: Record,
        *,
        now: int,
        limits: Limits,
        began: int,
        cap: Cap | None = None,
        instead_of: str | None = None,
    ) -> Created | Refused:
        """Insert a new session, or refuse it; never replace one.

        A user's session is inserted first, for a minute, and then asked for leave: an *end all*
        that raises the epoch before is seen by this call, and one that raises it after finds the
        session. Nobody has its secret until this returns, so nobody can use it meanwhile; and
        what a process leaves behind that dies in between is gone after the minute.
        """
        sid, user = record.sid, record.user
        if not is_sid(sid):
            raise ValueError("a sid is hexadecimal digits in lower case, two for each byte")
        before = instead_of if instead_of and is_sid(instead_of) else None
        keep = keep_ms(record, limits, now)
        at_first = keep if user is None else PROVISIONAL_MS
        # In two commands, so that it works also while their slot is on its way to another node:
        # a session that is in no bucket yet has not been told to anybody.
        insert = Question(self._keys.session(sid), "SET", (pack(record), "PX", at_first, "NX"))
        enter = Question(self._keys.bucket_of(sid), "ZADD", (0, sid))
        if not self._link.ask("create", [insert, enter], kept=self._wait)[0]:
            raise ValueError(f"session {sid} exists already")
        leaving: list[str] = []
        more: list[Question] = []
        if user is not None:
            answer = self._admit(
                record, limits=limits, now=now, began=began, cap=cap, instead_of=before
            )
            if isinstance(answer, Refused):
                self._one("create", sid, lua.TAKE_BACK, record.secret_hash)
                return answer
            leaving = answer
            more = [Question(self._keys.session(sid), "PEXPIRE", (keep,))]
        if before and before not in leaving:
            leaving.append(before)
        replaced, rest = self._end_each("create", leaving, EndReason.REPLACED, now, more=more)
        if rest == [0]:
            raise StoreUnavailable("create", "it took longer than a minute")
        if user is not None:
            self._users.forget("create", [(user, one) for one in leaving])
        return Created(tuple(replaced))

    def open(
        self,
        sid: str,
        secret_hash: bytes,
        *,
        now: int,
        limits: Limits,
        touch: Touch | None = None,
        hold_idle: bool = False,
    ) -> Live | Ended | None:
        """Load, verify and touch in one step."""
        if not is_sid(sid):
            return None
        at, least = "", 0
        if touch is not None:
            at, least = str(touch.at), 1 if touch.always else max(1, limits.slack_ms)
        rule = (now, limits.idle_ms, limits.absolute_ms, int(hold_idle))
        answer = self._one("open", sid, lua.OPEN, secret_hash, *rule, at, least)
        if answer is None:
            return None
        what, value = answer
        if what in (b"ended", b"fresh"):
            return gone(sid, value, fresh=what == b"fresh")
        return Live(unpack(sid, value), stale=what == b"stale", touched=what == b"touched")

    def save(
        self,
        sid: str,
        *,
        version: int,
        change: Change,
        now: int,
        limits: Limits,
        hold_idle: bool = False,
    ) -> Saved | Conflict | Ended | None:
        """Change a live session if its version still is ``version``; never insert."""
        if not is_sid(sid):
            return None
        rule = (now, limits.idle_ms, limits.absolute_ms, int(hold_idle))
        answer = self._one(
            "save",
            sid,
            lua.SAVE,
            version,
            *rule,
            *change_arguments(change),
            kept=change.rotate is not None,
        )
        if answer is None:
            return None
        if answer[0] == b"saved":
            return Saved(version + 1)
        if answer[0] == b"conflict":
            return Conflict(unpack(sid, answer[1]))
        return gone(sid, answer[1], fresh=answer[0] == b"fresh")

    def end(self, target: One | User | Everyone, *, reason: EndReason, now: int) -> Ends:
        """End what the target names; what has ended before stays as it was.

        The epoch is raised first. When part of a cluster does not answer then, what can be ended
        has ended, ``StoreUnavailable`` is raised, and the same call is to be made again.
        """
        match target:
            case One(sid, seen_by):
                if not is_sid(sid):
                    return Ends(())
                ended, _ = self._end_each("end", [sid], reason, now, seen_by=seen_by)
                return Ends(tuple(ended))
            case User(user, keep):
                epoch, sids = self._users.raise_epoch(user, now)
                meant = [sid for sid in sids if sid != keep]
                ended, _ = self._end_each("end", meant, reason, now, user=user)
                self._users.forget("end", [(user, sid) for sid in meant])
                return Ends(tuple(ended), epoch)
            case _:
                everyone = Question(self._keys.everyone, lua.RAISE_ALL, (now,))
                epoch = int(self._ask("end", everyone, kept=True))
                return Ends(tuple(self._end_all(reason, now)), epoch)

    def sweep(
        self,
        *,
        now: int,
        limits: Limits,
        after: str | None = None,
        count: int = 500,
        keep_ended_ms: int = KEEP_ENDED_MS,
        hold_idle: bool = False,
    ) -> Swept:
        """End sessions past a limit and purge old tombstones, ``count`` rows at most a call.

        Epochs need no sweep: the server forgets them when no sign-in can be as old. A session
        that a failover has taken out of its user's list is listed again.
        """
        rule = (now, limits.idle_ms, limits.absolute_ms, int(hold_idle), keep_ended_ms)
        rows, rest = self._walk("sweep", lua.SWEEP, rule, after or "", count)
        live = [unpack(sid, value) for sid, value, what in rows if what == b"live"]
        over = [
            gone(sid, value, fresh=what == b"ended") for sid, value, what in rows if what != b"live"
        ]
        self._users.relist([(one.user or "", one.sid) for one in live], limits)
        self._users.forget("sweep", [(one.user, one.sid) for one in over if one.user is not None])
        ended = tuple(one for one in over if one.fresh)
        return Swept(ended, len(over) - len(ended), rest)

    def drafts(self) -> RedisDrafts:
        """The drafts beside these sessions: in the same server, over the same connections."""
        return RedisDrafts(self._link, self._prefix)

    def close(self) -> None:
        """Release every connection. A second call does nothing."""
        self._link.close()

    # Inside; above `list`, whose name hides the type in what follows it

    def _ask(self, doing: str, question: Question, *, kept: bool = False) -> Any:
        return self._link.ask(doing, [question], kept=kept and self._wait)[0]

    def _one(
        self, doing: str, sid: str, script: lua.Script, *arguments: Any, kept: bool = False
    ) -> Any:
        question = Question(self._keys.session(sid), script, arguments)
        return self._ask(doing, question, kept=kept)

    def _admit(self, record: Record, *, began: int, **given: Any) -> Refused | list[str]:
        """Leave for a session that is there already; see :meth:`Users.admit`."""
        epoch = self._ask("create", Question(self._keys.everyone, "GET"))
        if epoch is not None and began <= int(epoch):
            return Refused("revoked")
        return self._users.admit(record, began=began, **given)

    def _end_each(
        self,
        doing: str,
        sids: list[str],
        reason: EndReason,
        now: int,
        *,
        seen_by: int | None = None,
        user: str | None = None,
        more: Sequence[Question] = (),
    ) -> tuple[list[Ended], list[Any]]:
        """End these sessions, each in one step; those that this call has ended.

        :param more: asked together with that; :returns: and the answers to it.
        """
        words = (reason, now, optional(seen_by), int(user is not None), user or "")
        questions = [Question(self._keys.session(sid), lua.END, words) for sid in sids]
        if not questions and not more:
            return [], []
        answers = self._link.ask(doing, [*questions, *more], kept=self._wait)
        ended = [
            gone(sid, answer[1], fresh=True)
            for sid, answer in zip(sids, answers, strict=False)
            if answer is not None and answer[0] == b"fresh"
        ]
        return ended, answers[len(sids) :]

    def _end_all(self, reason: EndReason, now: int) -> Iterator[Ended]:
        """End every session there is, in bounded steps."""
        after: str | None = ""
        while after is not None:
            rows, after = self._walk("end", lua.END_ALL, (reason, now), after, kept=self._wait)
            yield from (gone(sid, value, fresh=True) for sid, value in rows)

    def _look_at_memory(self, scheme: str) -> None:
        """Say so at the start when the server may throw sessions away to make room."""
        try:
            told = self._link.every("look", "INFO", "memory")
        except StoreUnavailable as error:
            if isinstance(error.__cause__, AuthenticationError):
                allowed = "with the user name and the password that the server knows"
                raise SettingError("store", f"{scheme}://…", allowed) from None
            _log.warning("The session store did not answer at the start (%s).", error.cause)
            return
        for one in told:
            facts = dict(line.split(":", 1) for line in one.decode().split("\r\n") if ":" in line)
            policy = facts.get("maxmemory_policy", "noeviction")
            if policy != "noeviction":
                _log.warning(
                    "The session store's maxmemory-policy is %s: when its memory is full it throws "
                    "sessions away, which signs their users out, and forgets that sessions were "
                    "ended. Set maxmemory-policy noeviction.",
                    policy,
                )

    def list(
        self,
        user: str | None,
        *,
        now: int,
        limits: Limits,
        after: str | None = None,
        count: int = 50,
    ) -> Page:
        """Live sessions of a user, or of everyone for ``None``, in the order of their sids."""
        if user is None:
            rows, rest = self._walk("list", lua.LIST, (), after or "", count)
            found = [unpack(sid, value) for sid, value in rows]
        else:
            sids = sorted(sid for sid in self._users.sids(user) if sid > (after or ""))
            found = self._users.peek("list", user, sids[:count])
            rest = sids[count - 1] if len(sids) > count else None
        live = (one for one in found if one.ended is None and ended_by(one, limits, now) is None)
        return Page(tuple(info(one) for one in live), rest)
