"""A cluster that continues as new while it is repaired automatically, for the replay tests."""

from __future__ import annotations

from dataclasses import replace
from unittest.mock import patch

from temporalio import workflow
from temporalio.client import WorkflowHandle

from activities.authority.everything import Everything
from activities.clusters.activities import ClusterActivities
from activities.clusters.providers.memory import MemoryProvider
from activities.clusters.remediation import RemediationActivities
from activities.kubernetes.memory import MemoryKube
from domain.clusters.lifecycle import Status
from domain.clusters.remediation import RepairPolicy
from domain.core import ids as keys
from tests.replay import SCENE
from tests.replay.clusters import SPEC
from tests.support.lab import Lab, until
from tests.support.played_inventory import PlayedInventory
from workers.client.clusters import Clusters
from workers.worker.temporal import Activity
from workflows.clusters.cluster import ClusterWorkflow

NAME = "continued"


def once_guarded(self: ClusterWorkflow) -> bool:
    """As if the server suggested it."""
    return self._state.guarded and not workflow.info().continued_run_id


async def continued(address: str) -> dict[str, WorkflowHandle]:
    """The cluster afterwards, and the repair that was handed on, by the names of their histories. The execution before
    cannot be replayed: its server has suggested nothing.
    """
    clusters = ClusterActivities({"memory": MemoryProvider()}, permits=Everything())
    heal = RemediationActivities(lambda access, cluster: MemoryKube(), permits=Everything(), look_s=0.05)
    activities: list[Activity] = [
        *(clusters.phase, clusters.undo, clusters.leftovers, clusters.differences, clusters.health, clusters.reference),
        *(heal.survey, heal.mend),
        *PlayedInventory().all(),
    ]
    with patch.object(ClusterWorkflow, "_must_continue", once_guarded):
        async with Lab.on(address, SCENE / NAME, activities) as lab:
            return await _lived(lab)


async def _lived(lab: Lab) -> dict[str, WorkflowHandle]:
    client, calls = lab.engine.client, Clusters(lab.engine)

    async def ready() -> bool:
        return (await calls.view(NAME)).status is Status.READY

    async def run_of(id_: str) -> str:
        return (await client.get_workflow_handle(id_).describe()).run_id

    await calls.ask(replace(SPEC, name=NAME))
    await until(ready)
    cluster, repair = keys.cluster_id(NAME), keys.heal_id(NAME)
    before = await run_of(cluster)
    await calls.guard(NAME, RepairPolicy())
    handed_on = await run_of(repair)
    await client.get_workflow_handle(cluster).signal("mend", "wake up")

    async def goes_on() -> bool:
        return await run_of(cluster) != before and await run_of(repair) != handed_on

    await until(goes_on)
    await calls.delete(NAME)
    await client.get_workflow_handle(cluster).result()
    return {
        "cluster-continued": client.get_workflow_handle(cluster),
        "heal-handed-on": client.get_workflow_handle(repair, run_id=handed_on),
    }
