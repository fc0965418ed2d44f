"""Checks triggers: patterns of branches, tags and paths; cron expressions and time zones."""

from __future__ import annotations

from collections.abc import Iterator
from zoneinfo import available_timezones

from domain.core import globs
from domain.core.values import closest
from domain.triggers import cron
from pipeline_defs.core.diagnostics import Diagnostic, Path, Violation
from pipeline_defs.core.reporter import DiagnosticReporter
from pipeline_defs.triggers.model import On


def lint_patterns(on: On, reporter: DiagnosticReporter) -> Iterator[Diagnostic]:
    """Filters that let nothing in, or that cannot be read."""
    if on.push is not None:
        path: Path = ("on", "push")
        yield from reporter.patterns(on.push.branches, (*path, "branches"), globs.ref_complaint)
        yield from reporter.patterns(on.push.tags, (*path, "tags"), globs.ref_complaint)
        yield from reporter.patterns(on.push.paths, (*path, "paths"))
    if on.pull_request is not None:
        path = ("on", "pull-request")
        yield from reporter.patterns(on.pull_request.branches, (*path, "branches"), globs.ref_complaint)
        yield from reporter.patterns(on.pull_request.paths, (*path, "paths"))


def violations(on: On) -> Iterator[Violation]:
    """Rule violations; paths are relative to `on`."""
    for index, entry in enumerate(on.schedule):
        path = ("schedule", index)
        try:
            cron.parse(entry.cron)
        except cron.CronError as wrong:
            yield Violation("SLW203", str(wrong), (*path, "cron"), entry.cron, wrong.hint)
        if entry.time_zone not in available_timezones():
            meant = closest(entry.time_zone, available_timezones())
            hint = f"did you mean '{meant}'?" if meant else "use a name from the IANA database, such as Europe/Zurich"
            yield Violation("SLW206", "unknown time zone", (*path, "time-zone"), entry.time_zone, hint)
