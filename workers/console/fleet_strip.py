"""All clusters in one drawing: a cell for each that is not healthy; healthy ones are a number beside it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from domain.inventory.model import Freshness, Health
from workers.client.ports.fleets import FleetCluster

CELL, GAP = 22, 4
"""Pixels."""
COLUMNS = 36
"""Cells of a row; a phone scrolls it."""
MOST_CELLS = 150
FINE = frozenset({Health.HEALTHY, Health.SUSPENDED})


@dataclass(frozen=True)
class Cell:
    """A cluster that is not healthy, in pixels."""

    x: int
    y: int
    cluster: FleetCluster
    health: Health


@dataclass(frozen=True)
class Strip:
    """The drawing."""

    cells: tuple[Cell, ...]
    width: int
    height: int
    folded: int
    """Clusters that are not healthy, and for which there is no cell."""


def seen_health(cluster: FleetCluster) -> Health:
    """Unknown where it is not heard of, whatever was known last: nothing old is green. Of one that was never heard of,
    its workflow may say that it is being made, or could not be."""
    told = cluster.freshness is Freshness.NEVER and cluster.health not in FINE
    return cluster.health if told or cluster.freshness is Freshness.LIVE else Health.UNKNOWN


def exceptions(clusters: Sequence[FleetCluster]) -> tuple[FleetCluster, ...]:
    """Those that are not healthy, the worst first; by name among equals."""
    bad = [one for one in clusters if seen_health(one) not in FINE]
    return tuple(sorted(bad, key=lambda one: (-seen_health(one).rank, one.name)))


def strip_of(clusters: Sequence[FleetCluster]) -> Strip:
    """The worst have cells, at most `MOST_CELLS`."""
    bad = exceptions(clusters)
    step = CELL + GAP
    cells = tuple(
        Cell(at % COLUMNS * step, at // COLUMNS * step, one, seen_health(one))
        for at, one in enumerate(bad[:MOST_CELLS])
    )
    rows = -(-len(cells) // COLUMNS)
    return Strip(cells, max(min(len(cells), COLUMNS) * step - GAP, 0), max(rows * step - GAP, 0), len(bad) - len(cells))
