"""Requests to a cluster: one that is done, one that ends before its time, one that is rejected, one that is withdrawn."""

from __future__ import annotations

import time
from dataclasses import replace

from temporalio.client import WorkflowHandle

from activities.clusters.providers.memory import MemoryProvider
from domain.clusters.lifecycle import Status
from domain.clusters.requests import STEP, RequestStatus
from domain.clusters.spec import ClusterSpec, Network, NodePool, Quota
from tests.replay import SCENE
from tests.support.guards import OpenGuard
from tests.support.lab import Lab, until
from workers.client import approvals
from workers.client.clusters import Clusters
from workers.client.on_engine.parts import EngineParts
from workers.client.on_engine.requests.requests import EngineRequests
from workers.client.ports.requests import Wish

SPEC = ClusterSpec(
    "asked", "memory", pools=(NodePool("web", 1),), network=Network(isolated=True), quotas=(Quota("shop", cpu=8.0),)
)
QUOTA = Wish(cluster="asked", namespace="shop", kind="quota", values={"cpu": 9.0}, reason="more")
OPENS = replace(QUOTA, kind="exception", values={}, allow_from=("batch",), until=int(time.time()) + 86_400)


async def requested(address: str) -> dict[str, WorkflowHandle]:
    """By the names of their histories."""
    async with Lab.on(address, SCENE / "requested") as lab:
        lab.wired.clusters.providers["memory"] = MemoryProvider()
        lab.identity("ada")
        clusters, parts = (
            Clusters(lab.engine),
            EngineParts(lab.settings, lab.records.database, lambda: lab.wired.store, opened=lab.records),
        )
        parts._engine = lab.engine
        port = EngineRequests(parts, OpenGuard())

        async def ready() -> bool:
            return (await clusters.view("asked")).status is Status.READY

        async def reaches(id_: str, status: RequestStatus) -> None:
            async def there() -> bool:
                return (await port.show(id_)).row.status == status

            await until(there)

        async def decides(id_: str, *, approve: bool) -> None:
            await until(lambda: approvals.view(lab.engine, id_, STEP))
            said = await approvals.sign(lab.engine, id_, STEP, "ada", approve, "", lab.settings.keys)
            await approvals.decide(lab.engine, id_, STEP, said)

        await clusters.ask(SPEC)
        await until(ready)
        applied, ended, rejected, withdrawn = [await port.apply(one) for one in (QUOTA, OPENS, QUOTA, OPENS)]
        await decides(rejected, approve=False)
        await port.cancel(withdrawn, "not needed")
        await decides(applied, approve=True)
        await reaches(applied, RequestStatus.APPLIED)
        await decides(ended, approve=True)
        await reaches(ended, RequestStatus.ACTIVE)
        await port.cancel(ended, "done")
        await reaches(ended, RequestStatus.ENDED)
        await reaches(withdrawn, RequestStatus.CANCELLED)
        await clusters.delete("asked")
        ids = {"request-applied": applied, "request-ended": ended, "request-rejected": rejected}
        return {name: lab.engine.client.get_workflow_handle(id_) for name, id_ in ids.items()} | {
            "request-withdrawn": lab.engine.client.get_workflow_handle(withdrawn)
        }
