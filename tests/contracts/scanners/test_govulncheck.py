"""Of known vulnerabilities in Go modules, those whose weak function the code reaches."""

import json
from pathlib import Path

import pytest

from activities.scans.advisories import database
from activities.scans.port import Target
from activities.scans.running.scan_runner import Scanning
from activities.scans.scanners.govulncheck import Govulncheck
from domain.scans.findings.model import ScanState, ToolReport
from workers.core import settings

ADVISORY = {
    "id": "GO-2026-0001",
    "aliases": ["CVE-2026-1"],
    "summary": "Brook overflows",
    "modified": "2026-01-01T00:00:00Z",
    "affected": [
        {
            "package": {"ecosystem": "Go", "name": "example.org/brook"},
            "ranges": [{"type": "SEMVER", "events": [{"introduced": "0"}, {"fixed": "2.0.0"}]}],
            "ecosystem_specific": {"imports": [{"path": "example.org/brook", "symbols": ["Weak"]}]},
        }
    ],
}
CODE = """package main

import "example.org/brook"

func main() {
	brook.%s()
}
"""
MODULE = {
    "go.mod": "module example.org/mill\n\ngo 1.21\n\nrequire example.org/brook v1.0.0\n",
    "vendor/modules.txt": "# example.org/brook v1.0.0\n## explicit; go 1.21\nexample.org/brook\n",
    "vendor/example.org/brook/brook.go": "package brook\n\nfunc Weak() {}\n\nfunc Strong() {}\n",
}


async def scanned(tmp_path: Path, files: dict[str, str]) -> ToolReport:
    target = tmp_path / "code"
    for name, text in files.items():
        (target / name).parent.mkdir(parents=True, exist_ok=True)
        (target / name).write_text(text)
    (tmp_path / "osv.json").write_text(json.dumps(ADVISORY))
    database.build([tmp_path / "osv.json"], tmp_path / "db", "2026-01-01T00:00:00Z")
    scanning = Scanning({"govulncheck": Govulncheck(settings.load().tools, tmp_path / "db")})
    (report,) = await scanning.scan(["govulncheck"], Target(target.resolve()), tmp_path / "s", "k", 300)
    return report


@pytest.mark.heavy
async def test_a_weak_function_that_is_reached_is_named_where_it_is_called(tmp_path):
    report = await scanned(tmp_path, {**MODULE, "main.go": CODE % "Weak"})

    assert report.state is ScanState.COMPLETE, report.reason
    (found,) = report.findings
    assert (found.rule, found.path, found.line, found.fixed_in) == ("CVE-2026-1", "main.go", 6, "v2.0.0")
    assert "reaches example.org/brook.Weak" in found.message
    assert found.package == "pkg:golang/example.org/brook@v1.0.0"
    assert report.database_date


@pytest.mark.heavy
async def test_a_weak_function_that_nobody_calls_is_left_to_the_others(tmp_path):
    report = await scanned(tmp_path, {**MODULE, "main.go": CODE % "Strong"})

    assert (report.state, report.findings) == (ScanState.COMPLETE, ()), report.reason


@pytest.mark.heavy
@pytest.mark.parametrize(
    "broken",
    [{"main.go": "package main\n\nfunc main() {"}, {"go.mod": "not a module"}, {"vendor/modules.txt": ""}],
    ids=["syntax", "go.mod", "vendor"],
)
async def test_code_that_does_not_load_is_no_complete_scan(tmp_path, broken):
    report = await scanned(tmp_path, {**MODULE, "main.go": CODE % "Weak", **broken})

    assert report.state in (ScanState.INCOMPLETE, ScanState.FAILED)
    assert report.reason


@pytest.mark.heavy
async def test_every_module_of_a_repository_is_looked_at(tmp_path):
    inner = {f"inner/{name}": text for name, text in {**MODULE, "main.go": CODE % "Weak"}.items()}
    report = await scanned(tmp_path, {**MODULE, "main.go": CODE % "Strong", **inner})

    assert report.files_scanned == 2, report.reason
    assert [one.path for one in report.findings] == ["inner/main.go"]


async def test_without_the_tool_it_is_skipped(tmp_path):
    assert "not installed" in Govulncheck(tmp_path).absent()
