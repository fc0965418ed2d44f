"""A release's record and ticks, as the story of its decisions."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

from activities import serial
from activities.store import Store
from domain.errors import SluicewayError
from domain.release.baseline import Baseline
from domain.release.judge import words
from domain.release.judge.policy import Policy
from domain.release.judge.recording import Series, judge_series, ratios
from domain.release.judge.ticks import tick_from
from workers.release_view import line


def story(release: str, result: dict[str, Any], store: Store) -> Iterator[str]:
    beside = f" beside {result['previous']}" if result.get("previous") else ""
    how = result.get("strategy") or "recreate"
    yield f"{release}: version {result['version']} by {how}{beside}: {result['verdict']}"
    yield f"  {result['reason']}"
    yield ""
    for event in result.get("story", []):
        yield line(event["at"], event["what"], event["why"])
    if result.get("ticks"):
        yield ""
        yield from _counted(result, store)


def _counted(result: dict[str, Any], store: Store) -> Iterator[str]:
    policy = serial.load(Policy, json.dumps(result["policy"]))
    baseline = serial.load(Baseline, json.dumps(result["baseline"]))
    try:
        data = store.get(result["ticks"])
    except SluicewayError as gone:
        yield f"  the recorded ticks are not there: {gone.what}"
        return
    series = Series(phi=baseline.phi)
    for text in data.splitlines():
        series.add(tick_from(json.loads(text)))
    judged = judge_series(series, policy)
    intervals = ratios(series.ticks.values(), judged.judge)
    yield f"  {len(series.ticks)} ticks of {policy.tick_s:g} s were judged, from {baseline.words()}"
    for name, evidence in judged.judge.evidence.items():
        yield f"  {name:<8} {words.compared(evidence)}"
        yield f"  {'':<8} {words.ratio(evidence, intervals[name], policy.alpha)}"
    yield f"  verdict of the ticks: {judged.verdict} at tick {judged.tick}: {judged.reason}"
