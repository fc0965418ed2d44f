"""trivy over the root file system of a process that runs: what is in a container now, not what its image had."""

from __future__ import annotations

from pathlib import Path

from activities.core.port import Completed
from activities.scans.port import ScannerResult
from activities.scans.scanners.trivy.trivy import Trivy


class TrivyRoot(Trivy):
    """The target is `/proc/PID/root`: a link that only the kernel can follow, so nothing resolves it."""

    name = "trivy-root"

    async def run(self, target: Path, scratch: Path, key: str, timeout_s: float) -> Completed:
        """In the root folder as its working directory, since a link as a target is not followed."""
        # a link as a target looks clean and is not: trivy is told to look at where it stands. What it would read there
        # for itself is named on its command line
        return await self._looked([*self._command("rootfs", scratch), "."], scratch, key, timeout_s, target)

    def parse(self, target: Path, scratch: Path, completed: Completed) -> ScannerResult:
        """Incomplete when it recognised neither an operating system nor a package."""
        report = self._report(scratch, completed)
        results = report.get("Results") or []
        packages = sum(len(result.get("Packages") or []) for result in results)
        system = (report.get("Metadata") or {}).get("OS")
        missing = "" if system or packages else "no operating system and no package was recognised in it"
        found = tuple(finding for result in results for finding in self._findings(result, target))
        version = str(report["Trivy"]["Version"])
        return ScannerResult(version, found, packages, packages, missing, self._date(), self._documents(scratch))
