"""Scanners over one folder: side by side, proven complete, and their findings put together. Needs no server.

Completeness is never taken from an exit code: a scanner says what it should have looked at and what it did.
"""

from __future__ import annotations

import asyncio
import gc
import os
import time
from collections.abc import Awaitable, Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field, fields, replace
from datetime import date
from pathlib import Path
from typing import Protocol, runtime_checkable

from activities.core.process import Completed
from domain.core import globs
from domain.core.values import number
from domain.scans.findings.baseline import compare
from domain.scans.findings.deduplicate import merged
from domain.scans.findings.fingerprint import identified
from domain.scans.findings.location import Source, located
from domain.scans.findings.model import Finding, FindingKind, ScanReport, ScanState, State, ToolReport
from domain.scans.findings.suppressions import Suppression, apply

MAX_SOURCE_BYTES = 2_000_000
"""Of a file whose code is shown and compared; findings in a bigger one are told apart by their line's text."""


class ScannerFailed(Exception):  # noqa: N818  (an outcome of a scan, not an error of ours)
    """The tool's output is no report; the text says why."""


@dataclass(frozen=True)
class Found:
    version: str
    findings: tuple[Finding, ...]
    files_scanned: int
    files_expected: int = 0
    missing: str = ""
    """What had to be looked at and was not; empty: nothing."""
    database_date: str = ""
    documents: dict[str, bytes] = field(default_factory=dict)
    """What else it has made, such as a bill of materials (`sbom`)."""


class Scanner(Protocol):
    """Looks at one folder and reports what it found; never decides whether that is acceptable.

    May be called twice for the same folder; reads it and writes only into the scratch folder.
    """

    name: str
    canary: tuple[str, str, str]
    """A file's name and text, and the rule that must speak of it."""

    def absent(self) -> str:
        """Why it is not there, when it may be missing; a scanner that must be there says nothing and fails."""
        ...

    def digests(self) -> Mapping[str, str]:
        """SHA-256 of `tool`, and of `rules` and `database` where it has them: what its findings depend on."""
        ...

    async def run(self, target: Path, scratch: Path, key: str, timeout_s: float) -> Completed:
        """Raises OSError when the tool is missing."""
        ...

    def parse(self, target: Path, scratch: Path, completed: Completed) -> Found:
        """Raises:
        ScannerFailed: there is no report, or it cannot be read.
        """
        ...


class ResultCache(Protocol):
    """Reports of tools by what they depend on."""

    def get(self, key: str) -> ToolReport | None: ...
    def put(self, key: str, report: ToolReport) -> None: ...


@runtime_checkable
class OfHistory(Protocol):
    """A scanner that is given a repository instead of a folder of files."""

    of_history: bool


@dataclass(frozen=True)
class History:
    repository: Path
    """Bare; its HEAD is the commit."""
    commit: str


@dataclass(frozen=True)
class Target:
    root: Path
    """Real path of a folder; scanners are never given a link."""
    digest: str = ""
    """Of its content; with it, results of earlier scans are used again."""
    history: History | None = None
    """All that led to it, where there is such a thing."""


Keep = Callable[[bytes], Awaitable[str]]


async def _forgotten(output: bytes) -> str:
    return ""


@dataclass
class Scanning:
    scanners: Mapping[str, Scanner]
    keep: Keep = field(default=_forgotten)
    """Stores a tool's own output and gives its digest; waits for a store that is away."""
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
        """A report per tool, in the given order; `told` hears of each that has ended."""
        turns = asyncio.Semaphore(self.parallel)

        async def one(name: str) -> ToolReport:
            async with turns:
                report = await self._tool(name, target, scratch / name, f"{key}-{name}", timeout_s)
            told(f"{name}: {report.state}, {number(len(report.findings), 'finding')}")
            return report

        return list(await asyncio.gather(*(one(name) for name in tools)))

    async def _tool(self, name: str, target: Target, scratch: Path, key: str, timeout_s: float) -> ToolReport:
        scanner = self.scanners.get(name)
        if scanner is None:
            return ToolReport(name, ScanState.FAILED, reason=f"{name} is not configured")
        if absent := scanner.absent():
            return ToolReport(name, ScanState.SKIPPED, reason=absent)
        if isinstance(scanner, OfHistory):
            if target.history is None:
                return ToolReport(name, ScanState.SKIPPED, reason="it reads history, and there is none here")
            target = Target(target.history.repository, target.history.commit)
        digests = {**await asyncio.to_thread(scanner.digests), "target": target.digest}
        known = f"{name} " + " ".join(f"{what}={digest}" for what, digest in sorted(digests.items()))
        if self.cache and target.digest and (earlier := self.cache.get(known)):
            return replace(earlier, cached=True)
        report = await self._fresh(scanner, target.root, scratch, key, timeout_s)
        report = replace(report, digests={what: digest for what, digest in digests.items() if digest})
        if self.cache and target.digest and report.state is ScanState.COMPLETE:
            self.cache.put(known, report)
        return report

    async def _fresh(self, scanner: Scanner, root: Path, scratch: Path, key: str, timeout_s: float) -> ToolReport:
        (scratch / "home").mkdir(parents=True)
        (scratch / "cwd").mkdir()
        started = time.monotonic()
        report = ToolReport(scanner.name, ScanState.FAILED)
        try:
            completed = await scanner.run(root, scratch, key, timeout_s)
        except OSError as missing:
            return replace(report, reason=f"it cannot be started ({missing.strerror or missing}); run make setup")
        output = await self.keep(completed.output)
        report = replace(report, seconds=round(time.monotonic() - started, 3), output=output)
        if completed.stopped:
            return replace(report, reason=completed.stopped)
        try:
            found = await asyncio.to_thread(scanner.parse, root, scratch, completed)
            _typed(found.findings)
            findings = await asyncio.to_thread(_located, root, found.findings)
        except (ScannerFailed, ValueError, KeyError, TypeError, AttributeError, OSError, RecursionError) as broken:
            why = f"exit code {completed.exit_code}, and no readable report: {type(broken).__name__}: {broken}"
            return replace(report, reason=why[:500])
        return replace(
            report,
            state=ScanState.INCOMPLETE if found.missing else ScanState.COMPLETE,
            version=found.version,
            reason=found.missing or f"{found.files_scanned} files",
            findings=tuple(findings),
            files_scanned=found.files_scanned,
            files_expected=found.files_expected,
            database_date=found.database_date,
            documents={name: await self.keep(data) for name, data in found.documents.items()},
        )


def placed(reports: Sequence[ToolReport], root: Path) -> list[ToolReport]:
    """Findings that came from elsewhere, with their code as it stands here."""
    return [replace(report, findings=tuple(_located(root, report.findings))) for report in reports]


def together(reports: Sequence[ToolReport], exclude: tuple[str, ...] = ()) -> ScanReport:
    """What several tools say of the same thing once, without paths that are excluded; each with its fingerprint."""
    every = (finding for report in reports for finding in report.findings)
    wanted = [one for one in every if not (exclude and globs.matches(one.path, exclude))]
    tools = tuple(replace(report, findings=(), found=len(report.findings)) for report in reports)
    return ScanReport(tools, tuple(identified(merged(wanted))))


def against(report: ScanReport, before: Sequence[Finding], what: str, there: set[str] | None) -> ScanReport:
    """The report with a state for each finding, and what is fixed since.

    What was suppressed then is not known from then: when its suppression ends, it is back.
    """
    known = [one for one in before if one.state is not State.SUPPRESSED]
    with _uncollected():
        compared = compare(known, report.findings, there)
    return replace(report, merged=compared.findings, fixed=compared.fixed, baseline=what)


@contextmanager
def _uncollected() -> Iterator[None]:
    """Nothing in a comparison is a cycle; with many findings, looking for some takes most of the time."""
    was_on = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if was_on:
            gc.enable()


def suppressed(report: ScanReport, suppressions: Sequence[Suppression], today: date) -> ScanReport:
    applied = apply(report.findings, suppressions, today)
    return replace(report, merged=applied.findings, notes=(*report.notes, *applied.notes))


def listing(path: Path) -> set[str]:
    """Files under a path, as findings name them; links are not followed."""
    root = path.resolve()
    if not root.is_dir():
        return {root.name}
    found = (Path(folder, name) for folder, _, names in os.walk(root) for name in names)
    return {one.relative_to(root).as_posix() for one in found}


_TEXTS = tuple(one.name for one in fields(Finding) if one.type == "str")
_NUMBERS = tuple(one.name for one in fields(Finding) if one.type == "int")
_LISTS = tuple(one.name for one in fields(Finding) if one.type == "tuple[str, ...]")


def _typed(findings: Iterable[Finding]) -> None:
    """A tool's word for a text may be anything.

    Raises:
        ScannerFailed: a finding holds something else than it should.
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


def _located(root: Path, findings: Iterable[Finding]) -> list[Finding]:
    sources: dict[str, Source] = {}
    made = []
    for one in findings:
        if not one.line or one.kind is FindingKind.DAST:
            made.append(one)
            continue
        if one.path not in sources:
            sources[one.path] = Source(one.path, _text(root, one.path))
        made.append(located(one, sources[one.path]))
    return made


def _text(root: Path, path: str) -> str:
    """Of a file inside the folder; a scanner's word for a path is not trusted."""
    real = (root / path).resolve()
    if not real.is_relative_to(root) or not real.is_file() or real.stat().st_size > MAX_SOURCE_BYTES:
        return ""
    return real.read_text("utf-8", "replace")
