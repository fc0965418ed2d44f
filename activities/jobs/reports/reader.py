"""Reads all reports of a test job to one TestReport."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from activities.jobs.reports import coverage, junit
from activities.jobs.reports.files import content, matching, xml_root
from domain.jobs.coverage import Measured, merged
from domain.jobs.testing import TestCase, TestReport
from domain.pipelines.steps import TestSpec

MAX_MEASURED = 5_000_000
"""Lines and branches of all coverage reports of a job."""


def read(workspace: Path, spec: TestSpec) -> TestReport:
    """Cases and coverage of all matching files. An unreadable file is a problem in the report, never an error."""
    problems: list[str] = []
    cases: list[TestCase] = []
    found = matching(workspace, spec.junit)
    for path in found:
        try:
            cases += junit.cases_of(xml_root(content(workspace, path)))
        except (ValueError, OSError) as broken:
            problems.append(f"{path} cannot be read: {broken}")
    measuring = matching(workspace, spec.coverage)
    rates = merged(_measured(workspace, measuring, problems))
    lines = max(rates.lines, 0.0) if measuring else -1.0  # a report without a line covers nothing
    return TestReport(tuple(cases), len(found), lines, tuple(problems), rates.branches)


def _measured(workspace: Path, paths: list[str], problems: list[str]) -> Iterator[Measured]:
    number = 0
    for path in paths:
        try:
            for one in coverage.measured(content(workspace, path), workspace):
                number += 1
                if number > MAX_MEASURED:
                    raise ValueError(f"with it there are more than {MAX_MEASURED:,} lines and branches")
                yield one
        except (ValueError, OSError) as broken:
            problems.append(f"{path} cannot be read: {broken}")
