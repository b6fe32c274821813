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
