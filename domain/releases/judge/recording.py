"""Replays the judge over recorded ticks: its verdict, and why."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

from domain.core.documents import Manifest
from domain.releases.judge import explain as words
from domain.releases.judge.interval import Interval, interval
from domain.releases.judge.judge import WINDOW_S, Evidence, Judge, Verdict
from domain.releases.judge.policy import Policy
from domain.releases.judge.ticks import Tick


@dataclass
class Series:
    """One release's ticks, read in any order; of repeated ticks the first counts."""

    ticks: dict[int, Tick] = field(default_factory=dict)
    phi: float | Mapping[str, float] | None = None

    def add(self, tick: Tick) -> None:
        """Adds a tick unless its number is known."""
        self.ticks.setdefault(tick.number, tick)


@dataclass(frozen=True)
class Judged:
    """The verdict on a recording under a policy, and the judge that produced it."""

    verdict: Verdict
    tick: int
    """The deciding tick, or the last one; -1: no ticks."""
    reason: str
    judge: Judge


def judge_series(series: Series, policy: Policy) -> Judged:
    """FAIL at the first tick that would roll back; PASS when the last tick shows full traffic to be safe."""
    judge = Judge(policy, _phi(series.phi, policy))
    for number in sorted(series.ticks):
        judge.feed(series.ticks[number])
        if judge.failing:
            break
        if judge.silent_s >= WINDOW_S:
            return Judged(Verdict.FAIL, number, words.silent(judge), judge)
    reason = with_ratio(words.verdict(judge), series.ticks.values(), judge)
    return Judged(judge.verdict, judge.last, reason, judge)


def with_ratio(reason: str, ticks: Iterable[Tick], judge: Judge) -> str:
    """A reason with the interval of its metric's ratio."""
    about = words.subject(judge)
    found = _interval(about, list(ticks), judge)
    return f"{reason}; {about.metric.name}: {words.ratio(about, found, judge.policy.alpha)}"


def ratios(ticks: Iterable[Tick], judge: Judge) -> dict[str, Interval]:
    """Metric to the interval of its ratio, up to the judge's last tick, each at the policy's alpha."""
    counted = list(ticks)
    return {name: _interval(evidence, counted, judge) for name, evidence in judge.evidence.items()}


def _interval(evidence: Evidence, ticks: list[Tick], judge: Judge) -> Interval:
    policy, name = judge.policy, evidence.metric.name
    judged = sorted((tick for tick in ticks if tick.number <= judge.last), key=lambda tick: tick.number)
    judged = [tick for tick in judged if policy.judges(evidence.metric, tick.number, tick.warming)]
    counts = [(*tick.canary.count(name), *tick.stable.count(name)) for tick in judged]
    return interval(counts, policy.alpha, judge.phi[name])


def evidence_of(judge: Judge) -> dict[str, Manifest]:
    """Per metric the evidence of the verdict, as JSON values."""
    return {name: _evidence(one) for name, one in judge.evidence.items()}


def _evidence(one: Evidence) -> Manifest:
    return {
        "logE": one.process.evidence,
        "threshold": one.threshold,
        "excess": one.process.excess,
        "canary": {"events": one.canary[0], "requests": one.canary[1]},
        "stable": {"events": one.stable[0], "requests": one.stable[1]},
    }


def _phi(given: float | Mapping[str, float] | None, policy: Policy) -> Mapping[str, float]:
    if given is None or isinstance(given, Mapping):
        return given or {}
    return {metric.name: given for metric in policy.metrics}
