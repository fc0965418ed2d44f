"""Our own search as the process that it is, on what a stranger may commit."""

from __future__ import annotations

import os
import uuid
import zipfile
from pathlib import Path
from typing import Any

import pytest

from activities.scans.merge import merge_reports
from activities.scans.port import Target
from activities.scans.running.scan_runner import Scanning
from activities.scans.scanners.secrets import rule_files, searching
from activities.scans.scanners.secrets.secrets import Secrets
from activities.scans.secret_hashing import Masked
from domain.scans.findings.model import Finding, FindingKind, ScanState, Severity, ToolReport

KEY = "AK" + "IAS76GPRGQJS2EMXUC"
HMAC = Masked(b"key").of(KEY)


async def scanned(root: Path, scratch: Path) -> ToolReport:
    scanning = Scanning({"secrets": Secrets(Masked(b"key"))})
    return (await scanning.scan(["secrets"], Target(root.resolve()), scratch, f"k{uuid.uuid4().hex}", 100))[0]


def of_folder(root: Path) -> Any:
    return searching.of_folder(root, rule_files.load())


@pytest.fixture
def root(tmp_path) -> Path:
    (tmp_path / "root").mkdir()
    return tmp_path / "root"


async def test_every_hiding_place_is_looked_into_and_no_value_leaves(root, tmp_path):
    line = f"key = '{KEY}'\n"
    (root / "plain.py").write_text(line)
    (root / "control.py").write_bytes(line.replace("AKIA", "AK\x01IA").encode())
    (root / "wide.txt").write_text(line, "utf-16")
    (root / "image.png").write_bytes(b"\x89PNG\r\n\x1a\n" + bytes(range(256)) + KEY.encode() + b" ")
    (root / "node_modules").mkdir()
    (root / "node_modules" / "yarn.lock").write_text(line)
    (root / "a\nb.svg").write_text(f"<svg><!-- {KEY} --></svg>")
    (root / ".gitleaks.toml").write_text("[allowlist]\npaths = ['.*']\n")
    with zipfile.ZipFile(root / "lib.whl", "w", zipfile.ZIP_DEFLATED) as packed:
        packed.writestr("lib/a.py", "\n" + line)
    os.symlink("/etc/passwd", root / "link")
    report = await scanned(root, tmp_path / "scratch")
    keys = {(one.path, one.member, one.line) for one in report.findings if one.secret == HMAC}

    assert report.state is ScanState.COMPLETE, report.reason
    assert {path for path, _, _ in keys} == {
        *("plain.py", "control.py", "wide.txt", "image.png", "node_modules/yarn.lock", "a\nb.svg", "lib.whl")
    }
    assert ("lib.whl", "lib/a.py", 2) in keys
    assert KEY not in repr(report)
    assert {one.kind for one in report.findings} == {FindingKind.SECRET}
    assert {one.cwe for one in report.findings} == {"CWE-798"}


async def test_what_cannot_be_opened_is_named_and_leaves_the_scan_incomplete(root, tmp_path):
    (root / "a.7z").write_bytes(b"7z\xbc\xaf\x27\x1c" + bytes(100))
    report = await scanned(root, tmp_path / "scratch")

    assert report.state is ScanState.INCOMPLETE
    assert "a.7z" in report.reason


def test_a_file_is_read_in_pieces_with_the_lines_of_the_whole(root, monkeypatch):
    """As a line of 200 MB would be."""
    monkeypatch.setattr(searching, "CHUNK_BYTES", 1_000)
    monkeypatch.setattr(searching, "OVERLAP_BYTES", 200)
    for at in range(700, 1_100, 7):
        (root / "a.py").write_bytes(b"# x\n" * (at // 4) + b"#" * (at % 4) + f" '{KEY}'\n".encode() + b"y\n" * 1_000)
        found = of_folder(root)

        assert [one["line"] for one in found["hits"]] == [at // 4 + 1]


async def test_a_report_that_is_missing_is_a_failed_scan(root, tmp_path, monkeypatch):
    monkeypatch.setattr("activities.scans.scanners.secrets.secrets.MODULE", "activities.nowhere")

    assert (await scanned(root, tmp_path / "scratch")).state is ScanState.FAILED


def test_the_same_value_said_by_several_tools_is_one_finding() -> None:
    def said(tool: str, severity: Severity) -> ToolReport:
        one = Finding(
            tool=tool,
            rule="r",
            kind=FindingKind.SECRET,
            severity=severity,
            message="m",
            path="a.env",
            line=3,
            secret=HMAC,
        )
        return ToolReport(tool=tool, state=ScanState.COMPLETE, findings=(one,))

    (one,) = merge_reports(
        [said("trivy", Severity.HIGH), said("secrets", Severity.MEDIUM), said("gitleaks", Severity.LOW)]
    ).findings

    assert [source.tool for source in one.sources] == ["trivy", "secrets", "gitleaks"]
    assert one.severity is Severity.HIGH
