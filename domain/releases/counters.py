"""Increases of cumulative counters between two readings, tolerating restarts and series that appear or vanish."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from domain.releases.judge.policy import ERRORS, SLOW90, SLOW99, Policy
from domain.releases.judge.ticks import Arm

Series = Mapping[str, float]
"""The identity of a time series (its labels) to its cumulative value."""


def increase(before: Series, now: Series) -> int:
    """The increase over all series. A falling value means a reset to 0; a new series began at 0; a vanished one is
    lost.

    Raises:
        ValueError: a value is negative or not a number.
    """
    total = 0.0
    for name, value in now.items():
        if not 0 <= value < float("inf"):
            raise ValueError(f"counter {name} is {value}")
        known = before.get(name, 0.0)
        total += value if value < known else value - known
    return round(total)


def reset(before: Series, now: Series) -> bool:
    """Whether a counter was reset, so a process restarted."""
    return any(now[name] < value for name, value in before.items() if name in now)


@dataclass(frozen=True)
class CounterSample:
    """One reading of a source. Both arms are read together, or neither."""

    at: float
    """Seconds since the epoch, from the samples: an equal time means the same sample."""
    arms: Mapping[str, Mapping[str, Series]] = field(default_factory=dict)
    """Arm (`canary`, `stable`) to counter (`requests`, or a metric's events or total) to its series."""


def usable(before: CounterSample, now: CounterSample) -> bool:
    """Whether two readings make a tick: both arms are present, and the second is later."""
    return bool(now.arms) and set(now.arms) == set(before.arms) and now.at > before.at


def merged(readings: list[CounterSample]) -> CounterSample:
    """One reading from several sources, as old as the oldest of them."""
    arms: dict[str, dict[str, Series]] = {}
    for reading in readings:
        for arm, counters in reading.arms.items():
            arms.setdefault(arm, {}).update(counters)
    return CounterSample(min((reading.at for reading in readings), default=0.0), arms)


def arm(before: Mapping[str, Series], now: Mapping[str, Series], policy: Policy) -> Arm:
    """The increase of one arm between two readings. A counter missing from the first began at 0."""
    up = {name: increase(before.get(name, {}), series) for name, series in now.items()}
    requests = up.get("requests", 0)
    events, totals = {ERRORS: min(up.get("errors", 0), requests)}, {}
    for slow in (SLOW90, SLOW99):
        if f"within:{slow}" in up:
            events[slow] = min(max(up.get("timed", 0) - up[f"within:{slow}"], 0), requests)
    for metric in policy.metrics:
        if metric.events:
            totals[metric.name] = up.get(f"total:{metric.name}", 0)
            events[metric.name] = min(up.get(f"events:{metric.name}", 0), totals[metric.name])
    wanted = {metric.name for metric in policy.metrics}
    return Arm(requests, {name: count for name, count in events.items() if name in wanted or name == ERRORS}, totals)
