"""Parses JUnit and Cobertura XML to a TestReport. Files are untrusted: limited in size, entities refused."""

from __future__ import annotations

import os
from pathlib import Path
from xml.etree.ElementTree import Element, ParseError

from defusedxml import DefusedXmlException
from defusedxml.ElementTree import parse

from domain.core import globs
from domain.jobs.testing import TestCase, TestReport
from domain.pipelines.steps import TestSpec

MAX_REPORT_BYTES = 50_000_000
_OUTCOMES = {"failure": "failed", "error": "error", "skipped": "skipped"}


def read(workspace: Path, spec: TestSpec) -> TestReport:
    """Cases and coverage of all matching files. An unreadable file is a problem in the report, never an error."""
    problems: list[str] = []
    cases: list[TestCase] = []
    junit = _matching(workspace, spec.junit)
    for path in junit:
        root = _root(workspace, path, problems)
        if root is not None:
            if root.tag not in ("testsuites", "testsuite"):
                problems.append(f"{path} is not a JUnit report: it starts with <{root.tag}>")
            cases.extend(_case(element) for element in root.iter("testcase"))
    covered = valid = 0.0
    found = False
    for path in _matching(workspace, spec.coverage):
        root = _root(workspace, path, problems)
        if root is not None:
            lines = list(root.iter("line"))
            covered += sum(1 for line in lines if line.get("hits", "0") != "0")
            valid += len(lines)
            found = found or root.tag == "coverage"
    percent = 100 * covered / valid if found and valid else (0.0 if found else -1.0)
    return TestReport(tuple(cases), len(junit), round(percent, 2), tuple(problems))


def _matching(workspace: Path, patterns: tuple[str, ...]) -> list[str]:
    if not patterns:
        return []
    found = []
    for folder, _, names in os.walk(workspace):
        for name in names:
            path = (Path(folder) / name).relative_to(workspace).as_posix()
            if globs.matches(path, patterns):
                found.append(path)
    return sorted(found)


def _root(workspace: Path, path: str, problems: list[str]) -> Element | None:
    file = workspace / path
    try:
        if file.is_symlink() or file.stat().st_size > MAX_REPORT_BYTES:
            problems.append(f"{path} is a link, or larger than {MAX_REPORT_BYTES:,} bytes")
            return None
        root: Element | None = parse(file).getroot()
    except (ParseError, DefusedXmlException, OSError, ValueError) as broken:
        problems.append(f"{path} cannot be read: {broken}")
        return None
    return root


def _case(element: Element) -> TestCase:
    outcome, message = "passed", ""
    for child in element:
        if child.tag in _OUTCOMES:
            outcome = _OUTCOMES[child.tag]
            message = (child.get("message") or child.text or "").strip()[:2000]
    name = ".".join(part for part in (element.get("classname"), element.get("name")) if part)
    try:
        seconds = float(element.get("time") or 0)
    except ValueError:
        seconds = 0.0
    return TestCase(name or "(unnamed)", outcome, seconds, message)
