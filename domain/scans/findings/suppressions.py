"""Suppressions: who accepts a finding, why, and until when. One reviewed file; every entry expires."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import date, timedelta

from domain.core import globs
from domain.scans.findings.model import Finding, State

FILE = "sluiceway.suppressions.yaml"
"""In the root of the scanned folder."""
MAX_DAYS = 90
WARNED_DAYS = 7


@dataclass(frozen=True, kw_only=True)
class Suppression:
    """An accepted finding: by fingerprint, or by rule, path, kind and package together."""

    reason: str
    owner: str
    approver: str
    since: date
    expires: date
    fingerprint: str = ""
    rule: str = ""
    path: str = ""
    """A glob pattern."""
    kind: str = ""
    package: str = ""
    where: str = ""
    """`file:line` of the entry."""

    @property
    def named(self) -> str:
        """The selectors as text, for messages."""
        chosen = {"rule": self.rule, "path": self.path, "kind": self.kind, "package": self.package}
        return self.fingerprint or " ".join(f"{name} {value}" for name, value in chosen.items() if value)


@dataclass(frozen=True)
class Applied:
    """The findings after suppression, each with the entry that suppresses it."""

    findings: tuple[Finding, ...]
    notes: tuple[str, ...]
    """Entries that expire soon, have expired, or match nothing."""


def complaints(one: Suppression) -> Iterator[tuple[str, str]]:
    """(key, what is wrong), for the file's authors."""
    if not (one.fingerprint or one.rule or one.path or one.package):
        yield "fingerprint", "it selects nothing: set fingerprint, or rule, path or package"
    if one.fingerprint and (one.rule or one.kind or one.package):
        yield "fingerprint", "a fingerprint selects one finding; remove rule, kind and package"
    if not one.fingerprint and not one.rule and not one.package:
        yield "path", "a path alone would hide every finding there: set rule"
    for name in ("reason", "owner", "approver"):
        if not getattr(one, name).strip():
            yield name, f"{name} is empty"
    if one.owner and one.owner == one.approver:
        yield "approver", "the owner cannot approve their own suppression"
    if one.expires < one.since:
        yield "expires", "it expires before it starts"
    if one.expires - one.since > timedelta(days=MAX_DAYS):
        yield "expires", f"{(one.expires - one.since).days} days are too long; the limit is {MAX_DAYS}"


def apply(findings: Sequence[Finding], suppressions: Sequence[Suppression], today: date) -> Applied:
    """Marks what a valid entry matches as SUPPRESSED, with who and why. Invalid or expired entries suppress nothing."""
    valid = [one for one in suppressions if not list(complaints(one)) and one.since <= today <= one.expires]
    used: set[int] = set()
    made = []
    for finding in findings:
        chosen = next((index for index, one in enumerate(valid) if covers(one, finding)), None)
        if chosen is None:
            made.append(finding)
            continue
        used.add(chosen)
        one = valid[chosen]
        why = f"{one.reason} (owner {one.owner}, approved by {one.approver}, until {one.expires})"
        made.append(replace(finding, state=State.SUPPRESSED, why=why))
    notes = [
        *(f"{one.where}: {problem}" for one in suppressions for _, problem in complaints(one)),
        *(f"{one.where}: expired on {one.expires}, its findings are back: {one.named}" for one in suppressions
          if one.expires < today),
        *(f"{one.where}: starts on {one.since}: {one.named}" for one in suppressions if one.since > today),
        *(f"{one.where}: expires on {one.expires}: {one.named}" for one in valid
          if (one.expires - today).days <= WARNED_DAYS),
        *(f"{one.where}: no longer matches anything, remove it: {one.named}" for index, one in enumerate(valid)
          if index not in used),
    ]  # fmt: skip
    return Applied(tuple(made), tuple(notes))


def covers(one: Suppression, finding: Finding) -> bool:
    """Whether the entry matches the finding: every selector that is set must match. Dates are not checked here."""
    if one.path and not globs.matches(finding.path, (one.path,)):
        return False
    if one.fingerprint:
        return one.fingerprint == finding.fingerprint
    rules = {source.rule for source in finding.said_by} | {finding.rule, *finding.aliases}
    return (
        (not one.rule or one.rule in rules)
        and (not one.kind or one.kind == finding.kind)
        and (not one.package or finding.package == one.package or finding.package.startswith(f"{one.package}@"))
    )
