"""When the report of a test job passes."""

from hypothesis import given
from hypothesis import strategies as st

from domain.jobs import testing
from domain.jobs.testing import TestCase, TestReport
from domain.pipelines.steps import TestSpec

cases = st.lists(
    st.builds(TestCase, st.just("t"), st.sampled_from(["passed", "failed", "error", "skipped"])), max_size=5
)


@given(cases, st.integers(0, 2), st.floats(-1, 100), st.floats(0, 100), st.booleans())
def test_a_test_report_passes_only_with_evidence_and_without_a_failure(found, files, covered, wanted, with_coverage):
    spec = TestSpec(("*.xml",), ("c.xml",) if with_coverage else (), wanted if with_coverage else 0)
    report = TestReport(tuple(found), files, covered)
    enough = files > 0 and found and not any(case.outcome in ("failed", "error") for case in found)
    if with_coverage:
        enough = enough and covered >= 0 and covered >= wanted

    assert (testing.judge(spec, report) == "") == bool(enough)


@given(st.permutations(["passed", "skipped", "failed", "error"]))
def test_a_better_word_about_a_case_never_hides_a_worse_one(words):
    assert testing.worst(words) == "error"
    assert testing.worst(word for word in words if word != "error") == "failed"
    assert testing.worst([]) == "passed"


def test_the_required_branches_must_be_reported_and_covered():
    spec = TestSpec(coverage=("c.xml",), min_branch_percent=50)

    assert testing.judge(spec, TestReport(coverage_percent=90)).startswith("no branches are reported")
    assert testing.judge(spec, TestReport(coverage_percent=90, branch_percent=49.99)).startswith(
        "branch coverage is 49.99 %"
    )
    assert testing.judge(spec, TestReport(coverage_percent=90, branch_percent=50)) == ""
