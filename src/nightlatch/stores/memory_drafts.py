"""Drafts in this process's memory: the readable reference of their contract."""

from __future__ import annotations

from threading import Lock

from nightlatch.drafts import KEEP_MS, MOST, SWEEP, Draft, Found, Verdict, verdict

# A mark with this page stands for all pages; the page of a form is never empty.
ALL = ""


class MemoryDrafts:
    """Drafts that are gone when the process ends; for tests, trials and ``memory://``."""

    def __init__(self) -> None:
        self._lock = Lock()
        self._drafts: dict[tuple[str, str], Draft] = {}
        self._marks: dict[tuple[str | None, str], int] = {}

    def put(self, user: str, draft: Draft, *, instead_of: str | None = None) -> Verdict:
        """Keep a draft, if the rule allows it."""
        with self._lock:
            answer = verdict(self._find(user, draft.page, draft.at), draft, instead_of)
            if answer is Verdict.KEPT:
                self._drafts[user, draft.page] = draft
                of_user = [key for key in self._drafts if key[0] == user and key[1] != draft.page]
                of_user.sort(key=lambda key: (self._drafts[key].at, key[1]))
                for key in of_user[: max(0, len(of_user) + 1 - MOST)]:
                    del self._drafts[key]
            return answer

    def get(self, user: str, page: str, *, now: int) -> Found:
        """The draft of one form, and when one was dropped there last."""
        with self._lock:
            return self._find(user, page, now)

    def drop(self, user: str, page: str, *, now: int) -> bool:
        """Drop a draft and leave a mark."""
        with self._lock:
            gone = self._find(user, page, now).draft is not None
            self._drafts.pop((user, page), None)
            self._mark(user, page, now)
            of_user = [key for key in self._marks if key[0] == user and key[1] not in (ALL, page)]
            of_user.sort(key=lambda key: (self._marks[key], key[1]))
            for key in of_user[: max(0, len(of_user) + 1 - MOST)]:
                del self._marks[key]
            return gone

    def drop_all(self, user: str | None, *, now: int) -> int:
        """Drop all drafts of a user or of everybody, and leave a mark."""
        with self._lock:
            meant = [key for key in self._drafts if user in (None, key[0])]
            gone = sum(self._drafts.pop(key).at + KEEP_MS > now for key in meant)
            self._mark(user, ALL, now)
            return gone

    def sweep(self, *, now: int, count: int = SWEEP) -> int:
        """Remove what is past its time."""
        with self._lock:
            old = [key for key, draft in self._drafts.items() if draft.at + KEEP_MS <= now]
            for key in old[:count]:
                del self._drafts[key]
            marks = [key for key, at in self._marks.items() if at + KEEP_MS <= now]
            for mark in marks[:count]:
                del self._marks[mark]
            return len(old[:count])

    def close(self) -> None:
        """Nothing is held that would need releasing."""

    # Inside; the lock is held

    def _find(self, user: str, page: str, now: int) -> Found:
        draft = self._drafts.get((user, page))
        if draft is not None and draft.at + KEEP_MS <= now:
            draft = None
        marks = ((user, page), (user, ALL), (None, ALL))
        return Found(draft, max(self._marks.get(mark, 0) for mark in marks))

    def _mark(self, user: str | None, page: str, now: int) -> None:
        self._marks[user, page] = max(now, self._marks.get((user, page), 0) + 1)
