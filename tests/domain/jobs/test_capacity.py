"""Room on a worker: never more than there is, nobody overtaken, nobody forgotten."""

from dataclasses import replace

from hypothesis import given
from hypothesis import strategies as st

from domain.jobs.capacity import Capacity, ResourceRequest, complaint, need_of, total
from domain.pipelines.container import ContainerSpec, ServiceSpec
from domain.pipelines.job import Job, JobKind
from domain.pipelines.steps import ImageSpec

CAPACITY = ResourceRequest(4, 4_000, 2)
needs = st.builds(
    ResourceRequest, st.sampled_from([0, 0.5, 1, 2, 4]), st.sampled_from([64, 500, 2_000, 4_000]), st.integers(0, 2)
)


@given(st.lists(needs, max_size=30), st.randoms(use_true_random=False))
def test_everybody_gets_in_by_turn_and_never_more_than_fit(wanted, rng):
    room, entered, inside = Capacity(CAPACITY), [], []
    for index, need in enumerate(wanted):
        if room.ask(str(index), need):
            inside.append(str(index))
            entered.append(str(index))
        while inside and rng.random() < 0.4:
            admitted = room.leave(inside.pop(rng.randrange(len(inside))))
            inside += admitted
            entered += admitted
        assert not total(room.inside).over(CAPACITY)
        assert set(room.inside) == set(inside)
    while inside:
        admitted = room.leave(inside.pop())
        inside += admitted
        entered += admitted

    assert entered == [str(index) for index in range(len(wanted))]


def test_what_runs_already_counts_although_it_does_not_fit_and_keeps_others_out() -> None:
    room = Capacity(CAPACITY)
    room.take("before", ResourceRequest(memory_mb=9_000))
    assert not room.ask("new", ResourceRequest(memory_mb=64))
    assert room.words("new") == "waits for 64 MB of memory; 0 of 4000 are free"
    assert room.leave("before") == ["new"]


def test_a_small_job_behind_a_big_one_waits_for_its_turn() -> None:
    room = Capacity(CAPACITY)
    room.ask("a", ResourceRequest(cpu=3))
    room.ask("big", ResourceRequest(cpu=4))
    assert not room.ask("small", ResourceRequest(cpu=1))
    assert (room.words("big"), room.words("small")) == (
        "waits for 4 cores; 1 of 4 are free",
        "waits for earlier jobs",
    )


def test_a_job_in_a_pod_takes_no_more_here_than_its_supervisor() -> None:
    inside = ContainerSpec("job:1", cluster="edge", services=(ServiceSpec("db", "db:1"),))
    job = Job("a", JobKind.RUN, cpu=64, memory_mb=90_000, executor="kubernetes", container=inside)
    assert need_of(job, CAPACITY) == ResourceRequest(memory_mb=64)
    assert need_of(replace(job, executor="docker"), CAPACITY).containers == 2


def test_only_what_a_definition_asks_for_can_be_too_much() -> None:
    small = ResourceRequest(0.5, 32, 0)
    plain = Job("a", JobKind.SCAN, image=ImageSpec())
    assert complaint(need_of(plain, small), small) == ""
    greedy = Job("a", JobKind.RUN, memory_mb=9_000)
    assert complaint(need_of(greedy, CAPACITY), CAPACITY) == "it requests 9000 MB of memory, but the worker has 4000"
