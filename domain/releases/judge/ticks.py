"""Counts of one tick: both arms over the same window."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from domain.core.documents import Manifest, Object
from domain.core.values import Json


@dataclass(frozen=True)
class Arm:
    """One version's counts in one tick."""

    requests: int = 0
    events: Mapping[str, int] = field(default_factory=dict)
    """Metric to its events."""
    totals: Mapping[str, int] = field(default_factory=dict)
    """Metric to its own total, where that is not `requests`."""

    def count(self, metric: str) -> tuple[int, int]:
        """(events, requests); events are capped at requests."""
        total = self.totals.get(metric, self.requests)
        return min(self.events.get(metric, 0), total), total


@dataclass(frozen=True)
class Tick:
    """The answers of both versions in one span of `Policy.tick_s`."""

    number: int
    canary: Arm = Arm()
    stable: Arm = Arm()
    percent: float = 0.0
    """The canary's weight; 0: unknown, as in a recording from elsewhere."""
    stage: int = 0
    """Number of the observation in the release: dwell time restarts with each."""
    warming: bool = False
    """Canary processes were started recently: latency is not judged yet."""


def arm_from(value: Object) -> Arm:
    """Parses an arm: `requests`, and per metric its events, or `[events, total]`.

    Raises:
        ValueError: malformed.
    """
    events: dict[str, int] = {}
    totals: dict[str, int] = {}
    for name, given in value.items():
        if isinstance(given, list) and len(given) == 2:
            events[name], totals[name] = _whole(name, given[0]), _whole(name, given[1])
        elif name != "requests":
            events[name] = _whole(name, given)
    requests = _whole("requests", value.get("requests"))
    return _within(Arm(requests, events, totals))


def arm_to(arm: Arm) -> Manifest:
    """JSON of an arm: metric to events, or to `[events, total]` where the total is not `requests`."""
    written: Manifest = {"requests": arm.requests}
    for name, events in arm.events.items():
        written[name] = [events, arm.totals[name]] if name in arm.totals else events
    return written


def tick_from(value: Object) -> Tick:
    """Parses a tick from a line's JSON object.

    Raises:
        ValueError: malformed; the text says where.
    """
    arms = [value.get("canary"), value.get("stable")]
    if not all(isinstance(arm, Mapping) for arm in arms):
        raise ValueError("a tick has the objects canary and stable")
    canary, stable = (arm_from(arm) for arm in arms if isinstance(arm, Mapping))
    return Tick(
        _whole("tick", value.get("tick")),
        canary,
        stable,
        _number("percent", value.get("percent") or 0),
        _whole("stage", value.get("stage") or 0),
        bool(value.get("warming")),
    )


Row = tuple[float, ...]
"""A tick as numbers: number, stage, percent, warming, and per arm requests and each metric's events and total."""


def row_of(tick: Tick, metrics: Sequence[str]) -> Row:
    """A tick as a flat row of numbers, for histories: four of the tick, then per arm requests and two for each metric.

    A total of -1 means that the events are among all requests.
    """
    row: list[float] = [tick.number, tick.stage, tick.percent, int(tick.warming)]
    for arm in (tick.canary, tick.stable):
        row.append(arm.requests)
        for metric in metrics:
            row += [arm.events.get(metric, 0), arm.totals.get(metric, -1)]
    return tuple(row)


def tick_of(row: Row, metrics: Sequence[str]) -> Tick:
    """Restores a tick.

    Raises:
        ValueError: the row's length does not fit the metrics.
    """
    width = 1 + 2 * len(metrics)
    if len(row) != 4 + 2 * width:
        raise ValueError(f"a row with {len(row)} numbers for {len(metrics)} metrics")
    arms = [_arm_of(row[4 + at : 4 + at + width], metrics) for at in (0, width)]
    return Tick(int(row[0]), arms[0], arms[1], row[2], int(row[1]), bool(row[3]))


def _arm_of(numbers: Row, metrics: Sequence[str]) -> Arm:
    events = {metric: int(numbers[1 + 2 * i]) for i, metric in enumerate(metrics)}
    totals = {metric: int(numbers[2 + 2 * i]) for i, metric in enumerate(metrics) if numbers[2 + 2 * i] >= 0}
    return Arm(int(numbers[0]), events, totals)


def _whole(name: str, value: Json) -> int:
    if isinstance(value, bool) or not isinstance(value, int | float) or value != value or value < 0 or value % 1:
        raise ValueError(f"'{name}' is {value!r}; expected an integer of at least 0")
    return int(value)


def _number(name: str, value: Json) -> float:
    if isinstance(value, bool) or not isinstance(value, int | float):
        raise ValueError(f"'{name}' of a tick is {value!r}; expected a number")
    return float(value)


def _within(arm: Arm) -> Arm:
    for name, events in arm.events.items():
        total = arm.totals.get(name, arm.requests)
        if events > total:
            raise ValueError(f"'{name}' is {events}, more than the {total} requests")
    return arm
