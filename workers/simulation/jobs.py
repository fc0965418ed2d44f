"""Jobs with the results of a test case, in virtual time."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass, replace

from temporalio import activity

from activities.core import serialization as serial
from activities.jobs.port import JobInput, JobRecords
from activities.jobs.result import record_of
from activities.scans.activities import ScanActivities
from activities.storage.port import Store
from domain.core.values import Json
from domain.jobs.result import Failure, JobResult, Status
from domain.pipelines.job import Job
from domain.scans.findings.model import Finding, FindingKind, ScanReport, ScanState, Severity, ToolReport
from pipeline_defs.simulation.model import MockFinding, MockJob
from workers.simulation.clock import Clock

_EMPTY: dict[str, Json] = {"string": "", "integer": 0, "number": 0, "boolean": False, "list": [], "object": {}}

APART_S = 0.5
"""Virtual: jobs without a duration still end in plan order. Longer than the real time of handling one: the test server
refuses the cancel of an activity whose end it has not reported yet.
"""


@dataclass
class RehearsedJobs:
    """Registered instead of JobActivities and the scans of ScanActivities."""

    records: JobRecords
    store: Store
    scans: ScanActivities
    mock: Callable[[str], MockJob]
    """Job, cell or item to its mock."""
    order: Callable[[str], int]
    """Job, cell or item to its index in the plan."""
    clock: Clock

    @activity.defn(name="run-job")
    async def run_job(self, input: JobInput) -> JobResult:
        """The job's result in the case; by default it passes."""
        return await self._play(input, self._finished)

    @activity.defn(name="scan")
    async def scan(self, input: JobInput) -> JobResult:
        """The case's findings, as a report of each tool."""
        return await self._play(input, self._scanned)

    async def _play(self, input: JobInput, end: Callable[[Job, MockJob], JobResult]) -> JobResult:
        mock, job = self.mock(input.job.id), input.job
        if mock.attempts:
            mock = mock.attempts[min(input.attempt, len(mock.attempts)) - 1]
        if activity.info().attempt == 1:
            apart_s = APART_S * (1 + self.order(job.id))
            raise await self.clock.takes(min(mock.duration, job.run_timeout_s) + apart_s)
        await self.clock.calm()
        if mock.duration > job.run_timeout_s:
            result = JobResult(Status.FAILED, f"took longer than {job.run_timeout_s:g} s", Failure.TIMEOUT)
        else:
            result = end(job, mock)
        result = replace(result, attempt=input.attempt, seconds=mock.duration)
        text, now = serial.dump(result).decode(), time.time()
        self.records.record_job(record_of(input, str(result.status), text, (now, now)))
        return result

    def _finished(self, job: Job, mock: MockJob) -> JobResult:
        if mock.fails:
            return JobResult(Status.FAILED, mock.fails, Failure.CHECK)
        if mock.exit:
            return JobResult(Status.FAILED, f"exit code {mock.exit}", Failure.EXIT, exit_code=mock.exit)
        outputs = {name: _EMPTY[kind] for name, kind in job.outputs.items()} | mock.outputs
        artifacts = {
            name: self.store.put(mock.artifacts.get(name, f"{job.id}.{name}").encode()) for name in job.artifacts_out
        }
        return JobResult(Status.PASSED, "mocked", outputs=outputs, artifacts=artifacts)

    def _scanned(self, job: Job, mock: MockJob) -> JobResult:
        assert job.scan is not None
        found = tuple(_finding(one) for one in mock.findings)
        tools = [
            ToolReport(
                tool=tool,
                state=ScanState.FAILED if mock.fails else ScanState.COMPLETE,
                version="mocked",
                reason=mock.fails,
            )
            for tool in job.scan.tools
        ]
        tools[0] = replace(tools[0], findings=found)
        return self.scans.result_of(ScanReport(tools=tuple(tools)))


def _finding(one: MockFinding) -> Finding:
    kind, severity = FindingKind(one.kind), Severity(one.severity)
    return Finding(
        tool="mocked", rule=one.rule, kind=kind, severity=severity, message=one.message, path=one.path, line=one.line
    )
