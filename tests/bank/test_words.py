"""Times and dates in words."""

from __future__ import annotations

from datetime import date

import pytest

from bank.words import ago, day, duration, machine_moment, moment, month, short_day

MINUTE_MS = 60_000


@pytest.mark.parametrize(
    ("ms", "text"),
    [
        (0, "0 seconds"),
        (999, "0 seconds"),
        (1_000, "1 second"),
        (14_000, "14 seconds"),
        (90_000, "90 seconds"),
        (MINUTE_MS, "1 minute"),
        (2 * MINUTE_MS + 30_000, "2 minutes 30 seconds"),
        (60 * MINUTE_MS, "60 minutes"),
        (90 * MINUTE_MS, "90 minutes"),
        (150 * MINUTE_MS, "2 hours 30 minutes"),
        (12 * 60 * MINUTE_MS, "12 hours"),
    ],
)
def test_a_length_of_time_is_said_as_people_say_it(ms: int, text: str) -> None:
    """Singular and plural, seconds up to two minutes, minutes up to two hours."""
    assert duration(ms) == text


def test_a_moment_is_shown_as_its_day_in_utc() -> None:
    """The day changes at midnight UTC, to the millisecond."""
    last_ms_of_the_day = 1_767_657_599_999
    assert day(last_ms_of_the_day) == "5 January 2026"
    assert short_day(last_ms_of_the_day) == "5 Jan 2026"
    assert day(last_ms_of_the_day + 1) == "6 January 2026"


def test_a_month_is_named_with_its_year() -> None:
    """In full."""
    assert month(date(2026, 11, 1)) == "November 2026"


def test_a_moment_is_shown_to_the_minute_and_told_to_machines_to_the_second() -> None:
    """In UTC, and it says so."""
    last_ms_of_the_day = 1_767_657_599_999

    assert moment(last_ms_of_the_day) == "5 Jan 2026, 23:59 UTC"
    assert machine_moment(last_ms_of_the_day) == "2026-01-05T23:59:59Z"


@pytest.mark.parametrize(
    ("passed_ms", "text"),
    [
        (-1, "less than a minute ago"),
        (MINUTE_MS - 1, "less than a minute ago"),
        (MINUTE_MS, "1 minute ago"),
        (60 * MINUTE_MS - 1, "59 minutes ago"),
        (60 * MINUTE_MS, "1 hour ago"),
        (24 * 60 * MINUTE_MS, "1 day ago"),
        (50 * 60 * MINUTE_MS, "2 days ago"),
    ],
)
def test_how_long_ago_is_said_in_the_largest_whole_unit(passed_ms: int, text: str) -> None:
    """Rounded down; a moment that another clock puts a little ahead is just now."""
    now_ms = 1_767_603_600_000

    assert ago(now_ms - passed_ms, now_ms) == text
