"""Times, durations and numbers in the words of a language."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from babel.core import Locale
from babel.dates import format_datetime, format_timedelta
from babel.numbers import format_decimal, format_percent

from workers.console.marks import N_

_MINUTE, _HOUR, _DAY = 60, 3600, 86400
_GROUPED = 1_000
UNITS = (N_("{} d"), N_("{} h"), N_("{} min"), N_("{} s"))
"""Days, hours, minutes and seconds as the SI writes them; a language may have words of its own."""


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


def duration(seconds: float, units: tuple[str, ...] = UNITS) -> str:
    """`42 s`, `3 min 20 s`, `2 h 5 min`, `3 d 4 h`. `units`: `UNITS` in the words of a language."""
    days, hours, minutes, ones = units
    whole = max(0, round(seconds))
    if whole < _MINUTE:
        return ones.format(f"{seconds:.1f}" if 0 < seconds < 9.95 else whole)
    if whole < _HOUR:
        return f"{minutes.format(whole // _MINUTE)} {ones.format(whole % _MINUTE)}"
    if whole < _DAY:
        return f"{hours.format(whole // _HOUR)} {minutes.format(whole % _HOUR // _MINUTE)}"
    return f"{days.format(whole // _DAY)} {hours.format(whole % _DAY // _HOUR)}"


def number(value: float, locale: Locale) -> str:
    """With the language's separators, which small whole numbers do not have: a page has hundreds of them."""
    if isinstance(value, int) and abs(value) < _GROUPED:
        return str(value)
    return str(format_decimal(value, locale=locale))


def percent(share: float, locale: Locale) -> str:
    """A share, 0 to 1, as percent with at most two decimals."""
    return str(format_percent(share, format="#,##0.##%", locale=locale))
