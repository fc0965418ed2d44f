"""The weakness that a rule, a finding or a page's name is about."""

from __future__ import annotations

import difflib
from collections.abc import Iterable, Mapping

from domain.scans.findings.cwe import family
from domain.scans.findings.model import Finding
from domain.scans.rules.model import Level, Weakness
from domain.scans.rules.weaknesses import WEAKNESSES

BY_RULE: Mapping[str, tuple[Weakness, Level]] = {
    rule: (one, likelihood) for one in WEAKNESSES for rule, likelihood in one.rules
}
"""Rule of any tool to its weakness, and how likely what the rule reports can be used."""
BY_KEY: Mapping[str, Weakness] = {one.key: one for one in WEAKNESSES}
NEAR = 5
"""So many near names are told for an unknown one."""


def by_name(name: str) -> Weakness | None:
    """By rule or page, upper or lower case alike."""
    wanted = name.strip().casefold()
    if wanted in BY_KEY:
        return BY_KEY[wanted]
    return next((one for rule, (one, _) in BY_RULE.items() if rule.casefold() == wanted), None)


def near(name: str, others: Iterable[str] = ()) -> list[str]:
    """Names that look like an unknown one, best first: of rules, of pages and `others`."""
    known = {one.casefold(): one for one in (*others, *BY_RULE, *BY_KEY)}
    return [known[one] for one in difflib.get_close_matches(name.casefold(), known, n=NEAR, cutoff=0.5)]


def of(finding: Finding) -> Weakness | None:
    """By the worst of its rules that has a page, else by the family of its CWE."""
    pages = [BY_RULE[source.rule][0] for source in finding.said_by if source.rule in BY_RULE]
    if pages:
        return max(pages, key=lambda one: one.impact.rank)
    wanted = family(finding.cwe)
    return next((one for one in WEAKNESSES if wanted and family(one.cwe) == wanted), None)
