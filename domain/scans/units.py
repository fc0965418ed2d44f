"""What of a tree must be scanned again: the files that have changed, and those that a scanner reads together with them.

A unit is what a scanner judges on its own: a file, or a named group of files (such as all the files that configure
infrastructure, where one refers to another). Nothing is remembered of a tree that was not scanned completely.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

from domain.scans.findings.model import Finding

Digests = Mapping[str, str]
"""Path of a file to the digest of its content."""
UnitOf = Callable[[str], str]
"""Path to the name of its unit; empty: the file is a unit of its own."""
MOST = 0.5
"""Share of a tree's files from which it is scanned as a whole: a second tree of them would save nothing."""


@dataclass(frozen=True, kw_only=True)
class Known:
    """What a scanner has said of a tree that it read completely."""

    files: dict[str, str]
    """Path to the digest of its content."""
    looked: tuple[str, ...] = ()
    """Paths of the files that it read, sorted."""
    findings: tuple[Finding, ...] = ()
    version: str = ""
    database_date: str = ""
    documents: dict[str, str] = field(default_factory=dict)
    """Its other documents by name, such as an SBOM, to digests in the store."""


@dataclass(frozen=True)
class UnitScopes:
    """Whose states a scan may use. A pull request uses those of the default branch, and leaves none."""

    read: tuple[str, ...] = ()
    write: str = ""
    """Empty: nothing is kept."""


def stale(now: Digests, known: Known, unit_of: UnitOf) -> frozenset[str] | None:
    """Paths of `now` that must be scanned again; None: everything, since that is no more work, or less certain."""
    changed = {path for path, digest in now.items() if known.files.get(path) != digest}
    gone = known.files.keys() - now.keys()
    if any(one.path not in known.files for one in known.findings):
        return None  # it belongs to no file, so nobody can say what it depends on
    units = {unit_of(path) for path in (*changed, *gone)} - {""}
    together = {path for path in now if unit_of(path) in units} if units else set()
    if units - {unit_of(path) for path in together}:
        return None  # a group is gone, and with it what its documents said
    again = changed | together
    return frozenset(again) if len(again) <= MOST * len(now) else None


def joined(known: Known, now: Digests, again: frozenset[str], fresh: Known, unit_of: UnitOf) -> Known:
    """What is known of `now`: of the files in `again` what was said now, of the others what was said before."""
    kept = now.keys() - again
    fresh_units = {unit_of(path) for path in again | (known.files.keys() - now.keys())} - {""}
    findings = (*(one for one in known.findings if one.path in kept), *fresh.findings)
    return Known(
        files=dict(now),
        looked=tuple(sorted({*kept.intersection(known.looked), *fresh.looked})),
        findings=tuple(sorted(findings, key=lambda one: (one.path, one.line, one.rule))),
        version=fresh.version or known.version,
        database_date=fresh.database_date or known.database_date,
        documents=fresh.documents if fresh_units else known.documents,
    )
