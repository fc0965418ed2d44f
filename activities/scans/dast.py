"""DAST before the switch: scans a version at its preview address; a gate judges the findings."""

from __future__ import annotations

import asyncio
import shutil
import tempfile
import time
import uuid
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Protocol

from activities.core import serialization as serial
from activities.core.port import Completed
from activities.scans.merge import merge_reports
from activities.scans.port import ScannerFailed, ScannerResult
from activities.storage.port import Store
from domain.releases.spec import DastSpec
from domain.scans import gate
from domain.scans.findings.model import ScanReport, ScanState, ToolReport
from domain.scans.spec import GateSpec

MODULES = (
    "xss",
    "permanentxss",
    "sql",
    "exec",
    "file",
    "redirect",
    "ssrf",
    "crlf",
    "xxe",
    "http_headers",
    "cookieflags",
)
"""Default attacks: each finds a weakness of the service itself, none needs the internet."""
MAX_NAMED = 5


class DastScanner(Protocol):
    """Scans an address; one scan at a time for each address."""

    name: str

    def absent(self) -> str:
        """Why it cannot be used; empty: it is installed."""
        ...

    def digest(self) -> str:
        """SHA-256 of the installation."""
        ...

    async def run(self, address: str, modules: Sequence[str], scratch: Path, key: str, timeout_s: float) -> Completed:
        """Runs the scan.

        Raises:
            OSError: the tool is missing.
        """
        ...

    def parse(self, address: str, scratch: Path, completed: Completed) -> ScannerResult:
        """Parses the report.

        Raises:
            ScannerFailed: the report is missing or malformed.
        """
        ...


@dataclass(frozen=True)
class DastResult:
    """Whether a version may proceed, and why."""

    good: bool
    words: str
    """The verdict, the deciding findings, and the number of attacks."""
    report: str = ""
    """Digest of the ScanReport in the store."""


class Dast(Protocol):
    """Scans a version before it gets traffic."""

    async def judged(self, address: str, spec: DastSpec) -> DastResult:
        """Scans the address within the limits of the spec. A failed scanner is a verdict too."""
        ...


@dataclass
class GatedDast:
    """The gate judges the findings by the release's own policy."""

    attacker: DastScanner
    store: Store

    async def judged(self, address: str, spec: DastSpec) -> DastResult:
        """Also stores the report, as evidence of the release."""
        report = merge_reports([await self._report(address, spec)])
        digest = await asyncio.to_thread(self.store.put, serial.dump(report))
        rule = GateSpec(fail_on=spec.fail_on, skipped=spec.skipped)
        verdict = gate.judge(rule, {"dast": report}, time.time())
        named = "".join(f"; {one.severity} {one.message}" for one in verdict.blocking[:MAX_NAMED])
        return DastResult(verdict.passed, f"{verdict.reasons[0]}{named} ({_looked(report)})", digest)

    async def _report(self, address: str, spec: DastSpec) -> ToolReport:
        tool = self.attacker
        if absent := tool.absent():
            return ToolReport(tool=tool.name, state=ScanState.SKIPPED, reason=absent)
        scratch = Path(tempfile.mkdtemp(prefix="sluiceway-dast-"))
        try:
            for name in ("home", "cwd", "session"):
                (scratch / name).mkdir()
            return await self._fresh(address, spec, scratch)
        finally:
            shutil.rmtree(scratch, ignore_errors=True)

    async def _fresh(self, address: str, spec: DastSpec, scratch: Path) -> ToolReport:
        tool, started, key = self.attacker, time.monotonic(), f"dast-{uuid.uuid4().hex[:12]}"
        report = ToolReport(tool=tool.name, state=ScanState.FAILED, digests={"tool": tool.digest()})
        try:
            completed = await tool.run(address, spec.modules, scratch, key, spec.timeout_s)
            report = replace(report, seconds=round(time.monotonic() - started, 3))
            if completed.stopped:
                return replace(report, reason=completed.stopped)
            found = await asyncio.to_thread(tool.parse, address, scratch, completed)
        except (ScannerFailed, OSError, ValueError, KeyError, TypeError, AttributeError) as broken:
            return replace(report, reason=f"{type(broken).__name__}: {broken}"[:500])
        return replace(
            report,
            state=ScanState.INCOMPLETE if found.gap() else ScanState.COMPLETE,
            version=found.version,
            reason=found.gap() or f"{found.files_scanned} pages",
            findings=found.findings,
            files_scanned=found.files_scanned,
            files_expected=found.files_expected,
        )


def _looked(report: ScanReport) -> str:
    (tool,) = report.tools
    return f"{tool.tool} {tool.version} tested {tool.files_scanned} pages in {tool.seconds:.0f} s"
