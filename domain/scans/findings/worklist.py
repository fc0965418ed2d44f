"""The findings of default branches as people work through them: filtered, sorted, with days that they are due."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from domain.core import globs
from domain.scans.findings.model import Finding, Severity, State

SHORT = 8
"""Digits of a fingerprint that are shown in lists."""
DAY_S = 86_400.0
ACCEPTED = "accepted"
"""What is said of a finding instead of its state: the baseline has it that a person has signed."""
MAX_TEXT = 100
"""Characters of a path or an owner that an order looks at: they go into the address of the next page."""
NEVER = 1e15
"""Sorts behind every time."""


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

    @property
    def state(self) -> str:
        """As lists show it."""
        state = self.finding.state
        return ACCEPTED if self.accepted and state is not State.SUPPRESSED else state.value

    def age_s(self, now: float) -> float:
        """Since it was first seen; 0: unknown."""
        return max(now - self.finding.since, 0.0) if self.finding.since else 0.0

    def overdue(self, now: float) -> bool:
        """Whether its time is over; what is suppressed has none."""
        return 0 < self.due < now and self.finding.state is not State.SUPPRESSED


@dataclass(frozen=True, kw_only=True)
class Wanted:
    """What is looked for: every part that is set must fit, and one of the values of a list."""

    severity: str = ""
    """The least one."""
    tool: str = ""
    text: str = ""
    """In the rule, path or message, in any case."""
    severities: tuple[str, ...] = ()
    kinds: tuple[str, ...] = ()
    states: tuple[str, ...] = ()
    """As lists show them."""
    classes: tuple[str, ...] = ()
    rules: tuple[str, ...] = ()
    paths: tuple[str, ...] = ()
    """Patterns."""
    owners: tuple[str, ...] = ()
    """Names; `none`: those of nobody."""
    older_s: float = 0.0
    """Known for at least so long."""
    overdue: bool = False

    def fits(self, one: OpenFinding, now: float) -> bool:
        """Whether a finding is one that is looked for.

        Raises:
            PatternError: a path's pattern is malformed; `globs.malformed` says so before.
        """
        found = one.finding
        return (
            found.severity.rank >= _rank(self.severity)
            and self.tool in ("", found.tool)
            and _one_of(self.severities, found.severity.value)
            and _one_of(self.states, one.state)
            and _one_of(self.kinds, found.kind.value)
            and _one_of(self.classes, found.file_class.value)
            and one.age_s(now) >= self.older_s
            and (one.overdue(now) or not self.overdue)
            and (not self.owners or self._owned(found.owner))
            and (not self.rules or self._ruled(found))
            and (not self.paths or globs.matches(found.path, self.paths))
            and (not self.text or self._says(found))
        )

    def _ruled(self, found: Finding) -> bool:
        rules = {source.rule for source in found.said_by} | {found.rule, *found.aliases}
        return not rules.isdisjoint(self.rules)

    def _says(self, found: Finding) -> bool:
        wanted = self.text.casefold()
        return any(wanted in text.casefold() for text in (found.rule, found.path, found.message))

    def _owned(self, owner: str) -> bool:
        return ("none" in self.owners and not owner) or bool({owner, *owner.split()} & {*self.owners} - {""})


def _one_of(allowed: tuple[str, ...], value: str) -> bool:
    return not allowed or value in allowed


_RANKS = {one.value: one.rank for one in Severity}


def _rank(severity: str) -> int:
    """Of the least one that is wanted; what is no severity keeps nothing out."""
    return _RANKS.get(severity, 0)


Place = tuple[str, float, float]
_PLACES: dict[str, Callable[[OpenFinding], Place]] = {
    "severity": lambda one: ("", -one.finding.severity.rank, one.due or NEVER),
    "age": lambda one: ("", one.finding.since or NEVER, -one.finding.severity.rank),
    "due": lambda one: ("", one.due or NEVER, -one.finding.severity.rank),
    "path": lambda one: (one.finding.path[:MAX_TEXT], one.finding.line, -one.finding.severity.rank),
    "owner": lambda one: (
        one.finding.owner[:MAX_TEXT] or "\U0010ffff",
        -one.finding.severity.rank,
        one.due or NEVER,
    ),
}
ORDERS = tuple(_PLACES)


def place(one: OpenFinding, order: str) -> Place:
    """Where a finding stands in one of `ORDERS`: the worst, the oldest or the most urgent first."""
    return _PLACES[order](one)


def named(found: Sequence[OpenFinding], fingerprint: str) -> list[OpenFinding]:
    """Those whose fingerprint begins with a text of at least four digits; several scans may have the same one."""
    return [one for one in found if len(fingerprint) >= 4 and one.finding.fingerprint.startswith(fingerprint)]
