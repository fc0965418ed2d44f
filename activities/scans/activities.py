"""The activity of a scan job: several scanners in parallel over one clean checkout, or over one image."""

from __future__ import annotations

import asyncio
import posixpath
import time
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field, replace
from functools import partial
from pathlib import Path

from temporalio import activity

from activities.core import serialization as serial
from activities.core.cancellation import CancellationToken, Heartbeat
from activities.core.files import remove_tree
from activities.core.retry import retry_while_unavailable
from activities.docker import images
from activities.jobs.capacity import WorkerCapacity, measured
from activities.jobs.directories import JobDirectories
from activities.jobs.event import event_of, push_of, secret_use
from activities.jobs.failures import failure_of
from activities.jobs.port import JobInput, JobRecords, ProgressCallback
from activities.scans import port
from activities.scans.baselines.branches import default_branch
from activities.scans.baselines.known_findings import KnownFindings
from activities.scans.evidence import ScanEvidence
from activities.scans.formats import sarif, sarif_reader
from activities.scans.merge import locate, merge_reports
from activities.scans.port import History, ResultCache, Scanner, Target
from activities.scans.running.progress import Lines
from activities.scans.running.scan_runner import Scanning, listing
from activities.scans.running.unit_cache import UnitCache
from activities.scans.suppressions import comments
from activities.scans.suppressions.suppression_approval import IdentityOf
from activities.scans.suppressions.suppressions import AcceptedRisks, ReadSuppressions
from activities.secrets.broker import Broker, closed
from activities.source import git
from activities.source.checkouts import check_out
from activities.source.mirrors import Mirrors
from activities.storage import artifacts
from activities.storage.port import Store
from activities.supervisor import tree
from activities.supply_chain.attestations import Attestor
from activities.supply_chain.pulled import pulled
from activities.supply_chain.registry_access import Credentials, RegistryAccess
from domain.core import globs, workspace_patterns
from domain.core import ids as keys
from domain.core.errors import RefusedError, SluicewayError
from domain.core.masking import Masker
from domain.jobs.result import Failure, JobResult, Status
from domain.pipelines import cache
from domain.pipelines.job import Job
from domain.policy.policy import PolicyFor, Push
from domain.scans.files.model import Entry, FileKind
from domain.scans.findings import risk
from domain.scans.findings.baseline import dated
from domain.scans.findings.model import ScanReport, ScanState, ToolReport, told
from domain.scans.findings.model import counts as counted
from domain.scans.findings.risk import Risk
from domain.scans.least_gate import WHOLE
from domain.scans.units import UnitScopes
from domain.supply_chain import attestation

IMPORTS = "imports"
IMAGE = "image"


@dataclass(frozen=True)
class ScanPlan:
    """Target and scanners of a scan job."""

    target: Target
    tools: tuple[str, ...]
    scanners: Mapping[str, Scanner]
    images: dict[str, str] = field(default_factory=dict)


@dataclass(kw_only=True)
class ScanActivities(port.ScanActivities):
    """Waits for capacity on its worker. `risks`: risk data of vulnerabilities by id."""

    places: JobDirectories
    store: Store
    records: JobRecords
    mirrors: Mirrors
    scanners: Mapping[str, Scanner] = field(default_factory=dict)
    room: WorkerCapacity = field(default_factory=lambda: WorkerCapacity(measured()))
    known: KnownFindings | None = None
    secrets: Broker = field(default_factory=closed)
    registries: RegistryAccess = RegistryAccess()
    attestor: Attestor | None = None
    suppressions: ReadSuppressions = field(default=lambda data, name: ())
    image_scanners: Mapping[str, Scanner] = field(default_factory=dict)
    cache: ResultCache | None = None
    units: UnitCache | None = None
    """What scanners have said of files, by branch; without it each scan is of everything."""
    risks: Callable[[Iterable[str]], Mapping[str, Risk]] = field(default=lambda names: {})
    identity_of: IdentityOf = field(default=lambda name: None)
    policies: Callable[[Push], PolicyFor] = PolicyFor

    @activity.defn(name="scan")
    async def scan(self, input: JobInput) -> JobResult:
        """Runs all scanners of the job in parallel. Findings are not failures: a gate judges them."""
        assert input.job.scan is not None
        started = time.time()
        self._record(input, "running", "{}", (started, None))
        # an attempt that wakes from a pause clears its own folder and processes, not those of the one that took over
        key = f"{keys.job_key(input.run, input.job.id, input.attempt)}.{activity.info().attempt}"
        folder = self.places.jobs / key
        target = folder / "workspace"
        try:
            async with self.room.held(key, input.job):
                token = CancellationToken()
                look = await retry_while_unavailable(partial(self._prepare, input, folder, token.report), token=token)
                reports = await self._tools(look, input.job, folder, key)
                imported = await asyncio.to_thread(
                    _imported, input.job.scan.sarif, (target, folder / IMPORTS), look.target.root
                )
                reports += await asyncio.to_thread(locate, imported, look.target.root)
                if input.job.secrets:
                    reports = await asyncio.to_thread(_masked, reports, self.secrets.masker(input.job.secrets))
                there = await asyncio.to_thread(listing, look.target.root)
        except SluicewayError as broken:
            result = JobResult(Status.FAILED, str(broken), failure_of(broken), attempt=input.attempt)
            self._record(input, "failed", serial.dump(result).decode(), (started, time.time()))
            return result
        finally:
            self._clear(folder)
        try:
            report = replace(
                await retry_while_unavailable(partial(self._report, input, reports, there)), images=look.images
            )
            result = await retry_while_unavailable(partial(self.result_of, report))
            result = await retry_while_unavailable(partial(comments.added, self.store, input, result, [report]))
            await retry_while_unavailable(partial(self._sign, input, report, result.report))
            if self.known:
                await retry_while_unavailable(partial(self.known.remember, input, report, result.report))
        except SluicewayError as broken:
            result = JobResult(Status.FAILED, str(broken), failure_of(broken))
        result = replace(result, attempt=input.attempt, seconds=round(time.time() - started, 3))
        self._record(input, str(result.status), serial.dump(result).decode(), (started, time.time()))
        return result

    def _clear(self, folder: Path) -> None:
        """Removes the attempt's folder, and those of attempts before it, whose worker may have been killed."""
        job, _, attempt = folder.name.partition(".")
        for number in range(1, int(attempt) + 1):
            remove_tree(self.places.jobs / f"{job}.{number}")

    def _prepare(self, input: JobInput, folder: Path, told: ProgressCallback) -> ScanPlan:
        """The target: a path of the checkout, or an image saved from the daemon."""
        assert input.job.scan is not None
        remove_tree(folder)
        (folder / "workspace").mkdir(parents=True)
        if input.source.repo:
            source = input.source
            for note in check_out(self.mirrors, source.repo, source.commit, folder / "workspace", input.job.checkout):
                told(note)
        for digest in input.artifacts.values():  # outside the source, so that generated files are not scanned
            artifacts.unpack(self.store, digest, folder / IMPORTS)
        spec = input.job.scan
        if spec.image:
            file = folder / IMAGE / "image.tar"
            file.parent.mkdir()
            found = pulled(
                *(spec.image, self.registries, lambda: self._login(input, told)),
                lambda pull, login: images.save(spec.image, file, pull, told, login),
            )
            target = Target(file.resolve(), found.id, source=False)
            return ScanPlan(target, tuple(self.image_scanners), self.image_scanners, found.digests)
        workspace = (folder / "workspace").resolve()
        root = (workspace / spec.path).resolve()
        if not root.is_relative_to(workspace) or not root.exists():
            raise SluicewayError("SLW851", f"'{spec.path}' does not exist in the checkout")
        digest = f"{input.source.commit} {spec.path}" if input.source.commit else ""
        history = self._history(input, folder) if root == workspace else None
        absent, scopes = self._absent(input, root, workspace), _scopes(input, spec.path)
        target = Target(root, digest, history, absent=absent, exclude=spec.exclude, scopes=scopes)
        return ScanPlan(target, spec.tools, self.scanners)

    def _login(self, input: JobInput, told: ProgressCallback) -> Credentials | None:
        """Of the image's registry; None: there is none, or not for this run, which may still scan what is public."""
        assert input.job.scan is not None
        try:
            return self.registries.credentials(input.job.scan.image, secret_use(input))
        except RefusedError as refused:
            told(f"pulls without a login: {refused.what}")
            return None

    def _absent(self, input: JobInput, root: Path, workspace: Path) -> tuple[Entry, ...]:
        """Submodules below the root that the checkout left out."""
        known = self.mirrors.contents.get((input.source.repo, input.source.commit))
        inside = "" if root == workspace else f"{root.relative_to(workspace).as_posix()}/"
        paths = {path.removeprefix(inside) for path, _ in known.links if path.startswith(inside)} if known else set()
        left_out = (path for path in sorted(paths) if not any((root / path).glob("*")))
        return tuple(Entry(path, FileKind.SUBMODULE) for path in left_out)

    def _history(self, input: JobInput, folder: Path) -> History | None:
        if not input.source.repo:
            return None
        mirror, commit = self.mirrors.path(input.source.repo), input.source.commit
        return History(git.history(mirror, commit, folder / "history.git"), commit)

    async def _tools(self, look: ScanPlan, job: Job, folder: Path, key: str) -> list[ToolReport]:
        scanning = Scanning(look.scanners, self._keep, self.cache, self.units)
        async with Heartbeat() as heartbeat:
            return await scanning.scan_whole(
                look.tools,
                look.target,
                folder / "tools",
                tree.mark(key, str(folder)),
                job.run_timeout_s,
                Lines(heartbeat.report),
            )

    def _sign(self, input: JobInput, report: ScanReport, digest: str) -> None:
        """Signs the report; for an image also under the image's digests, with its SBOM."""
        self._evidence.attest(input, attestation.SCAN, digest, attestation.basis(report), report.images)

    async def _keep(self, output: bytes) -> str:
        return await retry_while_unavailable(partial(self.store.put, output))

    def _report(self, input: JobInput, reports: list[ToolReport], there: set[str]) -> ScanReport:
        """Merges, compares with the baseline, and applies suppressions."""
        assert input.job.scan is not None
        spec = input.job.scan
        report = merge_reports(reports, spec.exclude)
        report = replace(report, exclude=spec.exclude, path=WHOLE if spec.image else posixpath.normpath(spec.path))
        report = self.known.compared(input, report, there) if self.known else report
        report = replace(report, merged=risk.rated(report.findings, self.risks(risk.names(report.findings))))
        report = self._answered(input, report)
        return self.known.told(input, report) if self.known else _dated(report, input.source.commit)

    def _answered(self, input: JobInput, report: ScanReport) -> ScanReport:
        if not input.source.repo:
            return report
        answers = AcceptedRisks(self.mirrors, self.suppressions, self.identity_of)
        return answers.applied(report, input.repo, event_of(input), self.policies(push_of(input)).suppressions)

    def result_of(self, report: ScanReport) -> JobResult:
        """Stores the report and its SARIF; fails if a scanner failed, since the result is incomplete."""
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

    def _record(self, input: JobInput, status: str, result: str, span: tuple[float, float | None]) -> None:
        self._evidence.record(input, status, result, span)

    @property
    def _evidence(self) -> ScanEvidence:
        return ScanEvidence(self.records, self.attestor)


def _scopes(input: JobInput, path: str) -> UnitScopes:
    """As those of caches: nobody reads what a pull request or another branch has left."""
    if not input.repo:
        return UnitScopes()
    event = event_of(input)
    found = cache.scopes(event.kind, event.branch, event.tag, default_branch(input.repo))
    of_repo = f"{input.repo}\0{path}\0"
    return UnitScopes(tuple(of_repo + one for one in found.read), of_repo + found.write if found.write else "")


def _dated(report: ScanReport, commit: str) -> ScanReport:
    return replace(report, merged=tuple(dated(report.findings, time.time(), commit)))


def _masked(reports: Iterable[ToolReport], masker: Masker) -> list[ToolReport]:
    """Other tools report what they saw, and the steps before had secrets."""
    return [
        replace(one, reason=masker.text(one.reason), findings=tuple(told(each, masker.text) for each in one.findings))
        for one in reports
    ]


def _imported(patterns: tuple[str, ...], folders: tuple[Path, ...], checkout: Path) -> list[ToolReport]:
    """Reports of other tools. A pattern without a match is a failed report."""
    reports: list[ToolReport] = []
    for pattern in patterns:
        found = [
            (folder, name)
            for folder in folders
            for name in sorted(artifacts.files_in(folder))
            if globs.matches(name, (workspace_patterns.plain(pattern),)) and not (folder / name).is_symlink()
        ]
        if not found:
            reports.append(ToolReport(tool="sarif", state=ScanState.FAILED, reason=f"no file matches {pattern}"))
        for folder, name in found:
            data = (folder / name).read_bytes() if (folder / name).stat().st_size <= sarif_reader.MAX_BYTES else b""
            reports += sarif_reader.read_apart(data, name, checkout)
    return reports
