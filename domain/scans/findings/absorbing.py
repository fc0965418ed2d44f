"""One weakness that two tools report at different lines: where its text is put together, and where it is used.

bandit points at the line that builds an SQL statement; the analysis of data flow at the call that runs it, with the
first among its steps. Both are one finding, at the use.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace

from domain.scans.findings.cwe import cwe_of, family
from domain.scans.findings.model import Finding, FindingKind
from domain.scans.findings.refuting import MAX_LINES, TOOLS

Place = tuple[str, int, str]
"""Path, line and family of a weakness."""


def absorbed(findings: Iterable[Finding]) -> list[Finding]:
    """The findings without those that stand on the way of a proven one; that one names their tools as well."""
    every = list(findings)
    ways: dict[Place, int] = {}
    for index, one in enumerate(every):
        if one.kind is FindingKind.SAST and one.trace and one.tool not in TOOLS:
            for step in one.trace[1:]:
                ways.setdefault((step.path, step.line, _family(one)), index)
    gone: dict[int, int] = {}
    for index, one in enumerate(every):
        if one.tool in TOOLS and one.kind is FindingKind.SAST and not (one.cell or one.member or one.imported):
            found = next((ways[place] for place in _places(one) if place in ways), None)
            if found is not None and (every[found].path, every[found].line) != (one.path, one.line):
                gone[index] = found
    for index, into in gone.items():
        proven = every[into]
        every[into] = replace(proven, sources=tuple(dict.fromkeys((*proven.said_by, *every[index].said_by))))
    return [one for index, one in enumerate(every) if index not in gone]


def _places(one: Finding) -> Iterable[Place]:
    last = max(one.line, min(one.end_line, one.line + MAX_LINES))
    return ((one.path, line, _family(one)) for line in range(one.line, last + 1))


def _family(one: Finding) -> str:
    return family(cwe_of(one.rule, one.cwe))
