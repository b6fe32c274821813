"""Parallel writers of one session: who loses backs off, who keeps losing gets a turn.

Writers are optimistic: each saves if nobody was first, else tries again. Chance spreads them
well, but bounds nobody's bad luck. So who has lost :data:`LOSSES` times takes the session's
turn, and others of this process wait behind them before they try. Other processes are not
held; of those, each has at most one such writer for a session at a time.
"""

from __future__ import annotations

import random
from collections.abc import Iterator
from contextlib import contextmanager
from threading import Lock

from nightlatch.clock import pause

LOSSES = 8
FIRST_PAUSE_MS = 2
LONGEST_PAUSE_MS = 60
# Nobody waits for ever, whatever becomes of who has the turn; a fork may even copy a held lock.
LONGEST_WAIT_S = 2.0
# Sessions share locks: sharing costs a short wait and never a wrong answer.
LOCKS = 64


def back_off(tried: int) -> None:
    """Wait a random moment, longer on average after each loss.

    :param tried: how many losses there were before this one.
    """
    pause(random.uniform(0, min(LONGEST_PAUSE_MS, FIRST_PAUSE_MS * 2**tried)))


class Turns:
    """The turns of one process."""

    def __init__(self) -> None:
        self._locks = tuple(Lock() for _ in range(LOCKS))

    @contextmanager
    def writer(self, sid: str) -> Iterator[Writer]:
        """A writer of the session ``sid``, until the block is left."""
        writer = Writer(self._locks[hash(sid) % LOCKS])
        try:
            yield writer
        finally:
            writer.done()


class Writer:
    """One attempt to save, however many tries it takes.

    :ivar has_turn: others of this process wait for this one.
    """

    def __init__(self, lock: Lock) -> None:
        self._lock = lock
        self._losses = 0
        self.has_turn = False
        self._let_pass()

    def lost(self) -> None:
        """Another writer was first: wait, or take the turn."""
        self._losses += 1
        if self.has_turn:
            back_off(0)
        elif self._losses < LOSSES:
            back_off(self._losses - 1)
            self._let_pass()
        else:
            self.has_turn = self._lock.acquire(timeout=LONGEST_WAIT_S)

    def done(self) -> None:
        """Saved, refused or failed: the next may go."""
        if self.has_turn:
            self._lock.release()

    def _let_pass(self) -> None:
        # Free nearly always; then nobody waits for anybody.
        if self._lock.locked() and self._lock.acquire(timeout=LONGEST_WAIT_S):
            self._lock.release()
