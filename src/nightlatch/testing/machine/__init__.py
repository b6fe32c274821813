"""A hypothesis state machine for managers and stores. Needs hypothesis.

It drives two processes of one application through whatever order of sign-ins, requests, late
saves, pings, rotations, ends, sweeps and clock changes hypothesis thinks of, and compares every
answer and every event with a simple model: no session ended early, none usable late, none
revived, no change lost, every event told once. Any store joins with an empty one of it::

    from contextlib import closing
    from nightlatch.testing.machine import session_machine

    TestMyStore = session_machine(lambda: closing(MyStore(...))).TestCase
"""

from __future__ import annotations

from collections.abc import Callable
from contextlib import AbstractContextManager, ExitStack
from datetime import timedelta
from typing import Any

from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule

from nightlatch.limits import Limits
from nightlatch.record import EndReason
from nightlatch.stores.base import Cap, SessionStore
from nightlatch.testing.machine.checks import Process, Reading
from nightlatch.testing.machine.model import Known
from nightlatch.testing.machine.trial import Trial
from nightlatch.testing.machine.values import Doing

__all__ = ["SessionMachine", "session_machine"]

# Short, so that an absolute limit is met within a few steps; one exact, one with a slack.
LIMITS = tuple(
    Limits(timedelta(minutes=20), timedelta(minutes=30), timedelta(minutes=2), slack=slack)
    for slack in (timedelta(minutes=1), timedelta(0))
)
IDLE, PROMISE, SLACK = LIMITS[0].idle_ms, LIMITS[0].promise_ms, LIMITS[0].slack_ms
ABSOLUTE, DAY = LIMITS[0].absolute_ms, 24 * 3_600_000

# Few of each, so that they meet.
USERS = st.sampled_from(["ana", "O’Connor", None])
NAMES = st.sampled_from(["ana", "O’Connor"])
CAPS = st.sampled_from([None, Cap(1), Cap(2), Cap(1, "refuse"), Cap(2, "refuse")])
PICK = st.sampled_from([0, 0, 0, 1, 1, 2, 3, 5])
PROCESS = st.integers(0, 1)
LATER = st.sampled_from(
    (0, 1, 30_000, SLACK, IDLE // 2, PROMISE - 1, PROMISE, IDLE - 1, IDLE, ABSOLUTE - PROMISE, DAY)
)
SHORT = st.sampled_from([0, 1, 500, 29_999, 30_000, SLACK - 1, SLACK, IDLE // 2])
STEPS = st.sampled_from(
    [-DAY, -3_600_000, -60_001, -60_000, -1, 1, 60_000, 60_001, IDLE, 3_600_000]
)
AGO = st.sampled_from([0, 0, 1, SLACK, IDLE, ABSOLUTE])
IDLE_FOR = st.sampled_from([-1, 0, 0, 1, SLACK, PROMISE, IDLE, 10 * DAY])
TOKENS = st.sampled_from(["current"] * 5 + ["old"] * 3 + ["older", "forged", "malformed"])
DOINGS = st.sampled_from(["set", "set", "delete", "append", "nest", "nothing"])
KEYS = st.sampled_from("abc")
NUMBERS = st.integers(0, 3)
LEVELS = st.sampled_from([None, 1, 2])
DUE = st.sampled_from([EndReason.IDLE, EndReason.ABSOLUTE])
REASONS = st.sampled_from([EndReason.SIGNED_OUT, EndReason.REVOKED])
MEANWHILE = st.sampled_from(["nothing", "nothing", "save", "ping", "rotate", "end", "end all"])

READINGS = 8


class SessionMachine(RuleBasedStateMachine):
    """The rules: what can happen next. :func:`session_machine` gives it a store.

    :cvar opened: gives an empty store for the time of a ``with`` block.
    :cvar steps: how many rules all machines of this class have run.
    """

    opened: Callable[[], AbstractContextManager[SessionStore]]
    steps = 0

    def __init__(self) -> None:
        super().__init__()
        self._open = ExitStack()
        self.readings: list[Reading] = []

    @initialize(
        cap=CAPS, limits=st.sampled_from(LIMITS), users=st.lists(USERS, min_size=1, max_size=3)
    )
    def begin(self, cap: Cap | None, limits: Limits, users: list[str | None]) -> None:
        """An empty store, and a few sessions in it."""
        type(self).steps -= 1  # setting up is no step
        store = self._open.enter_context(type(self).opened())
        self.trial = Trial(store, limits, cap)
        for user in users:
            self._keep(self.trial.start(self.trial.processes[0], user))

    def teardown(self) -> None:
        """Close the store."""
        self._open.close()

    @rule(process=PROCESS, user=USERS, ago=AGO, number=NUMBERS, instead=st.booleans(), pick=PICK)
    def sign_in(
        self, process: int, user: str | None, ago: int, number: int, instead: bool, pick: int
    ) -> None:
        """Somebody signs in, perhaps in a browser that has a session."""
        before = self._reading(pick) if instead else None
        self._keep(
            self.trial.start(
                self._process(process), user, ago_ms=ago, number=number, instead_of=before
            )
        )

    @rule(process=PROCESS, pick=PICK, kind=TOKENS, activity=st.booleans())
    def request(self, process: int, pick: int, kind: str, activity: bool) -> None:
        """A request comes with a cookie: the current one, an old one, or none of ours."""
        known = self._known(pick)
        token = _token(known, kind)
        self._keep(self.trial.resume(self._process(process), known, token, activity=activity))

    @rule(process=PROCESS, pick=PICK, kind=TOKENS, idle_for=IDLE_FOR)
    def ping(self, process: int, pick: int, kind: str, idle_for: int) -> None:
        """A browser reports input."""
        known = self._known(pick)
        self.trial.extend(self._process(process), known, _token(known, kind), idle_for_ms=idle_for)

    @rule(process=PROCESS, pick=PICK, kind=TOKENS, reason=DUE, meanwhile=MEANWHILE)
    def ask_for_the_end(
        self, process: int, pick: int, kind: str, reason: EndReason, meanwhile: str
    ) -> None:
        """A browser says that its session's time has come; another may be faster."""
        known = self._known(pick)
        with self.trial.gate.just_before("end", self._other(process, known, meanwhile)):
            self.trial.end_if_due(self._process(process), known, _token(known, kind), reason)

    @rule(process=PROCESS, pick=PICK, meanwhile=st.sampled_from(["ping", "ping", "end", "save"]))
    def ask_for_the_end_in_time(self, process: int, pick: int, meanwhile: str) -> None:
        """At the promised moment one tab asks for the end; another may be used just then."""
        known = self._known(pick)
        self.trial.extend(self._process(process), known, known.token, idle_for_ms=0)
        self.trial.clock.advance(ms=PROMISE)
        with self.trial.gate.just_before("end", self._other(process, known, meanwhile)):
            self.trial.end_if_due(self._process(process), known, known.token, EndReason.IDLE)

    @rule(process=PROCESS, pick=PICK, doing=DOINGS, key=KEYS, number=NUMBERS, meanwhile=MEANWHILE)
    def save(
        self, process: int, pick: int, doing: Doing, key: str, number: int, meanwhile: str
    ) -> None:
        """A request stores what it has changed, however late; another may be faster."""
        reading = self._reading(pick)
        with self.trial.gate.just_before("save", self._other(process, reading.known, meanwhile)):
            after = self.trial.save(self._process(process), reading, doing, key, number)
        self._keep(after)

    @rule(process=PROCESS, pick=PICK, level=LEVELS, meanwhile=MEANWHILE)
    def rotate(self, process: int, pick: int, level: int | None, meanwhile: str) -> None:
        """A session gets a new secret; another request may be faster."""
        reading = self._reading(pick)
        with self.trial.gate.just_before("save", self._other(process, reading.known, meanwhile)):
            after = self.trial.rotate(self._process(process), reading, level)
        self._keep(after)

    @rule(process=PROCESS, pick=PICK, level=LEVELS, kind=TOKENS)
    def rotate_and_go_on(self, process: int, pick: int, level: int | None, kind: str) -> None:
        """A session gets a new secret, its browser comes back with it, and then somebody else."""
        reading = self._reading(pick)
        self._keep(self.trial.rotate(self._process(process), reading, level))
        known = reading.known
        for token in (known.token, _token(known, kind)):
            self.trial.resume(self._process(process), known, token, activity=False)

    @rule(process=PROCESS, pick=PICK, times=st.integers(1, 3))
    def somebody_works(self, process: int, pick: int, times: int) -> None:
        """A session is used steadily for half an hour at most."""
        known = self._known(pick)
        for _ in range(times):
            self.trial.clock.advance(ms=IDLE // 2)
            self.trial.resume(self._process(process), known, known.token, activity=True)

    @rule(process=PROCESS, pick=PICK, reason=REASONS)
    def end(self, process: int, pick: int, reason: EndReason) -> None:
        """One session is signed out or revoked."""
        self.trial.end(self._process(process), self._known(pick), reason)

    @rule(process=PROCESS, user=NAMES, keep=st.none() | PICK)
    def end_user(self, process: int, user: str, keep: int | None) -> None:
        """All of a user's sessions end, perhaps but one."""
        kept = None if keep is None else self._known(keep)
        self.trial.end_all(self._process(process), user, kept)

    @rule(process=PROCESS, pick=PICK, seldom=NUMBERS)
    def everything_ends(self, process: int, pick: int, seldom: int) -> None:
        """All sessions end, or a day goes by and even their traces are swept away."""
        # Seldom: a world without sessions is a dull one.
        if seldom == 2:
            self.trial.end_all(self._process(process), None)
        elif seldom == 3:
            reading = self._reading(pick)
            self.trial.end(self._process(process), reading.known, EndReason.SIGNED_OUT)
            self.trial.clock.advance(ms=DAY)
            self.sweep(process, pick)
            self.trial.save(self._process(process), reading, "set", "z", self.trial.clock.now())

    @rule(process=PROCESS, user=USERS)
    def list_sessions(self, process: int, user: str | None) -> None:
        """Somebody looks at the sessions."""
        self.trial.list_sessions(self._process(process), user)

    @rule(process=PROCESS)
    def sweep_a_step(self, process: int) -> None:
        """A sweep goes one step further."""
        self.trial.sweep(self._process(process))

    @rule(process=PROCESS, pick=PICK)
    def sweep(self, process: int, pick: int) -> None:
        """A sweep runs from beginning to end, and somebody comes back after it."""
        known = self._known(pick)
        self.trial.sweep_all(self._process(process))
        self.trial.resume(self._process(process), known, known.token, activity=False)

    @rule(ms=SHORT)
    def a_moment_passes(self, ms: int) -> None:
        """A little time passes."""
        self.trial.clock.advance(ms=ms)

    @rule(ms=LATER)
    def time_passes(self, ms: int) -> None:
        """Much time may pass."""
        self.trial.clock.advance(ms=ms)

    @rule(ms=STEPS)
    def somebody_sets_the_clock(self, ms: int) -> None:
        """The wall clock steps, also backwards."""
        self.trial.clock.step(ms)

    # Inside

    @invariant()
    def one_more(self) -> None:
        """Count the steps; every answer has been compared already."""
        type(self).steps += 1

    def _process(self, number: int) -> Process:
        return self.trial.processes[number]

    def _known(self, pick: int) -> Known:
        # The newest first: they are the ones that are probably live.
        sessions = [*self.trial.model.sessions.values()]
        return sessions[-1 - pick % len(sessions)]

    def _reading(self, pick: int) -> Reading:
        return self.readings[-1 - pick % len(self.readings)]

    def _keep(self, reading: Reading | None) -> None:
        if reading is not None:
            self.readings = [*self.readings[1 - READINGS :], reading]

    def _other(self, process: int, known: Known, doing: str) -> Callable[[], object]:
        """What a request to the other process does at the same time."""
        trial, other = self.trial, self.trial.processes[1 - process]

        def act() -> None:
            if doing == "ping":
                trial.extend(other, known, known.token, idle_for_ms=0)
            elif doing == "end":
                trial.end(other, known, EndReason.SIGNED_OUT)
            elif doing == "end all" and known.user is not None:
                trial.end_all(other, known.user)
            elif doing in ("save", "rotate"):
                reading = trial.resume(other, known, known.token, activity=False)
                if reading is not None and doing == "save":
                    trial.save(other, reading, "set", "m", trial.clock.now())
                elif reading is not None:
                    trial.rotate(other, reading, None)

        return act


def session_machine(
    opened: Callable[[], AbstractContextManager[SessionStore]], **more: Any
) -> type[SessionMachine]:
    """The machine for one kind of store; its ``TestCase`` is a test, as with any of hypothesis.

    :param opened: gives an empty store for the time of a ``with`` block.
    """
    return type("Sessions", (SessionMachine,), {"opened": staticmethod(opened), "steps": 0, **more})


def _token(known: Known, kind: str) -> str:
    if kind == "old" and known.old is not None:
        return known.old.token
    if kind == "older" and known.older:
        return known.older[-1]
    if kind == "forged":
        return f"v1.{known.sid}.{'A' * 43}"
    return "no token" if kind == "malformed" else known.token
