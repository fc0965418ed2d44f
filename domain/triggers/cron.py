"""Cron expressions of five fields as POSIX has them, with steps and names: read, checked, and asked about days.

POSIX.1-2024, crontab: a day matches when the day of month OR the day of week does, if both fields say more than `*`.
A step is a list (`*/2` is `1,3,5,…`), so it restricts its field.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from datetime import datetime, tzinfo

_ELEMENT = re.compile(r"(?:(\*)|(\w+)(?:-(\w+))?)(?:/(\d+))?", re.ASCII)
_MONTHS = ("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec")
_WEEKDAYS = ("sun", "mon", "tue", "wed", "thu", "fri", "sat")
_LONGEST = (31, 29, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31)
"""Days of the months, in a leap year."""
_QUARTZ = re.compile(r"l(-\d+)?|(l|\d+)w|([0-7]|sun|mon|tue|wed|thu|fri|sat)(l|#\d)")
"""The last day, the nearest weekday, the last Friday, the second Monday."""
_NICKNAMES = {
    "@yearly": "0 0 1 1 *",
    "@annually": "0 0 1 1 *",
    "@monthly": "0 0 1 * *",
    "@weekly": "0 0 * * 0",
    "@daily": "0 0 * * *",
    "@midnight": "0 0 * * *",
    "@hourly": "0 * * * *",
}


@dataclass(frozen=True)
class _Field:
    name: str
    low: int
    high: int
    words: tuple[str, ...] = ()
    first: int = 0
    """The number of the first word."""


_FIELDS = (
    _Field("minute", 0, 59),
    _Field("hour", 0, 23),
    _Field("day of month", 1, 31),
    _Field("month", 1, 12, _MONTHS, 1),
    _Field("day of week", 0, 7, _WEEKDAYS),
)


@dataclass(frozen=True)
class Cron:
    """The times of an expression: the sorted values of each field."""

    minutes: tuple[int, ...]
    hours: tuple[int, ...]
    days: tuple[int, ...]
    months: tuple[int, ...]
    weekdays: tuple[int, ...]
    """0 is Sunday, 6 Saturday."""
    either: bool
    """Whether a day matches by its day of month OR its day of week; else by both, of which one says nothing."""

    @property
    def hourly(self) -> bool:
        """Whether every hour of every day is alike, whatever the clock on the wall says."""
        return tuple(map(len, (self.hours, self.days, self.months, self.weekdays))) == (24, 31, 12, 7)

    def in_utc(self, zone: tzinfo) -> Cron | None:
        """The same times by UTC, if they are hourly and the zone's changes are of whole hours; None: they are not."""
        offsets = {_minutes_ahead(zone, month) for month in (1, 7)}
        if not self.hourly or len(offsets) > 1:
            return None
        return replace(self, minutes=tuple(sorted((minute - offsets.copy().pop()) % 60 for minute in self.minutes)))


def _minutes_ahead(zone: tzinfo, month: int) -> int:
    """Of UTC, within the hour: 30 in Adelaide."""
    ahead = zone.utcoffset(datetime(2026, month, 1))
    return int(ahead.total_seconds()) // 60 % 60 if ahead else 0


class CronError(ValueError):
    """What is wrong with an expression, and what to write instead."""

    def __init__(self, message: str, hint: str = "") -> None:
        super().__init__(message)
        self.hint = hint


def parse(text: str) -> Cron:
    """The times of an expression.

    Raises:
        CronError: it is not one, or no day matches it.
    """
    words = text.lower().split()
    if wrong := _other_dialect(words):
        raise wrong
    if len(words) != len(_FIELDS):
        hint = "there are no seconds and no years" if len(words) > len(_FIELDS) else ""
        raise CronError(f"a cron expression has five fields, not {len(words)}", hint)
    minutes, hours, days, months, weekdays = (_values(word, field) for word, field in zip(words, _FIELDS, strict=True))
    weekdays = tuple(sorted({day % 7 for day in weekdays}))
    either = not (_says_nothing(words[2]) or _says_nothing(words[4]))
    if not either and min(days) > max(_LONGEST[month - 1] for month in months):
        raise CronError(f"no month of '{words[3]}' has a day {min(days)}: it would never start a run")
    return Cron(minutes, hours, days, months, weekdays, either)


def _says_nothing(word: str) -> bool:
    return word in ("*", "*/1")


def _other_dialect(words: list[str]) -> CronError | None:
    """What Quartz, Jenkins and cron's own tables allow besides."""
    if not words:
        return None
    if words[0].startswith("@"):
        meant = _NICKNAMES.get(words[0])
        hint = f"write {meant}" if meant else "write five fields, such as 0 3 * * *"
        return CronError(f"'{words[0]}' is a nickname, and a cron expression has five fields", hint)
    if words[0].startswith(("cron_tz=", "tz=")):
        return CronError("the time zone does not belong into the expression", "write time-zone: beside cron:")
    for word in words:
        if word == "?":
            return CronError("'?' is no field of POSIX cron", "write *")
        if re.fullmatch(r"h(\(.*\))?(/\d+)?", word):
            return CronError(f"'{word}' is Jenkins' hash, and no field of POSIX cron", "write a number, such as 17")
        if _QUARTZ.fullmatch(word):
            hint = "write the days that may match (28-31, or 8-14 for a second week), and let the job decide"
            return CronError(f"'{word}' is Quartz', and no field of POSIX cron", hint)
    return None


def _values(word: str, field: _Field) -> tuple[int, ...]:
    found: set[int] = set()
    for element in word.split(","):
        found.update(_range(element, word, field))
    return tuple(sorted(found))


def _range(element: str, word: str, field: _Field) -> range:
    shape = _ELEMENT.fullmatch(element)
    if shape is None:
        raise _invalid(word, field)
    star, first, last, step = shape.groups()
    high = field.high - (field.words is _WEEKDAYS)  # 7 is Sunday once more
    if star:
        start, end = field.low, high
    else:
        start = _number(first, word, field)
        end = _number(last, word, field) if last else (high if step else start)
        if last in field.words[:1] and field.words is _WEEKDAYS and start:
            end = 7  # fri-sun ends the week
    if start > end:
        turned = f"{start}-{high},{field.low}-{end}"
        raise CronError(f"'{element}' of the {field.name} ends before it begins", f"write {turned}")
    every = int(step[:9]) if step else 1
    if step and not 1 <= every <= max(end - start, 1):
        message = f"a step of {every} in '{element}' of the {field.name} leaves nothing to step to"
        raise CronError(message, f"write a step from 1 to {max(end - start, 1)}")
    return range(start, end + 1, every)


def _number(text: str, word: str, field: _Field) -> int:
    if text in field.words:
        return field.words.index(text) + field.first
    if not text.isdecimal() or len(text) > 4 or not field.low <= int(text) <= field.high:
        raise _invalid(word, field)
    return int(text)


def _invalid(word: str, field: _Field) -> CronError:
    names = f", or names: {field.words[0]} to {field.words[-1]}" if field.words else ""
    message = f"'{word}' is not a valid cron field (values of the {field.name} from {field.low} to {field.high}{names})"
    return CronError(message)
