"""Edits of the corpus, each scanned incrementally and whole by the real tools: both must say the same."""

from __future__ import annotations

import random
import shutil
from dataclasses import replace
from pathlib import Path

from activities.scans.port import Target
from activities.scans.running.scan_runner import Scanning
from activities.scans.scanners.registry import scanners
from activities.scans.secret_hashing import Masked
from activities.scans.running.unit_cache import UnitCache
from domain.scans.findings.model import Finding, ToolReport
from domain.scans.units import UnitScopes
from tests.corpus import edits, labelled
from workers.core import settings

TOOLS = ("bandit", "semgrep", "dataflow", "trivy", "secrets", "markers")
QUICK = tuple(tool for tool in TOOLS if tool != "trivy")
"""trivy takes a second for any scan, and reads together what the others read file by file."""
EDITS = (edits.insert, edits.edit, edits.move, edits.rename, edits.reformat, edits.duplicate, edits.elsewhere)
SCOPES = UnitScopes(("edits",), "edits")
LIMIT_S = 170


class Rescans:
    """One tree that is edited and scanned again and again."""

    def __init__(self, folder: Path, seed: int, tools: tuple[str, ...]) -> None:
        self._folder, self._draw, self._number = folder, random.Random(seed), 0
        self._tools = tools
        self._tree = labelled.original()
        self._least = len(self._tree.files) // 2
        self._adapters = scanners(settings.load().tools, masked=Masked(b"corpus"))

    def edit(self) -> None:
        """One edit, sometimes with a file removed; where many are gone, all come back."""
        self._draw.choice(EDITS)(self._tree, self._draw)
        if self._draw.random() < 0.1:
            del self._tree.files[self._draw.choice(sorted(self._tree.files))]
        if len(self._tree.files) < self._least:
            self._tree = labelled.original()

    async def scan(self, *, whole: bool) -> list[ToolReport]:
        self._number += 1
        here = self._folder / str(self._number)
        for path, lines in self._tree.files.items():
            (here / "tree" / path).parent.mkdir(parents=True, exist_ok=True)
            (here / "tree" / path).write_text("\n".join(line.text for line in lines) + "\n")
        units = None if whole else UnitCache(self._folder / "units", b"corpus")
        scanning = Scanning(self._adapters, units=units)
        target = Target((here / "tree").resolve(), scopes=SCOPES)
        reports = await scanning.scan_whole(self._tools, target, here / "scratch", f"rescan-{self._number}", LIMIT_S)
        shutil.rmtree(here)
        return reports


async def compare(folder: Path, count: int, seed: int, tools: tuple[str, ...] = TOOLS) -> None:
    """Edits a tree so often, and scans it incrementally and whole each time."""
    rescans = Rescans(folder, seed, tools)
    await rescans.scan(whole=False)
    again = 0
    for _ in range(count):
        rescans.edit()
        incremental = await rescans.scan(whole=False)
        assert said(incremental) == said(await rescans.scan(whole=True))
        again += any("again" in one.reason for one in incremental)
    assert again > count / 2, "most of these scans were whole ones"


def said(reports: list[ToolReport]) -> list[tuple[str, str, int, int, list[Finding]]]:
    """What two scans of the same files must have in common."""
    return [
        (
            one.tool,
            one.state.value,
            one.files_scanned,
            one.files_expected,
            sorted(
                (replace(each, url="") for each in one.findings), key=lambda each: (each.path, each.line, each.rule)
            ),
        )
        for one in reports
    ]
