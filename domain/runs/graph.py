"""A run's jobs as a graph to draw: layers by longest path, few crossings, no box upon another.

Boxes stand in the layer of the longest path that leads to them, so an arrow always points to the right. More boxes than
a person can read are folded first (domain/runs/folding.py), and placed as domain/core/layered.py says.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from domain.core.layered import Sizes, lay_out
from domain.runs.folding import MOST_BOXES, Box, GraphJob, fold

WIDTH, HEIGHT = 168, 44
"""Of a box, in pixels."""
GAP_Y = 14
_SIZES = Sizes(width=WIDTH, height=HEIGHT, gap_y=GAP_Y)


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


def draw(jobs: Sequence[GraphJob], most: int = MOST_BOXES) -> Drawing:
    """The drawing of the jobs. Any needs are drawn: of cycles and of jobs that do not exist, nothing is."""
    folded = fold(jobs, most)
    layout = lay_out({box.key: folded.layers[box.key] for box in folded.boxes}, folded.arrows, _SIZES)
    placed = tuple(Placed(box, *layout.places[box.key], folded.layers[box.key]) for box in folded.boxes)
    arrows = tuple(Arrow(*ends, way) for ends, way in zip(folded.arrows, layout.ways, strict=True))
    return Drawing(placed, arrows, layout.width, layout.height, folded.hidden)
