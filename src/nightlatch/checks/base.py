"""What a check knows, asks and answers: facts in, findings out, nothing else touched."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from enum import StrEnum
from typing import Literal

from nightlatch.cookie import CookiePolicy
from nightlatch.limits import MINUTE_MS, Limits


class Verdict(StrEnum):
    """How an application stands to one requirement."""

    MET = "met"
    NOT_MET = "not met"
    NOT_OURS = "not ours to know"


@dataclass(frozen=True, slots=True)
class Facts:
    """What an adapter has measured of one application.

    :ivar limits: how long its sessions last.
    :ivar own_sessions: nightlatch keeps the sessions; false: something has taken its place.
    :ivar cookie: the name and attributes of the session's cookie.
    :ivar cookie_bytes: its name and value together.
    :ivar always_secure: the cookie never travels without ``Secure`` and ``__Host-``; false: it
        does wherever the application does not see HTTPS.
    :ivar remember_cookie: a cookie that signs in by itself is believed.
    :ivar store: the kind of store, such as ``"SqliteStore"``.
    :ivar shared_store: other processes reach it, and it outlives this one.
    :ivar journal: sign-outs that the store did not confirm are kept and carried out later.
    :ivar cap: how many sessions a user may have; ``None``: any number.
    :ivar cap_full: what happens to one more, ``"refuse"`` or ``"end-oldest"``.
    :ivar guarded_views: how many views ask for a recent proof of who the user is.
    :ivar reauth_view: the page where it is given; ``None``: there is none.
    :ivar templates: how many page templates were read; 0: none could be.
    :ivar monitored: those that bring the browser half.
    """

    limits: Limits
    own_sessions: bool
    cookie: CookiePolicy
    cookie_bytes: int
    always_secure: bool
    remember_cookie: bool
    store: str
    shared_store: bool
    journal: bool
    cap: int | None
    cap_full: str
    guarded_views: int
    reauth_view: str | None
    templates: int
    monitored: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Answer:
    """One requirement judged.

    :ivar measured: what was found, in words with numbers.
    :ivar action: what to set when it is not met; the question that a person must answer when it
        is not ours to know; ``None`` when it is met.
    """

    verdict: Verdict
    measured: str
    action: str | None = None


Judge = Callable[[Facts], Answer]
Measure = Callable[[Facts], str]


@dataclass(frozen=True, slots=True)
class Requirement:
    """One clause of a standard.

    :ivar clause: its number, as the standard counts.
    :ivar level: how binding it is, in the standard's own term (``"L2"``, ``"SHOULD"``).
    :ivar words: what it asks for, in our words.
    """

    clause: str
    level: str
    words: str
    judge: Judge


@dataclass(frozen=True, slots=True)
class Standard:
    """A standard, as far as it speaks of sessions; ``title`` names its edition."""

    title: str
    requirements: tuple[Requirement, ...]


@dataclass(frozen=True, slots=True)
class Finding:
    """One requirement of one standard, judged; what a report is made of."""

    profile: str
    standard: str
    clause: str
    level: str
    requirement: str
    verdict: Verdict
    measured: str
    action: str | None


def met(measured: str) -> Answer:
    """It is so."""
    return Answer(Verdict.MET, measured)


def not_met(measured: str, action: str) -> Answer:
    """It is not so, and this is what to set."""
    return Answer(Verdict.NOT_MET, measured, action)


def person(question: str, measured: Measure | str) -> Judge:
    """A judge that only asks: no code can know the answer."""

    def ask(facts: Facts) -> Answer:
        found = measured if isinstance(measured, str) else measured(facts)
        return Answer(Verdict.NOT_OURS, found, question)

    return ask


def ours(judge: Judge) -> Judge:
    """A judge of what nightlatch does, and so of an application in which it does it."""

    def only_ours(facts: Facts) -> Answer:
        if facts.own_sessions:
            return judge(facts)
        return not_met(
            "the sessions are not kept by nightlatch: app.session_interface was replaced",
            "Leave app.session_interface alone after Nightlatch(app).",
        )

    return only_ours


def at_most(which: Literal["idle", "absolute"], most_ms: int, where: str = "") -> Judge:
    """A judge of one limit.

    :param where: where the number comes from, when not from the clause itself.
    """

    def compare(facts: Facts) -> Answer:
        is_ms = facts.limits.idle_ms if which == "idle" else facts.limits.absolute_ms
        source = f" ({where})" if where else ""
        measured = f"{which} {span(is_ms)}, at most {span(most_ms)}{source}"
        if facts.remember_cookie:
            return not_met(
                f"{measured}, but a remember cookie signs in again by itself",
                "Leave app.before_request_funcs alone: nightlatch's first step is missing there.",
            )
        if is_ms <= most_ms:
            return met(measured)
        return not_met(
            measured, f"Set {which}= or NIGHTLATCH_{which.upper()} to at most {span(most_ms)}."
        )

    return ours(compare)


def span(span_ms: int) -> str:
    """A span of time, exact and short: ``15 min``, ``90 s``, ``12 h``."""
    for size_ms, unit in ((60 * MINUTE_MS, "h"), (MINUTE_MS, "min"), (1000, "s")):
        # 60 min stays 60 min: limits are compared by eye.
        if span_ms % size_ms == 0 and span_ms >= (2 * size_ms if unit == "h" else size_ms):
            return f"{span_ms // size_ms} {unit}"
    return f"{span_ms} ms"
