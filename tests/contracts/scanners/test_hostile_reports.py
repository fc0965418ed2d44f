"""Whatever a tool prints instead of a report, the scan has failed or is incomplete, with a reason, and never passes."""

import asyncio
import json
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from activities.core.port import Completed
from activities.scans.formats.registry import FORMATS
from activities.scans.merge import merge_reports
from activities.scans.port import Target
from activities.scans.running import sandbox as environment
from activities.scans.running.scan_runner import Scanning
from activities.scans.scanners.bandit.bandit import Bandit
from activities.scans.scanners.semgrep import Semgrep
from activities.scans.scanners.trivy.trivy import Trivy
from domain.core.values import Json
from domain.scans.findings.model import ScanState, ToolReport

SCANNERS = {"bandit": Bandit, "semgrep": Semgrep, "trivy": Trivy}
WHOLE: dict[str, dict[str, Json]] = {
    "bandit": {"results": [], "errors": [], "metrics": {"_totals": {}, "a.py": {}}},
    "semgrep": {"results": [], "errors": [], "paths": {"scanned": ["a.py"]}, "version": "1"},
    "trivy": {"SchemaVersion": 2, "Trivy": {"Version": "1"}, "Results": []},
}
values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(max_size=20),
    lambda below: st.lists(below, max_size=4) | st.dictionaries(st.text(max_size=10), below, max_size=4),
    max_leaves=12,
)


def reported(tool: str, folder: Path, data: bytes) -> ToolReport:
    """What becomes of a tool that writes this as its report."""
    scanner = SCANNERS[tool](folder / "tools")

    async def run(target: Path, scratch: Path, key: str, timeout_s: float) -> Completed:
        (scratch / "report.json").write_bytes(data)
        (scratch / "sbom.json").write_text('{"bomFormat": "CycloneDX"}')
        (scratch / "sbom-spdx.json").write_text('{"spdxVersion": "SPDX-2.3"}')
        return Completed(0, b"")

    scanner.run = run
    target = folder / "target"
    target.mkdir(exist_ok=True)
    (target / "a.py").write_text("x = 1\n")
    scratch = folder / f"scratch-{len(list(folder.iterdir()))}"
    scanning = Scanning({tool: scanner})
    return asyncio.run(scanning.scan([tool], Target(target.resolve()), scratch, "k", 10))[0]


@pytest.mark.parametrize("tool", SCANNERS)
@pytest.mark.parametrize(
    "data",
    [
        b"",
        b"\x00\xff\xfe binary",
        b"[" * 200_000,
        b'{"results": [',
        b"null",
        b"[]",
        b'"text"',
        b"{}",
        b'{"results": 5, "errors": 5, "metrics": 5, "paths": 5, "SchemaVersion": 2, "Trivy": 5, "Results": 5}',
        b'{"SchemaVersion": 3}',
    ],
)
def test_what_is_no_report_is_a_failed_scan(tmp_path, tool, data):
    report = reported(tool, tmp_path, data)

    assert report.state is ScanState.FAILED
    assert report.reason


@pytest.mark.parametrize("tool", SCANNERS)
def test_what_is_changed_in_these_tests_is_complete_before(tmp_path, tool):
    assert reported(tool, tmp_path, json.dumps(WHOLE[tool]).encode()).state is ScanState.COMPLETE


@pytest.mark.parametrize("what", ["Secrets", "Misconfigurations", "Vulnerabilities"])
def test_what_is_changed_in_trivys_findings_is_found_before(tmp_path, what):
    text = json.dumps({**WHOLE["trivy"], "Results": [{"Target": "a.py", what: [TRIVY[what]]}]})

    assert len(reported("trivy", tmp_path, text.encode()).findings) == 1


@pytest.mark.parametrize("tool", SCANNERS)
def test_a_report_that_is_too_big_is_a_failed_scan(tmp_path, tool, monkeypatch):
    monkeypatch.setattr(environment, "MAX_REPORT_BYTES", 1_000)
    report = reported(tool, tmp_path, json.dumps({**WHOLE[tool], "more": "x" * 2_000}).encode())

    assert report.state is ScanState.FAILED
    assert "bytes" in report.reason


@pytest.mark.parametrize("tool", SCANNERS)
@given(data=st.data())
def test_any_value_at_any_place_of_a_report_is_survived(tmp_path_factory, tool, data):
    report = json.loads(json.dumps(WHOLE[tool]))
    report[data.draw(st.sampled_from(sorted(report)))] = data.draw(values)
    made = reported(tool, tmp_path_factory.mktemp("x"), json.dumps(report).encode())

    merge_reports([made])
    assert made.state in ScanState


TRIVY: dict[str, dict[str, Json]] = {
    "Secrets": {"RuleID": "r", "Severity": "HIGH", "Title": "t", "StartLine": 1, "EndLine": 1, "Match": "m"},
    "Misconfigurations": {
        "ID": "r",
        "Severity": "HIGH",
        "Title": "t",
        "Message": "m",
        "CauseMetadata": {"StartLine": 1},
    },
    "Vulnerabilities": {
        "VulnerabilityID": "r",
        "PkgName": "p",
        "InstalledVersion": "1",
        "Title": "t",
        "FixedVersion": "2",
        "VendorIDs": [],
        "References": [],
    },
}


@pytest.mark.parametrize("what", TRIVY)
@given(data=st.data())
def test_any_value_in_a_finding_is_survived_in_every_format(tmp_path_factory, what, data):
    issue = dict(TRIVY[what])
    issue[data.draw(st.sampled_from(sorted(issue)))] = data.draw(values)
    result = {"Target": data.draw(st.just("a.py") | values), what: [issue]}
    text = json.dumps({**WHOLE["trivy"], "Results": [result]})
    made = reported("trivy", tmp_path_factory.mktemp("x"), text.encode())

    for write in FORMATS.values():
        write(merge_reports([made]))


ISSUES: dict[str, tuple[str, dict[str, Json]]] = {
    "bandit": (
        "results",
        {"test_id": "B1", "issue_severity": "HIGH", "issue_text": "t", "line_number": 1, "line_range": [1]},
    ),
    "semgrep": (
        "results",
        {"check_id": "a", "start": {"line": 1}, "end": {"line": 1}, "extra": {"severity": "ERROR", "message": "m"}},
    ),
}


@pytest.mark.parametrize("tool", ISSUES)
@pytest.mark.parametrize("path", ["../../etc/passwd", "/etc/passwd", "a\x00b", "\x1b[31m", "x" * 5_000, ""])
def test_a_path_that_leads_out_of_the_target_is_never_read(tmp_path, tool, path):
    key, issue = ISSUES[tool]
    name = "filename" if tool == "bandit" else "path"
    made = reported(tool, tmp_path, json.dumps({**WHOLE[tool], key: [{**issue, name: path}]}).encode())

    assert all("root:" not in one.snippet for one in made.findings)
    assert made.state in (ScanState.FAILED, ScanState.INCOMPLETE, ScanState.COMPLETE)
