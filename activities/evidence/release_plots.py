"""Plots a release's ticks as inline SVG, without a library, so that reports are self-contained."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from html import escape

from domain.releases.judge.judge import Judge
from domain.releases.judge.policy import ERRORS, SLOW90, Policy
from domain.releases.judge.recording import Series
from domain.releases.judge.ticks import Arm, Tick, tick_from

WIDTH, HEIGHT, LEFT, RIGHT, TOP, BOTTOM = 720, 150, 52, 130, 12, 24
_SMOOTH = 5
"""Number of ticks a rate is averaged over: one tick of a small canary has few requests."""


@dataclass(frozen=True)
class Line:
    """One curve; None is a gap. `css`: its class; `stepped`: a step function."""

    label: str
    css: str
    values: Sequence[float | None]
    stepped: bool = False


@dataclass(frozen=True)
class Plot:
    """A titled plot as an inline SVG element."""

    title: str
    svg: str


def plots(data: bytes, policy: Policy, phi: Mapping[str, float] | None = None) -> list[Plot]:
    """Weight and error rates, slow requests, and every metric's evidence against the rollback threshold."""
    series = Series()
    for line in data.splitlines():
        series.add(tick_from(json.loads(line)))
    ticks = [series.ticks[number] for number in sorted(series.ticks)]
    if not ticks:
        return []
    seconds = [tick.number * policy.tick_s for tick in ticks]
    found = [
        Plot(
            "weight of the new version, percent",
            _svg(seconds, [Line("weight", "canary", [tick.percent for tick in ticks], stepped=True)], 100.0, "%"),
        )
    ]
    names = {metric.name for metric in policy.metrics}
    for metric, title in ((ERRORS, "failed requests, percent"), (SLOW90, "slower than the stable's p90, percent")):
        if metric in names and any(metric in tick.stable.events for tick in ticks):
            lines = [
                Line("new version", "canary", _rates([tick.canary for tick in ticks], metric)),
                Line("stable", "stable", _rates([tick.stable for tick in ticks], metric)),
            ]
            found.append(Plot(title, _svg(seconds, lines, 1.0, "%")))
    found.append(Plot("evidence, as a share of the rollback threshold", _evidence(seconds, ticks, policy, phi)))
    return found


def _rates(arms: Sequence[Arm], metric: str) -> list[float | None]:
    found: list[float | None] = []
    for i in range(len(arms)):
        counts = [arm.count(metric) for arm in arms[max(0, i + 1 - _SMOOTH) : i + 1]]
        requests = sum(n for _, n in counts)
        found.append(100 * sum(x for x, _ in counts) / requests if requests else None)
    return found


def _evidence(seconds: Sequence[float], ticks: Sequence[Tick], policy: Policy, phi: Mapping[str, float] | None) -> str:
    judge = Judge(policy, phi)
    values: dict[str, list[float | None]] = {metric.name: [] for metric in policy.metrics}
    for tick in ticks:
        judge.feed(tick)
        for name, one in judge.evidence.items():
            values[name].append(max(one.process.evidence, 0.0) / one.threshold)
    lines = [Line(name, f"metric{i % 4}", found) for i, (name, found) in enumerate(values.items())]
    return _svg(seconds, lines, 1.2, "", marks=((1.0, "rolls back", "limit"), (0.5, "holds", "amber")))


def _svg(
    seconds: Sequence[float],
    lines: Sequence[Line],
    least_top: float,
    unit: str,
    marks: Sequence[tuple[float, str, str]] = (),
) -> str:
    top = max([least_top, *(1.1 * value for line in lines for value in line.values if value is not None)])
    last = max(seconds[-1], seconds[0] + 1e-9)

    def x(at: float) -> float:
        return LEFT + (WIDTH - LEFT - RIGHT) * (at - seconds[0]) / (last - seconds[0])

    def y(value: float) -> float:
        return HEIGHT - BOTTOM - (HEIGHT - TOP - BOTTOM) * value / top

    parts = [f'<svg viewBox="0 0 {WIDTH} {HEIGHT}" role="img" class="plot" xmlns="http://www.w3.org/2000/svg">']
    for i in range(3):
        value = top * i / 2
        parts.append(f'<line class="grid" x1="{LEFT}" x2="{WIDTH - RIGHT}" y1="{y(value):.1f}" y2="{y(value):.1f}"/>')
        parts.append(f'<text x="{LEFT - 6}" y="{y(value) + 4:.1f}" text-anchor="end">{value:.3g}{unit}</text>')
    for at in (seconds[0], (seconds[0] + last) / 2, last):
        parts.append(f'<text x="{x(at):.1f}" y="{HEIGHT - 6}" text-anchor="middle">{at:.0f} s</text>')
    for value, label, css in marks:
        parts.append(f'<line class="{css}" x1="{LEFT}" x2="{WIDTH - RIGHT}" y1="{y(value):.1f}" y2="{y(value):.1f}"/>')
        parts.append(f'<text x="{LEFT + 4}" y="{y(value) - 4:.1f}">{label}</text>')
    for i, line in enumerate(lines):
        path = _path([(x(at), None if v is None else y(v)) for at, v in zip(seconds, line.values, strict=True)], line)
        parts.append(f'<path class="{line.css}" d="{path}"><title>{escape(line.label)}</title></path>')
        parts.append(
            f'<text class="{line.css} key" x="{WIDTH - RIGHT + 10}" y="{TOP + 14 + 18 * i}">{escape(line.label)}</text>'
        )
    return "".join([*parts, "</svg>"])


def _path(points: Sequence[tuple[float, float | None]], line: Line) -> str:
    """None leaves a gap; a stepped value holds until the next."""
    written, before = [], None
    for at, value in points:
        if value is None:
            before = None
            continue
        if before is not None and line.stepped:
            written.append(f"L{at:.1f} {before:.1f}")
        written.append(f"{'M' if before is None else 'L'}{at:.1f} {value:.1f}")
        before = value
    return " ".join(written)
