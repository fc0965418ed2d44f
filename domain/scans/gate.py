"""Whether findings block. Fails closed: a missing or failed scan, or an unknown value, never opens a gate."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime

from domain.core.values import Context, number
from domain.scans import counting
from domain.scans.counting import ACCEPT, Accepted
from domain.scans.findings.model import NO_DATABASE, Finding, ScanReport, Severity, State, counts
from domain.scans.findings.remarks import UNSEARCHED
from domain.scans.spec import ALL_CLASSES, GateSpec

NEVER = "never"
"""Value of `fail_on`: findings alone never close the gate."""
HERE = ""
"""The name of the one scan that is judged without a pipeline."""
SET = "sluiceway findings baseline set PIPELINE --reason TEXT"
"""How a person sets a baseline."""
_NEVER = 99
_DAY_S = 86_400.0
POLICIES = {
    "strict": GateSpec(fail_on="low", skipped="block", max_db_age_s=_DAY_S, classes=ALL_CLASSES),
    "standard": GateSpec(accepted=True),
    "advisory": GateSpec(fail_on=NEVER, accepted=True),
}
"""Built-in policies. Each closes the gate on incomplete scans; advisory closes it for nothing else. Strict knows no
baseline.
"""


def policy(name: str, written: GateSpec = POLICIES["standard"], given: Iterable[str] = ()) -> GateSpec:
    """A built-in policy with the definition's own settings applied."""
    return replace(POLICIES[name], **{field: getattr(written, field) for field in given})


def looks_again_s(held_s: float) -> float:
    """Seconds until a held gate is judged again: soon at first, every half hour in the end.

    Each re-evaluation adds eleven events to the run's history, which may hold 51,200: a month must fit.
    """
    return min(1_800.0, max(5.0, held_s / 10))


@dataclass(frozen=True)
class GateVerdict:
    """Whether the gate is open, and why."""

    passed: bool
    reasons: tuple[str, ...]
    """Each rule that applied, with its numbers; the first one decided when the gate is closed."""
    counted: tuple[tuple[str, int], ...] = ()
    """Severity and number of the findings that count, worst first."""
    blocking: tuple[Finding, ...] = ()


Matches = Callable[[str, Context], bool]
"""Whether an expression is true for a finding. Raises ValueError when it cannot be evaluated."""


def judge(
    spec: GateSpec,
    reports: Mapping[str, ScanReport | None],
    now: float = 0.0,
    matches: Matches | None = None,
    why: Mapping[str, str] | None = None,
    environment: str = "",
    accepted: Mapping[str, Accepted] | None = None,
) -> GateVerdict:
    """Judges the scan reports by job; None: unreadable or untrusted, and `why` gives the reason.

    `now` in seconds since the epoch, for the age of databases; `environment` is the gate's, for its expression;
    `accepted`: the signed baselines by job.
    """
    where, accepted = _Where(matches, now, environment), accepted or {}
    refusals = [*_incomplete(spec, reports, why or {}), *_old(spec, reports, now), *_unset(spec, reports, accepted)]
    known = {job: (report, accepted.get(job, Accepted())) for job, report in reports.items() if report}
    found = [finding for report, _ in known.values() for finding in report.findings]
    counted = [
        (one, counting.rated(spec, one))
        for report, signed in known.values()
        for one in report.findings
        if counting.counts(spec, one, signed)
    ]
    rule = _by_expression(spec, counted, where) if spec.block else _by_severity(spec, counted)
    late = _late(spec, found, now)
    rule.blocking += [one for one in late if one not in rule.blocking]
    refusals += [*rule.refusals, *_overdue(spec, late, now)]
    notes = [*rule.notes, *_uncounted(spec, found, reports), *_baselines(spec, known)]
    summary = counts(finding for finding, _ in counted)
    if not refusals:
        notes.insert(0, f"no blocking findings, {len(counted):,} counted")
    return GateVerdict(not refusals, tuple(refusals + notes), tuple(summary.items()), tuple(rule.blocking))


@dataclass(frozen=True)
class _Where:
    """The variables of an expression besides the finding."""

    matches: Matches | None
    now: float
    environment: str


@dataclass
class _Ruled:
    refusals: list[str] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)
    blocking: list[Finding] = field(default_factory=list)


def _by_severity(spec: GateSpec, counted: list[tuple[Finding, Severity]]) -> _Ruled:
    ruled = _Ruled()
    least = _NEVER if spec.fail_on == NEVER else Severity(spec.fail_on).rank
    for severity in reversed(Severity):
        of_it = [finding for finding, level in counted if level is severity]
        if not of_it:
            continue
        allowed, found = spec.allow.get(severity.value, 0), number(len(of_it), f"{severity} finding")
        if severity.rank >= least and len(of_it) > allowed:
            ruled.blocking.extend(of_it)
            let = f", {allowed} allowed" if allowed else ""
            blocks = f"{spec.fail_on} or worse blocks" if spec.fail_on != "critical" else "critical blocks"
            ruled.refusals.append(f"{found}{let}; {blocks}: {_first(of_it)}")
        else:
            why = f"{allowed} allowed" if severity.rank >= least else f"fail-on is {spec.fail_on}"
            ruled.notes.append(f"{found} let through, {why}")
    return ruled


def _late(spec: GateSpec, found: list[Finding], now: float) -> list[Finding]:
    """Findings older than their severity allows, in the baseline or not. Undated ones count from now."""
    limits = spec.sla_s
    return [
        one
        for one in found
        if counting.asked(spec, one)
        and one.since
        and now - one.since > limits.get(counting.rated(spec, one).value, float("inf"))
    ]


def _overdue(spec: GateSpec, late: list[Finding], now: float) -> Iterator[str]:
    for severity in reversed(Severity):
        of_it = [one for one in late if counting.rated(spec, one) is severity]
        if of_it:
            oldest = max(now - one.since for one in of_it) / _DAY_S
            limit = spec.sla_s[severity.value] / _DAY_S
            yield f"{len(of_it)} {severity} for up to {oldest:.1f} days, over the limit of {limit:g}: {_first(of_it)}"


def _by_expression(spec: GateSpec, counted: list[tuple[Finding, Severity]], where: _Where) -> _Ruled:
    """Without an evaluator, or when evaluation fails, the gate stays closed."""
    ruled, matches = _Ruled(), where.matches
    if matches is None:
        return _Ruled(["the gate's expression cannot be evaluated here"])
    try:
        ruled.blocking = [
            one for one, severity in counted if matches(spec.block, seen(one, severity, where.now, where.environment))
        ]
    except ValueError as wrong:
        return _Ruled([f"the gate's expression cannot be evaluated: {wrong}"])
    if ruled.blocking:
        ruled.refusals.append(f"{len(ruled.blocking)} blocked by {spec.block}: {_first(ruled.blocking)}")
    ruled.notes.append(f"{len(counted) - len(ruled.blocking)} passed {spec.block}")
    return ruled


def seen(finding: Finding, severity: Severity, now: float = 0.0, environment: str = "") -> Context:
    """A finding as `finding` in a gate's expression."""
    return {
        "finding": {
            "kind": finding.kind.value,
            "state": finding.state.value,
            "severity": severity.value,
            "new": finding.state in (State.NEW, State.ESCALATED),
            "rule": finding.rule,
            "cwe": finding.cwe,
            "path": finding.path,
            "file_class": finding.file_class.value,
            "traced": bool(finding.trace),
            "package": finding.package,
            "fix_available": bool(finding.fixed_in),
            "confidence": finding.confidence,
            "epss": finding.epss,
            "kev": finding.kev,
            "age_days": max(now - finding.since, 0.0) / _DAY_S if finding.since else 0.0,
            "environment": environment,
            "tools": [source.tool for source in finding.said_by],
        }
    }


def _old(spec: GateSpec, reports: Mapping[str, ScanReport | None], now: float) -> Iterator[str]:
    """With an age limit, a missing database or one of unknown age is too old."""
    if not spec.max_db_age_s:
        return
    for job, report in sorted(reports.items()):
        for tool in report.tools if report else ():
            if not tool.database_date:
                continue
            age_s = now - _since_epoch(tool.database_date)
            if age_s > spec.max_db_age_s:
                known = "is of unknown age, or missing" if age_s == now else f"is {age_s / 86_400:.1f} days old"
                limit = f"the limit is {spec.max_db_age_s / 86_400:g} days"
                yield f"the database of {tool.tool} {_of(job)}{known}; {limit}"


def _since_epoch(text: str) -> float:
    try:
        return datetime.fromisoformat(text.replace("Z", "+00:00")).timestamp()
    except ValueError:
        return 0.0


def _uncounted(spec: GateSpec, found: list[Finding], reports: Mapping[str, ScanReport | None]) -> Iterator[str]:
    """Accounts for every finding that was let through."""
    suppressed = [one for one in found if one.state is State.SUPPRESSED]
    if suppressed:
        yield f"{len(suppressed)} suppressed"
    by_tool = [one for one in found if one.state is not State.SUPPRESSED and one.tool_suppression]
    if by_tool:
        so = "not counted" if spec.tool_suppressions == ACCEPT else "counted all the same"
        key = f"tool-suppressions: {spec.tool_suppressions}"
        yield f"{len(by_tool)} suppressed by the tool that found them, {so} ({key})"
    rest = [one for one in found if not counting.suppressed(spec, one)]
    others = [one for one in rest if not counting.of_kinds(spec, one)]
    if others:
        yield f"{len(others)} of kinds other than {', '.join(spec.kinds)} not counted"
    left = [one for one in rest if counting.of_kinds(spec, one) and counting.apart(spec, one)]
    if left:
        how_bad = ", ".join(f"{count} {severity}" for severity, count in counts(left).items())
        theirs = " and ".join(sorted({str(one.file_class) for one in left}))
        yield f"{number(len(left), 'finding')} in {theirs} files not counted: {how_bad}"
    for job, report in sorted(reports.items()):
        for tool in report.skipped if report and spec.skipped != "block" else ():
            yield f"{tool.tool} {_of(job)}is skipped: {tool.reason}"
        for tool in report.tools if report else ():
            if tool.database_date == NO_DATABASE and not spec.max_db_age_s:
                yield f"{tool.tool} {_of(job)}{UNSEARCHED}"


def _baselines(spec: GateSpec, known: Mapping[str, tuple[ScanReport, Accepted]]) -> Iterator[str]:
    """What baselines have let through; without one, that the whole counts."""
    excused = [
        one
        for report, signed in known.values()
        for one in report.findings
        if counting.asked(spec, one) and counting.excused(spec, one, signed)
    ]
    if excused:
        yield f"{number(len(excused), 'existing finding')} in the baseline not counted"
    kept = [
        one
        for report, signed in known.values()
        for one in report.findings
        if counting.counts(spec, one, signed) and counting.known(spec, one, signed)
    ]
    if kept:
        named = " or what `always` names" if spec.always.named else ""
        yield f"{number(len(kept), 'existing finding')} counted all the same: no baseline excuses secrets{named}"
    for job, (report, signed) in sorted(known.items()):
        if spec.new_only and not report.baseline:
            yield f"{_scan(job)} has no baseline: every finding counts as new"
        elif spec.accepted and not spec.new_only:
            if signed.is_set:
                yield f"{_scan(job)} is judged against {signed.words}"
            else:
                yield f"every finding of scan {job} counts, old or new: {signed.words or 'nobody has set a baseline'}"


def _unset(spec: GateSpec, reports: Mapping[str, ScanReport | None], accepted: Mapping[str, Accepted]) -> Iterator[str]:
    """Scans whose baseline nobody has signed, where the gate must have one."""
    for job in sorted(reports) if spec.needs_baseline else ():
        signed = accepted.get(job, Accepted())
        if not signed.is_set:
            why = signed.words or "nobody has set a baseline"
            yield f"new-only asks for a signed baseline of scan {job}, and {why}: {SET}"


def _incomplete(spec: GateSpec, reports: Mapping[str, ScanReport | None], why: Mapping[str, str]) -> list[str]:
    if not reports:
        return ["no scan reached this gate: without evidence it stays closed"]
    refusals = []
    for job, report in sorted(reports.items()):
        if report is None:
            refusals.append(f"the report of scan {job} {why.get(job, 'is missing or cannot be read')}")
        elif not report.tools:
            refusals.append(f"{_scan(job)} ran no tools")
        else:
            refusals.extend(f"{tool.tool} {_of(job)}is {tool.state}: {tool.reason}" for tool in report.failed)
            if spec.skipped == "block":
                refusals.extend(f"{tool.tool} {_of(job)}is skipped: {tool.reason}" for tool in report.skipped)
    return refusals


def _of(job: str) -> str:
    """Which scan, within a sentence; of one without a pipeline it goes without saying."""
    return "" if job == HERE else f"in scan {job} "


def _scan(job: str) -> str:
    return "the scan" if job == HERE else f"scan {job}"


def _first(findings: list[Finding]) -> str:
    shown = ", ".join(f"{x.rule} at {x.path}:{x.line}" if x.line else f"{x.rule} in {x.path}" for x in findings[:3])
    return shown + (f" and {len(findings) - 3} more" if len(findings) > 3 else "")
