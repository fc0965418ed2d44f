"""Checks schedules: cron expressions and time zones."""

from __future__ import annotations

from collections.abc import Iterator
from zoneinfo import available_timezones

from domain.core.values import closest
from pipeline_defs.core import cron
from pipeline_defs.core.diagnostics import Violation
from pipeline_defs.triggers.model import On


def violations(on: On) -> Iterator[Violation]:
    """Rule violations; paths are relative to `on`."""
    for index, entry in enumerate(on.schedule):
        path = ("schedule", index)
        wrong = cron.violation(entry.cron)
        if wrong:
            yield Violation("SLW203", wrong, (*path, "cron"), entry.cron)
        if entry.time_zone not in available_timezones():
            meant = closest(entry.time_zone, available_timezones())
            hint = f"did you mean '{meant}'?" if meant else "use a name from the IANA database, such as Europe/Zurich"
            yield Violation("SLW206", "unknown time zone", (*path, "time-zone"), entry.time_zone, hint)
