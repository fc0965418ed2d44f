"""Calendars as definitions and registered environments write them."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from datetime import UTC, datetime

from domain.core.documents import Node
from domain.releases import recurrence
from domain.releases.windows import Calendar, Freeze, Window, days_of, minutes_of

MOST_WINDOWS, MOST_FREEZES, MOST_SHOWN = 20, 200, 10
_MOMENT = re.compile(r"\d{4}-\d\d-\d\d([ T]\d\d:\d\d)?", re.ASCII)


def window(one: Node) -> Window:
    """Of `{days, from, to, zone}`.

    Raises:
        ValueError: a value has another form, or the window is never open.
    """
    begin, end = minutes_of(one["from_"].text()), minutes_of(one["to"].text())
    if begin == end or begin == 24 * 60:
        raise ValueError("a window that begins when it ends is never open")
    return Window(days=days_of(one["days"].text()), begin=begin, end=end or 24 * 60, zone=one["zone"].text("UTC"))


def freeze(one: Node) -> Freeze:
    """Of `{from, to, zone, why, repeats, without}`.

    Raises:
        ValueError: a value has another form, the freeze ends before it begins, or names a file that nobody has read.
    """
    if one["file"].text():
        raise ValueError("files of freezes are read where the definition is read")
    begin, end = _wall(one["from_"].text()), _wall(one["to"].text())
    if end <= begin:
        raise ValueError("a freeze ends after it begins")
    rule = one["repeats"].text().upper()
    if rule and (wrong := recurrence.complaint(rule, begin, end)):
        raise ValueError(wrong)
    without = tuple(map(_wall, one["without"].texts()))
    return Freeze(
        begin_s=begin, end_s=end, zone=one["zone"].text("UTC"), why=one["why"].text(), rule=rule, without=without
    )


def calendar(windows: Iterable[Node], freezes: Iterable[Node]) -> Calendar:
    """All of them.

    Raises:
        ValueError: as `window` and `freeze`.
    """
    return Calendar(windows=tuple(map(window, windows)), freezes=tuple(map(freeze, freezes)))


def of_document(body: Node) -> Calendar:
    """The calendar of a registered environment or a deploy block, as its model dumps it.

    Raises:
        ValueError: as `calendar`.
    """
    return calendar(body["windows"], body["freezes"])


def explained(calendar: Calendar) -> Iterator[tuple[str, str]]:
    """What holds, and why: sentences for people, as those of an environment's other rules."""
    for what, found in (("only in", calendar.windows), ("outside of", calendar.freezes)):
        shown = "; ".join(map(str, found[:MOST_SHOWN]))
        more = f"; and {len(found) - MOST_SHOWN} more" if len(found) > MOST_SHOWN else ""
        if found:
            yield f"releases go forward {what} {shown}{more}", "a definition may allow less, never more"


def _wall(text: str) -> float:
    if not _MOMENT.fullmatch(text):
        raise ValueError("a time is such as 2026-12-18 or 2026-12-18 18:00")
    try:
        return datetime.fromisoformat(text).replace(tzinfo=UTC).timestamp()
    except ValueError as wrong:
        raise ValueError(f"there is no {text}") from wrong
