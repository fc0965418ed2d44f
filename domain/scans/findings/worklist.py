"""The findings of default branches as people work through them: filtered, sorted, with days that they are due."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from math import inf

from domain.core import globs
from domain.scans.findings.model import Finding, State

SHORT = 8
"""Digits of a fingerprint that are shown in lists."""
DAY_S = 86_400.0


@dataclass(frozen=True, kw_only=True)
class OpenFinding:
    """A finding of the last scan of a default branch, and where it stands."""

    finding: Finding
    pipeline: str
    job: str
    repo: str
    branch: str
    commit: str
    """The commit that was scanned."""
    due: float = 0.0
    """When the time is over that its gate gives its severity, in seconds since the epoch; 0: no limit is known."""
    accepted: bool = False
    """Whether the baseline has it that a person has signed."""

    def age_s(self, now: float) -> float:
        """Since it was first seen; 0: unknown."""
        return max(now - self.finding.since, 0.0) if self.finding.since else 0.0

    def overdue(self, now: float) -> bool:
        """Whether its time is over; what is suppressed has none."""
        return 0 < self.due < now and self.finding.state is not State.SUPPRESSED


@dataclass(frozen=True, kw_only=True)
class Wanted:
    """What is looked for: every part that is set must fit, and one of the values of a list."""

    severities: tuple[str, ...] = ()
    kinds: tuple[str, ...] = ()
    states: tuple[str, ...] = ()
    classes: tuple[str, ...] = ()
    rules: tuple[str, ...] = ()
    paths: tuple[str, ...] = ()
    """Patterns."""
    owners: tuple[str, ...] = ()
    """Names; `none`: those of nobody."""
    pipelines: tuple[str, ...] = field(default=())
    older_s: float = 0.0
    """Known for at least so long."""
    overdue: bool = False

    def fits(self, one: OpenFinding, now: float) -> bool:
        """Suppressed findings only if their state is asked for."""
        found = one.finding
        rules = {source.rule for source in found.said_by} | {found.rule, *found.aliases}
        return (
            (found.state.value in self.states if self.states else found.state is not State.SUPPRESSED)
            and _one_of(self.severities, found.severity.value)
            and _one_of(self.kinds, found.kind.value)
            and _one_of(self.classes, found.file_class.value)
            and _one_of(self.pipelines, one.pipeline)
            and (not self.rules or not rules.isdisjoint(self.rules))
            and (not self.paths or globs.matches(found.path, self.paths))
            and (not self.owners or self._owned(found.owner))
            and one.age_s(now) >= self.older_s
            and (one.overdue(now) or not self.overdue)
        )

    def _owned(self, owner: str) -> bool:
        return ("none" in self.owners and not owner) or bool({owner, *owner.split()} & {*self.owners} - {""})


def _one_of(allowed: tuple[str, ...], value: str) -> bool:
    return not allowed or value in allowed


_KEYS: dict[str, Callable[[OpenFinding], tuple[float | str, ...]]] = {
    "severity": lambda one: (-one.finding.severity.rank, one.due or inf),
    "age": lambda one: (one.finding.since or inf,),
    "due": lambda one: (one.due or inf, -one.finding.severity.rank),
    "path": lambda one: (one.finding.path, one.finding.line),
    "owner": lambda one: (one.finding.owner or "\U0010ffff", -one.finding.severity.rank),
}
ORDERS = tuple(_KEYS)


def chosen(found: Iterable[OpenFinding], wanted: Wanted, now: float, order: str = "severity") -> list[OpenFinding]:
    """Those that fit, in one of `ORDERS`: the worst, the oldest or the most urgent first. Ties go by their place."""
    fit = [one for one in found if wanted.fits(one, now)]
    return sorted(
        fit, key=lambda one: (*_KEYS[order](one), one.finding.path, one.finding.line, one.finding.fingerprint)
    )


def named(found: Sequence[OpenFinding], fingerprint: str) -> list[OpenFinding]:
    """Those whose fingerprint begins with a text of at least four digits; several scans may have the same one."""
    return [one for one in found if len(fingerprint) >= 4 and one.finding.fingerprint.startswith(fingerprint)]
