"""Times, durations and numbers in the words of a language."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from babel.core import Locale
from babel.dates import format_datetime, format_timedelta
from babel.numbers import format_decimal, format_percent

_MINUTE, _HOUR, _DAY = 60, 3600, 86400


def moment(at: float, locale: Locale) -> str:
    """`Nov 29, 2026, 6:38:26 AM UTC`. `at`: seconds since the epoch."""
    return f"{format_datetime(datetime.fromtimestamp(at, UTC), 'medium', locale=locale)} UTC"


def machine_time(at: float) -> str:
    """RFC 3339, for `<time datetime>`: scripts show it in the reader's zone."""
    return datetime.fromtimestamp(at, UTC).isoformat(timespec="seconds").replace("+00:00", "Z")


def ago(at: float, now: float, locale: Locale) -> str:
    """`3 minutes ago`, `in 2 hours`."""
    away = at - now if abs(at - now) >= 1 else -1  # "in 0 seconds" is what nobody says
    return format_timedelta(timedelta(seconds=away), add_direction=True, granularity="second", locale=locale)


def duration(seconds: float) -> str:
    """`42 s`, `3 min 20 s`, `2 h 5 min`, `3 d 4 h`: units as the SI writes them, in every language."""
    whole = max(0, round(seconds))
    if whole < _MINUTE:
        return f"{seconds:.1f} s" if 0 < seconds < 10 else f"{whole} s"
    if whole < _HOUR:
        return f"{whole // _MINUTE} min {whole % _MINUTE} s"
    if whole < _DAY:
        return f"{whole // _HOUR} h {whole % _HOUR // _MINUTE} min"
    return f"{whole // _DAY} d {whole % _DAY // _HOUR} h"


def number(value: float, locale: Locale) -> str:
    """With the language's separators."""
    return str(format_decimal(value, locale=locale))


def percent(share: float, locale: Locale) -> str:
    """A share, 0 to 1, as percent with at most two decimals."""
    return str(format_percent(share, format="#,##0.##%", locale=locale))
