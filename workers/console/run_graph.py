"""The graph of a run's jobs, or of a plan's, as the template draws it."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from unicodedata import east_asian_width

from domain.core.layered import Point
from domain.runs.graph import HEIGHT, WIDTH, Placed, draw
from workers.client.ports.runs import JobRow
from workers.console import links

ORDER = ("failed", "refused", "expired", "rolled-back", "cancelled", "running", "waiting", "passed", "skipped")
"""What a box of several jobs shows: the first of these that one of them has."""
_LABEL, _KIND = 19, 24
"""Columns that fit into a box."""


@dataclass(frozen=True)
class GraphBox:
    """One box, in pixels."""

    x: float
    y: float
    label: str
    kind: str
    status: str
    counts: Mapping[str, int]
    """Jobs by status, of several ones; empty for one."""
    href: str
    jobs: tuple[JobRow, ...]


@dataclass(frozen=True)
class Graph:
    """A drawing of jobs."""

    boxes: tuple[GraphBox, ...]
    arrows: tuple[str, ...]
    """`d` of SVG paths."""
    width: float
    height: float
    folded: int
    box_width: int = WIDTH
    box_height: int = HEIGHT


def graph_of(jobs: Sequence[JobRow], run: str = "") -> Graph:
    """The graph of the last attempts of jobs. With a run, a box leads to its log, else to its row."""
    became = {job.id.partition("[")[0] for job in jobs if job.id.endswith("]")}
    last = {job.id: job for job in jobs if job.id not in became}
    drawing = draw(tuple(last.values()))
    boxes = tuple(_box(one, last, run) for one in drawing.boxes)
    arrows = tuple(path_of(one.points) for one in drawing.arrows)
    return Graph(boxes, arrows, drawing.width, drawing.height, drawing.folded)


def _box(placed: Placed, jobs: Mapping[str, JobRow], run: str) -> GraphBox:
    held = tuple(jobs[id_] for id_ in placed.box.jobs)
    first, several = held[0], len(held) > 1
    status = min((job.status for job in held), key=lambda one: ORDER.index(one) if one in ORDER else len(ORDER))
    href = f"#{anchor(first.id)}"
    if run and first.has_log and not several:
        href = links.log(run, first.id, first.attempt)
    return GraphBox(
        x=placed.x,
        y=placed.y,
        label=clipped(placed.box.label or first.stage, _LABEL),
        kind=clipped(first.kind, _KIND) if len({job.kind for job in held}) == 1 else "",
        status=status,
        counts=Counter(job.status for job in held) if several else {},
        href=href,
        jobs=held,
    )


def anchor(job: str) -> str:
    """Id of a job's row in its page: nothing that a URL or a selector reads otherwise."""
    return "job-" + "".join(
        char if (char.isascii() and char.isalnum()) or char in "-_" else f".{ord(char):x}" for char in job
    )


def columns_of(text: str) -> int:
    """How wide it is; Korean letters take two columns."""
    return sum(2 if east_asian_width(char) in "WF" else 1 for char in text)


def clipped(text: str, columns: int) -> str:
    """The text in so many columns; SVG cuts nothing off by itself. Korean letters take two."""
    taken = 0
    for at, char in enumerate(text):
        taken += columns_of(char)
        if taken > columns:
            return text[: max(at - 1, 1)] + "…"
    return text


def path_of(points: Sequence[Point]) -> str:
    """`d` of an SVG path: curves between layers, straight through them."""
    (x, y), *rest = points
    parts = [f"M{x:g} {y:.1f}"]
    for at, (to_x, to_y) in enumerate(rest):
        if at % 2:
            parts.append(f"L{to_x:g} {to_y:.1f}")
        else:
            middle = (x + to_x) / 2
            parts.append(f"C{middle:g} {y:.1f} {middle:g} {to_y:.1f} {to_x:g} {to_y:.1f}")
        x, y = to_x, to_y
    return "".join(parts)
