"""Scans: the port, and the activity that runs several scanners side by side over one clean checkout."""

from __future__ import annotations

import asyncio
import shutil
import time
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field, replace
from functools import partial
from pathlib import Path
from typing import Any

from temporalio import activity

from activities.core import serialization as serial
from activities.core.cancellation import CancellationToken, Heartbeat
from activities.core.errors import as_failure
from activities.core.retry import retry_while_unavailable
from activities.docker import images
from activities.jobs.capacity import WorkerRoom, measured
from activities.jobs.directories import Places
from activities.jobs.failures import failure_of
from activities.jobs.port import JobInput, Told
from activities.scans import port
from activities.scans.baselines import PULLED, Baselines, Scanned
from activities.scans.formats import sarif, sarif_reader
from activities.scans.merge import against, placed, together
from activities.scans.port import History, ResultCache, Scanner, Target
from activities.scans.scan_runner import Scanning, listing
from activities.scans.suppressions import Answers, ReadSuppressions
from activities.source import git
from activities.source.git import Mirrors
from activities.storage import artifacts
from activities.storage.port import Store
from activities.storage.records import Records
from activities.supply_chain.attestations import Attestor
from domain.core import globs
from domain.core import ids as keys
from domain.core.errors import SluicewayError
from domain.jobs.result import Failure, JobResult, Status
from domain.pipelines.job import Job
from domain.scans.findings import risk
from domain.scans.findings.baseline import dated
from domain.scans.findings.model import ScanReport, ScanState, ToolReport
from domain.scans.findings.model import counts as counted
from domain.scans.findings.risk import Risk
from domain.scans.gate import Matches, judge
from domain.supply_chain import attestation
from domain.triggers.events import EventKind

IMPORTS = "imports"


IMAGE = "image"


@dataclass(frozen=True)
class Look:
    """What a scan job looks at, and with what."""

    target: Target
    tools: tuple[str, ...]
    scanners: Mapping[str, Scanner]
    images: dict[str, str] = field(default_factory=dict)


@dataclass
class ScanActivities(port.ScanActivities):
    places: Places
    store: Store
    records: Records
    mirrors: Mirrors
    scanners: Mapping[str, Scanner] = field(default_factory=dict)
    room: WorkerRoom = field(default_factory=lambda: WorkerRoom(measured()))
    baselines: Baselines | None = None
    matches: Matches | None = None
    attestor: Attestor | None = None
    suppressions: ReadSuppressions = field(default=lambda data, name: ())
    image_scanners: Mapping[str, Scanner] = field(default_factory=dict)
    cache: ResultCache | None = None
    risks: Callable[[Iterable[str]], Mapping[str, Risk]] = field(default=lambda names: {})

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
                token = CancellationToken()
                look = await retry_while_unavailable(partial(self._prepare, input, folder, token.report), token=token)
                reports = await self._tools(look, input.job, folder, key)
                imported = await asyncio.to_thread(_imported, input.job.scan.sarif, (target, folder / IMPORTS))
                reports += await asyncio.to_thread(placed, imported, look.target.root)
                there = await asyncio.to_thread(listing, look.target.root)
        except SluicewayError as broken:
            result = JobResult(Status.FAILED, str(broken), failure_of(broken), attempt=input.attempt)
            self._record(input, "failed", serial.dump(result).decode(), (started, time.time()))
            return result
        finally:
            shutil.rmtree(folder, ignore_errors=True)
        try:
            report = replace(
                await retry_while_unavailable(partial(self._report, input, reports, there)), images=look.images
            )
            result = await retry_while_unavailable(partial(self.result_of, report))
            await retry_while_unavailable(partial(self._sign, input, report, result.report))
        except SluicewayError as broken:
            result = JobResult(Status.FAILED, str(broken), failure_of(broken))
        result = replace(result, attempt=input.attempt, seconds=round(time.time() - started, 3))
        self._record(input, str(result.status), serial.dump(result).decode(), (started, time.time()))
        return result

    def _prepare(self, input: JobInput, folder: Path, told: Told) -> Look:
        """What is to be looked at: a path of the checkout, or an image out of the daemon."""
        assert input.job.scan is not None
        shutil.rmtree(folder, ignore_errors=True)
        (folder / "workspace").mkdir(parents=True)
        if input.source.repo:
            self.mirrors.checkout(input.source.repo, input.source.commit, folder / "workspace")
        for digest in input.artifacts.values():  # beside the code: what a job has made is not scanned
            artifacts.unpack(self.store, digest, folder / IMPORTS)
        spec = input.job.scan
        if spec.image:
            (folder / IMAGE).mkdir()
            found = images.save(spec.image, folder / IMAGE / "image.tar", "missing", told)
            target = Target((folder / IMAGE / "image.tar").resolve(), found.id)
            return Look(target, tuple(self.image_scanners), self.image_scanners, found.digests)
        workspace = (folder / "workspace").resolve()
        root = (workspace / spec.path).resolve()
        if not root.is_relative_to(workspace) or not root.exists():
            raise SluicewayError("SLW851", f"there is no '{spec.path}' to scan in the checkout")
        digest = f"{input.source.commit} {spec.path}" if input.source.commit else ""
        history = self._history(input, folder) if root == workspace else None
        return Look(Target(root, digest, history), spec.tools, self.scanners)

    def _history(self, input: JobInput, folder: Path) -> History | None:
        if not input.source.repo:
            return None
        mirror, commit = self.mirrors.path(input.source.repo), input.source.commit
        return History(git.history(mirror, commit, folder / "history.git"), commit)

    async def _tools(self, look: Look, job: Job, folder: Path, key: str) -> list[ToolReport]:
        scanning = Scanning(look.scanners, self._keep, self.cache)
        async with Heartbeat() as heartbeat:
            return await scanning.scan(
                look.tools, look.target, folder / "tools", key, job.run_timeout_s, heartbeat.report
            )

    def _sign(self, input: JobInput, report: ScanReport, digest: str) -> None:
        """Signs the report; for an image also under what the image is known by, with its bill of materials."""
        self._attest(input, input.job.id, attestation.SCAN, digest, attestation.basis(report), report.images)

    async def _keep(self, output: bytes) -> str:
        return await retry_while_unavailable(partial(self.store.put, output))

    def _report(self, input: JobInput, reports: list[ToolReport], there: set[str]) -> ScanReport:
        """Put together, compared with the baseline, and without what somebody answers for."""
        assert input.job.scan is not None
        report = together(reports, input.job.scan.exclude)
        if self.baselines and input.repo:
            before, words = self.baselines.of(_scanned(input, input.job.id))
            if before is None:
                report = replace(report, notes=(*report.notes, f"no baseline: {words}"))
            else:
                report = against(report, before.findings, words, there)
        rated = risk.rated(report.findings, self.risks(risk.names(report.findings)))
        report = replace(report, merged=tuple(dated(rated, time.time())))
        return self._answered(input, report)

    def _answered(self, input: JobInput, report: ScanReport, *, fresh: bool = False) -> ScanReport:
        if not input.source.repo:
            return report
        return Answers(self.mirrors, self.suppressions).applied(report, input.repo, fresh=fresh)

    def result_of(self, report: ScanReport) -> JobResult:
        counts = counted(report.findings)
        digest = self.store.put(serial.dump(report))
        documents = {"sarif": self.store.put(sarif.write(report).encode())}
        documents |= {name: digest for tool in report.tools for name, digest in tool.documents.items()}
        outputs = {"findings": len(report.findings)}
        if report.failed:
            why = "; ".join(f"{tool.tool}: {tool.reason}" for tool in report.failed)
            return JobResult(
                Status.FAILED,
                why[:1000],
                Failure.CHECK,
                outputs=outputs,
                artifacts=documents,
                report=digest,
                counts=counts,
            )
        found = ", ".join(f"{number} {severity}" for severity, number in counts.items()) or "no findings"
        tools = ", ".join(f"{tool.tool} {tool.version}" for tool in report.tools)
        return JobResult(
            Status.PASSED,
            f"{found} ({tools})",
            outputs=outputs,
            artifacts=documents,
            report=digest,
            counts=counts,
        )

    @activity.defn(name="gate")
    async def gate(self, input: JobInput) -> JobResult:
        return await asyncio.to_thread(self._gate, input)

    def _gate(self, input: JobInput) -> JobResult:
        """Reads the reports and lets domain.scans.gate decide. A report that cannot be read closes the gate."""
        assert input.job.gate is not None
        started = time.time()
        reports, why = self._believed(input)
        if input.job.gate.hold:  # it is judged again and again, by what people have said meanwhile
            reports = {job: report and self._answered(input, report, fresh=True) for job, report in reports.items()}
        verdict = judge(input.job.gate, reports, started, self.matches, why, input.job.environment)
        if verdict.passed:
            self._remember(input)
        status = Status.PASSED if verdict.passed else Status.FAILED
        failure = Failure.NONE if verdict.passed else Failure.CHECK
        kept = self.store.put(serial.dump(verdict))
        said = {"passed": verdict.passed, "reason": verdict.reasons[0], "reports": dict(input.reports)}
        judged = {name: one for report in reports.values() if report for name, one in report.images.items()}
        self._attest(input, input.job.id, attestation.GATE, kept, said, judged)
        result = JobResult(
            status,
            verdict.reasons[0][:1000],
            failure,
            report=kept,
            counts=dict(verdict.counted),
            attempt=input.attempt,
            seconds=round(time.time() - started, 3),
        )
        held = input.job.gate.hold is not None and not verdict.passed  # how it ends, the run says
        span = (started, None if held else time.time())
        self._record(input, "running" if held else str(status), serial.dump(result).decode(), span)
        return result

    def _believed(self, input: JobInput) -> tuple[dict[str, ScanReport | None], dict[str, str]]:
        """Reports that can be read and that this installation has signed for this commit; and why others are not."""
        reports: dict[str, ScanReport | None] = {}
        why: dict[str, str] = {}
        for job, digest in input.reports.items():
            reports[job] = None
            try:
                if digest and (wrong := self._complaint(input, job, digest)):
                    why[job] = f"is not believed: {wrong}"
                    continue
                reports[job] = serial.load(ScanReport, self.store.get(digest))
            except SluicewayError as broken:
                if broken.transient:
                    raise as_failure(broken) from broken
            except ValueError:
                continue
        return reports, why

    def _complaint(self, input: JobInput, job: str, digest: str) -> str:
        if self.attestor is None:
            return ""
        return self.attestor.complaint(attestation.SCAN, digest, _bound(input, job))

    def _attest(
        self,
        input: JobInput,
        job: str,
        kind: str,
        digest: str,
        predicate: Mapping[str, Any],
        known: Mapping[str, str],
    ) -> None:
        if self.attestor is not None:
            said = {**_bound(input, job), "run": input.run, "made_at": time.time(), **predicate}
            self.attestor.attest(kind, {"object": digest, **known}, said)

    def _remember(self, input: JobInput) -> None:
        """What has passed on the default branch is what later scans are compared with."""
        if self.baselines is None or input.source.repo != input.repo:
            return
        kind, branch = EventKind(input.env.get("SLUICEWAY_EVENT", PULLED)), input.env.get("SLUICEWAY_BRANCH", "")
        for job, digest in input.reports.items():
            if digest:
                self.baselines.keep(_scanned(input, job), kind, branch, input.run, input.source.commit, digest)

    def _record(self, input: JobInput, status: str, result: str, span: tuple[float, float | None]) -> None:
        job = input.job
        self.records.job(input.run, job.id, input.attempt, str(job.kind), job.stage, status, result, span)


def _imported(patterns: tuple[str, ...], folders: tuple[Path, ...]) -> list[ToolReport]:
    """Reports of other tools. A pattern that matches nothing is a report that has failed."""
    reports: list[ToolReport] = []
    for pattern in patterns:
        found = [
            (folder, name)
            for folder in folders
            for name in sorted(artifacts.files_in(folder))
            if globs.matches(name, (pattern,)) and not (folder / name).is_symlink()
        ]
        if not found:
            reports.append(ToolReport("sarif", ScanState.FAILED, reason=f"no file matches {pattern}"))
        for folder, name in found:
            data = (folder / name).read_bytes() if (folder / name).stat().st_size <= sarif_reader.MAX_BYTES else b""
            reports += sarif_reader.read(data, name)
    return reports


def _bound(input: JobInput, job: str) -> dict[str, str]:
    """What a report belongs to: it is of no use for another commit, pipeline or job."""
    return {"pipeline": keys.split_run(input.run)[0], "job": job, "commit": input.source.commit}


def _scanned(input: JobInput, job: str) -> Scanned:
    return Scanned(keys.split_run(input.run)[0], input.repo, job)
