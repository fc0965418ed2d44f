"""Reads all reports of a test job to one TestReport."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from pathlib import Path

from activities.core import sandboxed
from activities.core import serialization as serial
from activities.core.sandboxed_child import Desk
from activities.jobs.reports import coverage, junit
from activities.jobs.reports.files import content, matching, xml_root
from domain.core.documents import Node
from domain.jobs.coverage import Measured, merged
from domain.jobs.testing import TestCase, TestReport
from domain.pipelines.steps import TestSpec

MAX_MEASURED = 5_000_000
"""Lines and branches of all coverage reports of a job."""


def read(workspace: Path, spec: TestSpec) -> TestReport:
    """Cases and coverage of all matching files. An unreadable file is a problem in the report, never an error.

    They are read by a child process without rights: whoever wrote the tests wrote the reports.
    """
    found, measuring = matching(workspace, spec.junit), matching(workspace, spec.coverage)
    asked = json.dumps({"workspace": str(workspace), "junit": found, "coverage": measuring}).encode()
    named, last = {*found, *measuring}, [""]

    def given(path: str) -> bytes:
        if path not in named:
            raise ValueError("it is none of the reports")
        last[0] = path
        return content(workspace, path)

    try:
        answer = sandboxed.pool(__name__).ask("tests", asked, workspace, given)
        return serial.load(TestReport, answer)
    except ValueError as beyond:
        return TestReport((), len(found), problems=(f"{last[0] or 'the reports'} cannot be read: {beyond}"[:500],))


def report(workspace: Path, found: list[str], measuring: list[str], given: Callable[[str], bytes]) -> TestReport:
    """Of files that `given` has the content of."""
    problems: list[str] = []
    cases: list[TestCase] = []
    for path in found:
        try:
            cases += junit.cases_of(xml_root(given(path)))
        except (ValueError, OSError) as broken:
            problems.append(f"{path} cannot be read: {broken}")
    rates = merged(_measured(workspace, measuring, given, problems))
    lines = max(rates.lines, 0.0) if measuring else -1.0  # a report without a line covers nothing
    return TestReport(tuple(cases), len(found), lines, tuple(problems), rates.branches)


def _measured(
    workspace: Path, paths: list[str], given: Callable[[str], bytes], problems: list[str]
) -> Iterator[Measured]:
    number = 0
    for path in paths:
        try:
            for one in coverage.measured(given(path), workspace):
                number += 1
                if number > MAX_MEASURED:
                    raise ValueError(f"with it there are more than {MAX_MEASURED:,} lines and branches")
                yield one
        except (ValueError, OSError) as broken:
            problems.append(f"{path} cannot be read: {broken}")


def _tests(desk: Desk, asked: bytes) -> bytes:
    wanted = Node(json.loads(asked))
    junits, measuring = list(wanted["junit"].texts()), list(wanted["coverage"].texts())
    return serial.dump(report(Path(wanted["workspace"].text()), junits, measuring, desk.file))


def make_ready() -> None:
    """Loads what a first report of each kind would."""
    samples = ['<testsuite><testcase name="a"/></testsuite>', "<testsuite>&#0;</testsuite>", "<x"]
    samples += [
        '<coverage line-rate="1"><packages><class name="a"/></packages></coverage>',
        "<coverage><project/></coverage>",
    ]
    samples += ["<report/>", "mode: set\n", "SF:a\nend_of_record\n"]
    given = {str(number): text.encode() for number, text in enumerate(samples)}
    made = report(Path("/nowhere"), list(given), list(given), given.__getitem__)
    serial.load(TestReport, serial.dump(made))


TASKS = {"tests": _tests}
"""Run by a child of `sandboxed`."""
