"""The risk of a vulnerability beyond its severity: how likely it is exploited, and whether it already is."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace

from domain.scans.findings.model import Finding, FindingKind


@dataclass(frozen=True)
class Risk:
    """How likely a vulnerability is exploited, from EPSS and CISA's KEV catalog."""

    epss: float = 0.0
    """Probability, 0 to 1, of exploitation within 30 days."""
    kev: bool = False
    """In the catalog of known exploited vulnerabilities."""


def names(findings: Iterable[Finding]) -> set[str]:
    """All ids and aliases of the vulnerabilities among the findings."""
    return {name for one in findings if one.kind is FindingKind.VULNERABILITY for name in (one.rule, *one.aliases)}


def rated(findings: Iterable[Finding], known: Mapping[str, Risk]) -> tuple[Finding, ...]:
    """The vulnerabilities with the highest risk known under any of their names."""
    return tuple(_rated(one, known) for one in findings)


def _rated(one: Finding, known: Mapping[str, Risk]) -> Finding:
    if one.kind is not FindingKind.VULNERABILITY:
        return one
    found = [known[name] for name in (one.rule, *one.aliases) if name in known]
    if not found:
        return one
    return replace(one, epss=max(risk.epss for risk in found), kev=any(risk.kev for risk in found))
