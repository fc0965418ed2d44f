"""A map of clusters, or of what is in one: boxes and what joins them, folded to what a person reads, and placed.

Folded, never cut off: the worst boxes stay, the others of a kind become one that counts them, so every sum stays.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from enum import IntEnum, StrEnum

from domain.core.layered import Layout, Point, Sizes, backward, lay_out, layers_of
from domain.inventory.model import Health

MOST_BOXES, MOST_EDGES = 150, 600
SIZES = Sizes(width=196, height=58, gap_x=84, gap_y=16, lane=14, margin=12)
COLUMNS = 4
"""Of boxes that nothing is joined to; more where the rest of the map is wider."""


class Level(IntEnum):
    """How near a map looks."""

    CLUSTERS = 1
    NAMESPACES = 2
    WORKLOADS = 3
    WORKLOAD = 4


class BoxKind(StrEnum):
    """What a box is."""

    ENVIRONMENT = "environment"
    CLUSTER = "cluster"
    NAMESPACE = "namespace"
    PEER = "peer"
    """Another namespace, or the world outside, that a policy names."""
    RELEASE = "release"
    SERVICE = "service"
    POLICY = "policy"
    AUTOSCALER = "autoscaler"
    WORKLOAD = "workload"
    POD = "pod"
    CLAIM = "claim"


class EdgeKind(StrEnum):
    """What an edge says."""

    RUNS = "runs"
    """Something of the environment runs in the cluster."""
    SENDS = "sends"
    """Traffic goes there."""
    ALLOWED = "allowed"
    DENIED = "denied"
    GUARDS = "guards"
    """The policy is about these pods."""
    SCALES = "scales"
    HAS = "has"
    """A workload its pods and claims."""


@dataclass(frozen=True, kw_only=True)
class Box:
    """One thing, or several of a kind. Names are strangers'."""

    key: str
    """Unique in its map: `KIND/…`."""
    kind: BoxKind
    name: str = ""
    """Empty: it stands for several."""
    health: Health = Health.HEALTHY
    """The worst of what it stands for."""
    counts: Mapping[str, int] = field(default_factory=dict)
    """What is in it, by health: pods of a workload, workloads of a namespace, pods of a cluster."""
    note: str = ""
    """In a word: a version, ports, a status."""
    words: tuple[str, ...] = ()
    """Of the engine, in English: `isolated`, `denies in`."""
    reason: str = ""
    since: float = 0
    of: int = 1
    """How many it stands for."""
    stale: bool = False
    """Its cluster was not heard of lately: this is how it was."""
    cluster: str = ""
    namespace: str = ""
    object: str = ""
    """`KIND/NAME` of an object, or the id of a release."""


@dataclass(frozen=True, kw_only=True)
class Edge:
    """From a box to another one, by their keys."""

    start: str
    end: str
    kind: EdgeKind
    label: str = ""
    """Ports, or what else is to be said of it."""
    percent: float | None = None
    """Of the traffic of a release; None: not known."""
    probed: bool = False
    """Somebody tried; else it is what is declared."""
    of: int = 1
    """How many it stands for."""


@dataclass(frozen=True, kw_only=True)
class Placed:
    """A box with its left upper corner, in pixels."""

    box: Box
    x: float
    y: float


@dataclass(frozen=True, kw_only=True)
class Drawn:
    """An edge with its points, in pixels, from its start to its end."""

    edge: Edge
    points: tuple[Point, ...]


@dataclass(frozen=True, kw_only=True)
class Drawing:
    """Everything in pixels, from the left upper corner."""

    boxes: tuple[Placed, ...] = ()
    edges: tuple[Drawn, ...] = ()
    width: float = 0
    height: float = 0
    folded: int = 0
    """How many things share a box."""


def draw(boxes: Sequence[Box], edges: Iterable[Edge], most: int = MOST_BOXES, most_edges: int = MOST_EDGES) -> Drawing:
    """The finest folding with at most so many boxes and edges, placed. Edges to nowhere are left out."""
    boxes = sorted(boxes, key=lambda box: -box.health.rank)
    known = {box.key for box in boxes}
    joined = [one for one in edges if one.start in known and one.end in known]
    kinds = len({box.kind for box in boxes})
    kept, lines = fold(boxes, joined, most)
    while len(lines) > most_edges and most > 2 * kinds:
        most //= 2
        kept, lines = fold(boxes, joined, most)
    placed, drawn, width, height = _placed(kept, lines)
    hidden = sum(one.of for one in kept if not one.name)
    return Drawing(boxes=placed, edges=drawn, width=width, height=height, folded=hidden)


# -- folding -------------------------------------------------------------------------------------------------------


def fold(boxes: Sequence[Box], edges: Sequence[Edge], most: int) -> tuple[tuple[Box, ...], tuple[Edge, ...]]:
    """At most so many boxes, but one of each kind: the worst stay, then those with most edges. The order is kept."""
    if len(boxes) <= most:
        return tuple(boxes), merged(edges)
    kinds = {box.kind for box in boxes}
    degree = Counter(key for edge in edges for key in (edge.start, edge.end))
    ranked = sorted(boxes, key=lambda box: (not box.name, -box.health.rank, -degree[box.key], box.key))
    kept = {box.key for box in ranked[: max(most - len(kinds), 0)] if box.name}
    stays = {box.key: box.key if box.key in kept else f"{box.kind}/" for box in boxes}
    rest = [several([box for box in boxes if box.kind == kind and box.key not in kept]) for kind in sorted(kinds)]
    moved = (replace(one, start=stays[one.start], end=stays[one.end]) for one in edges)
    shown = (*(box for box in boxes if box.key in kept), *(box for box in rest if box is not None))
    return shown, merged(one for one in moved if one.start != one.end)


def several(boxes: Sequence[Box]) -> Box | None:
    """One box for all of these, which are of a kind: with the sums of their counts. None: there is none."""
    if not boxes:
        return None
    counts = sum((Counter(box.counts) for box in boxes), Counter[str]())
    worst, first = max(boxes, key=lambda box: box.health.rank), boxes[0]
    same = {name: getattr(first, name) for name in ("cluster", "namespace")}
    shared = {name: value for name, value in same.items() if all(getattr(box, name) == value for box in boxes)}
    return Box(
        key=f"{first.kind}/",
        kind=first.kind,
        health=worst.health,
        counts=dict(counts),
        of=sum(box.of for box in boxes),
        stale=any(box.stale for box in boxes),
        **shared,
    )


def merged(edges: Iterable[Edge]) -> tuple[Edge, ...]:
    """One edge between two boxes for all of a kind; what differs between them is told by none."""
    found: dict[tuple[str, str, EdgeKind, bool], Edge] = {}
    for one in edges:
        key = (one.start, one.end, one.kind, one.probed)
        other = found.get(key)
        found[key] = one if other is None else _joined(other, one)
    return tuple(found.values())


def _joined(one: Edge, other: Edge) -> Edge:
    label = one.label if one.label == other.label else ""
    percent = one.percent if one.percent == other.percent else None
    return replace(one, label=label, percent=percent, of=one.of + other.of)


# -- places --------------------------------------------------------------------------------------------------------


def _placed(boxes: Sequence[Box], edges: Sequence[Edge]) -> tuple[tuple[Placed, ...], tuple[Drawn, ...], float, float]:
    """What is joined in layers by the longest path; what is not in rows below it."""
    touched = {key for edge in edges for key in (edge.start, edge.end) if edge.start != edge.end}
    lines = [edge for edge in edges if edge.start != edge.end]
    joined = [box.key for box in boxes if box.key in touched]
    arrows = [(edge.start, edge.end) for edge in lines]
    turned = backward(joined, arrows)
    forward = [(end, start) if index in turned else (start, end) for index, (start, end) in enumerate(arrows)]
    layout = _layers(joined, forward)
    alone = [box.key for box in boxes if box.key not in touched]
    grid = _rows(alone, layout)
    places = {**layout.places, **grid}
    drawn = tuple(
        Drawn(edge=edge, points=way[::-1] if index in turned else way)
        for index, (edge, way) in enumerate(zip(lines, layout.ways, strict=True))
    )
    far = SIZES.margin + SIZES.width, SIZES.margin + SIZES.height
    width = max((x + far[0] for x, _ in places.values()), default=0)
    height = max((y + far[1] for _, y in places.values()), default=0)
    placed = tuple(Placed(box=box, x=places[box.key][0], y=places[box.key][1]) for box in boxes)
    return placed, drawn, max(width, layout.width), max(height, layout.height)


def _layers(keys: Sequence[str], arrows: Sequence[tuple[str, str]]) -> Layout:
    above: dict[str, list[str]] = {key: [] for key in keys}
    for start, end in arrows:
        above[end].append(start)
    return lay_out(layers_of({key: list(dict.fromkeys(needs)) for key, needs in above.items()}), arrows, SIZES)


def _rows(keys: Sequence[str], layout: Layout) -> dict[str, Point]:
    gap, down = SIZES.gap_y * 1.5, SIZES.height + SIZES.gap_y
    fitting = int((layout.width - 2 * SIZES.margin + gap) // (SIZES.width + gap))
    columns, top = max(COLUMNS, fitting), layout.height + SIZES.margin
    return {
        key: (SIZES.margin + at % columns * (SIZES.width + gap), top + at // columns * down)
        for at, key in enumerate(keys)
    }
