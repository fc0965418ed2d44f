"""`python -m tests.corpus.measure`: precision and recall of the scanners on the labelled corpus, as JSON lines.

A label is found when a finding of its family stands on its line. `precision` counts the lines that only look weak and are
reported all the same; what is reported on lines without a label is listed apart, since nobody has said what it is.
"""

from __future__ import annotations

import asyncio
import json
import shutil
import tempfile
from collections import defaultdict
from collections.abc import Iterable
from itertools import chain
from pathlib import Path

from activities.source.mirrors import Mirrors
from activities.scans.running.local_scan import LocalScan, ScanOptions
from activities.scans.secret_hashing import Masked
from activities.scans.scanners.registry import scanners
from activities.scans.running.scan_runner import Scanning
from domain.scans.findings.cwe import family
from domain.scans.findings.model import Finding, ScanReport
from tests import corpus
from workers.core import settings

FOLDERS = {
    "code": ("python", "other"),
    "secrets": ("secrets",),
    "leaks": ("leaks",),
    "infrastructure": ("infrastructure",),
}
TOOLS = {
    "code": ("bandit", "semgrep"),
    "secrets": ("trivy", "bandit", "secrets"),
    "leaks": ("trivy", "bandit", "secrets"),
    "infrastructure": ("trivy",),
}


def found_at(findings: Iterable[Finding]) -> dict[tuple[str, int], set[str]]:
    spots: dict[tuple[str, int], set[str]] = defaultdict(set)
    for one in findings:
        for line in range(one.line, max(one.end_line, one.line) + 1 if one.end_line - one.line < 5 else one.line + 1):
            spots[one.path, line] |= {family(one.cwe), *(source.rule for source in one.said_by)}
    return spots


def score(findings: Iterable[Finding], folders: tuple[str, ...]) -> dict[str, float]:
    spots = found_at(findings)
    hit: dict[bool, int] = defaultdict(int)
    every: dict[bool, int] = defaultdict(int)
    for label in corpus.labels(*folders):
        every[label.weak] += 1
        hit[label.weak] += bool({label.family, label.what} & spots.get((label.path, label.line), set()))
    reported = hit[True] + hit[False]
    return {
        "weak": every[True],
        "fine": every[False],
        "found": hit[True],
        "false": hit[False],
        "recall": round(hit[True] / every[True], 3),
        "precision": round(hit[True] / reported, 3) if reported else 0.0,
    }


async def scanned(tools: tuple[str, ...]) -> ScanReport:
    with tempfile.TemporaryDirectory() as folder:
        target = Path(folder) / "corpus"
        for name in chain.from_iterable(FOLDERS.values()):
            shutil.copytree(corpus.ROOT / name, target / name)
        local = LocalScan(Scanning(scanners(settings.load().tools, masked=Masked(b"corpus"))), Mirrors(Path(folder)))
        return await local.scan(target, ScanOptions(tools))


async def main() -> None:
    for what, folders in FOLDERS.items():
        report = await scanned(TOOLS[what])
        for tool in TOOLS[what]:
            mine = [one for one in report.findings if tool in {source.tool for source in one.said_by}]
            print(json.dumps({"what": what, "tool": tool, **score(mine, folders)}))
        if len(TOOLS[what]) > 1:
            print(json.dumps({"what": what, "tool": "together", **score(report.findings, folders)}))


if __name__ == "__main__":
    asyncio.run(main())
