"""`make chaos-clusters SEED=n LIVES=n`: kill -9 in each phase of a cluster's life, and what is left of it afterwards.

A life is a cluster that is made, runs pods, and is deleted, by an engine of its own. In every stage one program is killed:
the worker, etcd, the API server, or the kubelet (of a real node); with eight lives each of them in every stage that it
is there in, by a real node's life and a simulated one in turn. Ends with 0 only if every life came to its end with
nothing left. Another program than these is not hurt.
"""

from __future__ import annotations

import asyncio
import contextlib
import os
import random
import secrets
import signal
import sys
import tempfile
import time
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from activities.clusters.providers.registry import providers
from activities.secrets.broker import closed
from domain.clusters.access import Access
from domain.clusters.lifecycle import Status
from domain.clusters.spec import ClusterSpec, NodePool, Quota
from domain.pods import manifest as pod_manifest
from domain.pods.manifest import PodSpec
from domain.pods.status import ENDED, PodPhase
from tests.support.supervised import pids
from workers.client.client import Engine, connect
from workers.client.clusters import Clusters
from workers.core.settings import Settings, load
from workers.engine import embedded as engine
from workflows.pods.messages import PodInput

IMAGE = "sluiceway.local/busybox:1"
STAGES = (
    "asked for",
    "create control-plane",
    "create nodes",
    "create tenants",
    "create verification",
    "pod pending",
    "pod running",
    "pod removed",
    "delete nodes",
    "delete control-plane",
)
PARTS = ("worker", "etcd", "kube-apiserver", "kubelet")
FROM_THE_START = ("worker",)
LIMIT_S = 240.0


@dataclass(frozen=True)
class Hurt:
    stage: str
    part: str


def draw(seed: int, turn: int, provider: str) -> list[Hurt]:
    """One kill a stage, of something that is there then. The turns of a seed go through all that is there."""
    plan = []
    for stage in STAGES:
        there = fits(stage, provider)
        random.Random(f"{seed}/{stage}").shuffle(there)
        plan.append(Hurt(stage, there[turn % len(there)]))
    return plan


def fits(stage: str, provider: str) -> list[str]:
    """What there is to kill in a stage."""
    if stage in ("asked for", "delete control-plane"):
        return list(FROM_THE_START)
    parts = [part for part in PARTS if part != "kubelet" or provider == "host"]
    return [part for part in parts if part != "kubelet" or stage not in ("create control-plane", "create nodes")]


@dataclass
class Life:
    """What came of one."""

    provider: str
    hurts: list[Hurt] = field(default_factory=list)
    wrong: list[str] = field(default_factory=list)
    seconds: float = 0


@dataclass
class _Living:
    settings: Settings
    engine: Engine
    spec: ClusterSpec
    life: Life
    plan: dict[str, str]
    busy: set[asyncio.Task[None]] = field(default_factory=set)

    async def hurt(self, stage: str) -> None:
        """Kills what the plan says, as soon as it runs; what has ended in this moment is as good as killed."""
        part = self.plan[stage]
        folder = self.settings.home / "engine" / part
        if part != "worker":
            folder = self.settings.clusters / self.spec.name / "run" / part.replace("kubelet", "kubelet-1")
        for _ in range(100):
            pid = next(iter(pids(folder)), 0)
            if pid > 0:
                with contextlib.suppress(ProcessLookupError):
                    os.kill(pid, signal.SIGKILL)
                self.life.hurts.append(Hurt(stage, part))
                return
            await asyncio.sleep(0.05)

    async def view(self) -> Any:
        while True:  # a worker that was killed answers nothing for a moment
            try:
                return await Clusters(self.engine).view(self.spec.name)
            except Exception:
                await asyncio.sleep(0.2)

    async def phases(self, operation: str, *ends: Status) -> Any:
        """Hurts in each phase that the plan names, until the operation has ended."""
        hurt: set[str] = set()
        async with asyncio.timeout(LIMIT_S):
            while True:
                state = await self.view()
                stage = f"{operation} {state.phase}"
                if stage in self.plan and stage not in hurt and state.status not in ends:
                    hurt.add(stage)
                    await self.hurt(stage)
                if state.status in ends and state.wanted is None:
                    return state
                await asyncio.sleep(0.05)

    async def pods(self, reference: str) -> None:
        manifest = pod_manifest.manifest(PodSpec(IMAGE, ("sh", "-c", "echo begun; sleep 1; echo ended")))
        name = f"p-{secrets.token_hex(2)}"
        id_ = await Clusters(self.engine).start_pod(
            PodInput(Access(reference), self.spec.name, "default", name, manifest, timeout_s=LIMIT_S)
        )
        await self.hurt("pod pending")
        await self._reached(id_, PodPhase.RUNNING)
        await self.hurt("pod running")
        if self.spec.provider == "kwok":  # simulated pods run for ever
            await self._asked(id_)
        await self.hurt("pod removed")
        async with asyncio.timeout(LIMIT_S):
            result = await Clusters(self.engine).pod_result(id_)
        if result.phase not in ENDED:
            self.life.wrong.append(f"the pod ended as {result.phase}: {result.reason}")
        if self.spec.provider == "host" and result.phase is PodPhase.SUCCEEDED and not result.logs:
            self.life.wrong.append(f"the pod's log is lost: {result.gap}")

    async def _reached(self, id_: str, phase: PodPhase) -> None:
        async with asyncio.timeout(LIMIT_S):
            while True:
                with contextlib.suppress(Exception):
                    seen = (await Clusters(self.engine).pod(id_)).phase
                    if seen is phase or seen in ENDED:
                        return
                await asyncio.sleep(0.1)

    async def _asked(self, id_: str) -> None:
        while True:
            try:
                await Clusters(self.engine).end_pod(id_)
                return
            except Exception:
                await asyncio.sleep(0.2)


async def live(settings: Settings, calls: Engine, provider: str, plan: list[Hurt]) -> Life:
    """One life, and what is wrong with how it ended."""
    life, began = Life(provider), time.monotonic()
    spec = ClusterSpec(f"chaos-{secrets.token_hex(2)}", provider, pools=(NodePool("web", 1),), quotas=(Quota("team"),))
    one = _Living(settings, calls, spec, life, {hurt.stage: hurt.part for hurt in plan})
    try:
        await Clusters(calls).ask(spec)
        await one.hurt("asked for")
        state = await one.phases("create", Status.READY, Status.FAILED)
        if state.status is Status.READY:
            await one.pods(state.reference)
            await Clusters(calls).delete(spec.name)
            await one.phases("delete", Status.DELETED)
        else:
            life.wrong.append(
                f"it was not created: {state.status} in {state.phase}, {state.blocker and state.blocker.reason}"
            )
    except TimeoutError:
        state = await one.view()
        life.wrong.append(f"it did not end: {state.status} in {state.phase}, {state.blocker and state.blocker.reason}")
    left = providers(settings.clusters, settings.built, closed())[provider].leftovers(spec)
    life.wrong += [f"left: {words}" for words in left]
    life.seconds = time.monotonic() - began
    return life


async def chaos(seed: int, kinds: list[str], folder: Path) -> list[Life]:
    os.environ["SLUICEWAY_HOME"] = str(folder / "home")
    settings = load()
    settings.home.mkdir(parents=True)
    await asyncio.to_thread(engine.up, settings, str(Path(sys.executable).parent))
    lives = []
    try:
        calls = await connect(settings)
        for number, provider in enumerate(kinds):
            plan = draw(seed, kinds[:number].count(provider), provider)
            print(f"life {number} ({provider}): " + "; ".join(f"{one.part} in {one.stage}" for one in plan), flush=True)
            life = await live(settings, calls, provider, plan)
            over = [one.stage for one in plan if one not in life.hurts]
            missed = f", over before a kill: {', '.join(over)}" if over else ""
            print(
                f"  {life.seconds:.0f} s, {len(life.hurts)} kills{missed}: {'; '.join(life.wrong) or 'held'}",
                flush=True,
            )
            lives.append(life)
    finally:
        await asyncio.to_thread(engine.down, settings)
    return lives


def main() -> int:
    seed, count = int(os.environ.get("SEED", "1")), int(os.environ.get("LIVES", "8"))
    kinds = [("host" if number % 2 == 0 and os.geteuid() == 0 else "kwok") for number in range(count)]
    with tempfile.TemporaryDirectory(prefix="sluiceway-chaos-") as folder:
        lives = asyncio.run(chaos(seed, kinds, Path(folder)))
    kills, wrong = sum(len(one.hurts) for one in lives), sum(len(one.wrong) for one in lives)
    held = "all held" if not wrong else f"{wrong} did not hold"
    longest = max(one.seconds for one in lives)
    print(f"chaos of clusters: seed {seed}, {kills} kills in {len(lives)} lives, the longest {longest:.0f} s: {held}")
    return 1 if wrong else 0


if __name__ == "__main__":
    code = main()
    sys.stdout.flush()
    os._exit(code)
