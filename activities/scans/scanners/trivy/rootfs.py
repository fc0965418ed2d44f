"""trivy for the root file system of a running process: the current content of a container, not its image's."""

from __future__ import annotations

from pathlib import Path

from activities.core.port import Completed
from activities.scans.port import ScannerResult
from activities.scans.scanners.trivy.trivy import Trivy, listed, results_of


class TrivyRoot(Trivy):
    """The target is `/proc/PID/root`: a link that only the kernel can resolve."""

    name = "trivy-root"

    async def run(self, target: Path, scratch: Path, key: str, timeout_s: float) -> Completed:
        """With the root folder as working directory, since trivy does not follow a link as target."""
        # a link as target looks clean and is not: trivy scans its working directory. Configuration that it would read
        # from there is overridden on its command line
        return await self._looked([*self._command("rootfs", scratch), "."], scratch, key, timeout_s, target)

    def parse(self, target: Path, scratch: Path, completed: Completed) -> ScannerResult:
        """Incomplete when neither an operating system nor a package was recognised."""
        report = self._report(scratch, completed)
        results = results_of(report)
        packages = frozenset(
            f"{result['Target'].text()} {one['ID'].text() or one['Name'].text()}"
            for result in results
            for one in listed(result, "Packages")
        )
        system = report.at("Metadata", "OS")
        missing = "" if system or packages else "no operating system and no package was recognised in it"
        found = tuple(finding for result in results for finding in self._findings(result, target))
        version = report.need("Trivy", "Version").text()
        return ScannerResult(
            version=version,
            findings=found,
            looked=packages,
            expected=packages,
            unit="package",
            missing=missing,
            database_date=self._date(),
            documents=self._documents(scratch),
        )
