"""The ticks of a release as points of a plot: few enough for a page, and no peak is lost."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

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
    canary_slow: float = 0
    stable_slow: float = 0


SHARES = ("canary_errors", "stable_errors", "canary_slow", "stable_slow")


def thinned(points: Sequence[PlotPoint], most: int = MOST) -> tuple[PlotPoint, ...]:
    """At most so many, oldest first: of neighbours that become one, the last weight and the worst shares."""
    if len(points) <= most:
        return tuple(points)
    size = -(-len(points) // most)
    return tuple(_merged(points[begin : begin + size]) for begin in range(0, len(points), size))


def _merged(points: Sequence[PlotPoint]) -> PlotPoint:
    return replace(points[-1], **{share: max(getattr(point, share) for point in points) for share in SHARES})
