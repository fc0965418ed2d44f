"""What a new attempt runs again: no more than was asked for, and no less than is needed."""

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain.core.errors import RefusedError
from domain.jobs import result as results
from domain.jobs.result import Status
from domain.pipelines import dag as graph
from domain.pipelines.job import Job, JobKind
from domain.releases.deploy_spec import DeploySpec
from domain.releases.together.spec import Together
from domain.runs.rerun import Before, From, RerunRequest, again, kept
from domain.scans.spec import GateSpec

P, F, S, C = Status.PASSED, Status.FAILED, Status.SKIPPED, Status.CANCELLED


def job(name, *needs, group="", **more):
    return Job(**{"id": name, "kind": JobKind.RUN, "group": group or name, "stage": "", "needs": needs} | more)


CHAIN = (job("build"), job("test", "build"), job("lint"), job("ship", "test", "lint", artifacts_in=("build.app",)))


def rerun(jobs, status, wish=RerunRequest(), **more):  # noqa: B008
    return again(jobs, Before(status, **more), wish)


def test_from_failed_runs_what_failed_and_what_needs_it() -> None:
    found = rerun(CHAIN, {"build": P, "test": F, "lint": P, "ship": S})

    assert found == {"test": "it was failed", "ship": "it needs test"}


def test_from_a_job_leaves_its_neighbours_alone() -> None:
    assert list(rerun(CHAIN, dict.fromkeys(["build", "test", "lint", "ship"], P), RerunRequest(From.JOB, "lint"))) == [
        "lint",
        "ship",
    ]


def test_what_never_ran_runs_now() -> None:
    assert rerun(CHAIN, {"build": P, "test": P, "lint": C}) == {
        "lint": "it was cancelled",
        "ship": "it has no result to keep",
    }


def test_a_job_whose_artifact_is_gone_runs_again_because_of_it_and_so_does_all_that_needs_it() -> None:
    status = {"build": P, "test": P, "lint": F, "ship": S}
    found = rerun(CHAIN, status, lost={"build": "artifact app"})

    assert found["build"] == "its artifact app is deleted, and ship needs it"
    assert found["test"] == "it needs build"


def test_an_artifact_that_nobody_needs_again_may_be_gone() -> None:
    assert "build" not in rerun(CHAIN[:3], {"build": P, "test": P, "lint": F}, lost={"build": "artifact app"})


def test_a_gate_needs_the_reports_of_its_scans() -> None:
    jobs = (job("scan", kind=JobKind.SCAN), job("gate", "scan", kind=JobKind.GATE, gate=GateSpec()))

    assert list(rerun(jobs, {"scan": P, "gate": F}, lost={"scan": "its report"})) == ["scan", "gate"]


CELLS = (job("t[a]", group="t"), job("t[b]", group="t"), job("end", "t"))


def test_one_cell_runs_again_without_its_siblings() -> None:
    assert list(rerun(CELLS, {"t[a]": P, "t[b]": F, "end": S}, RerunRequest(From.JOB, "t[a]"))) == ["t[a]", "end"]


ITEMS = (job("list"), job("each", "list", for_each="x"), job("end", "each"))
SPREAD = {"list": P, "each[0]": P, "each[1]": F, "each[2]": P, "end": S}


def test_services_that_are_released_as_one_run_again_as_one() -> None:
    spec = DeploySpec(service="web", together=Together(name="shop", needs={"web": ("api",), "api": ()}))
    cells = [job(f"ship[service={name}]", group="ship", deploy=replace(spec, service=name)) for name in ("web", "api")]

    assert len(rerun(cells, {cells[0].id: F, cells[1].id: P})) == 2
    assert len(rerun(cells, dict.fromkeys([one.id for one in cells], P), RerunRequest(From.JOB, cells[1].id))) == 2


def test_one_item_runs_again_and_the_others_keep_their_results() -> None:
    found = rerun(ITEMS, SPREAD)
    state = kept(ITEMS, Before(SPREAD), found)

    assert list(found) == ["each[1]", "end"]
    assert (state.letters, state.spread) == ("p..", {"each": "p.p"})


def test_when_the_list_may_change_all_items_go() -> None:
    found = rerun(ITEMS, SPREAD, RerunRequest(From.JOB, "list"))

    assert set(found) == {"list", "each", "each[0]", "each[1]", "each[2]", "end"}
    assert kept(ITEMS, Before(SPREAD), found).spread == {}


@pytest.mark.parametrize(
    ("wish", "word"),
    [
        (RerunRequest(), "SLW921.*nothing to run"),
        (RerunRequest(From.JOB, "biuld"), r"SLW922[\s\S]*did you mean 'build'"),
    ],
)
def test_what_makes_no_sense_is_refused(wish, word):
    with pytest.raises(RefusedError, match=word) as refused:
        rerun(CHAIN, dict.fromkeys(["build", "test", "lint", "ship"], P), wish)
    assert refused.value.exit_code == 3


@st.composite
def attempts(draw):
    names = [f"j{n}" for n in range(draw(st.integers(1, 8)))]
    jobs = [
        job(name, *draw(st.lists(st.sampled_from(names[:n]), unique=True)) if n else ()) for n, name in enumerate(names)
    ]
    status = draw(st.dictionaries(st.sampled_from(names), st.sampled_from(sorted(results.ENDED))))
    return jobs, status, draw(st.sampled_from(names))


@given(attempts())
def test_what_is_kept_has_a_result_and_rests_on_nothing_that_runs_again(attempt):
    jobs, status, name = attempt
    found = rerun(jobs, status, RerunRequest(From.JOB, name))
    needs = {one.group: one.needs for one in jobs}

    for one in jobs:
        if one.id not in found:
            assert one.id in status
            assert not graph.upstream(needs, one.id) & set(found)


@given(attempts())
def test_only_what_was_asked_for_or_needs_it_or_has_no_result_runs_again(attempt):
    jobs, status, name = attempt
    found = rerun(jobs, status, RerunRequest(From.JOB, name))
    needs = {one.group: one.needs for one in jobs}
    roots = {name, *(one.id for one in jobs if one.id not in status)}

    assert all(id_ in roots or graph.upstream(needs, id_) & roots for id_ in found)


@given(attempts())
def test_the_letters_say_exactly_what_is_kept(attempt):
    jobs, status, name = attempt
    found = rerun(jobs, status, RerunRequest(From.JOB, name))
    state = kept(jobs, Before(status), found)

    assert results.decode_statuses([one.id for one in jobs], state.letters) == {
        one.id: status[one.id] for one in jobs if one.id not in found
    }
