"""The ticks of a release as points of a plot: few enough for a page, and no peak of errors is lost."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

MOST = 500


@dataclass(frozen=True)
class PlotPoint:
    """What both versions answered in one span of time."""

    at: float
    """Seconds since the epoch."""
    percent: float
    """Traffic of the new version."""
    canary_errors: float = 0
    """Share, 0 to 1."""
    stable_errors: float = 0


def thinned(points: Sequence[PlotPoint], most: int = MOST) -> tuple[PlotPoint, ...]:
    """At most so many, oldest first: of neighbours that become one, the last weight and the worst share of errors."""
    if len(points) <= most:
        return tuple(points)
    size = -(-len(points) // most)
    return tuple(_merged(points[begin : begin + size]) for begin in range(0, len(points), size))


def _merged(points: Sequence[PlotPoint]) -> PlotPoint:
    last = points[-1]
    return PlotPoint(
        last.at,
        last.percent,
        max(point.canary_errors for point in points),
        max(point.stable_errors for point in points),
    )
