"""What scanning costs: each tool alone and through the engine, together, again; matching many findings; a database."""

from __future__ import annotations

import asyncio
import json
import random
import resource
import shutil
import statistics
import subprocess
import tempfile
import time
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import TypeVar

from activities.core import process
from activities.core.port import Completed
from activities.scans.advisories import database
from activities.scans.merge import compare_with_baseline
from activities.scans.running.local_scan import LocalScan, ScanOptions
from activities.scans.running.result_cache import FolderCache
from activities.scans.running.scan_runner import Scanning
from activities.scans.scanners.registry import scanners
from activities.scans.secret_hashing import Masked
from activities.source.mirrors import Mirrors
from domain.scans.findings.fingerprint import identified
from domain.scans.findings.model import Finding, FindingKind, ScanReport, Severity, State
from tests.bench.bare import PAIRS
from workers.core import settings

TOOLS = ("bandit", "semgrep", "trivy")
T = TypeVar("T")
NAMES = [*(f"scan_{tool}" for tool in TOOLS), "scan_together", "scan_again", "match_100000", "match_memory", "db_10000"]
ROOT = Path(__file__).resolve().parents[2]
COPIED = ("domain", "activities", "pipeline_defs", "workers", "workflows")
FINDINGS = 100_000


async def plainly(
    command: Sequence[str],
    *,
    cwd: Path,
    env: Mapping[str, str],
    timeout_s: float,
    key: str,
    memory_mb: int = 0,
    network: bool = False,
    stdout: Path | None = None,
) -> Completed:
    """The tool's own process, and nothing around it: no bill of materials either."""
    if "convert" in command:
        return Completed(0, b"")
    done = subprocess.run(command, cwd=cwd, env=dict(env), capture_output=True, check=False)
    if stdout:
        stdout.write_bytes(done.stdout)
        return Completed(done.returncode, done.stderr)
    return Completed(done.returncode, done.stdout)


async def tools(folder: Path, row: Callable[..., None]) -> None:
    """This project's own source, which the scanners know no more of than of any other."""
    target = folder / "source"
    for name in COPIED:
        shutil.copytree(ROOT / name, target / name, ignore=shutil.ignore_patterns("__pycache__"))
    adapters = scanners(settings.load().tools, masked=Masked(b"bench"))
    local = LocalScan(Scanning(adapters), Mirrors(folder / "mirrors"))
    for tool in TOOLS:
        bare, ours = [], []
        for number in range(PAIRS):
            scratch = folder / f"{tool}-{number}"
            (scratch / "home").mkdir(parents=True)
            (scratch / "cwd").mkdir()
            kept, process.run = process.run, plainly
            try:
                bare.append(await _timed(partial(adapters[tool].run, target.resolve(), scratch, "bench", 600)))
            finally:
                process.run = kept
            ours.append(await _timed(partial(local.scan, target, ScanOptions((tool,)))))
        one, two = statistics.median(bare), statistics.median(ours)
        good = two <= 1.15 * one or two - one <= 0.5
        row(f"scan_{tool}", two, "s", one, "at most 1.15 times, or 0.5 s more", good, more_s=round(two - one, 2))
    row("scan_together", await _timed(lambda: local.scan(target, ScanOptions(TOOLS))), "s", None, "stated", True)
    cached = LocalScan(Scanning(adapters, cache=FolderCache(folder / "cache")), Mirrors(folder / "mirrors"))
    await cached.scan(target, ScanOptions(TOOLS))
    again = await _timed(lambda: cached.scan(target, ScanOptions(TOOLS)))
    row("scan_again", again, "s", None, "under 1 s", again < 1)


async def _timed(call: Callable[[], Awaitable[T]]) -> float:
    began = time.perf_counter()
    await call()
    return time.perf_counter() - began


def many(count: int) -> list[Finding]:
    draw = random.Random(5)
    return [
        Finding(
            tool="semgrep",
            rule="r",
            kind=FindingKind.SAST,
            severity=Severity.MEDIUM,
            message="message",
            path=f"src/module_{index // 40}.py",
            line=index % 40 * 10,
            cwe=f"CWE-{draw.choice((78, 89, 79, 22, 327))}",
            code=f"call_{draw.randrange(count // 3)}(value)",
            scope=f"function_{index % 7}",
            context=tuple(f"{draw.randrange(10**9):x}" for _ in range(6)),
        )
        for index in range(count)
    ]


def matching(row: Callable[..., None]) -> None:
    """Against a baseline of as many, a tenth of which moved to another file and a hundredth of which is new."""
    before = identified(many(FINDINGS))
    now = [replace(one, line=one.line + 3, fingerprint="") for one in before]
    now[::10] = [replace(one, path=f"moved/{one.path}") for one in now[::10]]
    now[::100] = [replace(one, code=f"new {index}") for index, one in enumerate(now[::100])]
    taken = []
    for _ in range(PAIRS):
        began = time.perf_counter()
        compared = compare_with_baseline(ScanReport(merged=tuple(now)), before, "main", None)
        taken.append(time.perf_counter() - began)
    new = sum(one.state is State.NEW for one in compared.merged)
    assert new >= FINDINGS // 100
    took = statistics.median(taken)
    row("match_100000", took, "s", None, "under 2 s", took < 2, new=new, fixed=len(compared.fixed))
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1e3
    row("match_memory", peak, "MB, the whole process at its peak", None, "under 500 MB", peak < 500)


def building(folder: Path, row: Callable[..., None]) -> None:
    entries = [
        {
            "id": f"OSV-{number}",
            "aliases": [f"CVE-2099-{number}"],
            "summary": "a package is weak",
            "details": "x" * 500,
            "affected": [
                {
                    "package": {"ecosystem": "PyPI", "name": f"package-{number % 4_000}"},
                    "ranges": [{"type": "ECOSYSTEM", "events": [{"introduced": "0"}, {"fixed": f"{number}.0"}]}],
                }
            ],
        }
        for number in range(10_000)
    ]
    (folder / "all.json").write_text(json.dumps(entries))
    began = time.perf_counter()
    made = database.build([folder / "all.json"], folder / "trivy", "2026-11-23T00:00:00Z")
    assert made.advisories == 10_000
    row("db_10000", time.perf_counter() - began, "s", None, "stated", True, size_mb=round(made.size_bytes / 1e6, 1))


async def scanned(folder: Path, address: str, row: Callable[..., None]) -> None:
    with tempfile.TemporaryDirectory(dir=folder) as scratch:
        await asyncio.to_thread(matching, row)
        building(Path(scratch), row)
        await tools(Path(scratch), row)
