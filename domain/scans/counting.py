"""Which findings a gate counts at all, before it asks how severe they are.

What does not count is told with its number, never dropped.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from domain.scans.findings.model import FileClass, Finding, FindingKind, Severity, State
from domain.scans.spec import Always, GateSpec

ACCEPT = "accept"
"""Value of `tool_suppressions`: what another tool suppresses does not count."""
KNOWN = (State.EXISTING, State.MOVED, State.FIX_AVAILABLE)
"""States of a finding that the baseline has, no less severe."""
BY_CLASS = (FindingKind.SAST, FindingKind.SUPPRESSION)
"""Kinds that the class of their file may leave out: a secret or a vulnerable package is one in every file."""


@dataclass(frozen=True)
class Accepted:
    """The baseline of a default branch that a person has signed, as a gate uses it."""

    severities: Mapping[str, Severity] = field(default_factory=dict)
    """Fingerprint to the severity that was accepted."""
    words: str = ""
    """Who has set which commit, for people; without a baseline, why there is none."""
    whole: bool = False
    """Whether the judged report is the very one that was signed: nothing in it is newer."""
    clean: bool = False
    """A baseline was signed that has no findings."""

    @property
    def is_set(self) -> bool:
        """Whether there is a baseline that counts."""
        return bool(self.severities) or self.clean

    def has(self, finding: Finding) -> bool:
        """Whether it was accepted, and is no more severe than then."""
        then = self.severities.get(finding.fingerprint)
        return then is not None and finding.severity.rank <= then.rank


def rated(spec: GateSpec, finding: Finding) -> Severity:
    """The severity that a finding counts as."""
    return Severity(spec.unknown_as) if finding.severity is Severity.UNKNOWN else finding.severity


def suppressed(spec: GateSpec, finding: Finding) -> bool:
    """By the repository's own file, or by the tool where the gate accepts that."""
    return finding.state is State.SUPPRESSED or (spec.tool_suppressions == ACCEPT and bool(finding.tool_suppression))


def apart(spec: GateSpec, finding: Finding) -> bool:
    """Whether its file's class leaves it out. A proven path from a stranger's value counts in every class."""
    its = FileClass.OWN if finding.file_class is FileClass.CLAIMED else finding.file_class
    return finding.kind in BY_CLASS and its.value not in spec.classes and not finding.trace


def never_excused(always: Always, finding: Finding, severity: Severity) -> bool:
    """Whether no baseline excuses it: a secret, which whoever read the history has, and what `always` names."""
    rules = {source.rule for source in finding.said_by} | {finding.rule, *finding.aliases}
    return (
        finding.kind is FindingKind.SECRET
        or finding.kind.value in always.kinds
        or finding.file_class.value in always.classes
        or severity.value in always.severities
        or not rules.isdisjoint(always.rules)
    )


def known(spec: GateSpec, finding: Finding, accepted: Accepted) -> bool:
    """Whether the baseline that the gate goes by has it, no less severe; that alone excuses nothing."""
    return (spec.new_only and finding.state in KNOWN) or (spec.accepted and accepted.has(finding))


def excused(spec: GateSpec, finding: Finding, accepted: Accepted) -> bool:
    """Whether a baseline lets it through: the one that was named (`new_only`), or the one that a person signed."""
    if never_excused(spec.always, finding, rated(spec, finding)):
        return False
    if finding.state not in KNOWN:
        return spec.accepted and accepted.whole and accepted.has(finding)
    return spec.new_only or (spec.accepted and accepted.has(finding))


def of_kinds(spec: GateSpec, finding: Finding) -> bool:
    """Whether the gate looks at findings of this kind."""
    return not spec.kinds or finding.kind.value in spec.kinds


def asked(spec: GateSpec, finding: Finding) -> bool:
    """Whether it would count if it were new."""
    return not suppressed(spec, finding) and of_kinds(spec, finding) and not apart(spec, finding)


def counts(spec: GateSpec, finding: Finding, accepted: Accepted) -> bool:
    """Whether the gate weighs it."""
    return asked(spec, finding) and not excused(spec, finding, accepted)
