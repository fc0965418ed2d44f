"""When a freeze comes again: the recurrence rules of iCalendar (RFC 5545, 3.3.10) that name whole days.

Read strictly: what is not understood is refused, since a freeze that is left out holds nothing. A rule is possible and
soon computed, because its first date must be one that it names itself, and because nothing comes more often than daily.
"""

from __future__ import annotations

import re
from datetime import UTC, datetime
from functools import lru_cache

DAY_S = 86_400.0
LONGEST_S = 366 * DAY_S
"""Of one freeze that comes again."""
EARLIEST = datetime(1990, 1, 1, tzinfo=UTC).timestamp()
_DAYS = ("MO", "TU", "WE", "TH", "FR", "SA", "SU")
_NUMBER = r"-?\d{1,2}(?:,-?\d{1,2}){0,30}"
_FORMS = {
    "FREQ": r"DAILY|WEEKLY|MONTHLY|YEARLY",
    "INTERVAL": r"[1-9]\d?",
    "COUNT": r"[1-9]\d{0,3}",
    "UNTIL": r"\d{8}(?:T\d{6}Z?)?",
    "BYMONTH": r"\d{1,2}(?:,\d{1,2}){0,11}",
    "BYMONTHDAY": _NUMBER,
    "BYDAY": r"(?:[+-]?\d)?(?:MO|TU|WE|TH|FR|SA|SU)(?:,(?:[+-]?\d)?(?:MO|TU|WE|TH|FR|SA|SU)){0,13}",
    "WKST": r"MO|TU|WE|TH|FR|SA|SU",
}


def complaint(rule: str, begin_s: float, end_s: float) -> str:
    """Why a rule cannot be followed from a first freeze; empty: it can. Both ends are as a clock shows them."""
    parts = [part.partition("=") for part in rule.upper().split(";")]
    names = [name for name, _, _ in parts]
    for name, _, value in parts:
        if name not in _FORMS or not re.fullmatch(_FORMS[name], value, re.ASCII):
            known = ", ".join(_FORMS)
            return f"'{name[:20]}={value[:40]}' of a recurrence is not understood: {known}, at most daily"
    if len(set(names)) < len(names) or "FREQ" not in names or {"COUNT", "UNTIL"} <= set(names):
        return "a recurrence has one FREQ, and COUNT or UNTIL at most"
    if begin_s < EARLIEST or end_s - begin_s > LONGEST_S:
        return "what comes again begins in 1990 at the earliest, and lasts for a year at most"
    if not _names({name: value for name, _, value in parts}, datetime.fromtimestamp(begin_s, UTC)):
        return "the first date is not one that the recurrence names"
    return ""


def begins(rule: str, begin_s: float, low: float, high: float) -> list[float]:
    """The beginnings between two moments, as a clock shows them, in order; the rule has no complaint."""
    first, last = (int(at // DAY_S) for at in (low, high))
    return [at for at in _begins(rule, begin_s, first, last + 1) if low <= at <= high]


@lru_cache(maxsize=1000)
def _begins(rule: str, begin_s: float, first: int, last: int) -> tuple[float, ...]:
    """Between two days since the epoch; a release asks about the same days again and again."""
    from dateutil.rrule import rrulestr  # type: ignore[import-untyped]  # the thin client does not bring it

    begin = datetime.fromtimestamp(begin_s, UTC).replace(tzinfo=None)
    text = re.sub(r"(UNTIL=\d{8}(?:T\d{6})?)Z", r"\1", rule.upper())
    text = re.sub(r"UNTIL=(\d{8})(?=;|$)", r"UNTIL=\1T235959", text)
    low, high = (datetime.fromtimestamp(day * DAY_S, UTC).replace(tzinfo=None) for day in (first, last))
    found = rrulestr(text, dtstart=begin).between(low, high, inc=True)
    return tuple(one.replace(tzinfo=UTC).timestamp() for one in found)


def _names(rule: dict[str, str], begin: datetime) -> bool:
    """Whether a rule names a date, so that it is possible at all."""
    month_days = [int(one) for one in rule.get("BYMONTHDAY", str(begin.day)).split(",")]
    months = [int(one) for one in rule.get("BYMONTH", str(begin.month)).split(",")]
    days = [one[-2:] for one in rule.get("BYDAY", _DAYS[begin.weekday()]).split(",")]
    from_its_end = begin.day - _length(begin.year, begin.month) - 1
    named = begin.month in months and _DAYS[begin.weekday()] in days
    return named and (begin.day in month_days or from_its_end in month_days)


def _length(year: int, month: int) -> int:
    """Days of a month."""
    after = datetime(year + month // 12, month % 12 + 1, 1)
    return (after - datetime(year, month, 1)).days
