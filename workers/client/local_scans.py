"""Scans without a server: the pipeline's scanners, and the verdict of a gate."""

from __future__ import annotations

import asyncio
import hashlib
import json
import tempfile
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING

from activities.scans.merge import compare_with_baseline, suppressed
from activities.scans.port import Scanner
from activities.scans.running.local_scan import LocalScan, ScanOptions, from_file
from activities.scans.running.progress import Progress
from activities.scans.running.scan_runner import listing
from activities.scans.subject import subject_of
from activities.source import git
from domain.core.errors import SluicewayError
from domain.scans import gate
from domain.scans.findings import vex
from domain.scans.findings.model import Finding, ScanReport, ScanState
from domain.scans.findings.remarks import unsearched
from domain.scans.findings.suppressions import FILE, Suppression
from domain.scans.gate import GateVerdict
from domain.scans.spec import GateSpec
from workers.client.scanner_names import CLUSTER_TOOLS, IMAGE_TOOLS, OPTIONAL, REMOTE_TOOLS, ROOT_TOOLS, TOOLS
from workers.core.settings import Settings

if TYPE_CHECKING:
    from activities.supply_chain.attestations import Attestor


@dataclass(frozen=True, kw_only=True)
class ScanRequest:
    """What to scan, and the policy."""

    path: Path
    kind: str
    """process, remote, image, name (of an image in the local daemon), cluster or folder."""
    wanted: ScanOptions
    baseline: str
    """A commit, or a file of findings; empty: all findings count."""
    vex: tuple[Path, ...]
    fail_on: str
    namespace: str
    """Namespaces of a cluster; empty: all."""


@dataclass
class Documents:
    """Other outputs of scanners, such as SBOMs."""

    by_digest: dict[str, bytes] = field(default_factory=dict)

    async def keep(self, data: bytes) -> str:
        """Keeps an output; returns its digest."""
        digest = hashlib.sha256(data).hexdigest()
        self.by_digest[digest] = data
        return digest


@dataclass(frozen=True)
class LocalScanning:
    """Created by the wiring, which knows the scanners."""

    local: LocalScan
    adapters: Mapping[str, Scanner]
    documents: Documents
    attestor: Callable[[], Attestor]
    settings: Settings
    progress: Progress

    async def scan(self, asked: ScanRequest) -> tuple[ScanReport, GateVerdict]:
        """The findings and the verdict.

        Raises:
            SluicewayError: the target cannot be read, or SLW855, a statements file is not OpenVEX.
        """
        known = await asyncio.to_thread(_known, asked)
        if asked.kind == "cluster":
            report = await self._cluster(str(asked.path), asked.wanted, asked.namespace)
        else:
            report = await self._one(asked.path, asked.wanted, asked.kind)
        report = await self._compared(report, asked, known)
        report = suppressed(report, _suppressions(asked.path), datetime.fromtimestamp(time.time(), UTC).date())
        report = replace(report, merged=vex.apply(report.findings, _vex(_reviewed(asked.path, asked.vex))))
        nothing_ran = all(one.state is ScanState.SKIPPED for one in report.tools if one.inventory is None)
        spec = GateSpec(
            fail_on=asked.fail_on, new_only=bool(asked.baseline), skipped="block" if nothing_ran else "allow"
        )
        verdict = gate.judge(spec, {gate.HERE: report})
        said = f"{'passed' if verdict.passed else 'failed'}: {verdict.reasons[0]}"
        beside = unsearched(report)  # no reason of the verdict; each format has it as a remark
        verdict = replace(verdict, reasons=tuple(one for one in verdict.reasons if one not in beside))
        report = replace(report, verdict=said, reasons=verdict.reasons)
        if asked.kind == "folder":
            subject, prefix = await asyncio.to_thread(subject_of, asked.path, time.time())
            report = replace(report, subject=subject, prefix=prefix)
        return report, verdict

    async def _compared(self, report: ScanReport, asked: ScanRequest, before: Sequence[Finding] | None) -> ScanReport:
        """With new, existing and fixed findings since the baseline; `before`: those of a file."""
        if not asked.baseline:
            return report
        if before is None:
            wanted = replace(asked.wanted, tools=tuple(one.tool for one in report.tools if one.inventory is None))
            before = (await self.local.of_commit(asked.path, asked.baseline, wanted)).findings
        return compare_with_baseline(report, before, asked.baseline, listing(asked.path))

    async def _cluster(self, name: str, wanted: ScanOptions, namespace: str) -> ScanReport:
        """Scans exported objects, and compares running images with the ones scanned here."""
        from activities.kubernetes.client import Kube
        from activities.kubernetes.discovery import discovery
        from activities.kubernetes.kubeconfigs import AddressBook
        from activities.scans import cluster_export

        kube = Kube(AddressBook(self.settings.addresses).find(name), discovery(self.settings.clusters, name))
        with tempfile.TemporaryDirectory(prefix="sluiceway-cluster-") as folder:
            count = cluster_export.export(kube, Path(folder), namespace)
            self.progress.said(f"{count} objects of {name}")
            report = await self.local.scan(Path(folder), replace(wanted, tools=CLUSTER_TOOLS, everything=True))
        drifted = cluster_export.drift(kube, cluster_export.signed_here(self.attestor()), namespace)
        return replace(report, notes=(*report.notes, *drifted))

    async def _one(self, path: Path, wanted: ScanOptions, kind: str) -> ScanReport:
        match kind:
            case "process":
                return await self.local.process(int(str(path)), replace(wanted, tools=ROOT_TOOLS))
            case "remote":
                return await self.local.remote_image(str(path), replace(wanted, tools=REMOTE_TOOLS))
            case "image":
                return await self.local.image(path, replace(wanted, tools=IMAGE_TOOLS))
            case "name":
                return await self._named(str(path), replace(wanted, tools=IMAGE_TOOLS))
            case _:
                tools = wanted.tools or (*TOOLS, *self._present(path))
                return await self.local.scan(path, replace(wanted, tools=tools))

    async def _named(self, name: str, wanted: ScanOptions) -> ScanReport:
        try:
            return await self.local.saved_image(name, wanted)
        except SluicewayError as failed:
            why = f"there is no file or folder '{name}', and it cannot be looked up as an image: {failed.what}"
            fix = "name a path that exists; for an image start Docker, or give --registry"
            raise SluicewayError("SLW851", "nothing to scan", where=name, why=why, fix=fix) from failed

    def _present(self, path: Path) -> list[str]:
        """Installed optional scanners that support this target."""
        wanted = {"gitleaks": (path / ".git").exists(), "govulncheck": (path / "go.mod").exists()}
        return [name for name in OPTIONAL if wanted[name] and not self.adapters[name].absent()]


def _known(asked: ScanRequest) -> list[Finding] | None:
    """The findings of a baseline in a file; None: there is none, or it is a commit.

    Asked before the scan, as is what the commits are: nobody wants to learn it minutes later.

    Raises:
        SluicewayError: SLW853, the baseline is neither a report of ours nor a commit; SLW893, no such commit.
    """
    if asked.wanted.changed and (why := _no_commit(asked.path, asked.wanted.changed)):
        raise SluicewayError("SLW893", f"'{asked.wanted.changed}' is no commit here", where=str(asked.path), why=why)
    if not asked.baseline:
        return None
    if Path(asked.baseline).is_file():
        return from_file(Path(asked.baseline))
    why = "it is a folder" if Path(asked.baseline).is_dir() else _no_commit(asked.path, asked.baseline)
    if why:
        what = f"the baseline '{asked.baseline}' is neither a file nor a commit here"
        fix = "name a commit or a branch, or write a file first: sluiceway scan --format json -o FILE"
        raise SluicewayError("SLW853", what, where=str(asked.path), why=why, fix=fix)
    return None


def _no_commit(path: Path, name: str) -> str:
    """Why a name is no commit of the repository that a path is in; empty: it is one."""
    try:
        top = git.top(path if path.is_dir() else path.parent)
    except SluicewayError:
        return f"{path.resolve()} is in no git repository"
    try:
        git.resolve(top, name)
    except SluicewayError:
        return f"the repository {top} has no commit, branch or tag of this name"
    return ""


def _reviewed(path: Path, given: tuple[Path, ...]) -> tuple[Path, ...]:
    """The given files, and the one in the root of the target."""
    return (*given, path / vex.FILE) if (path / vex.FILE).is_file() else given


def _vex(paths: tuple[Path, ...]) -> list[vex.Statement]:
    """The OpenVEX statements.

    Raises:
        SluicewayError: SLW855, a file is not an OpenVEX document.
    """
    found: list[vex.Statement] = []
    for path in paths:
        try:
            found += vex.read(json.loads(path.read_bytes()))
        except (OSError, ValueError, TypeError, RecursionError) as wrong:
            raise SluicewayError("SLW855", "the statements cannot be read", where=str(path), why=str(wrong)) from wrong
    return found


def _suppressions(path: Path) -> tuple[Suppression, ...]:
    """The suppressions in the root of the target.

    Raises:
        InvalidDefinitionError: the file breaks a rule.
    """
    file = path / FILE
    if not file.is_file():
        return ()
    from pipeline_defs.documents import check
    from pipeline_defs.scans.suppressions import suppressions_of

    return suppressions_of(check(file.read_bytes(), str(file), lambda name: None).valid())
