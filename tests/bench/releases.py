"""Rows about releases: real processes behind the real router, and the judge on real faults beside its simulation."""

from __future__ import annotations

import asyncio
import statistics
import subprocess
import sys
import time
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

from temporalio import activity
from temporalio.testing import ActivityEnvironment

from activities.authority.everything import Everything
from activities.releases.activities import ReleaseActivities
from activities.releases.metric_sources.port import Comparison
from activities.releases.metric_sources.router import RouterSource
from activities.releases.observer import ObserverActivities
from activities.releases.port import Observed, ObserveInput
from activities.releases.routers.registry import routers
from activities.releases.targets.memory import MemoryTarget
from activities.storage.stores.folder import FolderStore
from domain.releases.deployment import Deployment
from domain.releases.judge.judge import Judge
from domain.releases.judge.policy import Policy
from domain.releases.judge.ramp import Goal, RampDecision, decide
from domain.releases.judge.simulation import services
from domain.releases.judge.ticks import Arm, Tick, row_of
from domain.releases.traffic_baseline import Baseline
from tests.judge import simulation as sim
from tests.support.fakes import REPLACED
from tests.support.lab import Lab, prepared, until
from tests.support.machine import Machine, on_a_machine, two, version
from workers.demo import load_generator as load

NAMES = [
    "judge_tick",
    "release_events_hour",
    "shift_lost",
    "shift_seen",
    "router_p99",
    "detect_100",
    "detect_5",
    "detect_1",
]
SHIFTS, RUNS, PER_S = 300, 5, 50.0
HELD_PERCENT = 20.0
POLICY = Policy(tick_s=1.0, warmup_s=1e9)
"""A tick of a second, errors alone: the same for the real detections and for the simulated ones."""
Row = Callable[..., None]


async def shifts(folder: Path, row: Row) -> None:
    async with on_a_machine(folder) as machine:
        old, new = await two(machine)
        with machine.under_load(300) as answers:
            await until(lambda: len(machine.loaded()) > 100)
            for number in range(SHIFTS):
                await machine.shift(new, old, float(1 + number * 7 % 99))
            await machine.route(new)
        lost = sum(not one.fine for one in answers)
        row("shift_lost", lost, "requests", None, f"0 over {SHIFTS} shifts", lost == 0, requests=len(answers))
        times = [await _seen(machine, one) for one in [old, new] * 10]
        value = statistics.median(times)
        row("shift_seen", value, "s", None, "median under 0.5", value < 0.5, slowest=round(max(times), 3))
        await _router_latency(machine, new, row)


async def _seen(machine: Machine, deployment: Deployment) -> float:
    """From the command until a client is answered by the version."""
    began = time.monotonic()
    routing = asyncio.create_task(machine.route(deployment))
    while (await machine.ask()).json()["version"] != deployment.spec.version:
        await asyncio.sleep(0.005)
    took = time.monotonic() - began
    await routing
    return took


async def _router_latency(machine: Machine, deployment: Deployment, row: Row) -> None:
    """p99 of an open-loop load of 200 a second, directly and through the router, in turn."""
    port = machine.ports(deployment)[0]
    direct, routed = [], []
    for _ in range(RUNS):
        direct.append(await _p99(machine, port, "web.localhost"))
        routed.append(await _p99(machine, machine.router.ports.web, "web.localhost"))
    a, b = statistics.median(direct), statistics.median(routed)
    row("router_p99", b - a, "ms", a, "stated", True, routed_ms=round(b, 3))


async def _p99(machine: Machine, port: int, host: str) -> float:
    file = machine.folder_ / "latency"
    process = subprocess.Popen([sys.executable, "-m", "workers.demo.load_generator", str(port), host, "200", str(file)])
    await asyncio.sleep(4)
    process.terminate()
    process.wait()
    found = sorted(one.latency_ms for one in load.read(file)[200:])
    return found[int(len(found) * 0.99)]


async def detections(folder: Path, row: Row) -> None:
    """Faults of 100, 5 and 1 %: how long until the real observer goes back, beside the same in simulation."""
    for name, rate, limit_s in (("detect_100", 1.0, 60.0), ("detect_5", 0.05, 200.0), ("detect_1", 0.01, 500.0)):
        async with on_a_machine(folder / name) as machine:
            real = await asyncio.gather(*(_detect(machine, f"web{i}", rate, limit_s) for i in range(RUNS)))
        value = statistics.median(real)
        simulated = statistics.median(_simulate(rate, seed, limit_s) for seed in range(200))
        goal = "median within 1.5 times the simulation"
        row(name, value, "s", simulated, goal, value <= 1.5 * simulated, runs=[round(one, 1) for one in real])


async def _detect(machine: Machine, service: str, rate: float, limit_s: float) -> float:
    old = replace(version("1", "r1"), service=service)
    new = replace(version("2", "r2", env={"FAIL_RATE": str(rate)}), service=service)
    old, new = (replace(one, spec=replace(one.spec, service=service)) for one in (old, new))
    await asyncio.gather(machine.start(old), machine.start(new))
    await machine.route(old)
    file = machine.folder_ / service
    command = [
        sys.executable,
        "-m",
        "workers.demo.load_generator",
        str(machine.router.ports.web),
        f"{service}.localhost",
    ]
    client = subprocess.Popen([*command, str(PER_S), str(file)])
    observer = ObserverActivities(
        machine.folder_ / "ticks",
        FolderStore(machine.folder_ / "s"),
        lambda policy: [RouterSource(routers(machine.router))],
    )
    await machine.shift(new, old, HELD_PERCENT)
    input = ObserveInput(
        f"release/{service}/production/1", Comparison(new, old, POLICY, Baseline(), HELD_PERCENT), _HOLD
    )
    began = time.monotonic()
    try:
        async with asyncio.timeout(limit_s):
            seen: Observed = await ActivityEnvironment().run(observer.observe, input)
        assert seen.call is RampDecision.BACK
    except TimeoutError:
        return limit_s
    finally:
        client.terminate()
        client.wait()
    return time.monotonic() - began


_HOLD = Goal(next_percent=50.0, min_dwell_s=60.0, max_dwell_s=1e9, stage=1, hold=True)


def _simulate(rate: float, seed: int, limit_s: float) -> float:
    traffic, judge = sim.traffic_of(services.worse(rate, 0.0), PER_S, seed), Judge(POLICY)
    for number in range(int(limit_s)):
        judge.feed(Tick(number, *traffic.arms(float(number), HELD_PERCENT, 1.0), HELD_PERCENT, 1))
        if decide(judge, _HOLD).call is RampDecision.BACK:
            return number + 1.0
    return limit_s


def judging(row: Row) -> None:
    judge, ticks = Judge(Policy()), 5000
    arms = [Arm(n, {"errors": n // 100, "slow90": n // 10, "slow99": n // 100}) for n in (100, 900)]
    began = time.perf_counter()
    for number in range(ticks):
        judge.feed(Tick(number, arms[0], arms[1], 10.0, 1))
        decide(judge, _HOLD)
    value = 1e6 * (time.perf_counter() - began) / ticks
    row("judge_tick", value, "us", None, "stated", True)


async def events_per_hour(address: str, folder: Path, row: Row) -> None:
    """Six observations of ten minutes, each returned at once with its sixty ticks."""
    counts = []
    for observations in (6, 12):
        plain = prepared(address, folder / str(observations))
        made = _Hours(observations)
        platform = MemoryTarget()
        kept = [one for one in plain.wired.activities if one.__name__ not in REPLACED]
        releases = ReleaseActivities({"local": platform}, plain.records.releases, platform, permits=Everything())
        activities: list[Any] = [*kept, releases.act, releases.record, made.observe, made.keep]
        async with Lab.on(address, folder / str(observations), activities) as lab:
            environment = f"hours-{observations}"
            for number in ("1", "2"):
                await lab.result(await lab.start(_CANARY.format(environment=environment, version=number)))
            handle = lab.engine.client.get_workflow_handle(f"release/web/{environment}/2")
            counts.append(len((await handle.fetch_history()).events))
    value = counts[1] - counts[0]
    row("release_events_hour", value, "events", None, "under 60", value < 60)


_CANARY = """jobs:
  ship:
    environment: {environment}
    deploy:
      service: web
      version: "{version}"
      command: [x]
      strategy: canary
      analysis: {{first-weight: 50, steps: [50], on-inconclusive: hold}}
"""


class _Hours:
    """An observer whose ten minutes are over at once."""

    def __init__(self, observations: int) -> None:
        self._left = observations

    @activity.defn(name="observe-release")
    async def observe(self, input: ObserveInput) -> Observed:
        self._left -= 1
        clean = Arm(500 if self._left <= 0 else 0, {"errors": 0})
        first = input.known + 1
        ticks = [Tick(first + i, clean, Arm(500, {"errors": 0}), 0.0, input.goal.stage) for i in range(60)]
        rows = tuple(row_of(tick, [m.name for m in input.watched.policy.metrics]) for tick in ticks)
        return Observed(RampDecision.WAIT if self._left > 0 else RampDecision.GO, "", first + 59, rows)

    @activity.defn(name="keep-ticks")
    async def keep(self, release: str) -> str:
        return ""
