"""The scanners of a scan take turns: no more at once than cores, the longest first, and each has a report."""

import asyncio
from pathlib import Path

import pytest

from activities.core.port import Completed
from activities.scans.port import ScannerResult, Target
from activities.scans.running.scan_runner import Scanning
from domain.scans.findings.model import ScanState


class Counted:
    """A scanner that tells when it runs."""

    canary = ("", "", "")

    def __init__(self, name: str, log: list[str], running: set[str]) -> None:
        self.name, self.log, self.running = name, log, running

    def absent(self) -> str:
        return "not installed" if self.name == "gitleaks" else ""

    def digests(self):
        return {"tool": "1"}

    async def run(self, target: Path, scratch: Path, key: str, timeout_s: float) -> Completed:
        self.running.add(self.name)
        self.log.append(f"{len(self.running)} {self.name}")
        for _ in range(5):
            await asyncio.sleep(0)
        self.running.remove(self.name)
        return Completed(0, b"")

    def parse(self, target: Path, scratch: Path, completed: Completed) -> ScannerResult:
        return ScannerResult(version="1", findings=())


@pytest.mark.parametrize("cores", [1, 2, 3])
async def test_the_longest_starts_first_and_no_more_run_than_cores(tmp_path, cores):
    (tmp_path / "tree").mkdir()
    (tmp_path / "tree" / "a.py").write_text("x = 1\n" * 100)
    log: list[str] = []
    running: set[str] = set()
    names = ["markers", "semgrep", "gitleaks", "bandit", "nobody", "dataflow"]
    scanning = Scanning({name: Counted(name, log, running) for name in names if name != "nobody"}, parallel=cores)
    reports = await scanning.scan(names, Target((tmp_path / "tree").resolve()), tmp_path / "s", "key", 10)
    assert [one.tool for one in reports] == names
    assert [one.state for one in reports[:2]] == [ScanState.COMPLETE] * 2
    assert [line.split()[1] for line in log] == ["dataflow", "bandit", "semgrep", "markers"]
    assert max(int(line.split()[0]) for line in log) <= cores
