"""Reads all reports of a test job to one TestReport."""

from __future__ import annotations

from pathlib import Path

from activities.jobs.reports import junit
from activities.jobs.reports.files import content, matching, xml_root
from domain.jobs.testing import TestCase, TestReport
from domain.pipelines.steps import TestSpec


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
    percent = _coverage(workspace, spec, problems)
    return TestReport(tuple(cases), len(found), percent, tuple(problems))


def _coverage(workspace: Path, spec: TestSpec, problems: list[str]) -> float:
    covered = valid = 0.0
    found = False
    for path in matching(workspace, spec.coverage):
        try:
            root = xml_root(content(workspace, path))
        except (ValueError, OSError) as broken:
            problems.append(f"{path} cannot be read: {broken}")
            continue
        lines = list(root.iter("line"))
        covered += sum(1 for line in lines if line.get("hits", "0") != "0")
        valid += len(lines)
        found = found or root.tag == "coverage"
    percent = 100 * covered / valid if found and valid else (0.0 if found else -1.0)
    return round(percent, 2)
