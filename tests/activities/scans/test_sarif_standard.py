"""A SARIF report means what its standard says, whoever wrote it."""

import json
from pathlib import Path

import pytest

from activities.scans.formats import sarif_reader
from domain.core.values import Json
from domain.scans.findings.model import Finding, ScanState, Severity, ToolReport

PLACE: Json = {"physicalLocation": {"artifactLocation": {"uri": "a.py"}, "region": {"startLine": 3}}}
CRITICAL: dict[str, Json] = {"id": "R1", "guid": "AA-1", "properties": {"security-severity": "9.8"}}
LOW: dict[str, Json] = {"id": "R0", "defaultConfiguration": {"level": "note"}}


def read(result: dict[str, Json], driver: Json = None, *, checkout: Path | None = None, **run: Json) -> ToolReport:
    tool: Json = {"driver": driver or {"name": "x"}}
    results: Json = [{"message": {"text": "bad"}, "locations": [PLACE], **result}]
    document = {"version": "2.1.0", "runs": [{"tool": tool, "results": results, **run}]}
    (report,) = sarif_reader.read(json.dumps(document).encode(), "r.sarif", checkout)
    return report


def finding(result: dict[str, Json], driver: Json = None, *, checkout: Path | None = None, **run: Json) -> Finding:
    (found,) = read(result, driver, checkout=checkout, **run).findings
    return found


EXTENDED: Json = {
    "driver": {"name": "x", "rules": [LOW]},
    "extensions": [{"name": "empty"}, {"name": "pack", "guid": "P-1", "rules": [LOW, CRITICAL]}],
}


@pytest.mark.parametrize(
    "result",
    [
        {"ruleId": "R1"},
        {"ruleId": "R1", "ruleIndex": 0},
        {"ruleId": "R1/sub/more"},
        {"rule": {"id": "R1"}},
        {"rule": {"guid": "aa-1"}},
        {"rule": {"index": 1, "toolComponent": {"index": 1}}},
        {"rule": {"index": 1, "toolComponent": {"name": "pack"}}},
        {"rule": {"index": 1, "toolComponent": {"guid": "p-1"}}},
        {"ruleIndex": 1, "rule": {"toolComponent": {"name": "pack"}}},
        {"ruleId": "R1", "rule": {"index": 99, "toolComponent": {"index": 99}}},
    ],
)
def test_a_rule_is_found_however_a_result_refers_to_it(result: dict[str, Json]) -> None:
    found = finding(result, tool=EXTENDED)

    assert found.severity is Severity.CRITICAL
    assert found.rule.startswith("R1")


@pytest.mark.parametrize("index", [-1, 1, 10**30])
def test_a_rule_that_is_not_there_is_a_warning(index: int) -> None:
    assert finding({"ruleIndex": index}, {"name": "x", "rules": [CRITICAL]}).severity is Severity.MEDIUM


def test_a_level_comes_from_the_result_then_the_override_then_the_rule() -> None:
    driver: Json = {"name": "x", "rules": [LOW]}
    about: Json = {"descriptor": {"id": "R0", "index": 0}, "configuration": {"level": "error"}}
    calls: Json = [{"executionSuccessful": True}, {"executionSuccessful": True, "ruleConfigurationOverrides": [about]}]

    assert finding({"ruleId": "R0"}, driver).severity is Severity.LOW
    assert finding({"ruleId": "R0/sub"}, driver, invocations=calls).severity is Severity.HIGH
    assert finding({"ruleId": "R0", "level": "warning"}, driver, invocations=calls).severity is Severity.MEDIUM
    assert finding({"ruleId": "unknown"}, {"name": "x"}, invocations=calls).severity is Severity.MEDIUM
    first: dict[str, Json] = {"ruleId": "R0", "provenance": {"invocationIndex": 0}}
    assert finding(first, driver, invocations=calls).severity is Severity.LOW


@pytest.mark.parametrize("kind", ["pass", "notApplicable"])
def test_what_passed_is_no_finding(kind: str) -> None:
    assert read({"ruleIndex": 0, "kind": kind, "level": "error"}, {"name": "x", "rules": [CRITICAL]}).findings == ()


@pytest.mark.parametrize("kind", ["informational", "review", "open"])
def test_a_remark_is_a_finding_that_blocks_nothing(kind: str) -> None:
    found = finding({"ruleIndex": 0, "kind": kind}, {"name": "x", "rules": [CRITICAL]})

    assert (found.severity, found.severity_source) == (Severity.INFO, f"x, as kind {kind}")


def test_a_result_that_is_gone_is_no_finding_and_an_old_one_is() -> None:
    assert read({"baselineState": "absent"}).findings == ()
    assert len(read({"baselineState": "unchanged"}).findings) == 1


def test_a_suppression_of_the_tool_is_kept_with_its_reason() -> None:
    accepted: Json = {"kind": "external", "status": "accepted", "justification": "ticket 1"}

    assert finding({"suppressions": [accepted]}).tool_suppression == "external: ticket 1"
    assert finding({"suppressions": [{"kind": "inSource"}]}).tool_suppression == "inSource: no reason given"
    assert finding({"suppressions": [accepted, {"status": "underReview"}]}).tool_suppression == ""
    assert finding({"suppressions": []}).tool_suppression == ""
    assert finding({"suppressions": [{"status": True}]}).tool_suppression == ""


TEXTS: Json = {"default": {"text": "Use of {0} and {{1}} is bad, says {1}"}}


@pytest.mark.parametrize(
    ("message", "text"),
    [
        ({"id": "default", "arguments": ["md5", "{0}"]}, "Use of md5 and {1} is bad, says {0}"),
        ({"id": "default", "arguments": ["md5"]}, "Use of md5 and {1} is bad, says {1}"),
        ({"id": "shared", "arguments": ["x"]}, "everywhere x"),
        ({"text": "{0} and {{ x }}"}, "{0} and {{ x }}"),
        ({"markdown": "*bad*"}, "*bad*"),
        ({"id": "unknown"}, "What the rule says"),
        ({}, "What the rule says"),
    ],
)
def test_a_message_is_put_together_from_the_rules_texts(message: Json, text: str) -> None:
    rule: Json = {"id": "R", "messageStrings": TEXTS, "shortDescription": {"text": "What the rule says"}}
    driver: Json = {"name": "x", "rules": [rule], "globalMessageStrings": {"shared": {"text": "everywhere {0}"}}}

    assert finding({"ruleId": "R", "message": message}, driver).message == text


BASES: Json = {
    "SRC": {"uri": "file:///home/u/repo/"},
    "SUB": {"uri": "backend/", "uriBaseId": "SRC"},
    "A": {"uri": "a/", "uriBaseId": "B"},
    "B": {"uri": "b/", "uriBaseId": "A"},
    "WIN": {"uri": "file:///C:/repo/"},
}


@pytest.mark.parametrize(
    ("location", "path"),
    [
        ({"uri": "app.py", "uriBaseId": "SRC"}, "app.py"),
        ({"uri": "app.py", "uriBaseId": "SUB"}, "backend/app.py"),
        ({"uri": "./x%20y/../app.py"}, "app.py"),
        ({"uri": "file:///home/u/repo/backend/app.py"}, "backend/app.py"),
        ({"uri": "file:///C:/repo/a/b.cs"}, "a/b.cs"),
        ({"uri": "a\\b.cs", "uriBaseId": "WIN"}, "a/b.cs"),
        ({"uri": "app.py", "uriBaseId": "unknown"}, "app.py"),
        ({"index": 0}, "backend/listed.py"),
        ({"uri": "../../etc/passwd"}, "../../etc/passwd"),
        ({"uri": "file:///etc/passwd"}, "/etc/passwd"),
        ({"index": 7}, ""),
    ],
)
def test_a_path_is_relative_to_the_root_whatever_it_stands_on(location: Json, path: str) -> None:
    listed: Json = [{"location": {"uri": "listed.py", "uriBaseId": "SUB"}}]
    place: Json = [{"physicalLocation": {"artifactLocation": location}}]

    assert finding({"locations": place}, originalUriBaseIds=BASES, artifacts=listed).path == path


def test_bases_in_a_circle_end() -> None:
    place: Json = [{"physicalLocation": {"artifactLocation": {"uri": "x.py", "uriBaseId": "A"}}}]

    assert finding({"locations": place}, originalUriBaseIds=BASES).path.endswith("x.py")


def test_the_root_is_what_version_control_is_mapped_to_or_has_a_name_for_it() -> None:
    place: Json = [{"physicalLocation": {"artifactLocation": {"uri": "file:///r/backend/a.py"}}}]
    bases: Json = {"APP": {"uri": "file:///r/backend/"}, "TOP": {"uri": "file:///r/"}}
    named: Json = {"%SRCROOT%": {"uri": "file:///r/backend"}, "TOP": {"uri": "file:///r/"}}
    mapped: Json = [{"repositoryUri": "x", "mappedTo": {"uriBaseId": "APP"}}]

    assert finding({"locations": place}, originalUriBaseIds=bases).path == "backend/a.py"
    assert finding({"locations": place}, originalUriBaseIds=named).path == "a.py"
    assert finding({"locations": place}, originalUriBaseIds=bases, versionControlProvenance=mapped).path == "a.py"


@pytest.mark.parametrize(
    ("location", "path"),
    [
        ({"uri": "file:///ci/build/7/src/io/a.py"}, "src/io/a.py"),
        ({"uri": "io/a.py", "uriBaseId": "SOURCES"}, "src/io/a.py"),
        ({"uri": "io/gone.py", "uriBaseId": "SOURCES"}, "io/gone.py"),
        ({"uri": "file:///elsewhere/gone.py"}, "/elsewhere/gone.py"),
    ],
)
def test_an_absolute_path_of_another_checkout_is_found_in_this_one(tmp_path, location: Json, path: str) -> None:
    (tmp_path / "src" / "io").mkdir(parents=True)
    (tmp_path / "src" / "io" / "a.py").touch()
    place: Json = [{"physicalLocation": {"artifactLocation": location}}]
    bases: Json = {"SOURCES": {"uri": "file:///ci/build/7/src"}}

    assert finding({"locations": place}, checkout=tmp_path, originalUriBaseIds=bases).path == path


WEAKNESSES: Json = [{"name": "CWE", "guid": "C-1", "taxa": [{"id": "78"}, {"id": "CWE-079"}]}, {"name": "OWASP"}]


@pytest.mark.parametrize(
    ("result", "rule", "cwe"),
    [
        ({"taxa": [{"id": "327", "toolComponent": {"name": "CWE"}}]}, {}, "CWE-327"),
        ({"taxa": [{"index": 1, "toolComponent": {"index": 0}}]}, {}, "CWE-79"),
        ({"taxa": [{"index": 0, "toolComponent": {"guid": "c-1"}}]}, {}, "CWE-78"),
        ({"taxa": [{"id": "CWE-22"}]}, {}, "CWE-22"),
        ({"taxa": [{"id": "327", "toolComponent": {"name": "OWASP"}}]}, {}, ""),
        ({"taxa": [{"index": 9, "toolComponent": {"index": 0}}]}, {}, ""),
        ({"taxa": [None, {}, {"index": -3, "toolComponent": {"index": 0}}]}, {}, ""),
        ({}, {"relationships": [{"target": {"id": "89", "toolComponent": {"name": "CWE"}}}]}, "CWE-89"),
        ({}, {"properties": {"cwe": ["CWE-611"]}}, "CWE-611"),
        ({}, {"properties": {"cwe": "CWE-611: XXE"}}, "CWE-611"),
        ({"properties": {"tags": ["external/cwe/cwe-022"]}}, {}, "CWE-22"),
    ],
)
def test_a_weakness_is_read_from_taxa_relations_and_properties(result, rule, cwe) -> None:
    driver: Json = {"name": "x", "rules": [{"id": "R", **rule}]}

    assert finding({"ruleId": "R", **result}, driver, taxonomies=WEAKNESSES).cwe == cwe


@pytest.mark.parametrize(
    "run",
    [
        {"externalPropertyFileReferences": {"results": [{"location": {"uri": "r.json"}}]}},
        {"externalPropertyFileReferences": {"driver": {"location": {"uri": "d.json"}}}},
        {
            "invocations": [
                {
                    "executionSuccessful": True,
                    "toolConfigurationNotifications": [{"level": "error", "message": {"text": "no rules"}}],
                }
            ]
        },
    ],
)
def test_a_run_that_is_elsewhere_or_misconfigured_is_incomplete(run: dict[str, Json]) -> None:
    assert read({}, checkout=None, **run).state is ScanState.INCOMPLETE


@pytest.mark.parametrize("line", [10**400, 1e300, -5, "3", True])
def test_lines_and_texts_are_bounded_and_can_be_written(line: Json) -> None:
    region: Json = {"startLine": line, "endLine": line}
    place: Json = [{"physicalLocation": {"artifactLocation": {"uri": "\ud800"}, "region": region}}]
    found = finding({"ruleId": "\ud800", "message": {"text": "\ud800" * 5_000}, "locations": place})

    assert 0 <= found.line <= sarif_reader.MAX_LINE
    assert len(found.message) <= 2_000
    (found.message + found.path + found.rule).encode()


def test_a_byte_order_mark_is_read_over_and_nan_is_refused() -> None:
    text = '{"version": "2.1.0", "runs": [{"tool": {"driver": {"name": "x"}}, "results": []}]}'
    (marked,) = sarif_reader.read(text.encode("utf-8-sig"), "r.sarif")
    (wrong,) = sarif_reader.read(text.replace("[]}", '[], "rank": NaN}').encode(), "r.sarif")

    assert (marked.state, wrong.state) == (ScanState.COMPLETE, ScanState.FAILED)
