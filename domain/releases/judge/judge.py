"""Feeds ticks to the e-processes of every metric, and derives the verdict.

The judge holds numbers and no clock: the same ticks give the same verdict in the observer, in the workflow that checks
it, and in a replay a year later.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Mapping
from copy import deepcopy
from dataclasses import dataclass
from enum import StrEnum
from math import ceil
from typing import Protocol

from domain.releases.judge.dispersion import DEFAULT
from domain.releases.judge.eprocess import AcceptE, RollbackE
from domain.releases.judge.policy import ERRORS, Metric, Policy
from domain.releases.judge.ticks import Tick

WINDOW_S = 60.0
"""Window of the stable version's error rate that shows a shared incident; also how long a routing fault may last."""
EXPECTED_REQUESTS = 20.0
"""So many canary requests were expected and none came: the chance of that is e^-20."""


class Verdict(StrEnum):
    """What all ticks so far show."""

    PASS = "PASS"
    FAIL = "FAIL"
    INCONCLUSIVE = "INCONCLUSIVE"


class Process(Protocol):
    """An e-process against "no worse": its evidence (natural logarithm), and the excess that it has seen (a rate)."""

    @property
    def evidence(self) -> float: ...

    @property
    def excess(self) -> float: ...


@dataclass
class Evidence:
    """What all ticks so far show about one metric; evidence and threshold are natural logarithms."""

    metric: Metric
    process: Process
    threshold: float
    canary: tuple[int, int] = (0, 0)
    """Total events and requests since it is judged."""
    stable: tuple[int, int] = (0, 0)

    @property
    def fails(self) -> bool:
        """Evidence at the threshold, and the excess above the metric's own minimum: the release rolls back."""
        return self.process.evidence >= self.threshold and self.process.excess >= self.metric.gate

    @property
    def amber(self) -> bool:
        """Evidence at half of the threshold: the weight is frozen."""
        return self.process.evidence >= self.threshold / 2

    def add(self, canary: tuple[int, int], stable: tuple[int, int]) -> None:
        """Adds a tick's events and requests to the totals."""
        self.canary = (self.canary[0] + canary[0], self.canary[1] + canary[1])
        self.stable = (self.stable[0] + stable[0], self.stable[1] + stable[1])


class Judge:
    """Judges one release, fed tick by tick.

    `phi`: metric to dispersion, as measured on the stable version; `DEFAULT` for a metric without an entry.
    """

    def __init__(self, policy: Policy, phi: Mapping[str, float] | None = None) -> None:
        self.phi = dict.fromkeys((*(metric.name for metric in policy.metrics), ERRORS), DEFAULT) | dict(phi or {})
        self.policy = policy
        self._processes = {
            metric.name: RollbackE(ratio=metric.ratio, phi=self.phi[metric.name]) for metric in policy.metrics
        }
        self.evidence = {
            metric.name: Evidence(metric, self._processes[metric.name], policy.threshold(metric))
            for metric in policy.metrics
        }
        self.accepts = {
            percent: AcceptE(margin=policy.margin(percent), phi=self.phi[ERRORS])
            for percent in (*policy.steps_percent, 100.0)
        }
        self.last = -1
        """The last counted tick."""
        self.stage = 0
        self.dwelt = 0
        """Ticks in this stage."""
        self._window: deque[tuple[int, int]] = deque(maxlen=ceil(WINDOW_S / policy.tick_s))
        self._expected = 0.0
        self._silent = 0

    def feed(self, tick: Tick) -> bool:
        """Counts a tick; a repeated one changes nothing. Returns whether it counted."""
        if tick.number <= self.last:
            return False
        self.last = tick.number
        self.dwelt = self.dwelt + 1 if tick.stage == self.stage else 1
        self.stage = tick.stage
        for name, evidence in self.evidence.items():
            if self.policy.judges(evidence.metric, tick.number, tick.warming):
                canary, stable = tick.canary.count(name), tick.stable.count(name)
                self._processes[name].update(*canary, *stable)
                evidence.add(canary, stable)
        errors = (*tick.canary.count(ERRORS), *tick.stable.count(ERRORS))
        for accept in self.accepts.values():
            accept.update(*errors)
        self._window.append(errors[2:])
        self._route(tick)
        return True

    def _route(self, tick: Tick) -> None:
        """The canary must get its share of the traffic; when none arrives, the route is at fault, not the version."""
        if tick.canary.requests or not 0 < tick.percent < 100:
            self._expected, self._silent = 0.0, 0
            return
        self._expected += tick.stable.requests * tick.percent / (100 - tick.percent)
        self._silent += self._expected >= EXPECTED_REQUESTS

    @property
    def failing(self) -> Evidence | None:
        """Metrics that roll back, the one furthest above its threshold first."""
        found = [evidence for evidence in self.evidence.values() if evidence.fails]
        return max(found, key=lambda one: one.process.evidence - one.threshold, default=None)

    @property
    def amber(self) -> list[str]:
        """Metrics with half the evidence for a rollback: the weight does not rise."""
        return [name for name, evidence in self.evidence.items() if evidence.amber]

    @property
    def stable_error_rate(self) -> float:
        """The stable version's error rate in the last minute, 0 to 1; 0 without requests."""
        requests = sum(n for _, n in self._window)
        return sum(x for x, _ in self._window) / requests if requests else 0.0

    @property
    def incident(self) -> bool:
        """Whether the stable version's own error rate exceeds `slo_hold`: nothing is decided."""
        return self.stable_error_rate >= self.policy.slo_hold

    @property
    def silent_s(self) -> float:
        """How long a routing fault has lasted; 0: none."""
        return self._silent * self.policy.tick_s

    @property
    def dwelt_s(self) -> float:
        """Seconds in this stage, counted in ticks."""
        return self.dwelt * self.policy.tick_s

    def safe(self, percent: float) -> bool:
        """Whether failures would stay within the budget at this weight, with confidence 1 - beta."""
        accept = self.accepts.get(percent)
        return accept is not None and accept.evidence >= self.policy.accepted

    @property
    def verdict(self) -> Verdict:
        """FAIL: a metric is worse. PASS: full traffic is safe, and no metric is amber. INCONCLUSIVE: otherwise."""
        if self.failing:
            return Verdict.FAIL
        sound = self.safe(100.0) and not self.amber and not self.incident
        return Verdict.PASS if sound else Verdict.INCONCLUSIVE

    def copy(self) -> Judge:
        """An independent judge in the same state."""
        return deepcopy(self)
