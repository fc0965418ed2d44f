"""JaCoCo XML, as its Maven, Gradle and Ant tasks and Pester write it."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from xml.etree.ElementTree import Element

from activities.jobs.reports.counts import branches, whole
from domain.jobs.coverage import Measured

_MAX_DEPTH = 50
"""Groups within groups: modules of a build."""


def understands(root: Element) -> bool:
    """Whether this is such a report."""
    return root.tag == "report" and any(child.tag in ("package", "group", "counter", "sessioninfo") for child in root)


def read(root: Element, workspace: Path) -> Iterator[Measured]:
    """A line is covered when any of its instructions ran."""
    if root.find(".//line") is None and root.find("counter[@type='INSTRUCTION']") is not None:
        raise ValueError("it has no lines: the classes were compiled without debug information")
    yield from _within(root, "", 0)


def _within(group: Element, name: str, depth: int) -> Iterator[Measured]:
    if depth > _MAX_DEPTH:
        raise ValueError(f"its groups are nested more than {_MAX_DEPTH} deep")
    for each in group.iterfind("group"):
        yield from _within(each, f"{name}{each.get('name', '')}:", depth + 1)
    for package in group.iterfind("package"):
        for source in package.iterfind("sourcefile"):
            file = f"{name}{package.get('name', '')}/{source.get('name', '')}"
            for line in source.iterfind("line"):
                yield from _line(file, line)


def _line(file: str, line: Element) -> Iterator[Measured]:
    number = whole(line, "nr")
    yield Measured(file, number, whole(line, "ci") > 0)
    if line.get("mb") is not None and line.get("cb") is not None:
        covered = whole(line, "cb")
        yield from branches(file, number, covered, covered + whole(line, "mb"))
