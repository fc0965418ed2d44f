"""A scan's report in every format: complete, and harmless whatever a file or a scanner says."""

from __future__ import annotations

import json
import subprocess
import xml.etree.ElementTree
from dataclasses import replace
from typing import TYPE_CHECKING

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from activities.jobs.reports.junit import cases_of
from activities.scans.formats import baseline, html, markdown, openvex, sarif, sarif_reader
from activities.scans.formats import json_report as plain
from activities.scans.formats.registry import FORMATS
from activities.scans.merge import compare_with_baseline, merge_reports
from domain.core.documents import Node
from domain.scans.findings import vex
from domain.scans.findings.model import (
    NO_DATABASE,
    FileClass,
    Finding,
    FindingKind,
    ScanReport,
    ScanState,
    Severity,
    State,
    Step,
    ToolReport,
)
from domain.scans.findings.trend import TrendPoint
from tests.support import published
from tests.support.profile import times
from tests.support.programs import need

if TYPE_CHECKING:
    import jsonschema

EVIL = "<script>document.title='owned'</script><img src=x onerror=\"document.title='owned'\">\x1b[31m]]>&\x00"
texts = st.text(max_size=30)
findings = st.lists(
    st.builds(
        Finding,
        tool=st.sampled_from(["bandit", "trivy"]),
        rule=texts,
        kind=st.sampled_from(FindingKind),
        severity=st.sampled_from(Severity),
        message=texts,
        path=texts,
        line=st.integers(0, 9),
        cwe=texts,
        package=texts,
        fixed_in=texts,
        code=texts,
        secret=texts,
        context=st.lists(texts, max_size=2).map(tuple),
        trace=st.lists(st.builds(Step, texts, st.integers(0, 9), texts), max_size=3).map(tuple),
    ),
    max_size=5,
)


def report(*found: Finding) -> ScanReport:
    tools = [
        ToolReport(tool="bandit", state=ScanState.COMPLETE, version="1", findings=found),
        ToolReport(tool="trivy", state=ScanState.FAILED, reason=EVIL),
    ]
    return merge_reports(tools)


def evil() -> Finding:
    return Finding(
        tool="bandit",
        rule=EVIL,
        kind=FindingKind.SAST,
        severity=Severity.HIGH,
        message=EVIL,
        path=EVIL,
        line=3,
        end_line=4,
        cwe="CWE-78",
        snippet=EVIL,
        package=EVIL,
        fixed_in=EVIL,
        url=EVIL,
    )


@pytest.mark.parametrize("format_", FORMATS)
@given(findings)
def test_any_finding_can_be_written(format_, found):
    text = FORMATS[format_](report(*found))

    assert text
    if format_ in ("json", "sarif", "gitlab"):
        json.loads(text)
    if format_ == "junit":
        xml.etree.ElementTree.fromstring(text)


@given(findings)
def test_a_report_that_was_written_is_a_baseline_against_which_nothing_is_new(found):
    before = baseline.read(plain.write(report(*found)).encode(), "b.json")
    compared = compare_with_baseline(report(*found), before, "b.json", None)

    assert all(one.state is State.EXISTING for one in compared.findings)
    assert compared.fixed == ()


@pytest.mark.browser
def test_the_page_counts_what_it_shows_and_runs_nothing_that_a_finding_says(tmp_path):
    chromium = need("chromium", "pages are looked at in a real browser")
    page = tmp_path / "findings.html"
    mild = replace(evil(), severity=Severity.LOW, code="third")
    told = replace(report(evil(), replace(evil(), code="second"), mild), subject="shop, 2026-11-30")
    page.write_text(html.write(told))
    flags = ["--headless", "--no-sandbox", "--disable-gpu", f"--user-data-dir={tmp_path}/profile"]
    done = subprocess.run(
        [chromium, *flags, "--dump-dom", f"file://{page}#severity=high&by=rule"],
        capture_output=True,
        text=True,
        timeout=150,
        check=True,
    )

    assert "<title>shop, 2026-11-30: 3 findings</title>" in done.stdout
    assert "2 shown" in done.stdout  # the filters stand in the address
    assert done.stdout.count('<details class="group" open="">') == 1
    assert "<img" not in done.stdout


@pytest.mark.parametrize("format_", ["json", "sarif", "html", "junit", "markdown", "gitlab"])
def test_each_format_has_the_remarks_of_the_report(format_: str) -> None:
    quiet = ToolReport(tool="trivy", state=ScanState.COMPLETE, database_date=NO_DATABASE)
    hidden = replace(evil(), state=State.SUPPRESSED)
    tools = (quiet, ToolReport(tool="bandit", state=ScanState.COMPLETE))
    one = ScanReport(tools=tools, merged=(hidden,), notes=("a note of the scan",))
    text = FORMATS[format_](one)

    assert "has no vulnerability database: it did not look for known vulnerabilities" in text
    for remark in (*one.notes, *(["1 finding suppressed"] if format_ != "sarif" else ["suppressions"])):
        assert remark in text


@pytest.mark.parametrize(("date", "searched"), [(NO_DATABASE, False), ("", False), ("2026-11-01T00:00:00Z", True)])
def test_a_program_can_ask_whether_known_vulnerabilities_were_looked_for(date: str, searched: bool) -> None:
    tool = ToolReport(tool="trivy", state=ScanState.COMPLETE, database_date=date)
    said = Node(json.loads(plain.write(ScanReport(tools=(tool,)))))["known_vulnerabilities"]

    assert said["searched"].value is searched
    assert bool(said["reason"]) is not searched
    assert said["without_database"].texts() == (["trivy"] if date == NO_DATABASE else [])


def test_the_page_folds_many_findings_by_file_and_shows_copies_and_suppressed_ones_apart() -> None:
    def of(at: int) -> Finding:
        return replace(evil(), path=f"f{at % 9}.py", code=str(at), fingerprint=f"{at:08x}ffff")

    many = tuple(of(at) for at in range(60))
    theirs, gone = replace(of(60), file_class=FileClass.MINIFIED), replace(of(61), state=State.SUPPRESSED)
    page = html.write(ScanReport(merged=(*many, theirs, gone)))
    few = html.write(ScanReport(merged=many[:3]))

    assert page.count('<details class="group">') == 9 + 2
    assert few.count('<details class="group" open>') == 3
    assert "<h1>61 findings</h1>" in page
    assert "In vendored and minified files: 1 " in page
    assert "Suppressed: 1 " in page
    assert "0000003c" in page


def test_the_page_shows_what_is_new_before_what_is_known_however_severe() -> None:
    known = replace(evil(), state=State.EXISTING, path="old.py", severity=Severity.CRITICAL)
    new = replace(evil(), path="new.py", severity=Severity.LOW)
    page = html.write(ScanReport(merged=(known, new), baseline="main"))

    assert 0 < page.index("new.py") < page.index("old.py")
    assert "1 new, 1 existing, 0 fixed since main" in page


def test_what_was_suppressed_in_the_baseline_is_back_when_nobody_answers_for_it_any_more() -> None:
    before = [replace(one, state=State.SUPPRESSED) for one in report(evil()).findings]

    assert [one.state for one in compare_with_baseline(report(evil()), before, "main", None).findings] == [State.NEW]


def test_sarif_says_what_is_new_known_gone_and_let_through() -> None:
    old, kept = replace(evil(), rule="old"), replace(evil(), rule="kept", code="kept")
    compared = compare_with_baseline(
        report(kept, replace(evil(), rule="new", code="new")), report(old, kept).findings, "main", None
    )
    hidden = replace(compared.findings[0], state=State.SUPPRESSED, why="constants only")
    made = Node(sarif.document(replace(compared, merged=(*compared.findings, hidden))))
    results = list(made["runs"].first()["results"])

    assert sorted(one["baselineState"].text() for one in results) == ["absent", "new", "unchanged", "unchanged"]
    assert [one["suppressions"].value for one in results if one["suppressions"]] == [
        [{"kind": "external", "justification": "constants only"}]
    ]


def test_each_format_that_people_read_shows_the_path_of_a_value_step_by_step(tmp_path):
    steps = (Step("app.py", 3, "the request's args['q']"), Step("repo.py", 9, "passed to find"))
    found = replace(evil(), trace=steps)
    result = Node(sarif.document(report(found)))["runs"].first()["results"].first()
    flow = result["codeFlows"].first()["threadFlows"].first()["locations"]

    assert [one.at("location", "message", "text").text() for one in flow] == [one.text for one in steps]
    assert [one.at("location", "physicalLocation", "region", "startLine").whole() for one in flow] == [3, 9]
    assert Node(plain.document(report(found)))["findings"].first()["trace"].first()["path"].text() == "app.py"
    assert "repo.py:9" in html.write(report(found))
    assert "repo.py:9" in markdown.write(report(found))


@pytest.fixture(scope="module")
def schema() -> jsonschema.Draft4Validator:
    need("npm", "the published schema is in a package")
    import jsonschema  # it loads a grammar for a second

    return jsonschema.Draft4Validator(published.sarif_schema())


@pytest.mark.heavy
@given(findings, findings)
@settings(max_examples=times(15, 50))
def test_sarif_holds_to_the_published_schema(schema, before, now):
    compared = compare_with_baseline(report(*now), report(*before).findings, "main", None)
    hidden = [replace(one, state=State.SUPPRESSED, why="constants only") for one in compared.findings[:1]]
    document = sarif.document(replace(compared, merged=(*compared.findings, *hidden)))

    assert [f"{list(one.path)}: {one.message}"[:300] for one in schema.iter_errors(document)] == []


@given(findings)
def test_what_is_known_of_vulnerabilities_is_told_so_that_the_next_one_can_use_it(found):
    hidden = [replace(one, state=State.SUPPRESSED, why="never called") for one in report(*found).findings]
    said = vex.read(json.loads(openvex.write(replace(report(), merged=tuple(hidden)))))
    again = vex.apply(report(*found).findings, said)

    for one in again:
        named = one.kind is FindingKind.VULNERABILITY and one.rule and one.package.partition("?")[0]
        assert (one.state is State.SUPPRESSED) == bool(named)
    assert len(said) >= sum(one.state is State.SUPPRESSED for one in again)


def test_a_rule_in_sarif_is_as_severe_as_its_worst_finding_and_each_finding_is_as_severe_as_it_was() -> None:
    worst, mild = replace(evil(), severity=Severity.CRITICAL), replace(evil(), severity=Severity.LOW, code="second")
    for found in ((worst, mild), (mild, worst)):
        made = Node(sarif.document(report(*found)))
        (rule,) = [each for run in made["runs"] for each in run.at("tool", "driver", "rules")]
        (read,) = [one for one in sarif_reader.read(json.dumps(made.value).encode(), "r") if one.findings]

        assert rule.at("properties", "security-severity").text() == "9.5"
        assert {one.severity for one in read.findings} == {Severity.CRITICAL, Severity.LOW}


def test_our_junit_counts_what_a_reader_of_it_finds() -> None:
    one = report(evil(), replace(evil(), code="second", state=State.SUPPRESSED, why="because"))
    suite = xml.etree.ElementTree.fromstring(FORMATS["junit"](one))
    cases = cases_of(suite)

    for name, outcome in (("failures", "failed"), ("errors", "error"), ("skipped", "skipped")):
        assert suite.get(name) == str(sum(case.outcome == outcome for case in cases))


def test_reports_show_since_when_a_finding_is_known_whose_it_is_and_the_trend() -> None:
    old = replace(evil(), since=1_795_000_000.0, since_commit="c0ffee" * 7, owner="<b>@web")
    points = (
        TrendPoint(commit="a" * 40, at=1, open={"high": 2}),
        TrendPoint(commit=EVIL, at=2, open={"low": 1}, fixed=1),
    )
    told = replace(report(old), trend=points)
    page, document = html.write(told), Node(json.loads(plain.write(told)))

    assert "first seen 2026-11-18 at c0ffeec0ffee · owner &lt;b&gt;@web" in page
    assert "(was 2): 0 new, 1 fixed" in page
    assert "<script>document" not in page
    assert document["trend"].first()["open"].value == {"high": 2}
    assert document["findings"].first()["owner"].text() == "<b>@web"
    assert "was 2" in FORMATS["markdown"](told)
    assert '"firstDetectionTimeUtc": "2026-11-18T' in sarif.write(told)
