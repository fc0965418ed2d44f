"""The same weakness found by two tools is one finding with two sources."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import replace

from domain.scans.findings.fingerprint import identity
from domain.scans.findings.model import Finding, Source

Key = tuple[str, ...]


def merged(findings: Iterable[Finding]) -> list[Finding]:
    """Merges the same weakness at the same place: as many findings as the tool with the most reports there.

    The worst severity wins and is attributed to its tool; message, line and rule are
    of the tool with the longest proof.
    """
    places: dict[Key, dict[Source, list[Finding]]] = defaultdict(lambda: defaultdict(list))
    for one in findings:
        places[(one.path, one.member, one.scope, *identity(one), _where(one))][Source(one.tool, one.rule)].append(one)
    found = []
    for sources in places.values():
        for number in range(max(len(each) for each in sources.values())):
            found.append(_one([each[number] for each in sources.values() if number < len(each)]))
    return sorted(found, key=lambda one: (-one.severity.rank, one.kind, one.path, one.line, one.rule))


def _where(one: Finding) -> str:
    """Without a statement, only the line separates two places."""
    return "" if one.code or one.secret or one.resource or one.package else str(one.line)


def _one(same: list[Finding]) -> Finding:
    if len(same) == 1:
        return same[0]
    worst = max(same, key=lambda one: one.severity.rank)
    proof = max(same, key=_proven)
    first = proof if proof.trace else same[0]  # what was followed says more than what only looks like it
    sources = tuple(dict.fromkeys(source for one in same for source in one.said_by))
    return replace(
        first,
        severity=worst.severity,
        severity_source=worst.severity_source or worst.tool,
        cwe=first.cwe or next((one.cwe for one in same if one.cwe), ""),
        fixed_in=first.fixed_in or next((one.fixed_in for one in same if one.fixed_in), ""),
        references=tuple(dict.fromkeys(url for one in same for url in (*one.references, one.url) if url)),
        aliases=tuple(sorted({name for one in same for name in (*one.aliases, one.rule)} - {first.rule}))
        if first.package
        else first.aliases,
        sources=sources,
        snippet=first.snippet or next((one.snippet for one in same if one.snippet), ""),
        confidence=max((one.confidence for one in same), key=_sureness),
        imported=all(one.imported for one in same),
        trace=proof.trace,
        likelihood=(proof.likelihood if proof.trace else "") or first.likelihood,
        impact=(proof.impact if proof.trace else "") or first.impact,
        tool_suppression=first.tool_suppression if all(one.tool_suppression for one in same) else "",
    )


def _proven(one: Finding) -> tuple[int, int]:
    """The trace through the most files is kept, then the one with the most steps."""
    return len({step.path for step in one.trace}), len(one.trace)


def _sureness(word: str) -> int:
    """Tools also use values of their own (`undefined`): those rank lowest."""
    return _CONFIDENCE.index(word) if word in _CONFIDENCE else -1


_CONFIDENCE = ("", "low", "medium", "high")
