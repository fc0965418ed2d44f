"""Freezes from iCalendar (RFC 5545): its events, as a calendar program exports them.

Read strictly and with bounds: a part that changes when an event is, and that is not understood, is refused with its
line, since a freeze that is left out holds nothing. Time zones are names of the IANA database; a calendar's own
definitions of zones are not read.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta

from domain.core.documents import Manifest

MOST_BYTES, MOST_LINES, MOST_EVENTS = 256_000, 20_000, 200
_LINE = re.compile(r"([A-Za-z0-9-]{1,40})((?:;[A-Za-z0-9-]+=(?:\"[^\"]*\"|[^\";:]*))*):(.*)", re.DOTALL)
_MOMENT = re.compile(r"(\d{8})(?:T(\d{6})(Z?))?", re.ASCII)
_LENGTH = re.compile(r"P(?:(\d{1,3})W|(?:(\d{1,3})D)?(?:T(?:(\d{1,4})H)?(?:(\d{1,5})M)?(?:(\d{1,6})S)?)?)", re.ASCII)
_ODD = ("RDATE", "EXRULE", "RECURRENCE-ID")
"""What changes when an event is, and is not supported."""


@dataclass
class _Event:
    line: int
    of: dict[str, tuple[dict[str, str], str]] = field(default_factory=dict)
    without: list[tuple[dict[str, str], str]] = field(default_factory=list)


def freezes(data: bytes) -> list[Manifest]:
    """Each event as a definition writes a freeze: `{from_, to, zone, why, repeats, without}`; cancelled ones are none.

    Raises:
        ValueError: it is no iCalendar, has too much, or something that is not understood; with the line.
    """
    if len(data) > MOST_BYTES:
        raise ValueError(f"{len(data):,} bytes; at most {MOST_BYTES:,} are read")
    zone, events = "UTC", []
    inside: list[str] = []
    for number, name, params, value in _lines(data):
        if name in ("BEGIN", "END"):
            _nested(inside, name, value.upper(), number)
            if name == "BEGIN" and value.upper() == "VEVENT":
                events.append(_Event(number))
        elif inside == ["VCALENDAR"] and name == "X-WR-TIMEZONE":
            zone = value
        elif inside == ["VCALENDAR", "VEVENT"]:
            _add(events[-1], name, params, value, number)
    if inside or not events:
        raise ValueError("it ends within a part, or has no event")
    if len(events) > MOST_EVENTS:
        raise ValueError(f"{len(events)} events; at most {MOST_EVENTS} are read")
    kept = [one for one in events if one.of.get("STATUS", ({}, ""))[1].upper() != "CANCELLED"]
    return [_freeze(one, zone) for one in kept]


def _lines(data: bytes) -> Iterator[tuple[int, str, dict[str, str], str]]:
    """Content lines with the number of their first line (RFC 5545, 3.1)."""
    try:
        text = data.decode("utf-8-sig")
    except UnicodeDecodeError as wrong:
        raise ValueError("it is not UTF-8") from wrong
    folded = text.replace("\r\n", "\n").split("\n")
    if len(folded) > MOST_LINES:
        raise ValueError(f"{len(folded):,} lines; at most {MOST_LINES:,} are read")
    at = 0
    while at < len(folded):
        number, parts = at + 1, [folded[at]]
        at += 1
        while at < len(folded) and folded[at][:1] in (" ", "\t"):
            parts.append(folded[at][1:])
            at += 1
        line = "".join(parts)
        if not line.strip():
            continue
        found = _LINE.fullmatch(line)
        if not found:
            raise ValueError(f"line {number} is no line of iCalendar")
        params = dict(one.partition("=")[::2] for one in re.findall(r";([^;=]+=(?:\"[^\"]*\"|[^\";:]*))", found[2]))
        yield number, found[1].upper(), {k.upper(): v.strip('"') for k, v in params.items()}, found[3]


def _nested(inside: list[str], name: str, value: str, number: int) -> None:
    if name == "BEGIN" and len(inside) < 4 and (inside or value == "VCALENDAR"):
        inside.append(value)
    elif name == "END" and inside and inside[-1] == value:
        inside.pop()
    else:
        raise ValueError(f"line {number}: {name}:{value[:40]} is not expected here")


def _add(event: _Event, name: str, params: dict[str, str], value: str, number: int) -> None:
    if name in _ODD:
        raise ValueError(f"line {number}: {name} is not supported: write what it changes as an event of its own")
    if name == "EXDATE":
        event.without += [(params, one) for one in value.split(",", MOST_EVENTS)]
        if len(event.without) > MOST_EVENTS:
            raise ValueError(f"line {number}: more than {MOST_EVENTS} dates are left out")
    elif name in event.of and name in ("DTSTART", "DTEND", "DURATION", "RRULE"):
        raise ValueError(f"line {number}: a second {name}")
    else:
        event.of[name] = params, value


def _freeze(event: _Event, default: str) -> Manifest:
    try:
        begin, zone = _moment(*event.of.get("DTSTART", ({}, "")), default)
        if "DTEND" in event.of:
            end, other = _moment(*event.of["DTEND"], default)
        else:
            end, other = begin + _length(event), zone
        if other != zone:
            raise ValueError(f"it begins in {zone[:64]} and ends in {other[:64]}")
        without: list[str] = []
        for params, value in event.without:
            left_out, other = _moment(params, value, default)
            if other != zone:
                raise ValueError(f"a date that is left out is in {other[:64]}, and the event in {zone[:64]}")
            without.append(_text(left_out))
    except ValueError as wrong:
        raise ValueError(f"the event at line {event.line}: {wrong}") from wrong
    why = re.sub(r"\\(.)", lambda found: " " if found[1] in "nN" else found[1], event.of.get("SUMMARY", ({}, ""))[1])
    rule = event.of.get("RRULE", ({}, ""))[1]
    late = end + timedelta(seconds=59 if end.second else 0)
    return {
        "from_": _text(begin),
        "to": _text(late),
        "zone": zone,
        "why": why[:200],
        "repeats": rule,
        "without": without,
    }


def _moment(params: dict[str, str], value: str, default: str) -> tuple[datetime, str]:
    found = _MOMENT.fullmatch(value.strip())
    if not found:
        raise ValueError(f"'{value[:40]}' is no date and no time")
    at = datetime.strptime(found[1] + (found[2] or "000000"), "%Y%m%d%H%M%S").replace(tzinfo=UTC)
    return at, "UTC" if found[3] else params.get("TZID", default)


def _length(event: _Event) -> timedelta:
    """Of an event without an end: what it says, a day (RFC 5545, 3.6.1), or nothing."""
    if "DURATION" in event.of:
        text = event.of["DURATION"][1].strip()
        found = _LENGTH.fullmatch(text)
        if not found or not any(found.groups()):
            raise ValueError(f"'{text[:40]}' is no duration")
        weeks, days, hours, minutes, seconds = (int(one or 0) for one in found.groups())
        return timedelta(weeks=weeks, days=days, hours=hours, minutes=minutes, seconds=seconds)
    return timedelta(days=0 if "T" in event.of["DTSTART"][1] else 1)


def _text(at: datetime) -> str:
    return f"{at:%Y-%m-%d %H:%M}"
