"""A file of any shape is a report or a problem with a name, and never an error."""

from pathlib import Path
from xml.etree import ElementTree

from hypothesis import given
from hypothesis import strategies as st

from activities.jobs.reports import coverage, junit
from domain.jobs.coverage import merged
from domain.jobs.testing import TestReport, summary

TAGS = [
    "testsuites",
    "testsuite",
    "testcase",
    "failure",
    "error",
    "skipped",
    "coverage",
    "packages",
    "project",
    "report",
    "package",
    "sourcefile",
]
TAGS += [
    "class",
    "classes",
    "methods",
    "method",
    "lines",
    "line",
    "group",
    "file",
    "metrics",
    "counter",
    "sources",
    "source",
]
NAMES = [
    "name",
    "status",
    "result",
    "time",
    "errors",
    "failures",
    "number",
    "hits",
    "condition-coverage",
    "filename",
    "line-rate",
    "nr",
    "ci",
    "mb",
    "cb",
]
NAMES += ["type", "num", "count", "truecount", "falsecount", "path", "conditionals", "coveredconditionals"]
words = st.sampled_from(
    ["", "0", "1", "-1", "2/3", "50% (1/2)", "nan", "1e9", "stmt", "cond", "INSTRUCTION", "failed", "a.c"]
)


def element(tag: str, attributes: dict[str, str], below: list[ElementTree.Element]) -> ElementTree.Element:
    made = ElementTree.Element(tag, attributes)
    made.extend(below)
    return made


flat = st.builds(
    element, st.sampled_from(TAGS), st.dictionaries(st.sampled_from(NAMES), words, max_size=5), st.just([])
)
trees = st.recursive(
    flat,
    lambda below: st.builds(
        element,
        st.sampled_from(TAGS),
        st.dictionaries(st.sampled_from(NAMES), words, max_size=5),
        st.lists(below, max_size=4),
    ),
    max_leaves=15,
)
lines = st.lists(
    st.sampled_from(
        ["mode: set", "SF:a.c", "SF:\0", "DA:1,1", "DA:,", "BRDA:1,0,0,-", "BRDA:", "end_of_record", "a:1.1,1.1 1 1"]
    )
    | st.text(max_size=20),
    max_size=8,
)


@given(trees)
def test_any_xml_is_a_report_of_tests_or_refused(root):
    try:
        cases = junit.cases_of(root)
    except ValueError:
        return

    assert summary(TestReport(tuple(cases)))


@given(trees.map(ElementTree.tostring) | lines.map(lambda ones: "\n".join(ones).encode("utf-8", "replace")))
def test_any_file_is_a_report_of_coverage_or_refused(data):
    try:
        rates = merged(coverage.measured(data, Path("/nowhere")))
    except ValueError:
        return

    assert -1 <= rates.lines <= 100
    assert -1 <= rates.branches <= 100
