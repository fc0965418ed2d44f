"""Boxes in layers with arrows between them: few crossings, no box upon another, sizes in pixels.

Where an arrow passes layers, it has a place of its own in each of them. Sugiyama, Tagawa, Toda: "Methods for visual
understanding of hierarchical system structures", IEEE Transactions SMC 11(2), 1981, with the barycenter method for both
order and place.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise

_SWEEPS = 4
Point = tuple[float, float]


@dataclass(frozen=True, kw_only=True)
class Sizes:
    """In pixels."""

    width: float = 168
    """Of a box."""
    height: float = 44
    gap_x: float = 36
    gap_y: float = 14
    lane: float = 10
    """Height of an arrow's own place in a layer that it passes."""
    margin: float = 8


@dataclass(frozen=True, kw_only=True)
class Layout:
    """Everything in pixels, from the left upper corner."""

    places: Mapping[str, Point]
    """Left upper corner of each box."""
    ways: tuple[tuple[Point, ...], ...]
    """Of each arrow, in their order: where it enters and leaves layers."""
    width: float = 0
    height: float = 0


@dataclass(eq=False)
class _Slot:
    """What has a place in a layer: a box, or an arrow that passes."""

    layer: int
    height: float
    y: float = 0


def layers_of(needs: Mapping[str, Sequence[str]]) -> dict[str, int]:
    """The longest path to each, from 0. What is in a cycle is in layer 0: `backward` says what makes one."""
    left = {name: len(above) for name, above in needs.items()}
    below: dict[str, list[str]] = {name: [] for name in needs}
    for name, above in needs.items():
        for one in above:
            below[one].append(name)
    layers: dict[str, int] = {}
    ready = [name for name, count in left.items() if not count]
    depth = dict.fromkeys(needs, 0)
    while ready:
        name = ready.pop()
        layers[name] = depth[name]
        for one in below[name]:
            depth[one] = max(depth[one], depth[name] + 1)
            left[one] -= 1
            if not left[one]:
                ready.append(one)
    return {name: layers.get(name, 0) for name in needs}


def backward(keys: Iterable[str], arrows: Sequence[tuple[str, str]]) -> set[int]:
    """Which arrows, by their index, make cycles: without them, or turned round, there is none. Those from a box to
    itself are among them. By a depth-first search in the order of the keys, so the same graph has the same answer.
    """
    out: dict[str, list[int]] = {key: [] for key in keys}
    for number, (start, _) in enumerate(arrows):
        out[start].append(number)
    found, open_, done = set[int](), set[str](), set[str]()
    for first in out:
        todo = [] if first in done else [(first, iter(out[first]))]
        open_.update(key for key, _ in todo)
        while todo:
            key, left = todo[-1]
            index = next(left, None)
            if index is None:
                todo.pop()
                open_.discard(key)
                done.add(key)
            elif (end := arrows[index][1]) in open_:
                found.add(index)
            elif end not in done:
                open_.add(end)
                todo.append((end, iter(out[end])))
    return found


def lay_out(layers: Mapping[str, int], arrows: Iterable[tuple[str, str]], sizes: Sizes) -> Layout:
    """Places boxes of known layers, from 0 without gaps; each arrow leads to a deeper layer. The order of `layers` is
    that of boxes without arrows.
    """
    if not layers:
        return Layout(places={}, ways=())
    slots = {key: _Slot(layer, sizes.height) for key, layer in layers.items()}
    ways = [_way(slots[start], slots[end], sizes) for start, end in arrows]
    rows = _ordered([*slots.values(), *(slot for way in ways for slot in way[1:-1])], ways)
    _place(rows, _neighbours(ways), sizes)
    return Layout(
        places={key: (_x(slot, sizes), slot.y) for key, slot in slots.items()},
        ways=tuple(_points(way, sizes) for way in ways),
        width=len(rows) * (sizes.width + sizes.gap_x) - sizes.gap_x + 2 * sizes.margin,
        height=max(slot.y + slot.height for row in rows for slot in row) + sizes.margin,
    )


def _x(slot: _Slot, sizes: Sizes) -> float:
    return sizes.margin + slot.layer * (sizes.width + sizes.gap_x)


def _way(first: _Slot, last: _Slot, sizes: Sizes) -> list[_Slot]:
    """An arrow as the slots that it goes through."""
    return [first, *(_Slot(layer, sizes.lane) for layer in range(first.layer + 1, last.layer)), last]


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


def _place(
    layers: Sequence[list[_Slot]], joined: Mapping[_Slot, tuple[list[_Slot], list[_Slot]]], sizes: Sizes
) -> None:
    """Heights: each slot near the middle of what it is joined to, in the order of its layer, none upon another."""
    for layer in layers:
        _stack(layer, [0.0] * len(layer), sizes.gap_y)
    for sweep in range(_SWEEPS):
        side = sweep % 2
        for layer in layers if side == 0 else reversed(layers):
            wanted = [
                _mean([_middle(one) for one in joined.get(slot, ([], []))[side]], _middle(slot)) - slot.height / 2
                for slot in layer
            ]
            _stack(layer, wanted, sizes.gap_y)
    top = min(slot.y for layer in layers for slot in layer)
    for layer in layers:
        for slot in layer:
            slot.y += sizes.margin - top


def _middle(slot: _Slot) -> float:
    return slot.y + slot.height / 2


def _stack(layer: Sequence[_Slot], wanted: Sequence[float], gap: float) -> None:
    """Puts the slots where they want to be, pushed apart evenly: what had to move down moves back by the mean."""
    below = float("-inf")
    for slot, want in zip(layer, wanted, strict=True):
        slot.y = max(want, below)
        below = slot.y + slot.height + gap
    back = _mean([slot.y - want for slot, want in zip(layer, wanted, strict=True)], 0)
    for slot in layer:
        slot.y -= back


def _points(way: Sequence[_Slot], sizes: Sizes) -> tuple[Point, ...]:
    """From the right side of the first box, through the lanes, to the left side of the last one."""
    first, last = way[0], way[-1]
    points = [(_x(first, sizes) + sizes.width, _middle(first))]
    for slot in way[1:-1]:
        points += [(_x(slot, sizes), _middle(slot)), (_x(slot, sizes) + sizes.width, _middle(slot))]
    points.append((_x(last, sizes), _middle(last)))
    return tuple(points)
