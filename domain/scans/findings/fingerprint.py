"""The identity of a weakness, and a fingerprint that survives edits around it.

`fp/2` hashes the weakness and its enclosing function: no line numbers, paths or tool names. It survives inserted lines,
moved functions, renamed files and reformatting. Identical findings are numbered.
"""

from __future__ import annotations

import hashlib
from collections import Counter
from collections.abc import Sequence
from dataclasses import replace

from domain.scans.findings.cwe import cwe_of, family
from domain.scans.findings.model import Finding, FindingKind

VERSION = "fp/2"


def identity(finding: Finding) -> tuple[str, ...]:
    """Equal for the same weakness, whatever its place and tool."""
    if finding.kind is FindingKind.SAST:  # first: the most frequent kind
        what = family(cwe_of(finding.rule, finding.cwe)) or f"{finding.tool}:{finding.rule}"
        return (finding.kind, what, finding.code or finding.snippet)
    match finding.kind:
        case FindingKind.VULNERABILITY:
            return (finding.kind, canonical(finding), unversioned(finding.package))
        case FindingKind.LICENSE:
            return (finding.kind, finding.rule, unversioned(finding.package))
        case FindingKind.SECRET:
            return (finding.kind, finding.secret or f"{finding.rule} {finding.code}")
        case FindingKind.MISCONFIGURATION | FindingKind.RUNTIME:
            return (finding.kind, finding.rule, finding.resource or finding.code)
        case FindingKind.DAST:
            return (finding.kind, finding.rule, finding.resource)
    return (finding.kind, finding.rule, finding.code)


def canonical(finding: Finding) -> str:
    """The CVE id if there is one: databases name a vulnerability differently."""
    names = sorted({finding.rule, *finding.aliases})
    return next((name for name in names if name.startswith("CVE-")), finding.rule)


def unversioned(package: str) -> str:
    """`pkg:pypi/flask@1.0?x=y` to `pkg:pypi/flask`."""
    head, at, _ = package.partition("?")[0].rpartition("@")
    return head if at and head else package.partition("?")[0]


def fingerprint(finding: Finding, number: int = 0) -> str:
    """32 hexadecimal digits that survive moved lines; `number` distinguishes identical findings."""
    parts = (VERSION, *identity(finding), finding.scope, str(number))
    return hashlib.sha256("\0".join(parts).encode("utf-8", "surrogatepass")).hexdigest()[:32]


def identified(findings: Sequence[Finding]) -> list[Finding]:
    """The findings with fingerprints, in the given order; identical ones are numbered by path and line."""
    seen: Counter[tuple[str, ...]] = Counter()
    made: dict[int, Finding] = {}
    for index in sorted(range(len(findings)), key=lambda i: (findings[i].path, findings[i].line, findings[i].rule, i)):
        one = findings[index]
        key = (*identity(one), one.scope)
        made[index] = replace(one, fingerprint=fingerprint(one, seen[key]))
        seen[key] += 1
    return [made[index] for index in range(len(findings))]
