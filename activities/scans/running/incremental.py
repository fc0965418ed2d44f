"""Scans what has changed since the last scan of the same scope, and joins the result with what was said then."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, replace
from pathlib import Path

from activities.scans.port import ByUnit
from activities.scans.running.unit_cache import UnitCache, narrowed
from domain.core.values import number
from domain.scans.findings.model import ScanState, ToolReport
from domain.scans.units import Known, UnitScopes, joined, stale


@dataclass(frozen=True)
class Fresh:
    """A tool's report on a folder, and the paths that it read."""

    report: ToolReport
    looked: frozenset[str] = frozenset()


Scan = Callable[[Path], Awaitable[Fresh]]


@dataclass(frozen=True, kw_only=True)
class Incremental:
    """One scanner on one folder. Only complete scans are remembered, and a gap is as wide as in a whole scan."""

    units: UnitCache
    name: str
    """The scanner with the digests of its program, rules and database."""
    scopes: UnitScopes
    contents: Mapping[str, str]
    """Path to the digest of each file."""

    async def scan(self, scanner: ByUnit, root: Path, scratch: Path, fresh: Scan) -> ToolReport:
        """The report on the whole folder."""
        known = self.units.get(self.name, self.scopes)
        again = stale(self.contents, known, scanner.unit_of) if known else None
        if known is None or again is None:
            done = await fresh(root)
            if done.report.state is ScanState.COMPLETE:
                self.units.put(self.name, self.scopes, self._state(done, self.contents))
            return done.report
        if not again:
            state = joined(known, self.contents, again, Known(files={}), scanner.unit_of)
            return replace(self._report(ToolReport(tool="", state=ScanState.COMPLETE), state, again), cached=True)
        done = await fresh(narrowed(root, again, scratch / "changed"))
        if done.report.state is ScanState.FAILED:
            return done.report
        part = self._state(done, {path: self.contents[path] for path in again})
        state = joined(known, self.contents, again, part, scanner.unit_of)
        report = self._report(done.report, state, again)
        if report.state is ScanState.COMPLETE:
            self.units.put(self.name, self.scopes, state)
        return report

    @staticmethod
    def _state(done: Fresh, files: Mapping[str, str]) -> Known:
        return Known(
            files=dict(files),
            looked=tuple(sorted(done.looked)),
            findings=done.report.findings,
            version=done.report.version,
            database_date=done.report.database_date,
            documents=done.report.documents,
        )

    @staticmethod
    def _report(done: ToolReport, state: Known, again: frozenset[str]) -> ToolReport:
        missed = done.files_expected - done.files_scanned
        words = f"{number(len(state.looked), 'file')}, {len(again):,} of them again"
        return replace(
            done,
            version=state.version,
            findings=state.findings,
            files_scanned=len(state.looked),
            files_expected=len(state.looked) + missed,
            reason=words if done.state is ScanState.COMPLETE else done.reason,
            database_date=state.database_date,
            documents=state.documents,
        )
