"""The activity of a gate job: reads trusted reports; domain.scans.gate decides."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace

from temporalio import activity

from activities.core import serialization as serial
from activities.core.errors import as_failure
from activities.jobs.event import event_of, push_of
from activities.jobs.port import JobInput
from activities.scans import port
from activities.scans.baselines.known_findings import KnownFindings
from activities.scans.evidence import ScanEvidence
from activities.scans.suppressions import comments
from activities.scans.suppressions.suppressions import AcceptedRisks
from activities.storage.port import Store
from domain.core.documents import Manifest
from domain.core.errors import SluicewayError
from domain.core.values import Json
from domain.jobs.result import Failure, JobResult, Status
from domain.policy.policy import PolicyFor, Push
from domain.scans.counting import Accepted
from domain.scans.findings.model import ScanReport
from domain.scans.gate import GateVerdict, Matches, judge
from domain.scans.least_gate import LeastGate, LeastVerdict, exclusions, judge_least, left_out
from domain.scans.spec import GatesBefore, GateSpec
from domain.supply_chain import attestation


@dataclass(frozen=True)
class GateActivities(port.GateActivities):
    """Trusts a report only when its signature is for this commit, pipeline and job."""

    store: Store
    evidence: ScanEvidence
    answers: AcceptedRisks
    known: KnownFindings | None = None
    matches: Matches | None = None
    policies: Callable[[Push], PolicyFor] = PolicyFor

    @activity.defn(name="gate")
    async def gate(self, input: JobInput) -> JobResult:
        """An unreadable or untrusted report closes the gate."""
        return await asyncio.to_thread(self._gate, input)

    def _gate(self, input: JobInput) -> JobResult:
        """An unreadable report closes the gate."""
        assert input.job.gate is not None
        started = time.time()
        reports, why = self._believed(input)
        if input.job.gate.hold:  # a held gate is judged repeatedly, with current VEX statements
            reports = {job: report and self._answered(input, report) for job, report in reports.items()}
        policy = self.policies(push_of(input))
        accepted = self.accepted(input)
        judging = _Judging(started, why, accepted)
        verdict = self._judged(input.job.gate, input, reports, judging)
        least = judge_least(policy.gate, reports, started, why, accepted)
        verdict = _under(policy, verdict, least)
        if input.job.before is not None:
            verdict = self._as_before(input.job.before, input, reports, verdict, judging)
        if verdict.passed:
            self._remember(input)
        kept = self.store.put(serial.dump(verdict))
        self._attest(input, verdict, kept, reports, _basis(policy, least))
        result = _result(input, verdict, kept, time.time() - started)
        said = f"{result.status}: {verdict.reasons[0]}"
        result = comments.added(self.store, input, result, [one for one in reports.values() if one], said)
        held = input.job.gate.hold is not None and not verdict.passed  # the run records how it ends
        span = (started, None if held else time.time())
        self.evidence.record(input, "running" if held else str(result.status), serial.dump(result).decode(), span)
        return result

    def _judged(
        self, spec: GateSpec, input: JobInput, reports: Mapping[str, ScanReport | None], known: _Judging
    ) -> GateVerdict:
        environment = input.job.environment
        return judge(spec.in_run, reports, known.now, self.matches, known.why, environment, known.accepted)

    def _as_before(
        self,
        before: GatesBefore,
        input: JobInput,
        reports: dict[str, ScanReport | None],
        verdict: GateVerdict,
        known: _Judging,
    ) -> GateVerdict:
        """What was loosened by the pushed commit counts from the next push on."""
        judged = [self._judged(one, input, reports, known) for one in before.specs]
        closed = [one.reasons[0] for one in judged if not one.passed]
        asked = LeastGate(
            tools=frozenset(before.tools), exclude=frozenset(before.exclude), paths=frozenset(before.paths)
        )
        closed += left_out(asked, reports)
        said = tuple(f"as set before the push, at {before.commit[:12]}: {one}" for one in closed)
        return replace(verdict, passed=False, reasons=said + verdict.reasons) if said else verdict

    def accepted(self, input: JobInput) -> dict[str, Accepted]:
        """The baselines that people have signed, as they stand now: the scan may be older than the last one."""
        if self.known is None or not input.repo:
            return {}
        try:
            return {job: self.known.set_for(input, job).accepted(report) for job, report in input.reports.items()}
        except SluicewayError as away:
            raise as_failure(away) from away

    def _believed(self, input: JobInput) -> tuple[dict[str, ScanReport | None], dict[str, str]]:
        """Readable reports that this installation has signed for this commit; and why others do not count."""
        reports: dict[str, ScanReport | None] = {}
        why: dict[str, str] = {}
        for job, digest in input.reports.items():
            reports[job] = None
            try:
                if digest and (wrong := self.evidence.complaint(input, job, digest)):
                    why[job] = f"is not trusted: {wrong}"
                    continue
                reports[job] = serial.load(ScanReport, self.store.get(digest))
            except SluicewayError as broken:
                if broken.transient:
                    raise as_failure(broken) from broken
            except ValueError:
                continue
        return reports, why

    def _answered(self, input: JobInput, report: ScanReport) -> ScanReport:
        if not input.source.repo:
            return report
        rule = self.policies(push_of(input)).suppressions
        return self.answers.applied(report, input.repo, event_of(input), rule, fresh=True)

    def _attest(
        self,
        input: JobInput,
        verdict: GateVerdict,
        kept: str,
        reports: dict[str, ScanReport | None],
        basis: Manifest,
    ) -> None:
        """Signs the verdict with the policies, and with everything that was left out of it."""
        assert input.job.gate is not None
        said: Manifest = {"passed": verdict.passed, "reason": verdict.reasons[0], "reports": dict(input.reports)}
        said |= basis | exclusions(input.job.gate.in_run, reports)
        judged = {name: one for report in reports.values() if report for name, one in report.images.items()}
        self.evidence.attest(input, attestation.GATE, kept, said, judged)

    def _remember(self, input: JobInput) -> None:
        """Saves a passed scan of the default branch as the baseline."""
        for job, digest in input.reports.items() if self.known else ():
            if digest and self.known:
                self.known.keep(input, job, digest)


@dataclass(frozen=True)
class _Judging:
    """What is known besides the reports."""

    now: float
    why: Mapping[str, str]
    accepted: Mapping[str, Accepted]


def _under(held: PolicyFor, verdict: GateVerdict, least: LeastVerdict) -> GateVerdict:
    """Where a policy asks for a least gate, that one must be open as well."""
    if held.rules.gate is None or least.passed:
        return verdict
    said = tuple(f"policy {held.saying('gate')}: {why}" for why in least.reasons)
    reasons = said + verdict.reasons if verdict.passed else verdict.reasons + said
    return replace(verdict, passed=False, reasons=reasons)


def _basis(held: PolicyFor, least: LeastVerdict) -> Manifest:
    """The policies by name and digest, and what the least gate says: the built-in one where no policy names one."""
    policies: list[Json] = [{"name": one.name, "digest": one.digest} for one in held.policies]
    reasons: list[Json] = list(least.reasons[:20])
    by = held.saying("gate") or "built-in"
    return {"policies": policies, "least": {"by": by, "passed": least.passed, "reasons": reasons}}


def _result(input: JobInput, verdict: GateVerdict, kept: str, seconds: float) -> JobResult:
    return JobResult(
        Status.PASSED if verdict.passed else Status.FAILED,
        verdict.reasons[0][:1000],
        Failure.NONE if verdict.passed else Failure.CHECK,
        report=kept,
        counts=dict(verdict.counted),
        attempt=input.attempt,
        seconds=round(seconds, 3),
    )
