"""JUnit reports mean what their dialects say: no bad word about a case or a suite is lost."""

from pathlib import Path

import pytest

from activities.jobs.reports import reader
from activities.jobs.reports.files import xml_root
from activities.jobs.reports.junit import MAX_DEPTH, cases_of
from domain.jobs import testing
from domain.jobs.testing import TestCase
from domain.pipelines.steps import TestSpec

SKIPPED = '<skipped message="teardown"/>'
FAILURE = '<failure message="1 == 2">boom</failure>'


def cases(text: str | bytes) -> list[TestCase]:
    return cases_of(xml_root(text.encode() if isinstance(text, str) else text))


def outcomes(inside: str) -> list[str]:
    return [case.outcome for case in cases(f"<testsuite>{inside}</testsuite>")]


def one(inside: str = "", **attributes: str) -> str:
    said = "".join(f' {name}="{value}"' for name, value in attributes.items())
    return outcomes(f'<testcase name="a"{said}>{inside}</testcase>')[0]


@pytest.mark.parametrize(
    ("inside", "outcome"),
    [
        ("", "passed"),
        (FAILURE + SKIPPED, "failed"),
        (SKIPPED + FAILURE, "failed"),
        ("<error/><failure/><skipped/>", "error"),
        ("<failure/><error/>", "error"),
        ("<failure/><rerunFailure/>", "failed"),
        ("<rerunError/>", "error"),
        ("<flakyFailure/>", "passed"),
        ("<flakyError/><skipped/>", "skipped"),
        ("<rerun/>", "passed"),
        ("<disabled/>", "skipped"),
        ("<system-out>failure</system-out><properties><property name='failure'/></properties>", "passed"),
    ],
)
def test_the_worst_element_of_a_case_counts(inside: str, outcome: str) -> None:
    assert one(inside) == outcome


@pytest.mark.parametrize(
    ("word", "outcome"),
    [
        *[(word, "failed") for word in ("failed", "Failure", "FAIL", "xpass")],
        *[(word, "error") for word in ("error", "errored", "broken", "timedout", "timed-out", "panicked", "aborted")],
        *[(word, "skipped") for word in ("disabled", "notrun", "not_run", "Ignored", "pending", "suppressed", "skip")],
        *[(word, "passed") for word in ("run", "completed", "passed", "pass", "ok", "", "0", "of our own")],
    ],
)
def test_status_and_result_count_like_elements(word: str, outcome: str) -> None:
    assert one(status=word) == one(result=word) == one(status="run", result=word) == outcome
    assert one(SKIPPED, status="passed") == "skipped"
    assert one("<failure/>", status="disabled") == "failed"


def test_a_flaky_case_has_passed_and_is_told() -> None:
    flaky, failed = cases(
        "<testsuite failures='1'><testcase name='b'><flakyFailure message='once'/></testcase>"
        "<testcase name='a'><failure message='first'/><rerunFailure message='again'/></testcase></testsuite>"
    )

    assert (flaky.outcome, flaky.flaky) == ("passed", True)
    assert (failed.outcome, failed.flaky, failed.message) == ("failed", False, "first")
    assert testing.summary(testing.TestReport((flaky,), 1)) == "1 passed, 1 flaky"


@pytest.mark.parametrize(
    "suite",
    [
        '<testsuite name="s" errors="1"/>',
        '<testsuite name="s" failures="2"><testcase name="a"/></testsuite>',
        '<testsuite name="s" errors="1,000"><testcase name="a"><skipped/></testcase></testsuite>',
        '<testsuite name="s"><testcase name="a"/><error message="@AfterClass failed"/></testsuite>',
        '<testsuite name="s"><failure/></testsuite>',
        '<testsuite name="s" status="failed"><testcase name="a"/></testsuite>',
        '<testsuite name="s" errors="1"><testcase name="a"><flakyFailure/></testcase></testsuite>',
        '<testsuites name="s" errors="1"><testsuite errors="0"><testcase name="a"/></testsuite></testsuites>',
        '<testsuites><testsuite name="outer"><testsuite name="s" errors="1"/></testsuite></testsuites>',
    ],
)
def test_an_error_of_a_suite_itself_is_one_bad_case_of_its_name(suite: str) -> None:
    (bad,) = [case for case in cases(suite) if case.outcome != "passed" and case.outcome != "skipped"]

    assert (bad.name, bad.outcome) == ("suite s", "error")


@pytest.mark.parametrize(
    "suite",
    [
        '<testsuites errors="1"><testsuite errors="1"><testcase><error/></testcase></testsuite></testsuites>',
        '<testsuites errors="1"><testsuite errors="0"><testcase><failure/></testcase></testsuite></testsuites>',
        '<testsuite failures="1"><testcase status="failed"/></testsuite>',
        '<testsuite failures="5"><testcase><failure/></testcase></testsuite>',
    ],
)
def test_what_a_suite_counts_is_not_told_again(suite: str) -> None:
    assert len(cases(suite)) == 1


@pytest.mark.parametrize("count", ["0", "", "no", "-1", "0.0"])
def test_a_suite_that_counts_nothing_bad_has_passed(count: str) -> None:
    assert [case.outcome for case in cases(f'<testsuite errors="{count}"><testcase/></testsuite>')] == ["passed"]


def test_a_suite_whose_flaky_cases_are_its_failures_has_passed() -> None:
    nested = '<testsuite failures="1"><testcase><flakyFailure/></testcase></testsuite>'

    assert [case.outcome for case in cases(f'<testsuites failures="1">{nested}</testsuites>')] == ["passed"]


def test_suites_within_suites_and_namespaces_are_read() -> None:
    inner = '<testsuite><testsuite><testcase name="a"><failure/></testcase></testsuite></testsuite>'

    assert [case.outcome for case in cases(f'<testsuites xmlns="urn:junit">{inner}</testsuites>')] == ["failed"]


@pytest.mark.parametrize(
    ("text", "seconds"),
    [("0.25", 0.25), ("0,25", 0.25), ("1,234.5", 1234.5), ("1,234,567", 1234567), ("", 0), (" 2 ", 2)]
    + [(word, 0) for word in ("nan", "inf", "-1", "1_000", "1e4000", "soon")]
    + [("9" * 30, 1e9), ("1e400", 1e9), ("5E-05", 5e-05)],
)
def test_times_are_read_in_both_notations_and_are_bounded(text: str, seconds: float) -> None:
    (case,) = cases(f'<testsuite><testcase name="a" time="{text}"/></testsuite>')

    assert case.seconds == seconds


@pytest.mark.parametrize(
    "data",
    [
        '<?xml version="1.0" encoding="GBK"?><testsuite><testcase name="测"/></testsuite>'.encode("gbk"),
        '<?xml version="1.0" encoding="Shift_JIS"?><testsuite><testcase name="測"/></testsuite>'.encode("shift_jis"),
        '<?xml version="1.0" encoding="windows-1252"?><testsuite><testcase name="é"/></testsuite>'.encode("cp1252"),
        '<?xml version="1.0" encoding="UTF-16"?><testsuite><testcase name="é"/></testsuite>'.encode("utf-16"),
        '\ufeff<?xml version="1.0" encoding="UTF-8"?><testsuite><testcase name="é"/></testsuite>'.encode(),
        b'<testsuite><testcase name="na\xefve"/></testsuite>',
        b'<testsuite><testcase name="\x1b[31mred\x1b[0m &#x1b;[0m&#27;&#0;"/></testsuite>',
    ],
)
def test_reports_in_any_character_set_and_with_colours_are_read(data: bytes) -> None:
    (case,) = cases(data)

    assert case.name
    assert "\x1b" not in case.name


@pytest.mark.parametrize(
    "text",
    [
        "",
        "<testsuite>",
        "{}",
        "<html/>",
        "<coverage/>",
        '<!DOCTYPE x [<!ENTITY a "aaaa">]><testsuite><testcase name="&a;"/></testsuite>',
        '<?xml version="1.0" encoding="idna"?><testsuite/>\x1b',
        "<testsuite>" * (MAX_DEPTH + 2) + "</testsuite>" * (MAX_DEPTH + 2),
        "<testsuite>" * 100_000,
    ],
)
def test_what_is_no_junit_report_is_a_problem_with_the_name_of_the_file(tmp_path: Path, text: str) -> None:
    (tmp_path / "r.xml").write_text(text)
    spec = TestSpec(junit=("*.xml",))
    report = reader.read(tmp_path, spec)

    assert report.cases == ()
    assert testing.judge(spec, report).startswith(("r.xml cannot be read", "the test reports contain no tests"))


def test_a_pattern_may_begin_with_the_folder_itself(tmp_path: Path) -> None:
    (tmp_path / "r.xml").write_text("<testsuite><testcase/></testsuite>")

    assert reader.read(tmp_path, TestSpec(junit=("./*.xml",))).files == 1
    assert reader.read(tmp_path, TestSpec(junit=("./*.xml", "!./r.xml"))).files == 0
