"""Which jobs share a box, so that a graph of thousands stays one that a person reads: folded, never cut off.

In turns, until few enough are left: the cells of a matrix, then the jobs of a stage in a layer, then a layer, then
layers that follow each other. Only boxes of one layer, or of layers in a row, are ever joined: no fold makes a cycle.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Protocol

from domain.core.layered import layers_of

MOST_BOXES = 150
MOST_ARROWS = 600


class GraphJob(Protocol):
    """A job, as a graph shows it."""

    @property
    def id(self) -> str:
        """Unique; a cell of a matrix is `GROUP[KEY]`."""

    @property
    def stage(self) -> str:
        """Its stage; may be empty."""

    @property
    def needs(self) -> tuple[str, ...]:
        """Ids or groups."""


@dataclass(frozen=True)
class Box:
    """One job, or several."""

    key: str
    """Unique in its drawing."""
    label: str
    jobs: tuple[str, ...]
    """Ids, in the order of the plan."""


@dataclass(frozen=True)
class Folded:
    """Boxes and what points to what."""

    boxes: tuple[Box, ...]
    layers: Mapping[str, int]
    """Of each box, from 0, without gaps."""
    arrows: tuple[tuple[str, str], ...]
    """Without those that others imply."""
    hidden: int
    """Jobs that share a box."""


def group_of(job: GraphJob) -> str:
    """The job as it is written."""
    return job.id.partition("[")[0] if job.id.endswith("]") else job.id


def fold(jobs: Sequence[GraphJob], most: int = MOST_BOXES, most_arrows: int = MOST_ARROWS) -> Folded:
    """The finest of the foldings that has at most so many boxes and arrows; `most` is at least 1."""
    by_id = {job.id: job for job in jobs}
    needs = _needs(by_id)
    layers = layers_of(needs)
    last = max(layers.values(), default=0)
    for key in _foldings(by_id, layers, most, last):
        folded = _folded(by_id, needs, layers, key)
        if len(folded.boxes) <= most and len(folded.arrows) <= most_arrows:
            return folded
    raise AssertionError("one box is always few enough")


def _foldings(
    jobs: Mapping[str, GraphJob], layers: Mapping[str, int], most: int, last: int
) -> Iterable[Callable[[GraphJob], str]]:
    """From fine to coarse. A key is what a box's jobs have in common, with what it is called."""

    def cell(job: GraphJob) -> str:
        return f"{group_of(job)}\0{layers[job.id]}"

    yield lambda job: job.id
    sizes = Counter(cell(job) for job in jobs.values())
    large = {key for key, size in sizes.items() if size > max(2, most // 10)}
    yield lambda job: cell(job) if cell(job) in large else job.id
    yield lambda job: cell(job) if sizes[cell(job)] > 1 else job.id
    yield lambda job: f"{job.stage}\0{layers[job.id]}"
    yield lambda job: f"\0{layers[job.id]}"
    for parts in (most, 12, 1):
        size = -(-(last + 1) // min(parts, most))
        yield lambda job, size=size: f"\0{layers[job.id] // size}"  # type: ignore[misc]  # bound at once


def _folded(
    jobs: Mapping[str, GraphJob],
    needs: Mapping[str, Sequence[str]],
    layers: Mapping[str, int],
    key: Callable[[GraphJob], str],
) -> Folded:
    members: dict[str, list[str]] = {}
    of: dict[str, str] = {}
    for job in jobs.values():
        of[job.id] = key(job)
        members.setdefault(of[job.id], []).append(job.id)
    above = {name: {of[need] for one in ids for need in needs[one]} - {name} for name, ids in members.items()}
    depth = layers_of({name: sorted(found) for name, found in above.items()})
    boxes = tuple(Box(name, _label(name, ids), tuple(ids)) for name, ids in members.items())
    hidden = sum(len(box.jobs) for box in boxes if len(box.jobs) > 1)
    return Folded(boxes, depth, tuple(_reduced(above, depth)), hidden)


def _label(key: str, ids: Sequence[str]) -> str:
    return ids[0] if len(ids) == 1 else key.partition("\0")[0]


def _needs(jobs: Mapping[str, GraphJob]) -> dict[str, list[str]]:
    """Each job to the jobs that it waits for; a group stands for its cells. What does not exist is left out."""
    groups: dict[str, list[str]] = {}
    for job in jobs.values():
        groups.setdefault(group_of(job), []).append(job.id)
    return {
        job.id: [one for need in dict.fromkeys(job.needs) for one in ([need] if need in jobs else groups.get(need, ()))]
        for job in jobs.values()
    }


def _reduced(above: Mapping[str, set[str]], depth: Mapping[str, int]) -> Iterable[tuple[str, str]]:
    """Arrows without those that a longer way implies (transitive reduction); each points to a deeper layer."""
    at = {name: index for index, name in enumerate(depth)}
    reach: dict[str, int] = {}
    for name in sorted(above, key=lambda one: depth[one]):
        known, bits = 0, 0
        for one in sorted(above[name], key=lambda one: -depth[one]):
            if depth[one] >= depth[name]:
                continue  # of a cycle
            if not known >> at[one] & 1:
                yield one, name
            known |= reach[one]
            bits |= 1 << at[one] | reach[one]
        reach[name] = bits
