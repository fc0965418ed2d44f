"""The findings of the last local scan, in the home of the installation: what `--explain` can tell more about."""

from __future__ import annotations

from pathlib import Path

from activities.core import serialization as serial
from activities.core.files import write_atomically
from domain.scans.findings.model import Finding, ScanReport

MAX_FINDINGS = 20_000
"""So many are kept, worst first."""


class LastReport:
    """One file, private to the user; the next scan replaces it."""

    def __init__(self, home: Path) -> None:
        self._path = home / "last-scan.json"

    def keep(self, report: ScanReport) -> None:
        """Replaces the findings.

        Raises:
            OSError: the home cannot be written.
        """
        self._path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        write_atomically(self._path, serial.dump(ScanReport(merged=report.findings[:MAX_FINDINGS])))

    def findings(self) -> tuple[Finding, ...]:
        """None if there was no scan, or the file is of another version."""
        try:
            return serial.load(ScanReport, self._path.read_bytes()).findings
        except (OSError, ValueError, KeyError, TypeError):
            return ()
