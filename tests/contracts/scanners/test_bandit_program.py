"""bandit as we start it, against bandit itself."""

import json
import subprocess
from pathlib import Path

from activities.scans.running.scan_runner import VIEW
from activities.scans.scanners.bandit.bandit import PROGRAM
from workers.core import settings


def said(report: Path) -> dict:
    return {name: value for name, value in json.loads(report.read_bytes()).items() if name != "generated_at"}


def test_without_asking_for_markers_it_says_what_it_says(looked, tmp_path):
    view = (looked.scratch / VIEW).resolve()
    python = settings.load().tools / "bandit" / "bin" / "python"
    (tmp_path / "ini").write_text("[bandit]\n")
    command = [str(python), "-m", "bandit", "-r", str(view), "-f", "json", "-q", "--exit-zero", "--ignore-nosec"]
    command += ["--exclude", "//nothing//", "--ini", str(tmp_path / "ini"), "-o", str(tmp_path / "report.json")]
    subprocess.run(command, cwd=tmp_path, check=True, capture_output=True)

    report = said(looked.scratch / "bandit" / "report.json")
    assert report == said(tmp_path / "report.json")
    assert len(report["results"]) > 100


def test_it_still_asks_where_the_program_answers():
    python = settings.load().tools / "bandit" / "bin" / "python"
    asked = "from bandit.core.tester import BanditTester as t; t._get_nosecs_from_contexts"
    subprocess.run([str(python), "-I", "-c", asked], check=True)
    assert "_get_nosecs_from_contexts" in PROGRAM.read_text()
