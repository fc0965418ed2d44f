"""A run's jobs as a graph to draw: layers by longest path, few crossings, no box upon another.

Boxes stand in the layer of the longest path that leads to them, so an arrow always points to the right. Where an arrow
passes layers, it has a place of its own in each of them. More boxes than a person can read are folded first
(domain/runs/folding.py). Sugiyama, Tagawa, Toda: "Methods for visual understanding of hierarchical system structures",
IEEE Transactions SMC 11(2), 1981, with the barycenter method for both order and place.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise

from domain.runs.folding import MOST_BOXES, Box, Folded, GraphJob, fold

WIDTH, HEIGHT = 168, 44
"""Of a box, in pixels."""
GAP_X, GAP_Y = 36, 14
LANE = 10
"""Height of an arrow's own place in a layer that it passes."""
MARGIN = 8
_SWEEPS = 4


@dataclass(frozen=True)
class Placed:
    """A box with its left upper corner."""

    box: Box
    x: float
    y: float
    layer: int


@dataclass(frozen=True)
class Arrow:
    """From a box to one that needs it. Points are where it enters and leaves layers, in order."""

    start: str
    end: str
    points: tuple[tuple[float, float], ...]


@dataclass(frozen=True)
class Drawing:
    """Everything in pixels, from the left upper corner."""

    boxes: tuple[Placed, ...]
    arrows: tuple[Arrow, ...]
    width: float
    height: float
    folded: int = 0
    """How many jobs share a box with others."""


@dataclass(eq=False)
class _Slot:
    """What has a place in a layer: a box, or an arrow that passes (without one)."""

    layer: int
    height: float
    box: Box | None = None
    y: float = 0


def draw(jobs: Sequence[GraphJob], most: int = MOST_BOXES) -> Drawing:
    """The drawing of the jobs. Any needs are drawn: of cycles and of jobs that do not exist, nothing is."""
    folded = fold(jobs, most)
    if not folded.boxes:
        return Drawing((), (), 0, 0)
    slots = {box.key: _Slot(folded.layers[box.key], HEIGHT, box) for box in folded.boxes}
    ways = _ways(folded, slots)
    layers = _ordered([*slots.values(), *(slot for way in ways for slot in way[1:-1])], ways)
    _place(layers, _neighbours(ways))
    placed = tuple(Placed(box, _x(slots[box.key]), slots[box.key].y, slots[box.key].layer) for box in folded.boxes)
    height = max(slot.y + slot.height for layer in layers for slot in layer) + MARGIN
    width = len(layers) * (WIDTH + GAP_X) - GAP_X + 2 * MARGIN
    arrows = tuple(_arrow(way) for way in ways)
    return Drawing(placed, arrows, width, height, folded.hidden)


def _x(slot: _Slot) -> float:
    return MARGIN + slot.layer * (WIDTH + GAP_X)


def _ways(folded: Folded, slots: Mapping[str, _Slot]) -> list[list[_Slot]]:
    """Each arrow as the slots that it goes through."""
    found = []
    for start, end in folded.arrows:
        first, last = slots[start], slots[end]
        found.append([first, *(_Slot(layer, LANE) for layer in range(first.layer + 1, last.layer)), last])
    return found


def _neighbours(ways: Iterable[Sequence[_Slot]]) -> dict[_Slot, tuple[list[_Slot], list[_Slot]]]:
    """What each slot is joined to, to the left and to the right."""
    found: dict[_Slot, tuple[list[_Slot], list[_Slot]]] = {}
    for way in ways:
        for left, right in pairwise(way):
            found.setdefault(left, ([], []))[1].append(right)
            found.setdefault(right, ([], []))[0].append(left)
    return found


def _ordered(slots: Sequence[_Slot], ways: Sequence[Sequence[_Slot]]) -> list[list[_Slot]]:
    """Layers, each in an order with few crossings: by the mean place of what stands before, then behind, in turns."""
    layers: list[list[_Slot]] = [[] for _ in range(max(slot.layer for slot in slots) + 1)]
    for slot in slots:
        layers[slot.layer].append(slot)
    joined = _neighbours(ways)
    for sweep in range(_SWEEPS):
        forward = sweep % 2 == 0
        for layer in layers if forward else reversed(layers):
            at = {slot: index for one in layers for index, slot in enumerate(one)}
            layer.sort(key=lambda slot: _mean([at[one] for one in joined.get(slot, ([], []))[not forward]], at[slot]))
    return layers


def _mean(values: Sequence[float], otherwise: float) -> float:
    return sum(values) / len(values) if values else otherwise


def _place(layers: Sequence[list[_Slot]], joined: Mapping[_Slot, tuple[list[_Slot], list[_Slot]]]) -> None:
    """Heights: each slot near the middle of what it is joined to, in the order of its layer, none upon another."""
    for layer in layers:
        _stack(layer, [0.0] * len(layer))
    for sweep in range(_SWEEPS):
        side = sweep % 2
        for layer in layers if side == 0 else reversed(layers):
            wanted = [
                _mean([_middle(one) for one in joined.get(slot, ([], []))[side]], _middle(slot)) - slot.height / 2
                for slot in layer
            ]
            _stack(layer, wanted)
    top = min(slot.y for layer in layers for slot in layer)
    for layer in layers:
        for slot in layer:
            slot.y += MARGIN - top


def _middle(slot: _Slot) -> float:
    return slot.y + slot.height / 2


def _stack(layer: Sequence[_Slot], wanted: Sequence[float]) -> None:
    """Puts the slots where they want to be, pushed apart evenly: what had to move down moves back by the mean."""
    below = float("-inf")
    for slot, want in zip(layer, wanted, strict=True):
        slot.y = max(want, below)
        below = slot.y + slot.height + GAP_Y
    back = _mean([slot.y - want for slot, want in zip(layer, wanted, strict=True)], 0)
    for slot in layer:
        slot.y -= back


def _arrow(way: Sequence[_Slot]) -> Arrow:
    """From the right side of the first box, through the lanes, to the left side of the last one."""
    first, last = way[0], way[-1]
    points = [(_x(first) + WIDTH, _middle(first))]
    for slot in way[1:-1]:
        points += [(_x(slot), _middle(slot)), (_x(slot) + WIDTH, _middle(slot))]
    points.append((_x(last), _middle(last)))
    assert first.box is not None
    assert last.box is not None
    return Arrow(first.box.key, last.box.key, tuple(points))
