"""What clusters and pods cost: lives as workflows beside the same steps as a plain script, pods beside bare Temporal.

Needs what `make cluster-tools` builds, and root for the row of a real node.
"""

from __future__ import annotations

import asyncio
import contextlib
import os
import re
import secrets
import statistics
import sys
import time
from collections.abc import AsyncIterator, Callable
from dataclasses import replace
from pathlib import Path

from activities.authority.client import AuthorityClient
from activities.clusters.providers.local.host import HostProvider
from activities.clusters.providers.local.kwok import KwokProvider
from activities.clusters.providers.local.provider import LocalProvider
from activities.kubernetes.client import Kube
from activities.pods.port import NewPod, PodAt
from activities.supervisor import tree
from domain.clusters.access import Access
from domain.clusters.lifecycle import Status
from domain.clusters.plan import Phase
from domain.clusters.spec import ClusterSpec, NodePool
from domain.core import ids
from domain.pods import manifest as pod_manifest
from domain.pods.manifest import PodSpec
from tests.bench.bare import noop
from tests.bench.bare_pods import BarePod, IdlePod
from tests.bench.scale import resident_mb
from tests.support.kube_status import named, phase_of
from tests.support.lab import connect, on_signer, ring_of, until
from workers.client.client import Engine
from workers.client.clusters import Clusters
from workers.core import settings as chosen
from workers.core.settings import Settings
from workers.worker import temporal
from workflows.pods.messages import PodInput

NAMES = ["cluster_kwok", "cluster_host", "cluster_host_3", "clusters_5"]
NAMES += ["pods_500", "pods_events", "pods_requests", "pods_idle", "pods_plain"]
PODS, PAIRS, TOLD = 500, 3, 3


@contextlib.asynccontextmanager
async def world(address: str, folder: Path) -> AsyncIterator[tuple[Engine, Settings]]:
    settings = Settings(folder / "home", Path(sys.prefix) / "tools", address=address, built=chosen.load().built)
    settings.home.mkdir(parents=True)
    ring = ring_of(settings.home)
    wired, client, queue = on_signer(settings), await connect(address, settings.home), f"bench-{secrets.token_hex(4)}"
    async with temporal.worker(client, [*wired.activities, noop], ring, queue, 100, [BarePod, IdlePod]):
        permits = wired.permits
        yield Engine(client, queue, permits.order if isinstance(permits, AuthorityClient) else None), settings


async def measured(address: str, folder: Path, row: Callable[..., None]) -> None:
    async with world(address, folder) as (engine, settings):
        await _lives(engine, settings, "kwok", row)
        if os.geteuid() == 0:
            await _lives(engine, settings, "host", row)
            await _three_nodes(engine, row)
        else:
            for name in ("cluster_host", "cluster_host_3"):
                row(name, 0, "s", None, "needs root", True)
        await _five(engine, row)
        await _pods(engine, settings, row)


async def _lives(engine: Engine, settings: Settings, provider: str, row: Callable[..., None]) -> None:
    """From nothing to Ready and back to nothing; in turn with a script that calls the provider's steps itself."""
    kind = {"kwok": KwokProvider, "host": HostProvider}[provider]
    plain, ours, ready = [], [], []
    for _ in range(PAIRS):
        maker = kind(settings.home / "plain", settings.built)
        plain.append(await asyncio.to_thread(_script, maker, _spec(provider)))
        began = time.perf_counter()
        spec = _spec(provider)
        await _made(engine, spec)
        ready.append(time.perf_counter() - began)
        await Clusters(engine).delete(spec.name)
        await engine.client.get_workflow_handle(f"cluster/{spec.name}").result()
        ours.append(time.perf_counter() - began)
    took, beside = statistics.median(ours), statistics.median(plain)
    row(
        f"cluster_{provider}",
        took,
        "s, created and deleted",
        beside,
        "at most 1.2 times a plain script",
        took <= 1.2 * beside,
        ready_s=round(statistics.median(ready), 2),
    )


def _spec(provider: str) -> ClusterSpec:
    return ClusterSpec(f"b-{secrets.token_hex(3)}", provider, pools=(NodePool("web", 1),))


def _script(maker: LocalProvider, spec: ClusterSpec) -> float:
    began = time.perf_counter()
    for phase in list(Phase)[1:]:
        maker.apply(phase, spec, lambda words: None)
        while maker.missing(phase, spec):
            time.sleep(0.05)
    for phase in reversed(list(Phase)):
        maker.undo(phase, spec, lambda words: None)
    return time.perf_counter() - began


async def _made(engine: Engine, spec: ClusterSpec) -> str:
    await Clusters(engine).ask(spec)

    async def there() -> str:
        state = await Clusters(engine).view(spec.name)
        assert state.status is not Status.FAILED, state.blocker
        return state.reference if state.status is Status.READY else ""

    return str(await until(there, 120))


async def _three_nodes(engine: Engine, row: Callable[..., None]) -> None:
    spec = replace(_spec("host"), pools=(NodePool("web", 3),))
    began = time.perf_counter()
    await _made(engine, spec)
    took = time.perf_counter() - began
    await Clusters(engine).delete(spec.name)
    await engine.client.get_workflow_handle(f"cluster/{spec.name}").result()
    row("cluster_host_3", took, "s until three real nodes are ready", None, "stated", True)


async def _five(engine: Engine, row: Callable[..., None]) -> None:
    specs = [_spec("kwok") for _ in range(5)]
    before, began = resident_mb(), time.perf_counter()
    await asyncio.gather(*(_made(engine, spec) for spec in specs))
    took, grown = time.perf_counter() - began, resident_mb() - before
    programs = round(sum(resident_mb(pid) for pid in tree.family("cluster-")))
    for spec in specs:
        await Clusters(engine).delete(spec.name)
    await asyncio.gather(*(engine.client.get_workflow_handle(f"cluster/{one.name}").result() for one in specs))
    memory = {"worker_grew_mb": round(grown, 1), "programs_mb": programs}
    row("clusters_5", took, "s until five at once are ready", None, "all end", True, **memory)


async def _pods(engine: Engine, settings: Settings, row: Callable[..., None]) -> None:
    spec = replace(_spec("kwok"), pools=(NodePool("web", 20, cpu=64, memory_mb=64_000),))
    reference = await _made(engine, spec)
    kube = Kube(Access(reference), settings.home / "bench-discovery.json")
    try:
        idle, plain = await _idle(engine), await asyncio.to_thread(_plainly, kube)
        bare = await _bare(engine, kube, [_pod(spec, reference, f"bare{number}") for number in range(PODS)])
        before, events = _requests(kube), 0
        began = time.perf_counter()
        ids = [await Clusters(engine).start_pod(_pod(spec, reference, f"p{number}")) for number in range(PODS)]
        await _all_run(kube)
        await asyncio.gather(*(Clusters(engine).end_pod(id_) for id_ in ids))
        await asyncio.gather(*(Clusters(engine).pod_result(id_) for id_ in ids))
        took, requests = time.perf_counter() - began, _requests(kube) - before
        for id_ in ids[:20]:
            described = await engine.client.get_workflow_handle(id_).describe()
            events += described.raw_description.workflow_execution_info.history_length
        row("pods_500", took, "s", bare, "at most 1.25 times bare", took <= 1.25 * bare, pods=PODS)
        row("pods_events", events / 20, "events a pod", None, "none", True)
        row("pods_requests", requests / PODS, "API requests a pod", None, "none", True)
        row("pods_idle", took, "s", idle, "stated", True, of="as many activities and signals, about nothing")
        row("pods_plain", took, "s", plain, "stated", True, of="creating, waiting for and deleting them with a client")
    finally:
        kube.close()
        await Clusters(engine).delete(spec.name)
        await engine.client.get_workflow_handle(f"cluster/{spec.name}").result()


def _pod(spec: ClusterSpec, reference: str, name: str) -> PodInput:
    manifest = pod_manifest.manifest(PodSpec("web:1", cpu=0.01, memory_mb=8))
    return PodInput(Access(reference), spec.name, "default", name, manifest)


async def _all_run(kube: Kube) -> None:
    """Asked of the API server: queries of five hundred workflows would be measured too."""

    async def running() -> bool:
        found = await asyncio.to_thread(kube.items, "v1", "Pod", "default")
        return sum(phase_of(one) == "Running" for one in found) >= PODS

    await until(running, 300)


async def _bare(engine: Engine, kube: Kube, pods: list[PodInput]) -> float:
    """The same number of pods, by workflows that do the same activities."""
    began = time.perf_counter()
    handles = []
    for one in pods:
        id_ = ids.pod_id(one.cluster, one.namespace, one.name)
        await Clusters(engine).order_pod(one, id_)
        new = NewPod(PodAt(one.access, one.cluster, one.namespace, one.name, id_), one.manifest)
        handles.append(await engine.client.start_workflow(BarePod.run, new, id=id_, task_queue=engine.queue))
    await _all_run(kube)
    await asyncio.gather(*(handle.signal("over") for handle in handles))
    await asyncio.gather(*(handle.result() for handle in handles))
    return time.perf_counter() - began


async def _idle(engine: Engine) -> float:
    """The same number of workflows with as many activities and signals, and nothing that they are about."""
    began = time.perf_counter()
    handles = []
    for _ in range(PODS):
        id_ = f"idle-pod-{secrets.token_hex(6)}"
        handles.append(await engine.client.start_workflow(IdlePod.run, TOLD, id=id_, task_queue=engine.queue))
    for _ in range(TOLD):
        await asyncio.gather(*(handle.signal("told", "x") for handle in handles))
    await asyncio.gather(*(handle.result() for handle in handles))
    return time.perf_counter() - began


def _requests(kube: Kube) -> float:
    """All that the API server was asked so far, watches and controllers included."""
    text = kube.raw("/metrics")
    return sum(float(one) for one in re.findall(r"^apiserver_request_total\{[^}]*\} ([\d.e+]+)$", text, re.M))


def _plainly(kube: Kube) -> float:
    began = time.perf_counter()
    for number in range(PODS):
        made = pod_manifest.manifest(PodSpec("web:1", cpu=0.01, memory_mb=8))
        kube.create(named(made, f"plain-{number}", labels={"of": "plain"}))
    while any(phase_of(one) != "Running" for one in kube.items("v1", "Pod", "default", "of=plain")):
        time.sleep(0.2)
    for number in range(PODS):
        kube.delete("v1", "Pod", f"plain-{number}", "default")
    while kube.items("v1", "Pod", "default", "of=plain"):
        time.sleep(0.2)
    return time.perf_counter() - began
