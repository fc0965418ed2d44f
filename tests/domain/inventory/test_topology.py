"""A map of anything has at most 150 boxes, keeps the worst, loses no sum, and lays no box upon another."""

from __future__ import annotations

from collections import Counter
from itertools import pairwise

from hypothesis import given
from hypothesis import strategies as st

from domain.inventory.model import Health
from domain.inventory.topology import MOST_BOXES, MOST_EDGES, SIZES, Box, BoxKind, Edge, EdgeKind, draw, fold

KINDS = (BoxKind.SERVICE, BoxKind.WORKLOAD, BoxKind.POD)


@st.composite
def maps(draw_, most: int = 40) -> tuple[list[Box], list[Edge]]:
    kinds = draw_(st.lists(st.sampled_from(KINDS), max_size=most))
    boxes = [
        Box(
            key=f"{kind}/{at}",
            kind=kind,
            name=f"n{at}",
            health=draw_(st.sampled_from(Health)),
            counts={"healthy": at, "degraded": at % 3},
        )
        for at, kind in enumerate(kinds)
    ]
    keys = [box.key for box in boxes] + ["nowhere"]
    ends = st.tuples(st.sampled_from(keys), st.sampled_from(keys), st.sampled_from(EdgeKind))
    return boxes, [Edge(start=a, end=b, kind=kind) for a, b, kind in draw_(st.lists(ends, max_size=2 * most))]


def _sums(boxes: list[Box]) -> tuple[int, Counter[str]]:
    return sum(box.of for box in boxes), sum((Counter(box.counts) for box in boxes), Counter[str]())


@given(maps(), st.integers(3, 30))
def test_folding_keeps_every_sum_and_the_worst(given_map: tuple[list[Box], list[Edge]], most: int):
    boxes, _ = given_map
    kept, _ = fold(boxes, [], most)
    assert len(kept) <= most
    assert _sums(list(kept)) == _sums(boxes)
    shown = {box.key for box in kept}
    hidden = [box.health.rank for box in boxes if box.key not in shown]
    assert all(box.health.rank >= max(hidden, default=0) for box in kept if box.name)


@given(maps(), st.integers(3, 30))
def test_what_was_joined_stays_joined(given_map: tuple[list[Box], list[Edge]], most: int):
    boxes, edges = given_map
    inside = [one for one in edges if "nowhere" not in (one.start, one.end)]
    kept, lines = fold(boxes, inside, most)
    shown, kinds = {box.key for box in kept}, {box.key: f"{box.kind}/" for box in boxes}
    stays = {box.key: box.key if box.key in shown else kinds[box.key] for box in boxes}
    found = {(one.start, one.end, one.kind) for one in lines if one.start != one.end}
    wanted = {(stays[one.start], stays[one.end], one.kind) for one in inside}
    assert found == {one for one in wanted if one[0] != one[1]}


@given(maps(), st.integers(3, 40))
def test_boxes_lie_apart_and_inside_and_edges_go_from_box_to_box(given_map: tuple[list[Box], list[Edge]], most: int):
    drawing = draw(*given_map, most=most)
    for one in drawing.boxes:
        assert 0 <= one.x <= drawing.width - SIZES.width
        assert 0 <= one.y <= drawing.height - SIZES.height
    columns: dict[float, list[float]] = {}
    for one in drawing.boxes:
        columns.setdefault(one.x, []).append(one.y)
    assert all(b - a >= SIZES.height for ys in columns.values() for a, b in pairwise(sorted(ys)))
    at = {one.box.key: one for one in drawing.boxes}
    for line in drawing.edges:
        start, end = at[line.edge.start], at[line.edge.end]
        sides = {(start.x, end.x + SIZES.width), (start.x + SIZES.width, end.x)}
        assert (line.points[0][0], line.points[-1][0]) in sides
        assert line.points[0][1] == start.y + SIZES.height / 2


@given(maps())
def test_the_same_map_has_the_same_picture(given_map: tuple[list[Box], list[Edge]]):
    assert draw(*given_map) == draw(*given_map)


def test_thousands_are_one_map_of_at_most_150_boxes_and_600_edges():
    boxes = [
        Box(
            key=f"workload/{at}",
            kind=BoxKind.WORKLOAD,
            name=f"w{at}",
            health=Health.DEGRADED if at == 2_999 else Health.HEALTHY,
        )
        for at in range(3_000)
    ]
    edges = [Edge(start=boxes[at].key, end=boxes[at * 7 % 3_000].key, kind=EdgeKind.SENDS) for at in range(3_000)]
    drawing = draw(boxes, edges)
    assert (len(drawing.boxes), len(drawing.edges) <= MOST_EDGES) == (MOST_BOXES, True)
    assert "w2999" in [one.box.name for one in drawing.boxes]
    assert drawing.folded == 3_000 - MOST_BOXES + 1


def test_what_leads_round_is_drawn_with_its_own_direction():
    boxes = [Box(key=f"pod/{name}", kind=BoxKind.POD, name=name) for name in "abc"]
    edges = [Edge(start=f"pod/{a}", end=f"pod/{b}", kind=EdgeKind.ALLOWED) for a, b in ("ab", "bc", "ca")]
    drawing = draw(boxes, edges)
    xs = {one.box.name: one.x for one in drawing.boxes}
    assert xs["a"] < xs["b"] < xs["c"]
    assert [line.points[0][0] < line.points[-1][0] for line in drawing.edges] == [True, True, False]
