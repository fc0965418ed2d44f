"""Runs scanners over one folder in parallel, checks completeness, and merges findings. Needs no server.

Completeness never depends on an exit code: a scanner reports what it should have scanned, and what it did.
"""

from __future__ import annotations

import asyncio
import os
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path

from activities.core.files import read_bounded
from activities.scans.port import (
    EARLIER,
    STATE,
    Beside,
    ByUnit,
    Keep,
    OfCode,
    OfHistory,
    Remembering,
    ResultCache,
    Scanner,
    Target,
)
from activities.scans.running.incremental import Incremental
from activities.scans.running.progress import Progress, Silent
from activities.scans.running.tool_run import ToolRun
from activities.scans.running.unit_cache import UnitCache
from activities.scans.view.views import COVERAGE, Views, placed, version
from domain.scans.findings.model import ScanState, ToolReport
from domain.scans.schedule import longest_first, sizes
from domain.scans.units import UnitScopes

MAX_STATE_BYTES = 100_000_000
VIEW = "view"
"""The folder of the view within a scan's scratch folder."""
MAX_REASON = 1_000
"""Letters of a reason; the names in it are a repository's."""


SILENT = Silent()


async def _forgotten(output: bytes) -> str:
    return ""


@dataclass(frozen=True)
class Waiting:
    """A scanner that must run. `target`: the scan's, or the history of it."""

    name: str
    scanner: Scanner
    target: Target
    tool: str
    """Its name with all that its findings depend on but the target."""
    digests: Mapping[str, str]

    @property
    def known(self) -> str:
        """Under what its report is cached."""
        return f"{self.tool} target={self.target.digest}"


@dataclass
class Scanning:
    """`parallel`: how many scanners run at once, by default one per available core."""

    scanners: Mapping[str, Scanner]
    keep: Keep = field(default=_forgotten)
    """Stores a tool's raw output and returns its digest; waits for a store that is away."""
    cache: ResultCache | None = None
    units: UnitCache | None = None
    """What scanners have said of files; without it each scan is of everything."""
    parallel: int = field(default_factory=lambda: len(os.sched_getaffinity(0)))

    async def scan(
        self,
        tools: Sequence[str],
        target: Target,
        scratch: Path,
        key: str,
        timeout_s: float,
        progress: Progress = SILENT,
    ) -> list[ToolReport]:
        """A report per tool, in the given order."""
        return await self._tools(tools, Views(target, scratch / VIEW), scratch, key, timeout_s, progress)

    async def scan_whole(
        self,
        tools: Sequence[str],
        target: Target,
        scratch: Path,
        key: str,
        timeout_s: float,
        progress: Progress = SILENT,
    ) -> list[ToolReport]:
        """As `scan`, and for a target with source, last, what none of them has looked at (`Views.coverage`)."""
        views = Views(target, scratch / VIEW)
        reports = await self._tools(tools, views, scratch, key, timeout_s, progress)
        return [*reports, await self._coverage(tools, views)] if target.source else reports

    async def _tools(
        self,
        tools: Sequence[str],
        views: Views,
        scratch: Path,
        key: str,
        timeout_s: float,
        progress: Progress,
    ) -> list[ToolReport]:
        asked = {name: await self._asked(name, tools, views.target) for name in tools}
        for report in asked.values():
            if isinstance(report, ToolReport):
                progress.began(report.tool)
                progress.ended(report)
        waiting = {name: one for name, one in asked.items() if isinstance(one, Waiting)}
        turns = asyncio.Semaphore(self.parallel)

        async def one(name: str) -> ToolReport:
            async with turns:
                progress.began(name)
                report = await self._tool(waiting[name], views, scratch / name, f"{key}-{name}", timeout_s)
            progress.ended(report)
            return report

        order = longest_first(list(waiting), await _sizes(views, waiting.values()))
        done = dict(zip(order, await asyncio.gather(*map(one, order)), strict=True))
        return [report if isinstance(report, ToolReport) else done[name] for name, report in asked.items()]

    async def _coverage(self, tools: Sequence[str], views: Views) -> ToolReport:
        """Cached as the reports of scanners are."""
        target = views.target
        known = f"{COVERAGE} view={version()} tools={','.join(sorted(tools))} exclude={target.exclude!r}"
        known += f" target={target.digest}"
        known += f" absent={target.absent!r} ignored={target.ignored}"
        if self.cache and target.digest and (earlier := self.cache.get(known)):
            return replace(earlier, cached=True)
        report = await views.coverage(tools)
        if self.cache and target.digest and report.state is ScanState.COMPLETE:
            self.cache.put(known, report)
        return report

    async def _asked(self, name: str, tools: Sequence[str], target: Target) -> ToolReport | Waiting:
        """The report that is known without running the scanner, or the scanner."""
        scanner = self.scanners.get(name)
        scanner = scanner.beside(tools) if isinstance(scanner, Beside) else scanner
        if scanner is None:
            return ToolReport(tool=name, state=ScanState.FAILED, reason=f"{name} is not configured")
        if absent := scanner.absent():
            return ToolReport(tool=name, state=ScanState.SKIPPED, reason=absent)
        if isinstance(scanner, OfHistory):
            if target.history is None:
                return ToolReport(tool=name, state=ScanState.SKIPPED, reason="it scans history, and there is none")
            target = Target(target.history.repository, target.history.commit, source=False)
        digests = await asyncio.to_thread(scanner.digests)
        tool = f"{name} exclude={target.exclude!r} " + " ".join(
            f"{what}={digest}" for what, digest in sorted(digests.items())
        )
        tool = f"{tool} view={version()}" if isinstance(scanner, OfCode) else tool
        one = Waiting(name, scanner, target, tool, digests)
        if self.cache and target.digest and (earlier := self.cache.get(one.known)):
            return replace(earlier, cached=True)
        return one

    async def _tool(self, one: Waiting, views: Views, scratch: Path, key: str, timeout_s: float) -> ToolReport:
        target = one.target
        view = await views.view() if target.source else None
        inside = view if isinstance(one.scanner, OfCode) else None
        run = ToolRun(one.scanner, self.keep, inside, scratch, key, timeout_s, views.excluded)
        report = await self._scanned(run, one.tool, target, views)
        findings = await asyncio.to_thread(placed, report.findings, view, inside is not None)
        digests = {**one.digests, "target": target.digest}
        digests = {what: digest for what, digest in digests.items() if digest}
        report = replace(report, tool=one.name, findings=findings, digests=digests)
        if self.cache and target.digest and report.state is ScanState.COMPLETE:
            self.cache.put(one.known, report)
        return report

    async def _scanned(self, run: ToolRun, tool: str, target: Target, views: Views) -> ToolReport:
        """Everything, or what has changed since the last scan of the same scope."""
        root = run.view.root if run.view else target.root
        if self.units and target.scopes.read and isinstance(run.scanner, Remembering):
            return await self._remembering(run, tool, target.scopes, root, self.units)
        by_unit = self.units and target.scopes.read and isinstance(run.scanner, ByUnit) and root.is_dir()
        files = await views.contents(root) if by_unit else None
        if self.units is None or files is None or not isinstance(run.scanner, ByUnit):
            return (await run.on(root)).report
        changed = Incremental(units=self.units, name=tool, scopes=target.scopes, contents=files)
        return await changed.scan(run.scanner, root, run.scratch, run.on)

    async def _remembering(
        self, run: ToolRun, tool: str, scopes: UnitScopes, root: Path, units: UnitCache
    ) -> ToolReport:
        """Of a scanner that keeps a state of its own; one that failed leaves none."""
        run.scratch.mkdir(parents=True, exist_ok=True)
        earlier = await asyncio.to_thread(units.get_own, tool, scopes)
        if earlier:
            (run.scratch / EARLIER).write_bytes(earlier)
        report = (await run.on(root)).report
        left = await asyncio.to_thread(read_bounded, run.scratch / STATE, MAX_STATE_BYTES)
        if report.state is not ScanState.FAILED and 0 < len(left) <= MAX_STATE_BYTES:
            await asyncio.to_thread(units.put_own, tool, scopes, left)
        return report


async def _sizes(views: Views, waiting: Iterable[Waiting]) -> dict[str, int]:
    """Of the files that the scanners read; where nobody needs the view, it is not made for that."""
    return sizes((await views.view()).entries) if any(one.target.source for one in waiting) else {}


def listing(path: Path) -> set[str]:
    """Files under a path, as in findings; links are not followed."""
    root = path.resolve()
    if not root.is_dir():
        return {root.name}
    found = (Path(folder, name) for folder, _, names in os.walk(root) for name in names)
    return {one.relative_to(root).as_posix() for one in found}
