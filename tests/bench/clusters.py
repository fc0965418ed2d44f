"""What clusters cost: lives as workflows beside the same steps as a plain script.

Needs what `make cluster-tools` builds, and root for the row of a real node.
"""

from __future__ import annotations

import asyncio
import contextlib
import os
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
from activities.supervisor import tree
from domain.clusters.lifecycle import Status
from domain.clusters.plan import Phase
from domain.clusters.spec import ClusterSpec, NodePool
from tests.bench.bare import noop
from tests.bench.bare_pods import BarePod, IdlePod
from tests.bench.scale import resident_mb
from tests.support.lab import connect, on_signer, ring_of, until
from workers.client.client import Engine
from workers.client.clusters import Clusters
from workers.core import settings as chosen
from workers.core.settings import Settings
from workers.worker import temporal

NAMES = ["cluster_kwok", "cluster_host", "cluster_host_3", "clusters_5"]
PAIRS = 3


@contextlib.asynccontextmanager
async def world(
    address: str, folder: Path, changed: Callable[[Settings], Settings] = lambda one: one
) -> AsyncIterator[tuple[Engine, Settings]]:
    settings = changed(
        Settings(folder / "home", Path(sys.prefix) / "tools", address=address, built=chosen.load().built)
    )
    settings.home.mkdir(parents=True)
    temporal.more_threads()
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


async def _lives(engine: Engine, settings: Settings, provider: str, row: Callable[..., None]) -> None:
    """From nothing to Ready and back to nothing; in turn with a script that calls the provider's steps itself."""
    kind = {"kwok": KwokProvider, "host": HostProvider}[provider]
    plain, ours, ready = [], [], []
    for _ in range(PAIRS):
        maker = kind(settings.home / "plain", settings.built)
        plain.append(await asyncio.to_thread(_script, maker, spec_of(provider)))
        began = time.perf_counter()
        spec = spec_of(provider)
        await made(engine, spec)
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


def spec_of(provider: str) -> ClusterSpec:
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


async def made(engine: Engine, spec: ClusterSpec) -> str:
    await Clusters(engine).ask(spec)

    async def there() -> str:
        state = await Clusters(engine).view(spec.name)
        assert state.status is not Status.FAILED, state.blocker
        return state.reference if state.status is Status.READY else ""

    return str(await until(there, 120))


async def _three_nodes(engine: Engine, row: Callable[..., None]) -> None:
    spec = replace(spec_of("host"), pools=(NodePool("web", 3),))
    began = time.perf_counter()
    await made(engine, spec)
    took = time.perf_counter() - began
    await Clusters(engine).delete(spec.name)
    await engine.client.get_workflow_handle(f"cluster/{spec.name}").result()
    row("cluster_host_3", took, "s until three real nodes are ready", None, "stated", True)


async def _five(engine: Engine, row: Callable[..., None]) -> None:
    specs = [spec_of("kwok") for _ in range(5)]
    before, began = resident_mb(), time.perf_counter()
    await asyncio.gather(*(made(engine, spec) for spec in specs))
    took, grown = time.perf_counter() - began, resident_mb() - before
    programs = round(sum(resident_mb(pid) for pid in tree.family("cluster-")))
    for spec in specs:
        await Clusters(engine).delete(spec.name)
    await asyncio.gather(*(engine.client.get_workflow_handle(f"cluster/{one.name}").result() for one in specs))
    memory = {"worker_grew_mb": round(grown, 1), "programs_mb": programs}
    row("clusters_5", took, "s until five at once are ready", None, "all end", True, **memory)
