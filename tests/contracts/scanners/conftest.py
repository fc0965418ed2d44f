"""One look of every real scanner at the corpus, the samples and the switches, for all the tests of this folder."""

from __future__ import annotations

import asyncio
from pathlib import Path

import pytest

from activities.core import serialization as serial
from activities.scans.merge import merge_reports
from domain.scans.findings.model import ScanReport, ToolReport
from tests.corpus import record
from tests.support.once import once


class Looked:
    """What the real tools have said, and what they have written themselves."""

    def __init__(self, folder: Path) -> None:
        self.target, self.scratch = folder / "target", folder / "scratch"
        self._reports = folder / "reports"

    def report(self, tool: str) -> ToolReport:
        return serial.load(ToolReport, (self._reports / tool).read_bytes())

    def together(self, *tools: str) -> ScanReport:
        return merge_reports([self.report(tool) for tool in tools])

    def recording(self, tool: str) -> record.Recording:
        """As `python -m tests.corpus.record` would keep it."""
        return record.split(tool, self.target, self.scratch)


def _look(folder: Path) -> None:
    target = record.tree(folder)
    (folder / "reports").mkdir()
    for one in asyncio.run(record.looked(record.TOOLS, target, folder / "scratch")):
        (folder / "reports" / one.tool).write_bytes(serial.dump(one))


@pytest.fixture(scope="session")
def looked(tmp_path_factory: pytest.TempPathFactory) -> Looked:
    return Looked(once(tmp_path_factory, "looked-at-by-real-scanners", _look))
