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
        if not freeze.file:
            yield from _one(freeze, ("freezes", index))
        elif freeze.from_ or freeze.to or freeze.repeats:
            yield Violation("SLW203", "a freeze is written here, or in a file", ("freezes", index), freeze.file)


def _one(block: Window | Freeze, path: Path) -> Iterator[Violation]:
    read = calendars.window if isinstance(block, Window) else calendars.freeze
    try:
        read(Node(block.model_dump()))
    except ValueError as wrong:
        yield Violation("SLW203", str(wrong), path)
    yield from zone(block.zone, (*path, "zone"))


def zone(name: str, path: Path) -> Iterator[Violation]:
    """Whether the IANA database has a zone; `path`: where it is named."""
    known = available_timezones()
    if name not in known:
        meant = closest(name, known)
        hint = f"did you mean '{meant}'?" if meant else "use a name from the IANA database, such as Europe/Zurich"
        yield Violation("SLW206", "unknown time zone", path, name, hint)
