"""What a severity was made from: two of different making say nothing about a change of the code."""

from __future__ import annotations

from domain.scans.findings.model import Finding, FindingKind

RATED = "rules/"
"""Begins the `severity_source` of weak code that our table has rated; a number and a colon follow."""


def comparable(one: Finding, other: Finding) -> bool:
    """Whether a higher severity means a worse finding: both by one version of our table, or both by tools."""
    return one.kind is not FindingKind.SAST or _making(one) == _making(other)


def _making(finding: Finding) -> str:
    source = finding.severity_source.partition(":")[0]
    return source if source.startswith(RATED) else ""
