"""A graph of any jobs is drawn: nothing is left out, nothing lies upon another, arrows point to the right."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain.core.layered import layers_of
from domain.runs.folding import MOST_ARROWS, MOST_BOXES, fold
from domain.runs.graph import GAP_Y, HEIGHT, WIDTH, Drawing, draw


@dataclass(frozen=True)
class Job:
    id: str
    needs: tuple[str, ...] = ()
    stage: str = ""


@st.composite
def plans(draw_, most: int = 40) -> list[Job]:
    """Jobs that need earlier ones, matrices among them, or, as no definition may, anything at all."""
    count = draw_(st.integers(0, most))
    cyclic = draw_(st.booleans())
    jobs: list[Job] = []
    for number in range(count):
        pool = [f"j{one}" for one in range(count if cyclic else number)] + ["nowhere"]
        needs = tuple(draw_(st.lists(st.sampled_from(pool), max_size=4)))
        cells = draw_(st.sampled_from([1, 1, 1, 3]))
        names = [f"j{number}"] if cells == 1 else [f"j{number}[{cell}]" for cell in range(cells)]
        jobs += [Job(name, needs, draw_(st.sampled_from(["", "build", "test"]))) for name in names]
    return jobs


def _boxes_are_apart(drawing: Drawing) -> bool:
    layers: dict[float, list[float]] = {}
    for one in drawing.boxes:
        layers.setdefault(one.x, []).append(one.y)
    return all(b - a >= HEIGHT + GAP_Y - 0.001 for ys in layers.values() for a, b in pairwise(sorted(ys)))


@given(plans(), st.integers(1, 12))
def test_every_job_is_in_one_box_and_there_are_at_most_so_many(jobs: list[Job], most: int):
    drawing = draw(jobs, most)
    assert sorted(id_ for one in drawing.boxes for id_ in one.box.jobs) == sorted(job.id for job in jobs)
    assert len(drawing.boxes) <= most


@given(plans(), st.integers(1, 40))
def test_boxes_lie_apart_and_inside_of_the_picture(jobs: list[Job], most: int):
    drawing = draw(jobs, most)
    assert _boxes_are_apart(drawing)
    for one in drawing.boxes:
        assert 0 <= one.x <= drawing.width - WIDTH
        assert 0 <= one.y <= drawing.height - HEIGHT


@given(plans(), st.integers(1, 40))
def test_arrows_point_to_the_right_and_go_from_box_to_box(jobs: list[Job], most: int):
    drawing = draw(jobs, most)
    at = {one.box.key: one for one in drawing.boxes}
    for arrow in drawing.arrows:
        assert all(a[0] < b[0] for a, b in pairwise(arrow.points))
        start, end = at[arrow.start], at[arrow.end]
        assert arrow.points[0] == (start.x + WIDTH, start.y + HEIGHT / 2)
        assert arrow.points[-1] == (end.x, end.y + HEIGHT / 2)


@given(plans())
def test_what_needs_what_can_be_read_from_the_arrows(jobs: list[Job]):
    """The arrows' ways reach exactly what the needs reach, where no need is in a cycle."""
    folded = fold(jobs, 10_000, 100_000)
    needs = {job.id: _resolved(job, jobs) for job in jobs}
    if any(id_ in _reach(needs, id_) for id_ in needs):
        return
    drawn: dict[str, list[str]] = {box.key: [] for box in folded.boxes}
    for start, end in folded.arrows:
        drawn[end].append(start)
    assert {id_: _reach(drawn, id_) for id_ in needs} == {id_: _reach(needs, id_) for id_ in needs}


def _resolved(job: Job, jobs: list[Job]) -> list[str]:
    return [one.id for one in jobs if one.id in job.needs or one.id.partition("[")[0] in job.needs]


def _reach(needs: dict[str, list[str]], of: str) -> set[str]:
    found: set[str] = set()
    todo = list(needs[of])
    while todo:
        one = todo.pop()
        if one not in found:
            found.add(one)
            todo += needs[one]
    return found


@given(plans())
def test_the_same_jobs_make_the_same_picture(jobs: list[Job]):
    assert draw(jobs) == draw(list(jobs))


def test_a_layer_is_the_longest_path():
    assert layers_of({"a": [], "b": ["a"], "c": ["a", "b"], "d": ["a"]}) == {"a": 0, "b": 1, "c": 2, "d": 1}


@pytest.mark.parametrize(
    "jobs",
    [
        [Job(f"t[{n}]", ("build",), "test") for n in range(3_000)] + [Job("build"), Job("gate", ("t",))],
        [Job(f"j{n}", (f"j{n - 1}",) if n else ()) for n in range(2_000)],
        [Job(f"a{n}", (), "a") for n in range(70)]
        + [Job(f"b{n}", tuple(f"a{m}" for m in range(70))) for n in range(70)],
    ],
    ids=["a matrix of thousands", "a chain of thousands", "everything needs everything"],
)
def test_what_is_large_is_folded_not_cut_off(jobs: list[Job]):
    drawing = draw(jobs)
    assert (len(drawing.boxes) <= MOST_BOXES, len(drawing.arrows) <= MOST_ARROWS) == (True, True)
    assert drawing.folded
    assert sum(len(one.box.jobs) for one in drawing.boxes) == len(jobs)


def test_a_matrix_is_one_box_that_says_its_name():
    drawing = draw([Job("build"), *(Job(f"t[{n}]", ("build",)) for n in range(200)), Job("gate", ("t",))])
    assert [(one.box.label, len(one.box.jobs)) for one in drawing.boxes] == [("build", 1), ("t", 200), ("gate", 1)]
    assert [(arrow.start, arrow.end[:1]) for arrow in drawing.arrows] == [("build", "t"), ("t\x001", "g")]
