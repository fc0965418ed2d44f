"""Test reports, and whether they pass."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass, replace

from domain.pipelines.steps import TestSpec

_OUTCOMES = ("passed", "skipped", "failed", "error")
"""From the best to the worst."""


def worst(outcomes: Iterable[str]) -> str:
    """The worst of several words about one case: a skip never hides a failure. Without any it passed."""
    return max(outcomes, key=_OUTCOMES.index, default="passed")


@dataclass(frozen=True)
class TestCase:
    """One test case of a JUnit report."""

    name: str
    outcome: str
    """passed, failed, error or skipped."""
    seconds: float = 0
    message: str = ""
    flaky: bool = False
    """It passed in the end, and failed before."""

    __test__ = False


@dataclass(frozen=True)
class TestReport:
    """All JUnit and coverage reports of a job, merged."""

    cases: tuple[TestCase, ...] = ()
    files: int = 0
    coverage_percent: float = -1
    """Line coverage; -1 when there is no coverage report."""
    problems: tuple[str, ...] = ()
    """Unreadable reports."""
    branch_percent: float = -1
    """Branch coverage; -1 when the reports have no branches."""

    __test__ = False

    def count(self, outcome: str) -> int:
        """Number of cases with this outcome: passed, failed, error or skipped."""
        return sum(1 for case in self.cases if case.outcome == outcome)

    def told(self, masked: Callable[[str], str]) -> TestReport:
        """The same report, with all that tests wrote masked."""
        cases = [replace(one, name=masked(one.name), message=masked(one.message)) for one in self.cases]
        return replace(self, cases=tuple(cases), problems=tuple(map(masked, self.problems)))


def judge(spec: TestSpec, report: TestReport) -> str:
    """Why the job fails although its commands passed; empty when it does not. A missing report fails the job."""
    if report.problems:
        return report.problems[0]
    if spec.junit and not report.files:
        return f"no test report matches {', '.join(spec.junit)}"
    if spec.junit and not report.cases:
        return "the test reports contain no tests"
    bad = [case for case in report.cases if case.outcome in ("failed", "error")]
    if bad:
        return f"{len(bad)} of {len(report.cases)} tests failed: {bad[0].name}"
    if spec.coverage and report.coverage_percent < 0:
        return f"no coverage report matches {', '.join(spec.coverage)}"
    if report.coverage_percent < spec.min_coverage_percent and spec.coverage:
        return f"line coverage is {report.coverage_percent:g} %, below the required {spec.min_coverage_percent:g} %"
    if report.branch_percent < spec.min_branch_percent and spec.min_branch_percent:
        if report.branch_percent < 0:
            return f"no branches are reported, and {spec.min_branch_percent:g} % of them are required to be covered"
        return f"branch coverage is {report.branch_percent:g} %, below the required {spec.min_branch_percent:g} %"
    return ""


def summary(report: TestReport) -> str:
    """One line for people, such as `12 passed, 1 failed, 81.5 % covered`."""
    parts = [f"{report.count('passed')} passed"]
    for outcome in ("failed", "error", "skipped"):
        if report.count(outcome):
            parts.append(f"{report.count(outcome)} {outcome}")
    if flaky := sum(case.flaky for case in report.cases):
        parts.append(f"{flaky} flaky")
    if report.coverage_percent >= 0:
        parts.append(f"{report.coverage_percent:.1f} % covered")
    if report.branch_percent >= 0:
        parts.append(f"{report.branch_percent:.1f} % of branches")
    return ", ".join(parts)
