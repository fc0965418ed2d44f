"""The least that a gate asks, whatever a pipeline's definition says: it is judged beside the definition's own gate.

Several of them join to one that is at least as strict as each.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from domain.core.documents import Manifest
from domain.core.values import Json
from domain.scans.counting import Accepted
from domain.scans.findings.model import FindingKind, ScanReport, ScanState, Severity, State
from domain.scans.gate import judge
from domain.scans.spec import DEFAULT_CLASSES, Always, GateSpec

KINDS = frozenset(kind.value for kind in FindingKind)
WHOLE = "."
"""The path of a scan that leaves nothing out."""


@dataclass(frozen=True, kw_only=True)
class LeastGate:
    """Each value on its own: `joined` takes the stricter one."""

    fail_on: Severity = Severity.HIGH
    """The lowest severity that blocks."""
    kinds: frozenset[str] = KINDS
    """Kinds of findings that count."""
    unknown_as: Severity = Severity.HIGH
    """The severity that an unrated finding counts as."""
    tools: frozenset[str] = frozenset()
    """Tools that must have run, completely."""
    exclude: frozenset[str] = frozenset()
    """The patterns that a scan may leave out, as they are written."""
    paths: frozenset[str] = frozenset({WHOLE})
    """The paths that a scan may be limited to."""
    new_only: bool = False
    """Whether findings of the baseline that a person has signed may be ignored."""
    always: Always = Always()
    """What no baseline excuses, if `new_only` lets there be one."""
    classes: frozenset[str] = frozenset(DEFAULT_CLASSES)
    """Classes of files in which weak code counts; other kinds of findings count in every class."""
    skipped_block: bool = False
    """Whether a missing scanner blocks."""
    max_db_age_s: float = 0
    """Maximum age of the vulnerability database; 0: any."""
    required: bool = False
    """Whether a deployment needs a gate before it."""

    def joined(self, other: LeastGate) -> LeastGate:
        """The stricter of each value: associative, commutative, idempotent."""
        ages = [age for age in (self.max_db_age_s, other.max_db_age_s) if age]
        return LeastGate(
            fail_on=min(self.fail_on, other.fail_on, key=lambda one: one.rank),
            kinds=self.kinds | other.kinds,
            unknown_as=max(self.unknown_as, other.unknown_as, key=lambda one: one.rank),
            tools=self.tools | other.tools,
            exclude=self.exclude & other.exclude,
            paths=self.paths & other.paths | {WHOLE},
            new_only=self.new_only and other.new_only,
            always=self.always.joined(other.always),
            classes=self.classes | other.classes,
            skipped_block=self.skipped_block or other.skipped_block,
            max_db_age_s=min(ages, default=0),
            required=self.required or other.required,
        )

    @property
    def spec(self) -> GateSpec:
        """The gate that is judged. No finding is allowed, and what a tool suppresses by itself counts."""
        return GateSpec(
            fail_on=self.fail_on.value,
            kinds=() if self.kinds == KINDS else tuple(sorted(self.kinds)),
            unknown_as=self.unknown_as.value,
            accepted=self.new_only,
            always=self.always,
            classes=tuple(sorted(self.classes)),
            max_db_age_s=self.max_db_age_s,
            skipped="block" if self.skipped_block else "allow",
        )


@dataclass(frozen=True)
class LeastVerdict:
    """What the least gate says about the same reports."""

    passed: bool
    reasons: tuple[str, ...] = ()
    """Why it is closed; empty: it is open."""


def judge_least(
    least: LeastGate,
    reports: Mapping[str, ScanReport | None],
    now: float,
    why: Mapping[str, str] | None = None,
    accepted: Mapping[str, Accepted] | None = None,
) -> LeastVerdict:
    """Judges the reports by what is asked at least; arguments as those of `domain.scans.gate.judge`."""
    verdict = judge(least.spec, reports, now, why=why, accepted=accepted)
    closed = () if verdict.passed else verdict.reasons[:1]
    reasons = (*closed, *left_out(least, reports))
    return LeastVerdict(not reasons, reasons)


def exclusions(spec: GateSpec, reports: Mapping[str, ScanReport | None]) -> Manifest:
    """Under which settings and exclusions a verdict was made, as it is signed with it."""
    plain = GateSpec()
    settings: Manifest = {"fail_on": spec.fail_on, "skipped": spec.skipped, "unknown_as": spec.unknown_as}
    settings |= {"kinds": list(spec.kinds), "allow": dict(spec.allow), "block": spec.block}
    settings |= {"new_only": spec.new_only, "accepted": spec.accepted, "needs_baseline": spec.needs_baseline}
    settings |= {"tool_suppressions": spec.tool_suppressions}
    settings |= {"classes": list(spec.classes), "always": {name: list(of) for name, of in vars(spec.always).items()}}
    scans: Manifest = {
        job: {
            "exclude": list(report.exclude[:_SHOWN]),
            "path": report.path,
            "tools": [f"{tool.tool} {tool.state}" for tool in report.tools],
            "baseline": report.baseline,
        }
        for job, report in sorted(reports.items())
        if report
    }
    ended = [one for report in reports.values() if report for one in report.findings if one.state is State.SUPPRESSED]
    shown: list[Json] = [{"rule": one.rule, "path": one.path, "why": one.why} for one in ended[:_SHOWN]]
    held = spec.hold != plain.hold
    return {"settings": settings, "hold": held, "scans": scans, "suppressed": len(ended), "suppressions": shown}


_SHOWN = 200
"""Suppressions and patterns that are signed one by one; of the rest, the number."""


def left_out(least: LeastGate, reports: Mapping[str, ScanReport | None]) -> Iterator[str]:
    """What the scans did not look at, and should have, one line each."""
    ran = {
        tool.tool
        for report in reports.values()
        for tool in (report.tools if report else ())
        if tool.state is ScanState.COMPLETE and not tool.imported
    }
    for tool in sorted(least.tools - ran):
        yield f"{tool} has not run completely in any scan of this gate"
    for job, report in sorted(reports.items()):
        for pattern in sorted(set(report.exclude) - least.exclude) if report else ():
            yield f"scan {job} leaves out {pattern}"
        if report and report.path not in least.paths:
            yield f"scan {job} looks at {report.path} only"
