"""The activity of a gate job: reads trusted reports; domain.scans.gate decides."""

from __future__ import annotations

import asyncio
import time
from dataclasses import dataclass

from temporalio import activity

from activities.core import serialization as serial
from activities.core.errors import as_failure
from activities.jobs.event import event_of
from activities.jobs.port import JobInput
from activities.scans import port
from activities.scans.baselines import Baselines
from activities.scans.evidence import ScanEvidence, scanned_of
from activities.scans.suppressions import AcceptedRisks
from activities.storage.port import Store
from domain.core.documents import Manifest
from domain.core.errors import SluicewayError
from domain.jobs.result import Failure, JobResult, Status
from domain.scans.findings.model import ScanReport
from domain.scans.gate import GateVerdict, Matches, judge
from domain.supply_chain import attestation


@dataclass(frozen=True)
class GateActivities(port.GateActivities):
    """Trusts a report only when its signature is for this commit, pipeline and job."""

    store: Store
    evidence: ScanEvidence
    answers: AcceptedRisks
    baselines: Baselines | None = None
    matches: Matches | None = None

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
        verdict = judge(input.job.gate, reports, started, self.matches, why, input.job.environment)
        if verdict.passed:
            self._remember(input)
        kept = self.store.put(serial.dump(verdict))
        self._attest(input, verdict, kept, reports)
        result = _result(input, verdict, kept, time.time() - started)
        held = input.job.gate.hold is not None and not verdict.passed  # the run records how it ends
        span = (started, None if held else time.time())
        self.evidence.record(input, "running" if held else str(result.status), serial.dump(result).decode(), span)
        return result

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
        return self.answers.applied(report, input.repo, fresh=True) if input.source.repo else report

    def _attest(self, input: JobInput, verdict: GateVerdict, kept: str, reports: dict[str, ScanReport | None]) -> None:
        said: Manifest = {"passed": verdict.passed, "reason": verdict.reasons[0], "reports": dict(input.reports)}
        judged = {name: one for report in reports.values() if report for name, one in report.images.items()}
        self.evidence.attest(input, attestation.GATE, kept, said, judged)

    def _remember(self, input: JobInput) -> None:
        """Saves a passed scan of the default branch as the baseline."""
        if self.baselines is None or input.source.repo != input.repo:
            return
        event = event_of(input)
        for job, digest in input.reports.items():
            if digest:
                self.baselines.keep(
                    scanned_of(input, job), event.kind, event.branch, input.run, input.source.commit, digest
                )


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
