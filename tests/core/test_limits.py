"""Settings of time: what cannot be right is refused by name, value and range."""

from __future__ import annotations

from dataclasses import FrozenInstanceError
from datetime import timedelta
from typing import Any

import pytest

from nightlatch.errors import SettingError
from nightlatch.limits import LONGEST_MS, PROFILES, Limits

MINUTES_15 = timedelta(minutes=15)
HOURS_8 = timedelta(hours=8)


def test_defaults() -> None:
    """60 minutes idle, 12 hours in all, a warning of 10 minutes, a report a minute."""
    limits = Limits()

    assert (limits.idle_ms, limits.absolute_ms) == (3_600_000, 43_200_000)
    assert (limits.warn_ms, limits.ping_every_ms) == (600_000, 60_000)
    assert (limits.slack_ms, limits.promise_ms) == (60_000, 3_540_000)


@pytest.mark.parametrize(
    ("idle", "warn_ms", "ping_every_ms", "slack_ms"),
    [
        (timedelta(minutes=2), 20_000, 47_000, 6_000),
        (timedelta(minutes=5), 50_000, 60_000, 15_000),
        (timedelta(minutes=15), 150_000, 60_000, 45_000),
        (timedelta(minutes=20), 200_000, 60_000, 60_000),
        (timedelta(hours=8), 600_000, 60_000, 60_000),
        (timedelta(seconds=45), 20_000, 11_375, 2_250),
    ],
)
def test_what_follows_from_idle(
    idle: timedelta, warn_ms: int, ping_every_ms: int, slack_ms: int
) -> None:
    """Warning, report and slack follow from the idle limit where they are not given."""
    limits = Limits(idle)

    assert (limits.warn_ms, limits.ping_every_ms, limits.slack_ms) == (
        warn_ms,
        ping_every_ms,
        slack_ms,
    )


def test_31_days() -> None:
    """A limit of days counts its days: ``timedelta.seconds`` of 31 days would be nothing."""
    assert Limits(timedelta(days=31), timedelta(days=31)).idle_ms == 31 * 86_400_000


def test_parts_of_a_millisecond_are_dropped() -> None:
    """Times are whole milliseconds; a part of one is not rounded up."""
    limits = Limits(timedelta(microseconds=900_000_999), timedelta(hours=8))

    assert limits.idle_ms == 900_000


def test_exact() -> None:
    """Slack of zero is allowed: the promise is the limit."""
    limits = Limits(MINUTES_15, HOURS_8, slack=timedelta(0))

    assert limits.promise_ms == limits.idle_ms == 900_000


def test_demonstration() -> None:
    """For a demonstration the warning may be shorter than WCAG allows."""
    limits = Limits(
        timedelta(seconds=14),
        timedelta(seconds=60),
        timedelta(seconds=6),
        timedelta(seconds=2),
        demo=True,
    )

    assert (limits.idle_ms, limits.warn_ms, limits.ping_every_ms) == (14_000, 6_000, 2_000)


def test_the_shortest_demonstration() -> None:
    """Where there is next to no time, the defaults still are right."""
    limits = Limits(timedelta(milliseconds=2), demo=True)

    assert (limits.warn_ms, limits.ping_every_ms, limits.slack_ms) == (1, 1, 0)


BAD: list[tuple[dict[str, Any], str, str]] = [
    ({"idle": timedelta(0)}, "idle is 0:00:00", "longer than zero, and at most 400 days"),
    ({"idle": timedelta(minutes=-1)}, "idle is -0:01:00", "longer than zero"),
    ({"idle": timedelta(microseconds=999)}, "idle is 0:00:00.000999", "longer than zero"),
    ({"idle": timedelta(days=401)}, "idle is 401 days, 0:00:00", "at most 400 days"),
    ({"idle": 900}, "idle is 900", "a datetime.timedelta"),
    ({"idle": "15 min"}, "idle is '15 min'", "a datetime.timedelta"),
    ({"idle": None}, "idle is None", "a datetime.timedelta"),
    ({"absolute": timedelta(0)}, "absolute is 0:00:00", "longer than zero"),
    ({"absolute": timedelta(days=401)}, "absolute is 401 days", "at most 400 days"),
    ({"absolute": timedelta(minutes=59)}, "absolute is 0:59:00", "idle (1:00:00) or longer"),
    ({"absolute": 8}, "absolute is 8", "a datetime.timedelta"),
    ({"warn": timedelta(seconds=19)}, "warn is 0:00:19", "0:00:20 or longer (WCAG 2.2.1)"),
    ({"warn": timedelta(minutes=59)}, "warn is 0:59:00", "shorter than what the user is promised"),
    ({"warn": timedelta(0)}, "warn is 0:00:00", "longer than zero"),
    ({"warn": 60.0}, "warn is 60.0", "a datetime.timedelta"),
    ({"idle": timedelta(seconds=20)}, "warn is 0:00:20", "(0:00:19)"),
    ({"ping_every": timedelta(0)}, "ping_every is 0:00:00", "longer than zero"),
    ({"ping_every": timedelta(minutes=50)}, "ping_every is 0:50:00", "(0:49:00)"),
    ({"ping_every": 1}, "ping_every is 1", "a datetime.timedelta"),
    ({"slack": timedelta(milliseconds=-1)}, "slack is -0:00:00.001", "zero, and at most 400 days"),
    ({"slack": timedelta(minutes=31)}, "slack is 0:31:00", "zero to half of idle (0:30:00)"),
    ({"slack": 0}, "slack is 0", "a datetime.timedelta"),
]


@pytest.mark.parametrize(("settings", "what", "allowed"), BAD, ids=str)
def test_refused(settings: dict[str, Any], what: str, allowed: str) -> None:
    """A setting that cannot be right is refused with its name, its value and what is allowed."""
    with pytest.raises(SettingError) as caught:
        Limits(**settings)

    message = str(caught.value)
    assert message.startswith(what)
    assert allowed in message.partition("Allowed: ")[2]
    assert caught.value.setting == what.split()[0]


@pytest.mark.parametrize(
    "settings",
    [
        {"warn": timedelta(seconds=20)},
        {
            "warn": timedelta(minutes=59) - timedelta(milliseconds=2),
            "ping_every": timedelta(0, 0, 2000),
        },
        {"absolute": timedelta(minutes=60)},
        {"idle": timedelta(days=400), "absolute": timedelta(days=400)},
        {"ping_every": timedelta(minutes=49)},
        {"slack": timedelta(minutes=30), "warn": timedelta(minutes=5)},
    ],
    ids=str,
)
def test_just_allowed(settings: dict[str, Any]) -> None:
    """The ends of every range are inside it."""
    Limits(**settings)


def test_sums_stay_exact_in_javascript() -> None:
    """The longest limits, added to any date of this millennium, are exact in JavaScript."""
    year_3000_ms = 32_503_680_000_000

    assert year_3000_ms + 2 * LONGEST_MS < 2**53


def test_frozen() -> None:
    """Limits are a value: nobody changes them while sessions are judged by them."""
    with pytest.raises(FrozenInstanceError):
        Limits().idle_ms = 1  # type: ignore[misc]
    assert Limits() == Limits()
    assert hash(Limits()) == hash(Limits())


# What each clause allows at most: idle and absolute, in minutes; None: it does not say.
CLAUSES = {
    "pci-dss": (15, None),
    "nist-aal2": (60, 24 * 60),
    "nist-aal3": (15, 12 * 60),
    "eu-sca": (5, None),
    "owasp-asvs": (30, 8 * 60),
}


@pytest.mark.parametrize("name", CLAUSES)
def test_profiles_satisfy_their_clause(name: str) -> None:
    """A profile stays within its clause, cites it, and can be extended ten times (WCAG 2.2.1)."""
    idle_minutes, absolute_minutes = CLAUSES[name]
    limits = Limits.profile(name)

    assert limits is PROFILES[name].limits
    assert limits.idle_ms <= idle_minutes * 60_000
    assert absolute_minutes is None or limits.absolute_ms <= absolute_minutes * 60_000
    assert limits.warn_ms >= 20_000
    assert limits.absolute_ms >= 11 * limits.idle_ms
    assert PROFILES[name].clause


def test_every_profile_is_checked() -> None:
    """No profile is published without its clause being checked here."""
    assert CLAUSES.keys() == PROFILES.keys()


def test_no_such_profile() -> None:
    """An unknown profile is refused with the names that there are."""
    with pytest.raises(SettingError, match=r"^profile is pci, .*Allowed: pci-dss, nist-aal2"):
        Limits.profile("pci")
