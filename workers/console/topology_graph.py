"""A map of clusters as its template draws it, and as the table beside it says the same."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from domain.core import terminal
from domain.inventory.levels import KIND_OF
from domain.inventory.model import RANKED
from domain.inventory.topology import SIZES, Box, BoxKind, Drawn, Edge
from workers.client.ports.topology import TopologyMap
from workers.console import links
from workers.console.run_graph import clipped, columns_of, path_of

_NAME, _NOTE = 19, 24
"""Columns that fit into a box."""
LIST_OF = {box: kind for kind, box in KIND_OF.items()} | {BoxKind.WORKLOAD: "Workload"}
"""Kind of the objects of a box, as their list names it."""


@dataclass(frozen=True)
class MapBox:
    """One box, in pixels."""

    box: Box
    x: int
    y: int
    name: str
    """In so many columns; empty: it stands for several."""
    note: str
    href: str
    """Empty: it leads nowhere."""
    counts: tuple[tuple[str, int], ...]
    """By health, the worst first."""
    leads_to: tuple[tuple[Edge, Box], ...]
    """What its edges lead to."""


@dataclass(frozen=True)
class MapLine:
    """An edge as a path, with the place of its label."""

    edge: Edge
    d: str
    x: float
    y: float


@dataclass(frozen=True)
class MapView:
    """A drawing, in pixels."""

    boxes: tuple[MapBox, ...]
    lines: tuple[MapLine, ...]
    kinds: tuple[str, ...]
    """Kinds of edges that are there, for the legend."""
    width: int
    height: int
    folded: int
    box_width: int = round(SIZES.width)
    box_height: int = round(SIZES.height)


def view_of(found: TopologyMap) -> MapView:
    """For the template."""
    drawing = found.drawing
    boxes = {one.box.key: one.box for one in drawing.boxes}
    leads: dict[str, list[tuple[Edge, Box]]] = {}
    for line in drawing.edges:
        leads.setdefault(line.edge.start, []).append((line.edge, boxes[line.edge.end]))
    return MapView(
        boxes=tuple(
            MapBox(
                box=one.box,
                x=round(one.x),
                y=round(one.y),
                name=shortened(one.box.name, _NAME),
                note=clipped(terminal.lines(one.box.note), _NOTE),
                href=href_of(one.box, found),
                counts=_counts(one.box.counts),
                leads_to=tuple(leads.get(one.box.key, ())),
            )
            for one in drawing.boxes
        ),
        lines=tuple(_line(one) for one in drawing.edges),
        kinds=tuple(sorted({one.edge.kind.value for one in drawing.edges})),
        width=round(drawing.width),
        height=round(drawing.height),
        folded=drawing.folded,
    )


def shortened(name: str, columns: int) -> str:
    """A name in so many columns, without its middle: names that begin alike are told by their end."""
    text = terminal.lines(name)
    if clipped(text, columns) == text:
        return text
    end = clipped(text[::-1], columns // 2)[:-1][::-1]
    return clipped(text, columns - columns_of(end)) + end


def _counts(counts: Mapping[str, int]) -> tuple[tuple[str, int], ...]:
    return tuple((one.value, counts[one.value]) for one in reversed(RANKED) if counts.get(one.value))


def _line(drawn: Drawn) -> MapLine:
    points = drawn.points
    (x, y), (to_x, to_y) = points[len(points) // 2 - 1], points[len(points) // 2]
    return MapLine(edge=drawn.edge, d=path_of(points), x=(x + to_x) / 2, y=(y + to_y) / 2)


def href_of(box: Box, found: TopologyMap) -> str:
    """A box leads one level deeper; what has none to its own page; several to their list."""
    kind, _, name = box.object.partition("/")
    match box.kind:
        case BoxKind.ENVIRONMENT:
            return links.to("environments", box.name) if box.name else "/environments"
        case BoxKind.CLUSTER:
            return links.topology(box.name) if box.name else "/clusters"
        case BoxKind.NAMESPACE:
            return links.topology(box.cluster, box.name) if box.name else links.cluster(found.cluster, "namespaces")
        case BoxKind.RELEASE:
            return links.release(box.object) if box.name else "/releases"
        case BoxKind.PEER:
            return ""
    if not box.name:
        owner = found.workload if box.kind is BoxKind.POD else ""
        near = {"cluster": found.cluster, "namespace": found.namespace, "owner": owner}
        return links.objects(kind=LIST_OF[box.kind], **near)
    if box.kind is BoxKind.WORKLOAD and box.object != found.workload:
        return links.topology(box.cluster, box.namespace, kind, name)
    return links.object(box.cluster, kind, box.namespace, name)
