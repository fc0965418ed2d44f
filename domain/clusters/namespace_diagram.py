"""The diagram of a namespace: services, the workloads they reach, and policies that cover these. Sizes in pixels."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field

from domain.clusters import metadata
from domain.core.documents import Node, Object

WIDTH, HEIGHT, GAP, COLUMN, TOP = 220, 46, 14, 320, 34
MOST = 40
"""Boxes per column; more are not readable."""
HASHED = re.compile(r"-[a-z0-9]{5,10}\Z")


@dataclass(frozen=True)
class Box:
    """A service, a workload or a policy at its place in the diagram."""

    column: int
    """0: services, 1: workloads, 2: policies."""
    row: int
    name: str
    detail: str
    tone: str = ""
    """Names of the page's colours: passed, failed, running, skipped."""

    @property
    def x(self) -> int:
        """Left edge, in pixels."""
        return self.column * COLUMN

    @property
    def y(self) -> int:
        """Upper edge, in pixels."""
        return TOP + self.row * (HEIGHT + GAP)


@dataclass(frozen=True)
class Line:
    """A connection from one column to the next."""

    start: Box
    end: Box

    @property
    def path(self) -> str:
        """A curve from the right edge of one box to the left edge of the other."""
        x1, y1 = self.start.x + WIDTH, self.start.y + HEIGHT // 2
        x2, y2 = self.end.x, self.end.y + HEIGHT // 2
        middle = (x1 + x2) // 2
        return f"M{x1},{y1} C{middle},{y1} {middle},{y2} {x2},{y2}"


@dataclass(frozen=True)
class Chart:
    """The diagram of one namespace, with its layout in pixels; made by `namespace_diagram`."""

    boxes: tuple[Box, ...] = ()
    lines: tuple[Line, ...] = ()
    hidden: int = 0
    """Boxes beyond the limit."""

    @property
    def width(self) -> int:
        """In pixels; the same for every namespace."""
        return 2 * COLUMN + WIDTH

    @property
    def height(self) -> int:
        """In pixels, from the longest column."""
        rows = max((box.row for box in self.boxes), default=0) + 1
        return TOP + rows * (HEIGHT + GAP)


@dataclass
class Workload:
    """The pods of one controller, or one pod without a controller."""

    name: str
    labels: list[Mapping[str, str]] = field(default_factory=list)
    phases: dict[str, int] = field(default_factory=dict)

    @property
    def tone(self) -> str:
        """Set by the worst phase: failed or unknown pods, then pending ones; skipped: no pod runs."""
        if self.phases.get("Failed") or self.phases.get("Unknown"):
            return "failed"
        if self.phases.get("Pending"):
            return "running"
        return "passed" if self.phases.get("Running") else "skipped"

    @property
    def detail(self) -> str:
        """The number of pods by phase, such as `2 Running`."""
        return ", ".join(f"{count} {phase}" for phase, count in sorted(self.phases.items()))


def workloads(pods: Iterable[Object]) -> list[Workload]:
    """The workloads, sorted by name."""
    found: dict[str, Workload] = {}
    for pod in pods:
        name = _workload(pod)
        one = found.setdefault(name, Workload(name))
        one.labels.append(metadata.labels(pod))
        phase = Node(pod).at("status", "phase").text() or "Pending"
        one.phases[phase] = one.phases.get(phase, 0) + 1
    return sorted(found.values(), key=lambda one: one.name)


def _workload(pod: Object) -> str:
    """The pod itself, where nothing controls it."""
    owner = next((one for one in metadata.owners(pod) if one["controller"]), None)
    if owner is None:
        return metadata.name(pod)
    kind, name = owner["kind"].text(), owner["name"].text()
    return f"Deployment {HASHED.sub('', name)}" if kind == "ReplicaSet" else f"{kind} {name}"


def namespace_diagram(services: Sequence[Object], pods: Sequence[Object], policies: Sequence[Object]) -> Chart:
    """Lays out objects of one namespace: services, workloads, policies, from left to right.

    At most `MOST` of each are shown; `hidden` counts the rest.
    """
    groups = workloads(pods)
    middle = {one.name: Box(1, row, one.name, one.detail, one.tone) for row, one in enumerate(groups[:MOST])}
    left = [Box(0, row, metadata.name(one), _ports(one)) for row, one in enumerate(services[:MOST])]
    right = [Box(2, row, metadata.name(one), _rules(one)) for row, one in enumerate(policies[:MOST])]
    lines = [*_reached(left, services, groups, middle), *_covered(right, policies, groups, middle)]
    hidden = sum(max(len(column) - MOST, 0) for column in (services, groups, policies))
    return Chart((*left, *middle.values(), *right), tuple(lines), hidden)


def _reached(
    left: Sequence[Box], services: Sequence[Object], groups: Sequence[Workload], middle: Mapping[str, Box]
) -> Iterator[Line]:
    for box, one in zip(left, services, strict=False):
        selector = Node(one).at("spec", "selector").strings()
        for group in groups:
            if selector and group.name in middle and any(_selects(selector, labels) for labels in group.labels):
                yield Line(box, middle[group.name])


def _covered(
    right: Sequence[Box], policies: Sequence[Object], groups: Sequence[Workload], middle: Mapping[str, Box]
) -> Iterator[Line]:
    for box, one in zip(right, policies, strict=False):
        wanted = Node(one).at("spec", "podSelector", "matchLabels").strings()
        for group in groups:
            if group.name in middle and any(_selects(wanted, labels) for labels in group.labels):
                yield Line(middle[group.name], box)


def _selects(selector: Mapping[str, str], labels: Mapping[str, str]) -> bool:
    """An empty selector selects all; expressions of a selector are not drawn."""
    return all(labels.get(key) == value for key, value in selector.items())


def _ports(service: Object) -> str:
    spec = Node(service)["spec"]
    ports = ", ".join(one["port"].text() for one in spec["ports"])
    return f"{spec['type'].text('ClusterIP')} {ports}".strip()


def _rules(policy: Object) -> str:
    spec = Node(policy)["spec"]
    kinds = spec["policyTypes"].texts() or ["Ingress"]
    counts = [f"{len(list(spec[kind.lower()]))} {word} rules" for kind, word in WAYS.items() if kind in kinds]
    return ", ".join(counts)


WAYS = {"Ingress": "ingress", "Egress": "egress"}
