"""Runs scanners over one folder in parallel, checks completeness, and merges findings. Needs no server.

Completeness never depends on an exit code: a scanner reports what it should have scanned, and what it did.
"""

from __future__ import annotations

import asyncio
import os
import time
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, fields, replace
from pathlib import Path

from activities.core.port import Completed
from activities.scans.merge import _located
from activities.scans.port import (
    Keep,
    OfCode,
    OfHistory,
    ResultCache,
    Scanner,
    ScannerFailed,
    ScannerResult,
    Target,
)
from activities.scans.view import View
from activities.scans.views import COVERAGE, Views, brought_back, classed, held
from activities.scans.views import told as told_in
from domain.core.values import number
from domain.scans.files.coverage import shown
from domain.scans.findings.model import Finding, ScanState, ToolReport

VIEW = "view"
"""The folder of the view within a scan's scratch folder."""
MAX_REASON = 1_000
"""Letters of a reason; the names in it are a repository's."""


async def _forgotten(output: bytes) -> str:
    return ""


@dataclass
class Scanning:
    """`parallel`: how many scanners run at once, by default one per available core."""

    scanners: Mapping[str, Scanner]
    keep: Keep = field(default=_forgotten)
    """Stores a tool's raw output and returns its digest; waits for a store that is away."""
    cache: ResultCache | None = None
    parallel: int = field(default_factory=lambda: len(os.sched_getaffinity(0)))

    async def scan(
        self,
        tools: Sequence[str],
        target: Target,
        scratch: Path,
        key: str,
        timeout_s: float,
        told: Callable[[str], None] = lambda text: None,
    ) -> list[ToolReport]:
        """A report per tool, in the given order; `told` is called as each ends."""
        return await self._tools(tools, Views(target, scratch / VIEW), scratch, key, timeout_s, told)

    async def scan_whole(
        self,
        tools: Sequence[str],
        target: Target,
        scratch: Path,
        key: str,
        timeout_s: float,
        told: Callable[[str], None] = lambda text: None,
    ) -> list[ToolReport]:
        """As `scan`, and for a target with source, last, what none of them has looked at (`Views.coverage`)."""
        views = Views(target, scratch / VIEW)
        reports = await self._tools(tools, views, scratch, key, timeout_s, told)
        return [*reports, await self._coverage(tools, views)] if target.source else reports

    async def _tools(
        self,
        tools: Sequence[str],
        views: Views,
        scratch: Path,
        key: str,
        timeout_s: float,
        told: Callable[[str], None],
    ) -> list[ToolReport]:
        turns = asyncio.Semaphore(self.parallel)

        async def one(name: str) -> ToolReport:
            async with turns:
                report = await self._tool(name, views, scratch / name, f"{key}-{name}", timeout_s)
            told(f"{name}: {report.state}, {number(len(report.findings), 'finding')}")
            return report

        return list(await asyncio.gather(*(one(name) for name in tools)))

    async def _coverage(self, tools: Sequence[str], views: Views) -> ToolReport:
        """Cached as the reports of scanners are."""
        target = views.target
        known = f"{COVERAGE} tools={','.join(sorted(tools))} exclude={target.exclude!r} target={target.digest}"
        known += f" absent={target.absent!r} ignored={target.ignored}"
        if self.cache and target.digest and (earlier := self.cache.get(known)):
            return replace(earlier, cached=True)
        report = await views.coverage(tools)
        if self.cache and target.digest and report.state is ScanState.COMPLETE:
            self.cache.put(known, report)
        return report

    async def _tool(self, name: str, views: Views, scratch: Path, key: str, timeout_s: float) -> ToolReport:
        scanner, target = self.scanners.get(name), views.target
        if scanner is None:
            return ToolReport(tool=name, state=ScanState.FAILED, reason=f"{name} is not configured")
        if absent := scanner.absent():
            return ToolReport(tool=name, state=ScanState.SKIPPED, reason=absent)
        if isinstance(scanner, OfHistory):
            if target.history is None:
                return ToolReport(tool=name, state=ScanState.SKIPPED, reason="it scans history, and there is none")
            target = Target(target.history.repository, target.history.commit, source=False)
        digests = {**await asyncio.to_thread(scanner.digests), "target": target.digest}
        known = f"{name} " + " ".join(f"{what}={digest}" for what, digest in sorted(digests.items()))
        if self.cache and target.digest and (earlier := self.cache.get(known)):
            return replace(earlier, cached=True)
        view = await views.view() if target.source else None
        report = await self._fresh(scanner, target.root, view, scratch, key, timeout_s)
        report = replace(report, digests={what: digest for what, digest in digests.items() if digest})
        if self.cache and target.digest and report.state is ScanState.COMPLETE:
            self.cache.put(known, report)
        return report

    async def _fresh(
        self, scanner: Scanner, root: Path, view: View | None, scratch: Path, key: str, timeout_s: float
    ) -> ToolReport:
        (scratch / "home").mkdir(parents=True)
        (scratch / "cwd").mkdir()
        started = time.monotonic()
        report = ToolReport(tool=scanner.name, state=ScanState.FAILED)
        inside = view if view and isinstance(scanner, OfCode) else None
        where = inside.root if inside else root
        try:
            completed = await scanner.run(where, scratch, key, timeout_s)
        except OSError as missing:
            return replace(report, reason=f"it cannot be started ({missing.strerror or missing}); run make setup")
        output = await self.keep(completed.output)
        report = replace(report, seconds=round(time.monotonic() - started, 3), output=output)
        if completed.stopped:
            return replace(report, reason=completed.stopped)
        try:
            found = await asyncio.to_thread(_read, scanner, where, scratch, completed, inside)
            findings = await asyncio.to_thread(_placed, where, found.findings, view, inside is not None)
        except (ScannerFailed, ValueError, KeyError, TypeError, AttributeError, OSError, RecursionError) as broken:
            why = f"exit code {completed.exit_code} without a readable report: {type(broken).__name__}: {broken}"
            return replace(report, reason=why[:500])
        gap = told_in(found.gap(inside.told), inside) if inside else found.gap()
        return replace(
            report,
            state=ScanState.INCOMPLETE if gap else ScanState.COMPLETE,
            version=found.version,
            reason=shown(gap)[:MAX_REASON] or number(found.files_scanned, found.unit),
            findings=findings,
            files_scanned=found.files_scanned,
            files_expected=found.files_expected,
            database_date=found.database_date,
            documents={name: await self.keep(data) for name, data in found.documents.items()},
        )


def _read(scanner: Scanner, where: Path, scratch: Path, completed: Completed, view: View | None) -> ScannerResult:
    """The scanner's report, held to what it must have read."""
    found = scanner.parse(where, scratch, completed)
    _typed(found.findings)
    return held(scanner.name, found, view) if view else found


def _placed(where: Path, findings: Iterable[Finding], view: View | None, inside: bool) -> tuple[Finding, ...]:
    """With their code, then at their places in the target, with the classes of their files."""
    located = _located(where, findings)
    return brought_back(located, view) if view and inside else classed(located, view)


def listing(path: Path) -> set[str]:
    """Files under a path, as in findings; links are not followed."""
    root = path.resolve()
    if not root.is_dir():
        return {root.name}
    found = (Path(folder, name) for folder, _, names in os.walk(root) for name in names)
    return {one.relative_to(root).as_posix() for one in found}


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
