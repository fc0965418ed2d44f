"""Turns what a job's processes left into its result: cause, outputs, tests."""

from __future__ import annotations

from pathlib import Path

from activities.core import serialization as serial
from activities.core.files import read_bounded
from activities.jobs.port import JobInput
from activities.storage.port import Store
from domain.core.values import Json
from domain.jobs import testing
from domain.jobs.record import JobRecord
from domain.jobs.result import Failure, JobResult, Status
from domain.pipelines import outputs as output_file
from domain.pipelines.job import Job
from domain.pipelines.steps import Step


def record_of(input: JobInput, status: str, result: str, span: tuple[float, float | None]) -> JobRecord:
    """The record of an attempt. `result` is JSON; `span`: start and end, None: still running."""
    return JobRecord(
        run=input.run,
        job=input.job.id,
        attempt=input.attempt,
        kind=str(input.job.kind),
        stage=input.job.stage,
        status=status,
        started_at=span[0],
        ended_at=span[1],
        result=result,
    )


def step_name(step: Step) -> str:
    """Its name, or the first line of its command, cut at 80 characters."""
    return step.name or step.run.strip().splitlines()[0][:80]


_REASONS = {
    "timeout": (Failure.TIMEOUT, "exceeded its time limit"),
    "memory": (Failure.CHECK, "exceeded its memory limit"),
    "disk": (Failure.CHECK, "exceeded its disk limit (SLW032)"),
    "processes": (Failure.CHECK, "exceeded the number of its processes"),
    "output": (Failure.CHECK, "exceeded its output limit"),
    "infrastructure": (Failure.INFRASTRUCTURE, "the supervisor was lost, or no process could be started"),
}


def from_cause(cause: str, code: int, step: int, job: Job, why: str = "") -> JobResult:
    """An unknown cause is an infrastructure failure. `step` counts from 1; 0: none started."""
    name = step_name(job.steps[step - 1]) if 0 < step <= len(job.steps) else ""
    where = f"step {step}" + (f" ({name})" if name else "")
    if cause == "cancelled":
        return JobResult(Status.CANCELLED, "cancelled; its processes are stopped")
    if cause == "exit":
        return JobResult(Status.FAILED, f"{where} exited with {code}", Failure.EXIT, exit_code=code)
    if cause == "start":
        return JobResult(Status.FAILED, f"{where} cannot start: {why}", Failure.CHECK, exit_code=code)
    failure, words = _REASONS.get(cause, (Failure.INFRASTRUCTURE, f"ended by '{cause}'"))
    more = f": {why}" if why and cause in ("output", "disk") else ""
    return JobResult(Status.FAILED, f"{where} {words}{more}", failure, exit_code=code)


def with_tests(result: JobResult, report: testing.TestReport, kept: Store, why: str) -> JobResult:
    """The result with counts and coverage as outputs. `why`: the failed test check; it fails the job."""
    counts = {
        "tests": len(report.cases),
        "passed": report.count("passed"),
        "failed": report.count("failed") + report.count("error"),
        "skipped": report.count("skipped"),
    }
    outputs = {**result.outputs, "tests": counts["tests"], "failed": counts["failed"]}
    if report.coverage_percent >= 0:
        outputs["coverage"] = report.coverage_percent
    if report.branch_percent >= 0:
        outputs["branch-coverage"] = report.branch_percent
    reason = why or (testing.summary(report) if result.status is Status.PASSED else result.reason)
    failed = bool(why) or result.status is Status.FAILED
    return JobResult(
        Status.FAILED if failed else Status.PASSED,
        reason,
        (Failure.CHECK if why else result.failure) if failed else Failure.NONE,
        exit_code=result.exit_code,
        outputs=outputs,
        artifacts=result.artifacts,
        report=kept.put(serial.dump(report)),
        counts=counts,
    )


def outputs_of(path: Path, job: Job) -> dict[str, Json]:
    """What the steps wrote to $SLUICEWAY_OUTPUT.

    Raises:
        ValueError: as `domain.pipelines.outputs.read`, or the file was replaced by something else.
    """
    return output_file.read(read_bounded(path, output_file.MAX_BYTES), job.outputs, job.kind)
