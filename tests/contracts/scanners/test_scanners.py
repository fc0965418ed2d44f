"""One contract for every scanner, with the real tools: what must be found, and how each kind of failure ends."""

from pathlib import Path

import pytest
from temporalio.testing import ActivityEnvironment

from activities.core import serialization as serial
from activities.jobs.directories import JobDirectories
from activities.jobs.port import JobInput
from activities.scans.activities import ScanActivities
from activities.scans.formats import sarif
from activities.scans.merge import merge_reports
from activities.scans.scanners.registry import scanners
from activities.scans.scanners.semgrep import Semgrep
from activities.source.mirrors import Mirrors
from activities.storage.port import AWAY
from activities.storage.stores.folder import FolderStore
from domain.core.documents import Node
from domain.core.errors import StoreUnavailableError
from domain.jobs.result import Status
from domain.pipelines.job import Job, JobKind
from domain.scans.findings.model import Finding, FindingKind, ScanReport, ScanState, Severity, ToolReport
from domain.scans.spec import ScanSpec
from domain.triggers.source import SourceRef
from tests.corpus import record, samples
from workers.core import settings
from workers.core.records import Records

WEAK = {
    "bandit": ("samples/weak.py", "B605", 5),
    "semgrep": ("samples/query.py", "python-sql-injection", 2),
    "trivy": ("samples/token.py", "assigned-password", 1),
}
PROGRAMS = {
    "bandit": "bin/python",
    "semgrep": "lib/python3.11/site-packages/semgrep/bin/semgrep-core",
    "trivy": "bin/trivy",
}
HARMLESS = ("samples/hello.py", "samples/one.py")


async def scan(
    tmp_path: Path, tool: str, files: dict[str, str], tools: Path | None = None
) -> tuple[ScanReport, Status]:
    repo = tmp_path / "repo"
    repo.mkdir()
    for name, text in files.items():
        (repo / name).write_text(text)
    mirrors = Mirrors(tmp_path / "m")
    source_repo, commit = mirrors.snapshot(repo)

    store = FolderStore(tmp_path / "s")
    adapters = scanners(tools or settings.load().tools)
    activities = ScanActivities(
        places=JobDirectories(tmp_path / "j"),
        store=store,
        records=Records.at(tmp_path / "r.db").runs,
        mirrors=mirrors,
        scanners=adapters,
    )
    job = Job("s", JobKind.SCAN, "s", run_timeout_s=100, scan=ScanSpec((tool,)))
    result = await ActivityEnvironment().run(
        activities.scan, JobInput("run/x/1", job, attempt=1, source=SourceRef(source_repo, commit))
    )
    return serial.load(ScanReport, store.get(result.report)), result.status


@pytest.mark.parametrize("tool", WEAK)
def test_a_weakness_is_found_at_its_line_even_if_the_repository_switches_the_tool_off(looked, tool):
    report = looked.report(tool)

    assert report.state is ScanState.COMPLETE, report.reason
    assert WEAK[tool] in [(f.path, f.rule, f.line) for f in report.findings]
    assert all(f.severity is not Severity.UNKNOWN for f in report.findings)
    assert report.version


@pytest.mark.parametrize("tool", WEAK)
def test_harmless_code_has_no_finding(looked, tool):
    report = looked.report(tool)

    assert not [one for one in report.findings if one.path in HARMLESS]
    assert report.files_scanned == report.files_expected >= len(record.recorded(tool)["files"]) - 1


@pytest.mark.parametrize("tool", WEAK)
def test_what_is_recorded_for_other_tests_is_what_the_real_tool_says(looked, tool):
    """When it is not: python -m tests.corpus.record."""
    kept, now = record.recorded(tool), looked.recording(tool)
    broken = {record.key_of(".py", samples.BROKEN.encode())}

    assert kept["version"] == now["version"]
    assert {key: one for key, one in kept["files"].items() if key not in broken} == now["files"]


@pytest.mark.parametrize("tool", WEAK)
async def test_a_replayed_report_is_read_as_the_real_one(looked, tool, tmp_path, recorded_scanners):
    (replayed,) = await record.looked((tool,), looked.target, tmp_path / "scratch")
    real = looked.report(tool)

    assert set(replayed.findings) == set(real.findings)
    assert (replayed.state, replayed.version) == (real.state, real.version)
    assert (replayed.files_scanned, replayed.files_expected) == (real.files_scanned, real.files_expected)


@pytest.mark.parametrize("tool", WEAK)
async def test_a_missing_tool_is_a_failed_scan(tmp_path, tool):
    report, status = await scan(tmp_path, tool, {"a.py": "x = 1\n"}, tmp_path / "nowhere")

    assert status is Status.FAILED
    assert report.tools[0].state is ScanState.FAILED
    assert "cannot be started" in report.tools[0].reason


@pytest.mark.parametrize("script", ["exit 9", "echo garbage", "kill -9 $$"])
@pytest.mark.parametrize("tool", WEAK)
async def test_a_tool_that_crashes_or_prints_garbage_is_a_failed_scan_with_its_output_kept(tmp_path, tool, script):
    program = tmp_path / "tools" / tool / PROGRAMS[tool]
    program.parent.mkdir(parents=True)
    program.write_text(f"#!/bin/sh\necho its last words >&2\n{script}\n")
    program.chmod(0o755)
    report, status = await scan(tmp_path, tool, {"a.py": "x = 1\n"}, tmp_path / "tools")

    assert status is Status.FAILED
    assert b"its last words" in FolderStore(tmp_path / "s").get(report.tools[0].output)


async def test_a_file_that_cannot_be_parsed_makes_bandits_scan_incomplete(tmp_path):
    report, status = await scan(tmp_path, "bandit", {"a.py": samples.BROKEN})

    assert status is Status.FAILED
    assert report.tools[0].state is ScanState.INCOMPLETE
    assert "not scanned" in report.tools[0].reason


async def test_what_is_recorded_of_a_file_that_cannot_be_parsed_is_what_bandit_says(tmp_path):
    kept = record.recorded("bandit")["files"]
    (file,) = (await record.broken(tmp_path))["files"].items()

    assert file in kept.items()


def test_our_semgrep_rules_have_unique_ids_and_a_cwe() -> None:
    import yaml

    from activities.scans.scanners.semgrep import RULES

    rules = [rule for path in RULES.glob("*.yaml") for rule in yaml.safe_load(path.read_text())["rules"]]
    assert len(rules) >= 40
    assert len({rule["id"] for rule in rules}) == len(rules)
    assert all(rule["metadata"]["cwe"].startswith("CWE-") for rule in rules)
    assert Semgrep.name == "semgrep"


def test_sarif_says_what_failed_and_identifies_what_was_found() -> None:
    found = Finding(
        tool="t",
        rule="R1",
        kind=FindingKind.SAST,
        severity=Severity.HIGH,
        message="bad",
        path="a.py",
        line=3,
        cwe="CWE-78",
        url="https://example.org/R1",
    )
    report = merge_reports(
        [
            ToolReport(tool="t", state=ScanState.COMPLETE, version="1", findings=(found, found)),
            ToolReport(tool="u", state=ScanState.FAILED, reason="gone"),
        ]
    )
    first, second = Node(sarif.document(report)).need_list("runs")

    prints = [one.at("partialFingerprints", "sluiceway/v2").text() for one in first["results"]]
    assert len(set(prints)) == 2
    assert first["results"].first()["level"].text() == "error"
    assert second["invocations"].first()["executionSuccessful"].value is False
    import jsonschema  # it loads a grammar for a second

    jsonschema.validate(sarif.document(report), SARIF_SHAPE)


SARIF_SHAPE = {
    "type": "object",
    "required": ["version", "runs"],
    "properties": {
        "version": {"const": "2.1.0"},
        "runs": {
            "type": "array",
            "items": {
                "required": ["tool", "results"],
                "properties": {
                    "tool": {"required": ["driver"], "properties": {"driver": {"required": ["name"]}}},
                    "results": {"items": {"required": ["message", "ruleId", "locations"]}},
                },
            },
        },
    },
}
"""What section 3 of the standard requires of the objects that we write."""


class Flaky(FolderStore):
    """Away for the first calls of each kind."""

    def __init__(self, root: Path) -> None:
        super().__init__(root)
        self.refused: set[bytes] = set()

    def put(self, data: bytes) -> str:
        if data not in self.refused:
            self.refused.add(data)
            raise StoreUnavailableError(AWAY, "the store cannot be asked")
        return super().put(data)


async def test_a_scan_waits_for_a_store_that_is_away(tmp_path):
    mirrors = Mirrors(tmp_path / "m")
    (tmp_path / "repo").mkdir()
    (tmp_path / "repo" / "a.py").write_text("print('hello')\n")
    source = SourceRef(*mirrors.snapshot(tmp_path / "repo"))
    adapters = scanners(settings.load().tools)
    flaky = Flaky(tmp_path / "s")
    activities = ScanActivities(
        places=JobDirectories(tmp_path / "j"),
        store=flaky,
        records=Records.at(tmp_path / "r.db").runs,
        mirrors=mirrors,
        scanners=adapters,
    )
    job = Job("s", JobKind.SCAN, "s", run_timeout_s=100, scan=ScanSpec(("markers",)))
    result = await ActivityEnvironment().run(activities.scan, JobInput("run/x/1", job, attempt=1, source=source))

    assert result.status is Status.PASSED
    assert flaky.refused
