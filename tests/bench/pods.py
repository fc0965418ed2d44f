"""What pods cost, beside bare Temporal and beside a plain client. Needs what `make cluster-tools` builds.

`PODS=100 python -m tests.bench pods` for another number than 500. Each row has the load of the machine over the minute
before it began: above 1 its seconds are no figure.
"""

from __future__ import annotations

import asyncio
import os
import re
import secrets
import time
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path

from activities.kubernetes.client import Kube
from activities.pods.port import NewPod, PodAt
from domain.clusters.access import Access
from domain.clusters.spec import ClusterSpec, NodePool
from domain.core import ids
from domain.pods import manifest as pod_manifest
from domain.pods.manifest import PodSpec
from tests.bench.bare_pods import BarePod, IdlePod
from tests.bench.clusters import made, spec_of, world
from tests.bench.processors import spent_s
from tests.support.kube_status import named, phase_of
from tests.support.lab import until
from workers.client.client import Engine
from workers.client.clusters import Clusters
from workers.core.settings import Settings
from workflows.pods.messages import PodInput

NAMES = ["pods_500", "pods_events", "pods_requests", "pods_idle", "pods_plain"]
PODS, TOLD = int(os.environ.get("PODS", "500")), 3
OF = {
    "pods_500": "workflows with the same activities and signals, and nothing else",
    "pods_idle": "as many workflows with three activities and three signals, about nothing",
    "pods_plain": "creating, waiting for and deleting them with a client",
}


async def measured(address: str, folder: Path, row: Callable[..., None]) -> None:
    async with world(address, folder) as (engine, settings):
        await _pods(engine, settings, row)


@dataclass(frozen=True)
class Took:
    """Seconds by the clock and of processors; `load`: of the machine before, over a minute."""

    clock_s: float
    processor_s: float
    load: float


async def _timed(folder: Path, doing: Awaitable[object]) -> Took:
    marks = (str(folder),)
    load, spent, began = os.getloadavg()[0], spent_s(marks), time.perf_counter()
    await doing
    return Took(time.perf_counter() - began, spent_s(marks) - spent, round(load, 1))


async def _pods(engine: Engine, settings: Settings, row: Callable[..., None]) -> None:
    spec = replace(spec_of("kwok"), pools=(NodePool("web", 20, cpu=64, memory_mb=64_000),))
    reference, timed = await made(engine, spec), partial(_timed, settings.home.parent.parent)
    kube = Kube(Access(reference), settings.home / "bench-discovery.json")
    try:
        idle, plain = await timed(_idle(engine)), await timed(asyncio.to_thread(_plainly, kube))
        bare = await timed(_bare(engine, kube, [_pod(spec, reference, f"bare{number}") for number in range(PODS)]))
        before, pods = _requests(kube), [_pod(spec, reference, f"p{number}") for number in range(PODS)]
        ours = await timed(_ours(engine, kube, pods))
        requests, events = _requests(kube) - before, [await _events(engine, one) for one in pods[:20]]
        _rows(row, ours, {"pods_500": (bare, 1.25), "pods_idle": (idle, 1.5), "pods_plain": (plain, 2.5)})
        mean = sum(events) / len(events)
        row("pods_events", mean, "events a pod", None, "at most 20", mean <= 20)
        row("pods_requests", requests / PODS, "API requests a pod", None, "none", True)
    finally:
        kube.close()
        await Clusters(engine).delete(spec.name)
        await engine.client.get_workflow_handle(f"cluster/{spec.name}").result()


def _rows(row: Callable[..., None], ours: Took, beside: Mapping[str, tuple[Took, float]]) -> None:
    """`of` says what the baseline does; processor seconds of both are told, too."""
    for name, (other, most) in beside.items():
        told = {"pods": PODS, "of": OF[name], "load": ours.load, "load_of_baseline": other.load}
        told |= {"processor_s": round(ours.processor_s, 1), "processor_s_of_baseline": round(other.processor_s, 1)}
        is_ok = ours.clock_s <= most * other.clock_s
        row(name, ours.clock_s, "s", other.clock_s, f"at most {most:g} times", is_ok, **told)


async def _ours(engine: Engine, kube: Kube, pods: Sequence[PodInput]) -> None:
    ids = [await Clusters(engine).start_pod(one) for one in pods]
    await _all_run(kube)
    await asyncio.gather(*(Clusters(engine).end_pod(id_) for id_ in ids))
    await asyncio.gather(*(Clusters(engine).pod_result(id_) for id_ in ids))


async def _events(engine: Engine, one: PodInput) -> int:
    id_ = ids.pod_id(one.cluster, one.namespace, one.name)
    described = await engine.client.get_workflow_handle(id_).describe()
    return described.raw_description.workflow_execution_info.history_length


def _pod(spec: ClusterSpec, reference: str, name: str) -> PodInput:
    manifest = pod_manifest.manifest(PodSpec("web:1", cpu=0.01, memory_mb=8))
    return PodInput(Access(reference), spec.name, "default", name, manifest)


async def _all_run(kube: Kube) -> None:
    """Asked of the API server: queries of five hundred workflows would be measured too."""

    async def running() -> bool:
        found = await asyncio.to_thread(kube.items, "v1", "Pod", "default")
        return sum(phase_of(one) == "Running" for one in found) >= PODS

    await until(running, 300)


async def _bare(engine: Engine, kube: Kube, pods: list[PodInput]) -> None:
    """The same number of pods, by workflows that do the same activities."""
    handles = []
    for one in pods:
        id_ = ids.pod_id(one.cluster, one.namespace, one.name)
        await Clusters(engine).order_pod(one, id_)
        new = NewPod(PodAt(one.access, one.cluster, one.namespace, one.name, id_), one.manifest)
        handles.append(await engine.client.start_workflow(BarePod.run, new, id=id_, task_queue=engine.queue))
    await _all_run(kube)
    await asyncio.gather(*(handle.signal("over") for handle in handles))
    await asyncio.gather(*(handle.result() for handle in handles))


async def _idle(engine: Engine) -> None:
    """The same number of workflows with as many activities and signals, and nothing that they are about."""
    handles = []
    for _ in range(PODS):
        id_ = f"idle-pod-{secrets.token_hex(6)}"
        handles.append(await engine.client.start_workflow(IdlePod.run, TOLD, id=id_, task_queue=engine.queue))
    for _ in range(TOLD):
        await asyncio.gather(*(handle.signal("told", "x") for handle in handles))
    await asyncio.gather(*(handle.result() for handle in handles))


def _requests(kube: Kube) -> float:
    """All that the API server was asked so far, watches and controllers included."""
    text = kube.raw("/metrics")
    return sum(float(one) for one in re.findall(r"^apiserver_request_total\{[^}]*\} ([\d.e+]+)$", text, re.M))


def _plainly(kube: Kube) -> None:
    for number in range(PODS):
        wanted = pod_manifest.manifest(PodSpec("web:1", cpu=0.01, memory_mb=8))
        kube.create(named(wanted, f"plain-{number}", labels={"of": "plain"}))
    while any(phase_of(one) != "Running" for one in kube.items("v1", "Pod", "default", "of=plain")):
        time.sleep(0.2)
    for number in range(PODS):
        kube.delete("v1", "Pod", f"plain-{number}", "default")
    while kube.items("v1", "Pod", "default", "of=plain"):
        time.sleep(0.2)
