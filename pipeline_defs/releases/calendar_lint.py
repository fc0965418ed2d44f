"""Finds windows that never open, freezes that end before they begin, and zones that there are not."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from zoneinfo import available_timezones

from domain.core.documents import Node
from domain.core.values import closest
from domain.releases import calendars
from pipeline_defs.core.diagnostics import Path, Violation
from pipeline_defs.releases.calendar_model import Freeze, Window


def violations(windows: Sequence[Window], freezes: Sequence[Freeze]) -> Iterator[Violation]:
    """Rule violations; paths are relative to the block that has `windows` and `freezes`."""
    for index, window in enumerate(windows):
        yield from _one(window, ("windows", index))
    for index, freeze in enumerate(freezes):
        yield from _one(freeze, ("freezes", index))


def _one(block: Window | Freeze, path: Path) -> Iterator[Violation]:
    read = calendars.window if isinstance(block, Window) else calendars.freeze
    try:
        read(Node(block.model_dump()))
    except ValueError as wrong:
        yield Violation("SLW203", str(wrong), path)
    known = available_timezones()
    if block.zone not in known:
        meant = closest(block.zone, known)
        hint = f"did you mean '{meant}'?" if meant else "use a name from the IANA database, such as Europe/Zurich"
        yield Violation("SLW206", "unknown time zone", (*path, "zone"), block.zone, hint)
