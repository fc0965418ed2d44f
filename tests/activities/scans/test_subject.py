"""Reports say what was scanned, and SARIF names files from the root of their repository."""

from __future__ import annotations

import json
import subprocess
from dataclasses import replace
from pathlib import Path

import pytest

from activities.scans.formats import html, sarif
from activities.scans.subject import subject_of
from domain.scans.findings.model import Finding, FindingKind, ScanReport, ScanState, Severity, Step, ToolReport

DAY = 1_795_996_800.0  # 2026-11-30
WEAK = Finding(
    tool="bandit",
    rule="B602",
    kind=FindingKind.SAST,
    severity=Severity.HIGH,
    message="m",
    path="my db.py",
    line=3,
    trace=(Step("web.py", 1, "the request's q"),),
)
REPORT = ScanReport(tools=(ToolReport(tool="bandit", state=ScanState.COMPLETE),), merged=(WEAK,))


@pytest.fixture
def shop(tmp_path: Path) -> Path:
    """A repository without a commit, with a folder and a file in it."""
    top = tmp_path / "shop"
    (top / "src" / "web").mkdir(parents=True)
    (top / "src" / "web" / "db.py").write_text("x = 1\n")
    subprocess.run(["git", "init", "-q", str(top)], check=True)
    return top


@pytest.mark.parametrize(
    ("inside", "name", "prefix"),
    [(".", "shop", ""), ("src/web", "shop/src/web", "src/web/"), ("src/web/db.py", "shop/src/web/db.py", "src/web/")],
)
def test_what_was_scanned_is_named_from_the_root_of_its_repository(shop, inside, name, prefix):
    assert subject_of(shop / inside, DAY) == (f"{name}, 2026-11-30", prefix)


def test_the_commit_is_named_when_there_is_one(shop):
    who = ["-c", "user.name=a", "-c", "user.email=a@b.example", "-c", "commit.gpgsign=false"]
    subprocess.run(["git", "-C", str(shop), *who, "commit", "-q", "--allow-empty", "-m", "m"], check=True)
    head = subprocess.run(["git", "-C", str(shop), "rev-parse", "HEAD"], check=True, capture_output=True, text=True)

    assert subject_of(shop, DAY)[0] == f"shop, working tree of {head.stdout[:12]}, 2026-11-30"


def test_a_folder_without_a_repository_has_its_own_name(tmp_path):
    assert subject_of(tmp_path, DAY) == (f"{tmp_path.name}, 2026-11-30", "")


def test_sarif_names_files_from_the_root_of_the_repository():
    (run,) = json.loads(sarif.write(replace(REPORT, prefix="src/web/")))["runs"]
    (result,) = run["results"]
    step = result["codeFlows"][0]["threadFlows"][0]["locations"][0]["location"]

    assert result["locations"][0]["physicalLocation"]["artifactLocation"] == {
        "uri": "src/web/my%20db.py",
        "uriBaseId": "%SRCROOT%",
    }
    assert step["physicalLocation"]["artifactLocation"]["uri"] == "src/web/web.py"
    assert list(run["originalUriBaseIds"]) == ["%SRCROOT%"]


def test_the_title_of_the_page_says_what_was_scanned_and_what_was_found():
    page = html.write(replace(REPORT, subject="shop<, 2026-11-30"))

    assert "<title>shop&lt;, 2026-11-30: 1 finding</title>" in page
