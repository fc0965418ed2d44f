"""One scanner on one folder: runs the tool, reads its report, and holds it to what it must have read."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable, Iterable
from dataclasses import dataclass, fields, replace
from pathlib import Path

from activities.core.port import Completed
from activities.scans.merge import with_code
from activities.scans.port import Keep, Scanner, ScannerFailed, ScannerResult
from activities.scans.running.incremental import Fresh
from activities.scans.view.view import View
from activities.scans.view.views import held, told
from domain.core.values import number
from domain.scans.files.coverage import shown
from domain.scans.findings.model import Finding, ScanState, ToolReport

MAX_REASON = 1_000
"""Letters of a reason; the names in it are a repository's."""


@dataclass(frozen=True)
class ToolRun:
    """A scanner with what each of its runs needs. `view`: what the folder is, or is a part of; None: the target."""

    scanner: Scanner
    keep: Keep
    view: View | None
    scratch: Path
    key: str
    timeout_s: float
    excluded: Callable[[str], bool] = lambda path: False
    """Of a path in the target, whether the scan leaves it out: what is not read there leaves no gap."""

    async def on(self, folder: Path) -> Fresh:
        """Its report, with findings at their places in the folder."""
        (self.scratch / "home").mkdir(parents=True)
        (self.scratch / "cwd").mkdir()
        started = time.monotonic()
        report = ToolReport(tool=self.scanner.name, state=ScanState.FAILED)
        try:
            completed = await self.scanner.run(folder, self.scratch, self.key, self.timeout_s)
        except OSError as missing:
            why = f"it cannot be started ({missing.strerror or missing}); run make setup"
            return Fresh(replace(report, reason=why))
        output = await self.keep(completed.output)
        report = replace(report, seconds=round(time.monotonic() - started, 3), output=output)
        if completed.stopped:
            return Fresh(replace(report, reason=completed.stopped))
        try:
            found = await asyncio.to_thread(self._read, folder, completed)
            findings = await asyncio.to_thread(with_code, folder, found.findings)
        except (ScannerFailed, ValueError, KeyError, TypeError, AttributeError, OSError, RecursionError) as broken:
            why = f"exit code {completed.exit_code} without a readable report: {type(broken).__name__}: {broken}"
            return Fresh(replace(report, reason=why[:500]))
        documents = {name: await self.keep(data) for name, data in found.documents.items()}
        return Fresh(self._reported(report, found, findings, documents), found.looked)

    def _read(self, folder: Path, completed: Completed) -> ScannerResult:
        found = self.scanner.parse(folder, self.scratch, completed)
        _typed(found.findings)
        if not self.view:
            return found
        units = self.view.units
        names = units if folder == self.view.root else [name for name in units if (folder / name).is_file()]
        return held(self.scanner.name, found, names)

    def _reported(
        self, report: ToolReport, found: ScannerResult, findings: list[Finding], documents: dict[str, str]
    ) -> ToolReport:
        named = self.view.told if self.view else str
        gap = found.gap(named, self.excluded)
        gap = told(gap, self.view) if self.view else gap
        return replace(
            report,
            state=ScanState.INCOMPLETE if gap else ScanState.COMPLETE,
            version=found.version,
            reason=shown(gap)[:MAX_REASON] or number(found.files_scanned, found.unit),
            findings=tuple(findings),
            files_scanned=found.files_scanned,
            files_expected=found.files_expected,
            database_date=found.database_date,
            documents=documents,
            cleared=found.cleared,
        )


_TEXTS = tuple(one.name for one in fields(Finding) if one.type == "str")
_NUMBERS = tuple(one.name for one in fields(Finding) if one.type == "int")
_LISTS = tuple(one.name for one in fields(Finding) if one.type == "tuple[str, ...]")


def _typed(findings: Iterable[Finding]) -> None:
    """Checks field types: tool output is untrusted.

    Raises:
        ScannerFailed: a field has the wrong type.
    """
    for one in findings:
        for name in _TEXTS:
            if not isinstance(getattr(one, name), str):
                raise ScannerFailed(f"a finding's {name} is {getattr(one, name)!r}"[:200])
        for name in _LISTS:
            if not all(isinstance(each, str) for each in getattr(one, name)):
                raise ScannerFailed(f"a finding's {name} are {getattr(one, name)!r}"[:200])
        for name in _NUMBERS:
            if not isinstance(getattr(one, name), int) or not 0 <= getattr(one, name) < 1 << 31:
                raise ScannerFailed(f"a finding's {name} is {getattr(one, name)!r}"[:200])
