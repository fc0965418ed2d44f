"""What a case expected and what happened: every difference is told, and nothing else."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain.jobs.result import JobResult, Status
from domain.pipelines.job import Job, JobKind
from domain.pipelines.plan import Plan
from domain.simulation.expectations import Expected, Observed, misses, unreached

SEEN = Observed(
    "failed",
    "test: exit code 1",
    jobs={
        "build": JobResult(Status.PASSED, outputs={"v": "1"}),
        "test[py=3.11]": JobResult(Status.PASSED),
        "test[py=3.12]": JobResult(Status.FAILED),
        "ship": JobResult(Status.SKIPPED, "needs test, which is failed"),
        "late": JobResult(Status.CANCELLED, "cancelled", began=False),
    },
    asked=("ask",),
    gates={"gate": "closed"},
    releases={"web": "live"},
    notices=("run/x/1 asks for ask",),
    seconds=3600,
)


def test_what_was_expected_is_no_miss() -> None:
    wanted = Expected(
        status="failed",
        reason="exit code",
        ran=("build", "test"),
        skipped={"ship": "test"},
        failed=("test[py=3.12]", "late"),
        asked=("ask",),
        gates={"gate": "closed"},
        releases={"web": "live"},
        outputs={"build": {"v": "1"}},
        notices=("asks for ask",),
        at_least_s=3600,
        at_most_s=3600,
    )

    assert misses(wanted, SEEN) == []


@pytest.mark.parametrize(
    ("wanted", "what"),
    [
        (Expected(status="passed"), "status"),
        (Expected(reason="timeout"), "reason"),
        (Expected(ran=("build",)), "ran"),
        (Expected(ran=("build", "test", "ship")), "ran"),
        (Expected(skipped={"ship": "something else"}), "why ship was skipped"),
        (Expected(skipped={}), "skipped"),
        (Expected(failed=()), "failed"),
        (Expected(asked=()), "approvals"),
        (Expected(gates={"gate": "open"}), "gate gate"),
        (Expected(releases={"api": "live"}), "release api"),
        (Expected(outputs={"build": {"v": "2"}}), "output build.v"),
        (Expected(notices=("nobody",)), "notification"),
        (Expected(at_least_s=3601), "duration"),
        (Expected(at_most_s=3599), "duration"),
    ],
)
def test_each_difference_is_told_with_expected_and_actual(wanted, what):
    [miss] = misses(wanted, SEEN)

    assert miss.what == what
    assert miss.expected != miss.actual


@given(st.dictionaries(st.sampled_from(["a", "b", "c[1]", "c[2]"]), st.builds(JobResult, st.sampled_from(Status))))
def test_naming_exactly_what_ran_is_right_and_one_more_or_less_is_wrong(jobs):
    seen = Observed("passed", jobs=jobs)
    ran = tuple(id_ for id_, job in jobs.items() if job.status is not Status.SKIPPED)

    assert misses(Expected(ran=ran), seen) == []
    assert misses(Expected(ran=(*ran, "more")), seen)
    assert not ran or misses(Expected(ran=ran[1:]), seen)


def test_what_no_case_reached_is_told() -> None:
    jobs = (
        Job("build", JobKind.RUN, "build"),
        Job("docs", JobKind.RUN, "docs", when="changed('docs/**')"),
        Job("ask", JobKind.APPROVAL, "ask"),
        Job("never", JobKind.RUN, "never"),
    )
    ran = Observed("passed", jobs={id_: JobResult(Status.PASSED) for id_ in ("build", "docs", "ask")})

    assert [(one.job, one.what.split(",")[0]) for one in unreached(Plan("p", jobs), [ran])] == [
        ("docs", "was never skipped"),
        ("ask", "was never refused"),
        ("never", "never ran"),
    ]
