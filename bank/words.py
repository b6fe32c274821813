"""Times and dates in the words of the pages."""

from __future__ import annotations

from datetime import UTC, date, datetime

_SECOND_MS = 1_000
_MINUTE_MS = 60 * _SECOND_MS
_HOUR_MS = 60 * _MINUTE_MS


def duration(ms: int) -> str:
    """A length of time: ``14 seconds``, ``60 minutes``, ``12 hours``, ``2 hours 30 minutes``.

    Up to two minutes it counts seconds and up to two hours minutes, as people do.

    :param ms: milliseconds, rounded down to whole seconds; 0 or more.
    """
    if ms < 2 * _MINUTE_MS and ms % _MINUTE_MS:
        return _count(ms // _SECOND_MS, "second")
    if ms < 2 * _HOUR_MS:
        whole, rest = divmod(ms, _MINUTE_MS)
        parts = [_count(whole, "minute"), _count(rest // _SECOND_MS, "second")]
    else:
        whole, rest = divmod(ms, _HOUR_MS)
        parts = [_count(whole, "hour"), _count(rest // _MINUTE_MS, "minute")]
    return " ".join(part for part in parts if not part.startswith("0 ")) or "0 seconds"


def day(ms: int) -> str:
    """The day of a moment, in UTC: ``3 November 2026``.

    :param ms: milliseconds since the epoch.
    """
    moment = moment_utc(ms)
    return f"{moment.day} {moment:%B %Y}"


def short_day(ms: int) -> str:
    """The same for a column of days: ``3 Nov 2026``.

    :param ms: milliseconds since the epoch.
    """
    moment = moment_utc(ms)
    return f"{moment.day} {moment:%b %Y}"


def moment(ms: int) -> str:
    """Day and time, in UTC: ``3 Nov 2026, 14:05 UTC``.

    :param ms: milliseconds since the epoch.
    """
    return f"{short_day(ms)}, {moment_utc(ms):%H:%M} UTC"


def machine_moment(ms: int) -> str:
    """The same for ``<time datetime>``: ``2026-11-03T14:05:09Z``."""
    return f"{moment_utc(ms):%Y-%m-%dT%H:%M:%SZ}"


def ago(ms: int, now_ms: int) -> str:
    """How long ago a moment was, in its largest whole unit: ``3 hours ago``.

    :param ms: milliseconds since the epoch; not after ``now_ms`` by more than clocks differ.
    """
    passed = now_ms - ms
    for size_ms, unit in ((24 * _HOUR_MS, "day"), (_HOUR_MS, "hour"), (_MINUTE_MS, "minute")):
        if passed >= size_ms:
            return f"{_count(passed // size_ms, unit)} ago"
    return "less than a minute ago"


def month(first: date) -> str:
    """A month: ``November 2026``."""
    return f"{first:%B %Y}"


def moment_utc(ms: int) -> datetime:
    """The same moment as a date and time in UTC.

    :param ms: milliseconds since the epoch.
    """
    return datetime.fromtimestamp(ms / 1000, tz=UTC)


def _count(number: int, unit: str) -> str:
    return f"{number} {unit}" if number == 1 else f"{number} {unit}s"
