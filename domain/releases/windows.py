"""When a release may go forward: windows of the week and freezes, as clocks on the wall show them.

A window is open while the clock of its zone is between its two times: the hour that a clock skips in spring belongs to
no window, and the hour that it shows twice in autumn belongs to a window twice. A freeze is a span of time: it begins
at the first moment that shows its begin, and ends after the last one that shows its end.

Several calendars hold at once: those of a registered environment and of a definition. A release may go forward where
all of them are open, so each can only tighten the other. Nothing here is ever asked about going back.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime

DAY_S = 86_400
HORIZON_DAYS = 100
"""How far ahead an opening is looked for."""
DAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
_TIME = re.compile(r"([01]\d|2[0-3]):([0-5]\d)|24:00", re.ASCII)

Span = tuple[float, float]
"""From the first moment of a freeze to the first one after it, in seconds since the epoch."""
Offset = Callable[[str, float], float]
"""Zone (a name of the IANA database) and moment (seconds since the epoch) to the zone's offset from UTC in seconds."""


@dataclass(frozen=True, kw_only=True)
class Window:
    """Times of the week, by the clock of a zone."""

    days: tuple[int, ...]
    """The days that it begins on; Monday is 0."""
    begin: int
    """Minutes after midnight, 0 to 1439."""
    end: int
    """Minutes after midnight, 1 to 1440; before `begin`: of the next day. Equal to it: never open."""
    zone: str = "UTC"

    def __str__(self) -> str:
        named = ",".join(DAYS[day] for day in self.days)
        return f"{named} {_clock(self.begin)}-{_clock(self.end)} {self.zone}"

    def holds(self, wall_s: float) -> bool:
        """Whether it is open where a clock shows this many seconds since the epoch."""
        days, second = divmod(wall_s, DAY_S)
        day = (int(days) + 3) % 7  # 1 January 1970 was a Thursday
        begun, over = second >= self.begin * 60, second >= self.end * 60
        if self.begin <= self.end:
            return day in self.days and begun and not over
        return (day in self.days and begun) or ((day - 1) % 7 in self.days and not over)


@dataclass(frozen=True, kw_only=True)
class Freeze:
    """A span in which nothing goes forward; begin and end as a clock of the zone shows them, in seconds."""

    begin_s: float
    end_s: float
    zone: str = "UTC"
    why: str = ""
    rule: str = ""
    """When it comes again, as `RRULE` of iCalendar (recurrence.py has what is understood); empty: it does not."""
    without: tuple[float, ...] = ()
    """Beginnings that the rule names, at which it does not come."""

    def __str__(self) -> str:
        begin, end = (f"{datetime.fromtimestamp(one, UTC):%Y-%m-%d %H:%M}" for one in (self.begin_s, self.end_s))
        again = f", {self.rule}" if self.rule else ""
        return f"{begin} to {end} {self.zone}{again}" + (f" ({self.why})" if self.why else "")

    def spans(self, at: float, offset: Offset) -> list[Span]:
        """From each first moment to the first one after it: of those that are near a moment, or follow it soon."""
        return [
            (min(moments(begin, self.zone, offset)), max(moments(begin + self.end_s - self.begin_s, self.zone, offset)))
            for begin in self._begins(at)
        ]

    def _begins(self, at: float) -> list[float]:
        if not self.rule:
            return [self.begin_s]
        from domain.releases.recurrence import begins  # of no use to a workflow, which only carries calendars

        low, high = at - (self.end_s - self.begin_s) - 2 * DAY_S, at + (HORIZON_DAYS + 2) * DAY_S
        return [one for one in begins(self.rule, self.begin_s, low, high) if one not in self.without]


@dataclass(frozen=True, kw_only=True)
class Calendar:
    """Open in any of its windows (without windows: always), but in none of its freezes."""

    windows: tuple[Window, ...] = ()
    freezes: tuple[Freeze, ...] = ()

    @property
    def zones(self) -> tuple[str, ...]:
        """Each zone once."""
        zones = [*(one.zone for one in self.windows), *(one.zone for one in self.freezes)]
        return tuple(dict.fromkeys(zones))


@dataclass(frozen=True)
class Standing:
    """Whether a release may go forward."""

    open: bool
    until: float = 0.0
    """When that changes, in seconds since the epoch; 0: not within `HORIZON_DAYS` days."""
    why: str = ""
    """What closes it, and until when; empty: it is open."""


def standing(calendars: Sequence[Calendar], at: float, offset: Offset) -> Standing:
    """Whether all calendars are open at a moment, and when that changes."""
    spans = [_spans(one, at, offset) for one in calendars]
    frozen = _merged(span for each in spans for span in each)
    closed = [one for one, each in zip(calendars, spans, strict=True) if not _open(one.windows, each, at, offset)]
    now = not closed
    windows = [one.windows for one in calendars]

    def held(when: float) -> bool:
        return not _open((), frozen, when, offset) or not all(_open(each, (), when, offset) for each in windows)

    until = next((when for when in _changes(windows, frozen, at, offset) if held(when) is now), 0.0)
    if now:
        return Standing(True, until)
    zone = closed[0].zones[0]
    opens = f"until {wall_text(until, zone, offset)}" if until else f"for more than {HORIZON_DAYS} days"
    return Standing(False, until, f"{_reason(closed[0], at, offset)}: closed {opens}")


def is_open(calendars: Sequence[Calendar], at: float, offset: Offset) -> bool:
    """Whether all calendars are open at a moment."""
    spans = (_spans(one, at, offset) for one in calendars)
    return all(_open(one.windows, each, at, offset) for one, each in zip(calendars, spans, strict=True))


def moments(wall_s: float, zone: str, offset: Offset) -> tuple[float, float]:
    """The moments that a clock shows a time at: both the same, but where the clock is put back or forward."""
    return wall_s - offset(zone, wall_s - DAY_S), wall_s - offset(zone, wall_s + DAY_S)


def wall_text(at: float, zone: str, offset: Offset) -> str:
    """Such as `Mon 2026-11-30 09:00 Europe/Berlin`."""
    return f"{datetime.fromtimestamp(at + offset(zone, at), UTC):%a %Y-%m-%d %H:%M} {zone}"


def days_of(text: str) -> tuple[int, ...]:
    """Of `mon-thu`, `mon,wed`, `sat-mon`: the days in the order of the week, Monday is 0.

    Raises:
        ValueError: the text has another form.
    """
    found: set[int] = set()
    for part in text.lower().split(","):
        first, dash, last = part.strip().partition("-")
        if first not in DAYS or (dash and last not in DAYS):
            raise ValueError("days are such as mon-thu or mon,wed,fri")
        begin = DAYS.index(first)
        length = (DAYS.index(last) - begin) % 7 if dash else 0
        found |= {(begin + more) % 7 for more in range(length + 1)}
    return tuple(sorted(found))


def minutes_of(text: str) -> int:
    """Minutes after midnight of `09:30`; `24:00` is the end of a day.

    Raises:
        ValueError: the text has another form.
    """
    found = _TIME.fullmatch(text)
    if not found:
        raise ValueError('a time is such as "09:00"; 24:00 is the end of a day')
    return int(text[:2]) * 60 + int(text[3:])


def _clock(minutes: int) -> str:
    return f"{minutes // 60:02d}:{minutes % 60:02d}"


def _open(windows: Sequence[Window], spans: Sequence[Span], at: float, offset: Offset) -> bool:
    if any(begin <= at < end for begin, end in spans):
        return False
    return not windows or any(window.holds(at + offset(window.zone, at)) for window in windows)


def _spans(calendar: Calendar, at: float, offset: Offset) -> list[Span]:
    return [span for freeze in calendar.freezes for span in freeze.spans(at, offset)]


def _merged(spans: Iterable[Span]) -> list[Span]:
    """The same times as disjoint spans, in order."""
    found: list[Span] = []
    for begin, end in sorted(spans):
        if found and begin <= found[-1][1]:
            found[-1] = found[-1][0], max(end, found[-1][1])
        else:
            found.append((begin, end))
    return found


def _reason(calendar: Calendar, at: float, offset: Offset) -> str:
    for freeze in calendar.freezes:
        if any(begin <= at < end for begin, end in freeze.spans(at, offset)):
            named = f" ({freeze.why})" if freeze.why else ""
            return f"frozen{named}"
    return f"outside of {'; '.join(str(window) for window in calendar.windows)}"


def _changes(
    windows: Sequence[Sequence[Window]], frozen: Sequence[Span], after: float, offset: Offset
) -> Iterator[float]:
    """All moments at which something may change, in order: day by day, so that the next one is found soon."""
    ends = [at for span in frozen for at in span if at > after]
    each = [window for several in windows for window in several]
    if not each:
        yield from ends
        return
    for day in range(HORIZON_DAYS):
        low, high = after + day * DAY_S, after + (day + 1) * DAY_S
        found = {at for at in ends if low < at <= high}
        for window in each:
            found |= {at for at in _edges(window, low, high, offset) if low < at <= high}
        yield from sorted(found)


def _edges(window: Window, low: float, high: float, offset: Offset) -> Iterator[float]:
    """Moments between two at most a day apart at which a window may open or close."""
    first, last = offset(window.zone, low), offset(window.zone, high)
    days = range(int((low + min(first, last)) // DAY_S), int((high + max(first, last)) // DAY_S) + 1)
    for day in days:
        for minutes in (window.begin, window.end):
            yield from (day * DAY_S + minutes * 60 - shift for shift in {first, last})
    if first != last:
        yield _transition(window.zone, low, high, offset)


def _transition(zone: str, low: float, high: float, offset: Offset) -> float:
    """The second at which a clock is put back or forward, between two moments with different offsets."""
    before, low, high = offset(zone, low), float(int(low)), float(int(high) + 1)
    while high - low > 1:
        middle = (low + high) // 2
        low, high = (middle, high) if offset(zone, middle) == before else (low, middle)
    return high
