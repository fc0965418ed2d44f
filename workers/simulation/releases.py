"""An observer with simulated traffic and virtual time; the judge is the real one."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import dataclass, field

from temporalio import activity

from activities.releases.port import NotReadyError, Observed, ObserveInput, WindowAnswer, WindowQuestion
from activities.releases.targets.memory import MemoryTarget
from activities.storage.port import Store
from domain.releases.deployment import Deployment
from domain.releases.judge.judge import Judge
from domain.releases.judge.ramp import Decision, RampDecision, decide
from domain.releases.judge.ticks import Arm, Tick, arm_to, row_of
from domain.releases.spec import Check
from domain.releases.traffic_baseline import Baseline
from pipeline_defs.simulation.model import MockRelease, Rates
from workers.simulation.clock import Clock

MAX_ROWS = 2_500
"""Limit of ticks per observation: they travel in one payload."""


@activity.defn(name="release-window")
async def always_open(question: WindowQuestion) -> WindowAnswer:
    """A rehearsal waits for no window: what it shows must not depend on when it is run."""
    return WindowAnswer()


@dataclass(frozen=True)
class _Look:
    """The result of one observation, from the last tick that the workflow had counted."""

    known: int
    judge: Judge
    ticks: tuple[Tick, ...]
    decision: Decision
    took_s: float


@dataclass
class RehearsedObserver:
    """Registered instead of ObserverActivities."""

    store: Store
    traffic: Callable[[str], MockRelease]
    """Service to its simulated traffic."""
    clock: Clock
    _looks: dict[str, _Look] = field(default_factory=dict)
    """Release to its last observation; an interrupted one is recreated."""
    _judges: dict[tuple[str, int], Judge] = field(default_factory=dict)
    """Release and tick to the judge's state."""
    _lines: dict[str, list[Tick]] = field(default_factory=dict)

    @activity.defn(name="observe-release")
    async def observe(self, input: ObserveInput) -> Observed:
        """The first attempt only announces its duration, so that the server skips that time."""
        if activity.info().attempt == 1:
            self._looks[input.release] = self._look(input)
        look = self._looks[input.release]
        if activity.info().attempt == 1 and look.took_s > 0:
            raise await self.clock.takes(look.took_s)
        await self.clock.calm()
        self._judges[input.release, look.judge.last] = look.judge
        self._lines.setdefault(input.release, []).extend(look.ticks)
        metrics = [metric.name for metric in input.watched.policy.metrics]
        rows = tuple(row_of(tick, metrics) for tick in look.ticks)
        return Observed(look.decision.call, look.decision.reason, look.judge.last, rows)

    def _look(self, input: ObserveInput) -> _Look:
        policy = input.watched.policy
        counted = self._judges.get((input.release, input.known))
        judge = counted.copy() if counted else Judge(policy, input.watched.baseline.phi)
        ticks: list[Tick] = []
        while True:
            decision = decide(judge, input.goal)
            fault = decision.call is RampDecision.FAULT and not input.fault_known
            held = decision.call is RampDecision.WAIT and decision.inconclusive and not input.held_known
            if decision.call in (RampDecision.GO, RampDecision.BACK) or fault or held or len(ticks) >= MAX_ROWS:
                return _Look(input.known, judge, tuple(ticks), decision, len(ticks) * policy.tick_s)
            ticks.append(self._tick(judge.last + 1, input))
            judge.feed(ticks[-1])

    def _tick(self, number: int, input: ObserveInput) -> Tick:
        watched = input.watched
        mock, tick_s = self.traffic(watched.canary.service), watched.policy.tick_s
        new = mock.new if number * tick_s >= mock.since else mock.stable
        part = watched.percent / 100
        arms = [
            _arm(number, mock.requests * tick_s * share, rates)
            for share, rates in ((part, new), (1 - part, mock.stable))
        ]
        return Tick(number, arms[0], arms[1], watched.percent, input.goal.stage)

    @activity.defn(name="keep-ticks")
    async def keep(self, release: str) -> str:
        """Digest of the release's ticks in the store, as JSON lines."""
        lines = [
            json.dumps({"series": release, "tick": t.number, "canary": arm_to(t.canary), "stable": arm_to(t.stable)})
            for t in self._lines.get(release, [])
        ]
        return self.store.put("".join(f"{line}\n" for line in lines).encode())


class RehearsedTarget(MemoryTarget):
    """Versions become ready and pass their checks as the case says."""

    def __init__(self, traffic: Callable[[str], MockRelease]) -> None:
        super().__init__()
        self._traffic = traffic

    async def start(self, deployment: Deployment, instances: int = 0) -> None:
        """Starts a version.

        Raises:
            NotReadyError: SLW864, the case says that it does not become ready.
        """
        if not self._traffic(deployment.service).ready and deployment.instance != "r0":
            raise NotReadyError("SLW864", f"version {deployment.spec.version} was not ready")
        await super().start(deployment, instances)

    async def check(self, deployment: Deployment, check: Check) -> str:
        """The case's failed check; empty: it passes."""
        return self._traffic(deployment.service).checks

    async def baseline(self, deployment: Deployment, tick_s: float) -> Baseline:
        """The case's request rate, with an hour of history and fixed latencies."""
        return Baseline(self._traffic(deployment.service).requests, 0.25, 0.4, {}, 3600)


def _arm(number: int, requests: float, rates: Rates) -> Arm:
    """Deterministic counts: due by the end of a tick, minus due before."""

    def due(per_tick: float) -> int:
        return int(per_tick * (number + 1)) - int(per_tick * number)

    events = {name: due(requests * getattr(rates, name)) for name in ("errors", "slow90", "slow99")}
    return Arm(max(due(requests), *events.values()), events)
