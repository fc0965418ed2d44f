"""Scans: the port, and the activity that runs several scanners side by side over one clean checkout."""

from __future__ import annotations

import asyncio
import json
import shutil
import time
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from functools import partial
from pathlib import Path
from typing import Protocol

from temporalio import activity

from activities import sarif, serial
from activities.errors import of_store
from activities.git import Mirrors
from activities.jobs import JobInput, Places, failure_of
from activities.process import Completed
from activities.records import Records
from activities.room import WorkerRoom, measured
from activities.store import PASSING, Store, patiently
from domain import globs, keys
from domain.errors import SluicewayError
from domain.findings.model import Finding, ScanReport, ScanState, ToolReport
from domain.findings.model import counts as counted
from domain.gate import judge
from domain.pipeline import Job
from domain.results import Failure, JobResult, Status

HEARTBEAT_S = 0.5


class ScannerFailed(Exception):  # noqa: N818  (an outcome of a scan, not an error of ours)
    """The tool's output is no report; the text says why."""


@dataclass(frozen=True)
class Found:
    version: str
    findings: tuple[Finding, ...]
    files_scanned: int


class Scanner(Protocol):
    """Looks at one folder and reports what it found; never decides whether that is acceptable.

    May be called twice for the same folder; reads it and writes only into the scratch folder.
    """

    name: str

    async def run(self, target: Path, scratch: Path, key: str, timeout_s: float) -> Completed:
        """Raises OSError when the tool is missing."""
        ...

    def parse(self, target: Path, scratch: Path, completed: Completed) -> Found:
        """Raises:
        ScannerFailed: there is no report, or it cannot be read, or it says that something was not scanned.
        """
        ...


@dataclass
class ScanActivities:
    places: Places
    store: Store
    records: Records
    mirrors: Mirrors
    scanners: Mapping[str, Scanner] = field(default_factory=dict)
    room: WorkerRoom = field(default_factory=lambda: WorkerRoom(measured()))

    @activity.defn(name="scan")
    async def scan(self, input: JobInput) -> JobResult:
        """All scanners of the job at once. Findings are no failure here: a gate judges them."""
        assert input.job.scan is not None
        started = time.time()
        self._record(input, "running", "{}", (started, None))
        folder = self.places.folder(input.run, input.job.id, input.attempt)
        target = folder / "workspace"
        key = keys.job_key(input.run, input.job.id, input.attempt)
        try:
            async with self.room.held(key, input.job):
                await patiently(partial(self._prepare, input, folder))
                root = (target / input.job.scan.path).resolve()
                if not root.is_relative_to(target.resolve()) or not root.exists():
                    raise SluicewayError("SLW851", f"there is no '{input.job.scan.path}' to scan in the checkout")
                reports = await self._tools(input.job, root, folder, key)
        except SluicewayError as broken:
            result = JobResult(Status.FAILED, str(broken), failure_of(broken), attempt=input.attempt)
            self._record(input, "failed", serial.dump(result).decode(), (started, time.time()))
            return result
        finally:
            shutil.rmtree(folder, ignore_errors=True)
        report = _without(ScanReport(tuple(reports)), input.job.scan.exclude)
        try:
            result = await patiently(partial(self.result_of, report))
        except SluicewayError as broken:
            result = JobResult(Status.FAILED, str(broken), failure_of(broken))
        result = replace(result, attempt=input.attempt, seconds=round(time.time() - started, 3))
        self._record(input, str(result.status), serial.dump(result).decode(), (started, time.time()))
        return result

    def _prepare(self, input: JobInput, folder: Path) -> None:
        shutil.rmtree(folder, ignore_errors=True)
        (folder / "workspace").mkdir(parents=True)
        if input.source.repo:
            self.mirrors.checkout(input.source.repo, input.source.commit, folder / "workspace")

    async def _tools(self, job: Job, root: Path, folder: Path, key: str) -> list[ToolReport]:
        assert job.scan is not None
        async with _heartbeat():
            return await asyncio.gather(
                *(self._tool(name, root, folder / name, key, job.run_timeout_s) for name in job.scan.tools)
            )

    async def _tool(self, name: str, root: Path, scratch: Path, key: str, timeout_s: float) -> ToolReport:
        scanner = self.scanners.get(name)
        if scanner is None:
            return ToolReport(name, ScanState.FAILED, reason=f"{name} is not configured")
        (scratch / "home").mkdir(parents=True)
        (scratch / "cwd").mkdir()
        started = time.monotonic()
        try:
            completed = await scanner.run(root, scratch, f"{key}-{name}", timeout_s)
        except OSError as missing:
            why = f"it cannot be started ({missing.strerror or missing}); run make setup"
            return ToolReport(name, ScanState.FAILED, reason=why)
        seconds = round(time.monotonic() - started, 3)
        output = await patiently(partial(self.store.put, completed.output))
        if completed.timed_out:
            return ToolReport(
                name, ScanState.FAILED, reason=f"not done after {timeout_s:g} s", seconds=seconds, output=output
            )
        try:
            found = await asyncio.to_thread(scanner.parse, root, scratch, completed)
        except (ScannerFailed, ValueError, KeyError, TypeError, AttributeError, OSError) as broken:
            why = f"exit code {completed.exit_code}, and no readable report: {type(broken).__name__}: {broken}"[:500]
            return ToolReport(name, ScanState.FAILED, reason=why, seconds=seconds, output=output)
        looked = f"{found.files_scanned} files"
        return ToolReport(
            name, ScanState.COMPLETE, found.version, looked, found.findings, found.files_scanned, seconds, output
        )

    def result_of(self, report: ScanReport) -> JobResult:
        counts = counted(report.findings)
        digest = self.store.put(serial.dump(report))
        document = self.store.put(json.dumps(sarif.document(report), indent=1).encode())
        outputs = {"findings": len(report.findings)}
        if report.failed:
            why = "; ".join(f"{tool.tool}: {tool.reason}" for tool in report.failed)
            return JobResult(
                Status.FAILED,
                why[:1000],
                Failure.CHECK,
                outputs=outputs,
                artifacts={"sarif": document},
                report=digest,
                counts=counts,
            )
        found = ", ".join(f"{number} {severity}" for severity, number in counts.items()) or "no findings"
        tools = ", ".join(f"{tool.tool} {tool.version}" for tool in report.tools)
        return JobResult(
            Status.PASSED,
            f"{found} ({tools})",
            outputs=outputs,
            artifacts={"sarif": document},
            report=digest,
            counts=counts,
        )

    @activity.defn(name="gate")
    async def gate(self, input: JobInput) -> JobResult:
        return await asyncio.to_thread(self._gate, input)

    def _gate(self, input: JobInput) -> JobResult:
        """Reads the reports and lets domain.gate decide. A report that cannot be read closes the gate."""
        assert input.job.gate is not None
        started = time.time()
        reports: dict[str, ScanReport | None] = {}
        for job, digest in input.reports.items():
            try:
                reports[job] = serial.load(ScanReport, self.store.get(digest))
            except SluicewayError as broken:
                if broken.code in PASSING:
                    raise of_store(broken) from broken
                reports[job] = None
            except ValueError:
                reports[job] = None
        verdict = judge(input.job.gate, reports)
        status = Status.PASSED if verdict.passed else Status.FAILED
        failure = Failure.NONE if verdict.passed else Failure.CHECK
        result = JobResult(
            status,
            verdict.reasons[0][:1000],
            failure,
            report=self.store.put(serial.dump(verdict)),
            counts=dict(verdict.counted),
            attempt=input.attempt,
            seconds=round(time.time() - started, 3),
        )
        self._record(input, str(status), serial.dump(result).decode(), (started, time.time()))
        return result

    def _record(self, input: JobInput, status: str, result: str, span: tuple[float, float | None]) -> None:
        job = input.job
        self.records.job(input.run, job.id, input.attempt, str(job.kind), job.stage, status, result, span)


def _without(report: ScanReport, patterns: tuple[str, ...]) -> ScanReport:
    if not patterns:
        return report
    return ScanReport(
        tuple(
            replace(tool, findings=tuple(x for x in tool.findings if not globs.matches(x.path, patterns)))
            for tool in report.tools
        )
    )


class _heartbeat:  # noqa: N801  (reads as a word where it is used)
    """Heartbeats while the body runs, so that a cancel arrives and a dead worker is noticed."""

    async def __aenter__(self) -> None:
        self._task = asyncio.create_task(self._beat())

    async def __aexit__(self, *_: object) -> None:
        self._task.cancel()

    async def _beat(self) -> None:
        while True:
            activity.heartbeat()
            await asyncio.sleep(HEARTBEAT_S)
