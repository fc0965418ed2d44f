"""Two attempts side by side: every difference is told, and nothing else."""

from hypothesis import given
from hypothesis import strategies as st

from domain.jobs.result import JobResult, Status
from domain.pipelines.job import Job, JobKind
from domain.runs.comparison import Difference, Side, differences
from domain.scans.findings.model import Finding, FindingKind, Severity

BUILD = Job("build", JobKind.RUN, "build")
PASSED = JobResult(Status.PASSED)


def side(jobs=(BUILD,), results=None, **more):
    return Side(jobs, results or {"build": PASSED}, **{"seconds": {}} | more)


def test_results_outputs_artifacts_and_timings_that_differ_are_told() -> None:
    old = side(results={"build": JobResult(Status.FAILED, outputs={"n": 1}, artifacts={"app": "a" * 64})})
    new = side(results={"build": JobResult(Status.PASSED, outputs={"n": 2}, artifacts={"app": "b" * 64})})

    assert [(one.what, one.before, one.after) for one in differences(old, new)] == [
        ("status", "failed", "passed"),
        ("output n", "1", "2"),
        ("artifact app", "a" * 60, "b" * 60),
        ("seconds", "0.0", "0.0"),
    ]


def test_a_changed_definition_names_what_changed() -> None:
    new = side((Job("build", JobKind.RUN, "build", env={"A": "1"}), Job("more", JobKind.RUN, "more")))

    assert differences(side(), new)[:2] == [
        Difference("build", "definition", "", "changed: env"),
        Difference("more", "definition", "not there", "new"),
    ]


def test_findings_that_came_and_went_are_told() -> None:
    one, two = (
        Finding(tool="t", rule=rule, kind=FindingKind.SAST, severity=Severity.HIGH, message="", path="a.py", line=3)
        for rule in ("R1", "R2")
    )
    found = differences(side(findings={"build": (one,)}), side(findings={"build": (two,)}))

    assert [(d.before, d.after) for d in found if d.what == "findings"] == [
        ("high R1 a.py:3", "gone"),
        ("not there", "high R2 a.py:3"),
    ]


def test_what_was_kept_has_no_time_of_its_own() -> None:
    kept = side(results={"build": JobResult(Status.PASSED, reused="run/web/1")})

    assert differences(side(), kept) == []


@given(
    st.dictionaries(st.sampled_from("abc"), st.builds(JobResult, st.sampled_from(Status), outputs=st.just({"x": 1})))
)
def test_an_attempt_does_not_differ_from_itself_but_in_name(results):
    one = side((), results)

    assert {difference.what for difference in differences(one, one)} <= {"seconds"}
