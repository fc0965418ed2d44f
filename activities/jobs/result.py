"""Turns what a job's processes left into its result: cause, outputs, tests."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path

from activities.core import serialization as serial
from activities.jobs.port import JobInput
from activities.storage.port import Store
from domain.core.documents import Manifest
from domain.jobs import testing
from domain.jobs.record import JobRecord
from domain.jobs.result import Failure, JobResult, Status
from domain.pipelines.job import Job
from domain.pipelines.outputs import output_value
from domain.pipelines.steps import Step

MAX_OUTPUTS_BYTES = 64_000


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
    "output": (Failure.CHECK, "exceeded its output limit"),
    "infrastructure": (Failure.INFRASTRUCTURE, "the supervisor was lost, or no process could be started"),
}


def from_cause(cause: str, code: int, step: int, job: Job) -> JobResult:
    """An unknown cause is an infrastructure failure. `step` counts from 1; 0: none started."""
    name = step_name(job.steps[step - 1]) if 0 < step <= len(job.steps) else ""
    where = f"step {step}" + (f" ({name})" if name else "")
    if cause == "cancelled":
        return JobResult(Status.CANCELLED, "cancelled; its processes are stopped")
    if cause == "exit":
        return JobResult(Status.FAILED, f"{where} exited with {code}", Failure.EXIT, exit_code=code)
    failure, words = _REASONS.get(cause, (Failure.INFRASTRUCTURE, f"ended by '{cause}'"))
    return JobResult(Status.FAILED, f"{where} {words}", failure, exit_code=code)


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


def outputs_of(path: Path, declared: Mapping[str, str]) -> Manifest:
    """Parses `name=value` lines, of which the last one per name counts; non-strings are JSON.

    Raises:
        ValueError: undeclared, of the wrong type, or too big in total.
    """
    text = path.read_text("utf-8", "replace") if path.exists() else ""
    if len(text.encode()) > MAX_OUTPUTS_BYTES:
        raise ValueError(
            f"the outputs are {len(text):,} bytes, and at most {MAX_OUTPUTS_BYTES:,} are kept; use an artifact"
        )
    found: Manifest = {}
    for line in text.splitlines():
        name, separator, value = line.partition("=")
        if not separator:
            continue
        kind = declared.get(name.strip())
        if kind is None:
            raise ValueError(f"output '{name.strip()}' is not declared; there are {', '.join(declared) or 'none'}")
        try:
            found[name.strip()] = output_value(kind, value if kind == "string" else json.loads(value))
        except ValueError:
            raise ValueError(f"output '{name.strip()}' is '{value[:80]}', which is not of type {kind}") from None
    return found
