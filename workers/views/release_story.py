"""The decisions of a release, from its record and ticks."""

from __future__ import annotations

import json
from collections.abc import Iterator

from activities.core import serialization as serial
from activities.storage.port import Store
from domain.core.documents import Node, Object
from domain.core.errors import SluicewayError
from domain.releases.judge import explain as words
from domain.releases.judge.policy import Policy
from domain.releases.judge.recording import Series, judge_series, ratios
from domain.releases.judge.ticks import tick_from
from domain.releases.traffic_baseline import Baseline
from workers.views.release_progress import line


def story(release: str, result: Object, store: Store) -> Iterator[str]:
    """An ended release line by line; `result` is its recorded `ReleaseResult`."""
    ended = Node(result)
    beside = f" beside {ended['previous'].text()}" if ended["previous"] else ""
    how = ended["strategy"].text() or "recreate"
    yield f"{release}: version {ended['version'].text()} by {how}{beside}: {ended['verdict'].text()}"
    yield f"  {ended['reason'].text()}"
    yield ""
    for event in ended["story"]:
        yield line(event["at"].number(), event["what"].text(), event["why"].text())
    if ended["ticks"]:
        yield ""
        yield from _counted(ended, store)


def _counted(ended: Node, store: Store) -> Iterator[str]:
    policy = serial.load(Policy, json.dumps(ended["policy"].value))
    baseline = serial.load(Baseline, json.dumps(ended["baseline"].value))
    try:
        data = store.get(ended["ticks"].text())
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
