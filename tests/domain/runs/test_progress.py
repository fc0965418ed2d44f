"""Which jobs may start, which never will, and how a run ends."""

from dataclasses import dataclass

from hypothesis import given
from hypothesis import strategies as st

from domain.jobs.result import Status
from domain.runs.progress import Progress


@dataclass(frozen=True)
class Node:
    id: str
    group: str = ""
    needs: tuple[str, ...] = ()
    max_parallel: int = 0
    fail_fast: bool = True
    continue_on_error: bool = False


def node(name: str, *needs: str, **more: object) -> Node:
    return Node(name, name.partition("[")[0], needs, **more)  # type: ignore[arg-type]


def test_a_job_starts_the_moment_its_needs_have_ended() -> None:
    progress = Progress([node("a"), node("b"), node("c", "a")])

    assert progress.take() == ["a", "b"]
    progress.finish("a", Status.PASSED)
    assert progress.take() == ["c"]


def test_nothing_is_given_out_twice() -> None:
    progress = Progress([node("a")])

    assert progress.take() == ["a"]
    assert progress.take() == []


def test_max_parallel_bounds_the_cells_of_a_group() -> None:
    progress = Progress([node(f"t[{i}]", max_parallel=2) for i in range(5)])

    assert progress.take() == ["t[0]", "t[1]"]
    progress.finish("t[0]", Status.PASSED)
    assert progress.take() == ["t[2]"]


def test_a_failed_cell_under_fail_fast_skips_those_that_wait_and_dooms_those_that_run() -> None:
    progress = Progress([node(f"t[{i}]", max_parallel=2) for i in range(4)])
    progress.take()
    progress.finish("t[0]", Status.FAILED)

    assert progress.doomed == ["t[1]"]
    assert progress.status["t[3]"] is Status.SKIPPED


def test_without_fail_fast_every_cell_runs() -> None:
    progress = Progress([node(f"t[{i}]", max_parallel=1, fail_fast=False) for i in range(2)])
    progress.take()
    progress.finish("t[0]", Status.FAILED)

    assert progress.take() == ["t[1]"]


def test_a_forgiven_failure_counts_as_passed_for_those_that_need_it() -> None:
    progress = Progress([node("a", continue_on_error=True), node("b", "a")])
    progress.take()
    progress.finish("a", Status.FAILED)

    assert progress.needs_of("b") == {"a": Status.PASSED}
    assert progress.stopped_by == ""


def test_pipeline_fail_fast_dooms_every_running_job() -> None:
    progress = Progress([node("a"), node("b")], fail_fast=True)
    progress.take()
    progress.finish("a", Status.FAILED)

    assert progress.doomed == ["b"]


def test_a_for_each_job_ends_when_its_items_have_ended() -> None:
    progress = Progress([node("each"), node("after", "each")])
    progress.take()
    progress.expand("each", [node("each[0]"), node("each[1]")])

    assert progress.take() == ["each[0]", "each[1]"]
    progress.finish("each[0]", Status.PASSED)
    assert progress.take() == []
    progress.finish("each[1]", Status.PASSED)
    assert progress.take() == ["after"]


@st.composite
def dags(draw: st.DrawFn) -> list[Node]:
    size = draw(st.integers(1, 12))
    return [
        node(f"j{i}", *draw(st.sets(st.sampled_from([f"j{k}" for k in range(i)]), max_size=3)) if i else ())
        for i in range(size)
    ]


@given(dags(), st.randoms(use_true_random=False))
def test_every_job_is_taken_once_and_after_its_needs_whatever_the_order_of_endings(nodes, random):
    progress, running, ended = Progress(nodes), list[str](), set[str]()
    needs = {n.id: set(n.needs) for n in nodes}
    while not progress.finished:
        for job in progress.take():
            assert needs[job] <= ended
            running.append(job)
        job = running.pop(random.randrange(len(running)))
        progress.finish(job, random.choice([Status.PASSED, Status.FAILED, Status.SKIPPED]))
        ended.add(job)

    assert ended == set(needs)


@given(dags(), st.data())
def test_a_restored_run_goes_on_where_it_stood(nodes, data):
    first = Progress(nodes)
    for _ in range(data.draw(st.integers(0, len(nodes)))):
        taken = first.take()
        for job in taken:
            first.finish(job, Status.PASSED)
    ended = {job: status for job, status in first.status.items() if status is Status.PASSED}
    again = Progress(nodes)
    again.restore(ended)

    assert set(again.take()) == set(first.take())


def test_what_failed_far_above_is_known_across_a_skipped_job() -> None:
    progress = Progress([node("build"), node("test", "build"), node("notify", "test"), node("other")])
    progress.take()
    progress.finish("build", Status.FAILED)
    progress.finish("test", Status.SKIPPED)

    assert progress.failed_above("notify")
    assert not progress.failed_above("build")


def test_a_forgiven_failure_far_above_counts_as_passed() -> None:
    progress = Progress([node("build", continue_on_error=True), node("test", "build"), node("notify", "test")])
    progress.take()
    progress.finish("build", Status.FAILED)
    progress.finish("test", Status.PASSED)

    assert not progress.failed_above("notify")


def test_what_failed_far_above_is_known_after_a_restart() -> None:
    progress = Progress([node("build"), node("test", "build"), node("notify", "test")])
    progress.restore({"build": Status.FAILED, "test": Status.SKIPPED})

    assert progress.failed_above("notify")
