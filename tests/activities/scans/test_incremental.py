"""A scan of what has changed says what a scan of everything says, and a gap of it is a gap."""

from pathlib import Path

import pytest

from activities.core.port import Completed
from activities.scans.port import ScannerFailed, ScannerResult, Target
from activities.scans.running.sandbox import files, names
from activities.scans.running.scan_runner import Scanning
from activities.scans.running.unit_cache import UnitCache
from domain.scans.findings.model import Finding, FindingKind, ScanState, Severity, ToolReport
from domain.scans.units import UnitScopes

SCOPES = UnitScopes(("here",), "here")


class Words:
    """Finds files with the word weak; reads none with the word broken, and fails on the word crash."""

    name = "words"
    canary = ("a", "weak", "weak")

    def __init__(self) -> None:
        self.read: list[str] = []

    def absent(self) -> str:
        return ""

    def digests(self):
        return {"tool": "1"}

    def unit_of(self, path: str) -> str:
        return ""

    async def run(self, target: Path, scratch: Path, key: str, timeout_s: float) -> Completed:
        return Completed(0, b"")

    def parse(self, target: Path, scratch: Path, completed: Completed) -> ScannerResult:
        texts = {path: path.read_text() for path in files(target)}
        if "crash" in "".join(texts.values()):
            raise ScannerFailed("crashed")
        self.read += sorted(path.name for path in texts)
        looked = [path for path, text in texts.items() if "broken" not in text]
        found = [weak(path.relative_to(target).as_posix()) for path in looked if "weak" in texts[path]]
        return ScannerResult(
            version="1", findings=tuple(found), looked=names(looked, target), expected=names(texts, target)
        )


def weak(path: str) -> Finding:
    return Finding(tool="words", rule="weak", kind=FindingKind.SAST, severity=Severity.LOW, message="", path=path)


@pytest.fixture
def tree(tmp_path):
    (tmp_path / "tree").mkdir()
    for number in range(10):
        (tmp_path / "tree" / f"{number}.txt").write_text("weak" if number % 2 else "fine")
    return tmp_path / "tree"


@pytest.fixture
def scan(tree, tmp_path):
    """Scans the tree, incrementally or whole; `.words.read` is what was read for it."""

    class Scan:
        words = Words()
        number = 0

        async def __call__(self, scopes: UnitScopes = SCOPES) -> ToolReport:
            self.number += 1
            self.words.read = []
            scanning = Scanning({"words": self.words}, units=UnitCache(tmp_path / "units", b"key"))
            target = Target(tree.resolve(), scopes=scopes)
            (report,) = await scanning.scan(["words"], target, tmp_path / f"scratch-{self.number}", "key", 10)
            return report

        async def whole(self) -> ToolReport:
            return await self(UnitScopes())

    return Scan()


async def test_a_changed_file_is_read_alone_and_the_report_is_that_of_everything(scan, tree):
    await scan()
    (tree / "2.txt").write_text("weak now")
    (tree / "3.txt").unlink()
    (tree / "new.txt").write_text("weak")
    report = await scan()
    assert scan.words.read == ["2.txt", "new.txt"]

    whole = await scan.whole()
    assert report.findings == tuple(sorted(whole.findings, key=lambda one: one.path))
    assert (report.files_scanned, report.state) == (whole.files_scanned, ScanState.COMPLETE)
    assert report.reason == "10 files, 2 of them again"


async def test_nothing_is_read_where_nothing_has_changed(scan):
    first = await scan()
    again = await scan()

    assert scan.words.read == []
    assert again.findings == tuple(sorted(first.findings, key=lambda one: one.path))
    assert again.cached


async def test_a_file_that_cannot_be_read_makes_each_scan_incomplete(scan, tree):
    await scan()
    (tree / "2.txt").write_text("broken")
    first, again = await scan(), await scan()

    for report in (first, again):
        assert report.state is ScanState.INCOMPLETE
        assert "2.txt" in report.reason
        assert (report.files_scanned, report.files_expected) == (9, 10)


async def test_a_tool_that_fails_on_what_has_changed_has_failed(scan, tree):
    await scan()
    (tree / "2.txt").write_text("crash")

    assert (await scan()).state is ScanState.FAILED
    assert (await scan()).state is ScanState.FAILED


async def test_a_changed_rule_is_a_new_scan(scan, monkeypatch):
    await scan()
    monkeypatch.setattr(Words, "digests", lambda self: {"tool": "1", "rules": "2"})
    await scan()

    assert len(scan.words.read) == 10


async def test_what_a_pull_request_has_left_is_read_by_nobody(scan, tree):
    await scan()
    (tree / "2.txt").write_text("weak now")
    request = UnitScopes(("here",), "")
    await scan(request)
    await scan(request)
    assert scan.words.read == ["2.txt"]

    await scan()
    assert scan.words.read == ["2.txt"]
