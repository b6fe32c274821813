"""What a client may conclude from what it was told, and from nothing else."""

import threading
import time
from dataclasses import dataclass, field

# What counts as activity whatever the client is.
EXTEND = "/session/extend"


@dataclass
class Seat:
    """One session as those know it who hold its cookie. Times are seconds of one stopwatch.

    :ivar asked: when its sign-in was sent; ``begun``: when that was answered.
    :ivar active: when the latest report of activity was sent, which counts in any case.
    :ivar answered: when the latest request that may have counted was answered; ``under_way``: how
        many of them have not been answered yet.
    :ivar dead: since when it is known to have ended.
    """

    user: str
    token: str
    asked: float
    begun: float
    active: float
    answered: float
    under_way: int = 0
    dead: float = float("inf")
    written: dict = field(default_factory=dict)


class Ledger:
    """Everything that was acknowledged, and every answer that contradicts it.

    :param idle: the idle limit in seconds, of which ``slack`` is not promised.
    """

    def __init__(self, idle, absolute, slack):
        self.idle, self.absolute, self.slack = idle, absolute, slack
        self.violations = []
        self.requests = 0
        self.seen = {"live": 0, "idle": 0, "absolute": 0, "signed-out": 0, "revoked": 0}
        self._lock = threading.Lock()
        self._seats = []

    def sat_down(self, user, token, asked):
        """A sign-in was acknowledged."""
        now = time.monotonic()
        with self._lock:
            self.requests += 1
            seat = Seat(user, token, asked, now, asked, now)
            self._seats.append(seat)
            return seat

    def sends(self, seat, *, activity):
        """A request is about to be sent; returns what must be true of its answer."""
        with self._lock:
            now = time.monotonic()
            quiet = now - seat.answered if not seat.under_way else 0.0
            if activity:
                seat.under_way += 1
            over = now > seat.dead or quiet >= self.idle or now - seat.begun >= self.absolute
            return now, over, dict(seat.written)

    def hears(self, seat, sent, what, *, activity, live, reason=None, values=None):
        """It was answered: compare, and note what is certain from now on."""
        at, over, written = sent
        with self._lock:
            now = time.monotonic()
            self.requests += 1
            if activity:
                seat.under_way -= 1
                seat.answered = now
                if live and what == EXTEND:
                    seat.active = max(seat.active, at)
            if live:
                self.seen["live"] += 1
                if over:
                    self._wrong(seat, f"{what} is live {now - seat.dead:.3f} s after its end")
                lost = [] if values is None else [k for k in written if values.get(k) != written[k]]
                if lost:
                    self._wrong(seat, f"{what} has lost {lost}")
                return
            if reason in self.seen:
                self.seen[reason] += 1
            if reason == "idle" and now - seat.active < self.idle - self.slack:
                self._wrong(seat, f"idle {now - seat.active:.3f} s after activity")
            if reason == "absolute" and now - seat.asked < self.absolute:
                self._wrong(seat, f"absolute {now - seat.asked:.3f} s after the sign-in")
            # Whatever the reason: it was told that it is over.
            seat.dead = min(seat.dead, now)

    def wrote(self, seat, values):
        """A write was acknowledged."""
        with self._lock:
            seat.written |= values

    def revoked(self, sent, user, keep=None):
        """The end of all sessions of a user was acknowledged, but for one."""
        with self._lock:
            now = time.monotonic()
            for seat in self._seats:
                if seat.user == user and seat.begun < sent and seat is not keep:
                    seat.dead = min(seat.dead, now)

    def _wrong(self, seat, what):
        self.violations.append(f"{seat.token.split('.')[1][:6]} of {seat.user}: {what}")
