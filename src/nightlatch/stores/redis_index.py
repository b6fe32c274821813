"""Which sessions there are: of one user, and in the order of their sids."""

from __future__ import annotations

from typing import Any

from nightlatch.clock import pause
from nightlatch.errors import StoreUnavailable
from nightlatch.limits import LONGEST_MS, Limits
from nightlatch.policy import ended_by
from nightlatch.record import Record
from nightlatch.stores import redis_lua as lua
from nightlatch.stores.base import Cap, Refused
from nightlatch.stores.redis_link import ClusterLink, Link, Question
from nightlatch.stores.redis_rows import BUCKETS, Keys, keep_ms, unpack

# Sign-ins of one user at the same moment; each try is lost only to one that was let in.
TRIES = 200
BACK_OFF_MS = 2
LONGEST_BACK_OFF_MS = 20

# Longer than any sign-in can be under way: no session of a visitor, in which it may be kept, lasts
# longer.
KEEP_EPOCH_MS = 2 * LONGEST_MS

# How many sessions one script goes through, or one round trip asks for, at most.
PIECE = 8

FACTS = {b"epoch", b"version"}
LEAVING = b"leaving"


class Users:
    """The epoch of each user and the sids of their sessions, in one hash per user.

    A sid may stand here for longer than its session lives; it never stands here for less.

    :param kept: wait for replicas after what must not be lost.
    """

    def __init__(self, link: Link | ClusterLink, keys: Keys, *, kept: bool) -> None:
        self._link = link
        self._keys = keys
        self._kept = kept

    def admit(
        self,
        record: Record,
        *,
        limits: Limits,
        now: int,
        began: int,
        cap: Cap | None,
        instead_of: str | None,
    ) -> Refused | list[str]:
        """Let a session in, or refuse it; the sids of those that are to be ended for it.

        Under a cap, who is live is read first, and it counts only if nobody else was let in
        meanwhile. Those that leave are marked in the same step: they take no place any more, and
        whoever comes next ends them should this process die before it does.
        """
        user = record.user or ""
        key = self._keys.user(user)
        for tried in range(TRIES):
            version: bytes | str = ""
            leaving: list[str] = []
            if cap is not None:
                facts, live, leaving = self._live(user, limits, now, {record.sid, instead_of})
                if began <= int(facts.get(b"epoch", began - 1)):
                    return Refused("revoked")
                excess = live[: max(0, len(live) + 1 - cap.count)]
                if excess and cap.full == "refuse":
                    return Refused("full")
                version = facts.get(b"version", b"0")
                leaving += excess
                leaving += [instead_of] if instead_of else []
            words = (began, version, keep_ms(record, limits, now), record.sid, *leaving)
            admit = Question(key, lua.ADMIT, words)
            answer = self._link.ask("create", [admit], kept=self._kept)[0]
            if answer == b"admitted":
                return leaving
            if answer == b"revoked":
                return Refused("revoked")
            pause(min(BACK_OFF_MS * tried, LONGEST_BACK_OFF_MS))
        raise StoreUnavailable("create", "too many sign-ins of one user at once")

    def raise_epoch(self, user: str, now: int) -> tuple[int, list[str]]:
        """The user's new epoch, and every session that they may have at this moment."""
        question = Question(self._keys.user(user), lua.RAISE, (now, KEEP_EPOCH_MS))
        epoch, names = self._link.ask("end", [question], kept=self._kept)[0]
        return int(epoch), [name.decode() for name in names if name not in FACTS]

    def sids(self, user: str) -> list[str]:
        """Every session that the user may have."""
        names = self._link.ask("list", [Question(self._keys.user(user), "HKEYS")])[0]
        return [name.decode() for name in names if name not in FACTS]

    def peek(self, doing: str, user: str, sids: list[str]) -> list[Record]:
        """Those of these sessions that are there and the user's, without their data."""
        if not sids:
            return []
        questions = [Question(self._keys.session(sid), lua.PEEK) for sid in sids]
        values = self._link.ask(doing, questions)
        found = (unpack(sid, value) for sid, value in zip(sids, values, strict=True) if value)
        return [one for one in found if one.user == user]

    def forget(self, doing: str, gone: list[tuple[str, str]]) -> None:
        """Take sessions out that have ended."""
        whose = _by_user(gone)
        self._ask_each(
            doing,
            [Question(self._keys.user(user), "HDEL", (*sids,)) for user, sids in whose.items()],
        )

    def relist(self, live: list[tuple[str, str]], limits: Limits) -> None:
        """Put live sessions in again; nearly always every one of them is there."""
        keep = limits.absolute_ms + lua.KEEP_MS
        self._ask_each(
            "sweep",
            [
                Question(self._keys.user(user), lua.RELIST, (keep, *sids))
                for user, sids in _by_user(live).items()
            ],
        )

    def _ask_each(self, doing: str, questions: list[Question]) -> None:
        for start in range(0, len(questions), PIECE):
            self._link.ask(doing, questions[start : start + PIECE])

    def _live(
        self, user: str, limits: Limits, now: int, apart: set[str | None]
    ) -> tuple[dict[bytes, bytes], list[str], list[str]]:
        """What the hash says, who is live but for those apart, and who is still to be ended."""
        flat = self._link.ask("create", [Question(self._keys.user(user), "HGETALL")])[0]
        facts = dict(zip(flat[::2], flat[1::2], strict=True))
        listed = {name.decode(): how for name, how in facts.items() if name not in FACTS}
        found = self.peek("create", user, [sid for sid in listed if sid not in apart])
        there = [one for one in found if one.ended is None]
        # So that the hash does not grow with every session that there ever was.
        dead = listed.keys() - {one.sid for one in there} - apart
        self.forget("create", [(user, sid) for sid in dead])
        there.sort(key=lambda one: (one.created, one.sid))
        leaving = [one.sid for one in there if listed[one.sid] == LEAVING]
        live = [
            one.sid
            for one in there
            if listed[one.sid] != LEAVING and ended_by(one, limits, now) is None
        ]
        return facts, live, leaving


def _by_user(pairs: list[tuple[str, str]]) -> dict[str, list[str]]:
    whose: dict[str, list[str]] = {}
    for user, sid in pairs:
        whose.setdefault(user, []).append(sid)
    return whose


def walk(
    link: Link | ClusterLink,
    keys: Keys,
    doing: str,
    script: lua.Script,
    arguments: tuple[Any, ...],
    after: str,
    count: int = 500,
    *,
    kept: bool = False,
) -> tuple[list[tuple[Any, ...]], str | None]:
    """Take the next sessions in the order of their sids, ``count`` at most, through a script.

    :returns: what the script found, each a sid and a value and what else it said; and from where
        to go on, ``None`` when there is no more.
    """
    first = int(after[:2], 16) if after else 0
    start = f"({after}" if after else "-"
    froms = [start] + ["-"] * (BUCKETS - first - 1)
    names = [keys.bucket(number) for number in range(first, BUCKETS)]
    sizes = link.ask(
        doing,
        [Question(name, "ZLEXCOUNT", (low, "+")) for name, low in zip(names, froms, strict=True)],
    )
    found: list[tuple[Any, ...]] = []
    left, more, last = count, False, ""
    for name, low, size in zip(names, froms, sizes, strict=True):
        if not size:
            continue
        if left == 0:
            more = True
            break
        take = min(size, left)
        left -= take
        more = take < size
        # In small pieces: while a script runs, the server answers nobody else.
        while take > 0:
            words = (f"{name}:", low, min(take, PIECE), *arguments)
            last_sid, rows = link.ask(doing, [Question(name, script, words)], kept=kept)[0]
            found += [(row[0].decode(), *row[1:]) for row in rows]
            # What went meanwhile leaves a piece without a last one: go on behind the bucket.
            last = last_sid.decode() or f"{name[-3:-1]}~"
            low = f"({last}"
            take -= PIECE
    return found, last if more else None
