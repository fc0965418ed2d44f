"""Reports of other tools: read where they are SARIF, and never silently empty."""

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from activities.scans.formats import sarif, sarif_reader
from activities.scans.merge import merge_reports
from domain.core.documents import Manifest
from domain.core.values import Json
from domain.scans.findings.model import Finding, FindingKind, ScanState, Severity, ToolReport

RESULT: dict[str, Json] = {
    "ruleId": "R1",
    "level": "error",
    "message": {"text": "bad"},
    "locations": [{"physicalLocation": {"artifactLocation": {"uri": "src/a%20b.py"}, "region": {"startLine": 3}}}],
}
RULE: Json = {"id": "R1", "properties": {"security-severity": "9.8", "tags": ["external/cwe/cwe-078"]}}


def document(*results: Json, **run: Json) -> bytes:
    made: Json = {
        "tool": {"driver": {"name": "My Tool!", "version": "3", "rules": [RULE]}},
        "results": list(results),
        **run,
    }
    return json.dumps({"version": "2.1.0", "runs": [made]}).encode()


def test_results_become_findings_with_the_severity_and_cwe_of_their_rule() -> None:
    (report,) = sarif_reader.read(document(RESULT), "r.sarif")
    (found,) = report.findings

    assert (report.tool, report.version, report.state) == ("my-tool-", "3", ScanState.COMPLETE)
    assert (found.rule, found.severity, found.cwe, found.path, found.line) == (
        "R1",
        Severity.CRITICAL,
        "CWE-78",
        "src/a b.py",
        3,
    )


def test_a_score_that_is_no_number_does_not_make_an_error_harmless() -> None:
    strange: Manifest = {"id": "R1", "properties": {"security-severity": "nan"}}
    (report,) = sarif_reader.read(document(RESULT, tool={"driver": {"name": "x", "rules": [strange]}}), "r.sarif")

    assert report.findings[0].severity is Severity.HIGH


def test_what_we_write_is_read_again() -> None:
    one = Finding(
        tool="bandit",
        rule="B605",
        kind=FindingKind.SAST,
        severity=Severity.HIGH,
        message="bad",
        path="a.py",
        line=3,
        cwe="CWE-78",
    )
    written = sarif.write(
        merge_reports([ToolReport(tool="bandit", state=ScanState.COMPLETE, version="1", findings=(one,))])
    )
    (report,) = sarif_reader.read(written.encode(), "r.sarif")

    assert [(x.rule, x.path, x.line, x.cwe, x.severity) for x in report.findings] == [
        ("B605", "a.py", 3, "CWE-78", Severity.HIGH)
    ]


def test_a_run_that_was_not_successful_is_incomplete() -> None:
    (report,) = sarif_reader.read(document(RESULT, invocations=[{"executionSuccessful": False}]), "r.sarif")

    assert report.state is ScanState.INCOMPLETE
    assert len(report.findings) == 1


@pytest.mark.parametrize(
    "data",
    [
        b"",
        b"{",
        b"[]",
        b'{"version": "2.0.0", "runs": []}',
        b'{"version": "2.1.0", "runs": []}',
        b'{"version": "2.1.0", "runs": [{}]}',
        b'{"version": "2.1.0", "runs": [{"tool": {"driver": {"name": "x"}}}]}',
        document(RESULT, invocations={"executionSuccessful": False}),
        document(RESULT, invocations=[True]),
        document(RESULT, invocations=[{"executionSuccessful": True, "toolExecutionNotifications": {"level": "error"}}]),
        document(RESULT, results={"0": RESULT}),
        document(RESULT, tool={"driver": {"name": "x", "rules": [None]}}),
        document("a finding"),
        b"[" * 100_000,
        b"\xff\xfe",
    ],
)
def test_what_is_no_report_has_failed(data):
    (report,) = sarif_reader.read(data, "r.sarif")

    assert report.state is ScanState.FAILED
    assert "r.sarif" in report.reason


@pytest.mark.parametrize("uri", ["../../etc/passwd", "file:///etc/passwd", "C:\\x\\y.py", "http://[", ""])
def test_any_path_is_only_words(uri):
    strange = json.loads(json.dumps(RESULT))
    strange["locations"][0]["physicalLocation"]["artifactLocation"]["uri"] = uri
    reports = sarif_reader.read(document(strange), "r.sarif")

    assert reports[0].state in (ScanState.COMPLETE, ScanState.FAILED)


KEYS = [
    "runs",
    "tool",
    "driver",
    "extensions",
    "name",
    "guid",
    "results",
    "rules",
    "id",
    "ruleId",
    "ruleIndex",
    "rule",
    "index",
    "toolComponent",
    "version",
    "kind",
]
KEYS += [
    "locations",
    "physicalLocation",
    "artifactLocation",
    "uri",
    "uriBaseId",
    "originalUriBaseIds",
    "artifacts",
    "location",
    "region",
]
KEYS += [
    "suppressions",
    "status",
    "taxa",
    "taxonomies",
    "relationships",
    "target",
    "properties",
    "tags",
    "cwe",
    "message",
    "arguments",
]
KEYS += [
    "invocations",
    "ruleConfigurationOverrides",
    "descriptor",
    "configuration",
    "level",
    "provenance",
    "invocationIndex",
]
KEYS += ["versionControlProvenance", "mappedTo", "messageStrings", "baselineState", "externalPropertyFileReferences"]
values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=10),
    lambda below: (
        st.lists(below, max_size=3)
        | st.dictionaries(
            st.sampled_from(KEYS),
            below,
            max_size=4,
        )
    ),
    max_leaves=15,
)


@given(values, values)
def test_any_json_is_a_report_or_has_failed(results, run):
    for value in (
        {"version": "2.1.0", "runs": [run]},
        {"version": "2.1.0", "runs": [{"tool": {"driver": {"name": "x"}}, "results": [results]}]},
    ):
        for report in sarif_reader.read(json.dumps(value).encode(), "r.sarif"):
            merge_reports([report])
