"""How long a session may last: one frozen value, checked when it is built."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta

from nightlatch.errors import SettingError

MINUTE_MS = 60_000
HOUR_MS = 60 * MINUTE_MS

# WCAG 2.2, success criterion 2.2.1: at least 20 seconds to answer the warning.
WARN_FLOOR_MS = 20_000
# 400 days: browsers keep no cookie for longer, and every sum below stays far from 2**53,
# the largest whole number that JavaScript adds exactly.
LONGEST_MS = 400 * 24 * HOUR_MS


@dataclass(frozen=True, init=False, slots=True)
class Limits:
    """When a session ends, when its user is warned, and how often activity is reported.

    ``idle`` is the hard limit that an auditor reads: no session outlives it. Activity is
    written down only when it would move the record by ``slack`` or more, so the user is
    promised ``idle - slack``: the warning counts down to that moment, and nobody is signed
    out for idleness before it. For 60 minutes these are 60 and 59.

    :param idle: time without activity after which the session has ended.
    :param absolute: time after sign-in at which it ends whatever the user does.
    :param warn: how long before the end the user is warned. Absent: a sixth of ``idle``,
        at least 20 seconds and at most 10 minutes.
    :param ping_every: the shortest time between two reports of activity by one browser.
        Absent: a minute, or less where the time before the warning is short.
    :param slack: how far a record's *last seen* may lag. Absent: a minute or a twentieth of
        ``idle``, whichever is shorter. Zero is exact and costs a write on every request.
    :param demo: allow a warning of under 20 seconds. Only for demonstrations: WCAG 2.2.1
        asks for 20 seconds at least.
    :raises SettingError: a value that cannot be right; it names setting, value and range.

    The attributes hold whole milliseconds. To let users extend ten times, which WCAG 2.2.1
    wants, ``absolute`` should be at least 11 times ``idle``.
    """

    idle_ms: int
    absolute_ms: int
    warn_ms: int
    ping_every_ms: int
    slack_ms: int

    def __init__(
        self,
        idle: timedelta = timedelta(minutes=60),
        absolute: timedelta = timedelta(hours=12),
        warn: timedelta | None = None,
        ping_every: timedelta | None = None,
        slack: timedelta | None = None,
        *,
        demo: bool = False,
    ) -> None:
        idle_ms = _ms("idle", idle)
        absolute_ms = _ms("absolute", absolute)
        if absolute_ms < idle_ms:
            raise SettingError("absolute", absolute, f"idle ({idle}) or longer")

        slack_ms = min(MINUTE_MS, idle_ms // 20) if slack is None else _ms("slack", slack, low=0)
        if slack_ms > idle_ms // 2:
            raise SettingError("slack", slack, f"zero to half of idle ({idle / 2})")
        promise_ms = idle_ms - slack_ms

        floor = 1 if demo else WARN_FLOOR_MS
        if warn is None:
            warn_ms = min(10 * MINUTE_MS, max(floor, idle_ms // 6))
        else:
            warn_ms = _ms("warn", warn)
        if not floor <= warn_ms < promise_ms:
            raise SettingError(
                "warn",
                timedelta(milliseconds=warn_ms),
                f"{timedelta(milliseconds=floor)} or longer (WCAG 2.2.1) and shorter than what "
                f"the user is promised, idle less slack ({timedelta(milliseconds=promise_ms)})",
            )

        quiet_ms = promise_ms - warn_ms
        if ping_every is None:
            ping_every_ms = min(MINUTE_MS, max(1, quiet_ms // 2))
        else:
            ping_every_ms = _ms("ping_every", ping_every)
        if ping_every_ms > quiet_ms:
            raise SettingError(
                "ping_every",
                ping_every,
                "at most the time before the warning, idle less slack less warn "
                f"({timedelta(milliseconds=quiet_ms)}), or activity would be reported too late",
            )

        for name, value in (
            ("idle_ms", idle_ms),
            ("absolute_ms", absolute_ms),
            ("warn_ms", warn_ms),
            ("ping_every_ms", ping_every_ms),
            ("slack_ms", slack_ms),
        ):
            object.__setattr__(self, name, value)

    @property
    def promise_ms(self) -> int:
        """Idle time that the user is promised: ``idle`` less ``slack``."""
        return self.idle_ms - self.slack_ms

    @classmethod
    def profile(cls, name: str) -> Limits:
        """Limits that satisfy a named rule; :data:`PROFILES` cites each clause.

        :raises SettingError: there is no profile of that name.
        """
        try:
            return PROFILES[name].limits
        except KeyError:
            raise SettingError("profile", name, ", ".join(PROFILES)) from None


@dataclass(frozen=True, slots=True)
class Profile:
    """Limits together with the rule that they satisfy.

    :ivar clause: where the numbers stand, so that a reviewer can look them up.
    """

    limits: Limits
    clause: str


# Above the profiles, which need it when this module is imported.
def _ms(setting: str, value: timedelta, *, low: int = 1) -> int:
    if not isinstance(value, timedelta):
        raise SettingError(setting, repr(value), "a datetime.timedelta")
    # Whole-number arithmetic on purpose: total_seconds() is a float, and .seconds drops the days.
    whole = value // timedelta(milliseconds=1)
    if not low <= whole <= LONGEST_MS:
        span = "zero" if low == 0 else "longer than zero"
        raise SettingError(setting, value, f"{span}, and at most 400 days")
    return whole


PROFILES = {
    "pci-dss": Profile(
        Limits(timedelta(minutes=15), timedelta(hours=8), timedelta(minutes=2)),
        "PCI DSS 4.0.1, requirement 8.2.8: idle for more than 15 minutes, authenticate again",
    ),
    "nist-aal2": Profile(
        Limits(timedelta(hours=1), timedelta(hours=24), timedelta(minutes=5)),
        "NIST SP 800-63B-4, section 2.2.3 (AAL2): overall at most 24 hours, idle at most 1 hour",
    ),
    "nist-aal3": Profile(
        Limits(timedelta(minutes=15), timedelta(hours=12), timedelta(minutes=2)),
        "NIST SP 800-63B-4, section 2.3.3 (AAL3): overall at most 12 hours, "
        "idle at most 15 minutes",
    ),
    "eu-sca": Profile(
        Limits(timedelta(minutes=5), timedelta(hours=1), timedelta(minutes=1)),
        "Commission Delegated Regulation (EU) 2018/389, article 4(3)(d): "
        "at most 5 minutes without activity",
    ),
    "owasp-asvs": Profile(
        Limits(timedelta(minutes=15), timedelta(hours=8), timedelta(minutes=2)),
        "OWASP ASVS 5.0, 7.3.1 and 7.3.2, with the ranges of the Session Management Cheat Sheet: "
        "idle 15 to 30 minutes for low-risk applications, absolute 4 to 8 hours",
    ),
}
