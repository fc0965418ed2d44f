"""The evidence of an ended release, judged again from its recorded ticks."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING

from domain.core.documents import Node
from workers.client.on_engine.releases.release_rows import evidence_row
from workers.client.ports.releases import EvidenceRow

if TYPE_CHECKING:
    from domain.releases.judge.policy import Policy
    from domain.releases.judge.recording import Judged as Verdict
    from domain.releases.judge.recording import Series

MOST_JUDGED = 5_000
"""Ticks that are judged again for a page."""


@dataclass(frozen=True)
class Judged:
    """What the judge found, in numbers and in sentences."""

    evidence: tuple[EvidenceRow, ...] = ()
    words: tuple[str, ...] = ()


def judged(data: bytes, result: Node) -> Judged:
    """Of the ticks of a recorded `ReleaseResult`; nothing for a release that judged nothing, or very much."""
    from activities.core import serialization as serial
    from domain.releases.judge.policy import Policy
    from domain.releases.judge.recording import Series, judge_series
    from domain.releases.judge.ticks import tick_from
    from domain.releases.traffic_baseline import Baseline

    lines = data.splitlines()
    if not lines or not result["policy"] or not result["baseline"] or len(lines) > MOST_JUDGED:
        return Judged()
    policy = serial.load(Policy, json.dumps(result["policy"].value))
    baseline = serial.load(Baseline, json.dumps(result["baseline"].value))
    series = Series(phi=baseline.phi)
    for line in lines:
        series.add(tick_from(json.loads(line)))
    verdict = judge_series(series, policy)
    rows = tuple(
        evidence_row(name, one.process.evidence, one.threshold, one.canary, one.stable)
        for name, one in verdict.judge.evidence.items()
    )
    return Judged(rows, tuple(_words(series, verdict, policy, baseline.words())))


def _words(series: Series, verdict: Verdict, policy: Policy, baseline: str) -> Iterator[str]:
    from domain.releases.judge import explain
    from domain.releases.judge.recording import ratios

    intervals = ratios(series.ticks.values(), verdict.judge)
    yield f"{len(series.ticks)} ticks of {policy.tick_s:g} s were judged, from {baseline}"
    for name, evidence in verdict.judge.evidence.items():
        yield f"{name}: {explain.compared(evidence)}"
        yield f"{name}: {explain.ratio(evidence, intervals[name], policy.alpha)}"
    yield f"verdict of the ticks: {verdict.verdict} at tick {verdict.tick}: {verdict.reason}"
