"""Which labels do harm at a sink, which of several ways is shown, and the finding that is made of it."""

from __future__ import annotations

from dataclasses import dataclass

from domain.scans.dataflow.models.model import LOCAL, QUEUE, RANDOM, REMOTE, Rule
from domain.scans.dataflow.models.rules import RULES
from domain.scans.dataflow.values import EVERYTHING, LISTED, Facts, Label, Taint
from domain.scans.findings.model import Finding, FindingKind, Severity, Step

_KINDS = {REMOTE: 0, QUEUE: 1, LOCAL: 2, RANDOM: 3}
_LOWER = {
    Severity.CRITICAL: Severity.MEDIUM,
    Severity.HIGH: Severity.MEDIUM,
    Severity.MEDIUM: Severity.LOW,
    Severity.LOW: Severity.INFO,
}
"""For values of the one who starts the program."""
_NOT_LOCAL = frozenset({"log", "header", "session", "redirect"})
"""Harms that nobody does to himself from a command line."""
_CONFIDENCE = {REMOTE: "high", QUEUE: "low", LOCAL: "medium", RANDOM: "medium"}


@dataclass(frozen=True)
class Hit:
    """A place where harm is done; `label`: how the value came there."""

    rule: str
    path: str
    line: int
    end_line: int
    label: Label | None = None
    message: str = ""

    @property
    def rank(self) -> tuple[int, int, tuple[tuple[str, int, str], ...]]:
        """Lower is shown: from a request rather than from a command line, and the shorter way."""
        if self.label is None:
            return (9, 0, ())
        steps = self.label.trail.steps()
        return (_KINDS[self.label.kind], len(steps), tuple((one.path, one.line, one.text) for one in steps))


def harmful(rule: Rule, taint: Taint, facts: Facts, lead: bool) -> list[Label]:
    """Labels that nothing has cleaned against this harm. `lead`: the text begins with something of our own."""
    return [one for one in taint if _harms(rule, one.cleaned | facts.get(one.key, frozenset()), one.kind, lead)]


def _harms(rule: Rule, cleaned: frozenset[str], kind: str, lead: bool) -> bool:
    if (kind == RANDOM) is not (rule.harm == "random") or (kind == LOCAL and rule.harm in _NOT_LOCAL):
        return False
    if EVERYTHING in cleaned or LISTED in cleaned or rule.harm in cleaned:
        return False
    if rule.harm == "path" and not lead:
        return "no:/" not in cleaned
    return not any(absent <= cleaned for absent in rule.absent)


def best(labels: list[Label]) -> Label | None:
    """The label whose way is shown."""
    if not labels:
        return None
    return min(labels, key=lambda one: (_KINDS[one.kind], one.trail.length, str(one.key)))


def finding(hit: Hit) -> Finding:
    """In the shape of all scanners."""
    rule = RULES[hit.rule]
    severity = rule.severity
    trace: tuple[Step, ...] = ()
    likelihood, confidence = rule.likelihood, "medium"
    if hit.label is not None:
        trace = hit.label.trail.steps()
        if hit.label.kind != RANDOM:
            trace = (*trace, Step(hit.path, hit.line, "reaches the sink"))
        confidence = _CONFIDENCE[hit.label.kind]
        if hit.label.kind in (LOCAL, QUEUE):
            severity, likelihood = _LOWER.get(severity, severity), "low"
    return Finding(
        tool="dataflow",
        rule=rule.id,
        kind=FindingKind.SAST,
        severity=severity,
        message=hit.message or rule.message,
        path=hit.path,
        line=hit.line,
        end_line=hit.end_line,
        cwe=rule.cwe,
        confidence=confidence,
        likelihood=likelihood,
        impact=rule.impact,
        trace=trace,
        severity_source="dataflow",
    )
