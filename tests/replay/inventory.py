"""Clusters whose inventory is kept from their beginning, and from the moment at which a worker asks for it."""

from __future__ import annotations

from dataclasses import replace

from temporalio.client import WorkflowHandle

from activities.authority.everything import Everything
from activities.clusters.activities import ClusterActivities
from activities.clusters.providers.memory import MemoryProvider
from domain.clusters.lifecycle import Status
from domain.core import ids as keys
from tests.replay import SCENE
from tests.replay.clusters import SPEC
from tests.support.lab import Lab, until
from tests.support.played_inventory import PlayedInventory
from workers.client.clusters import Clusters
from workers.worker.temporal import Activity
from workflows.clusters.messages import ClusterState

Ended = tuple[WorkflowHandle, WorkflowHandle]
"""A cluster, and the watch of everything in it."""


async def inventoried(address: str) -> dict[str, WorkflowHandle]:
    """By the names of their histories."""
    clusters, inventory = ClusterActivities({"memory": MemoryProvider()}, permits=Everything()), PlayedInventory()
    activities: list[Activity] = [
        *(clusters.phase, clusters.undo, clusters.leftovers, clusters.differences, clusters.health, clusters.reference),
        *inventory.all(),
    ]
    async with Lab.on(address, SCENE / "inventory", activities) as lab:
        cluster, watch = await _lived(lab, inventory, "inventoried")
        observed, _ = await _asked(lab, inventory, "observed")
        return {"cluster-inventoried": cluster, "inventory-inventoried": watch, "cluster-observed": observed}


async def _lived(lab: Lab, inventory: PlayedInventory, name: str) -> Ended:
    await Clusters(lab.engine).ask(replace(SPEC, name=name))
    return await _watched_then_deleted(lab, inventory, name)


async def _asked(lab: Lab, inventory: PlayedInventory, name: str) -> Ended:
    """A cluster of before inventories, as its input shows."""
    state = ClusterState(replace(SPEC, name=name))
    id_, queue = keys.cluster_id(name), lab.engine.queue
    cluster = await lab.engine.client.start_workflow("Cluster", state, id=id_, task_queue=queue)

    async def ready() -> bool:
        return (await Clusters(lab.engine).view(name)).status is Status.READY

    await until(ready)
    await cluster.signal("observe")
    return await _watched_then_deleted(lab, inventory, name)


async def _watched_then_deleted(lab: Lab, inventory: PlayedInventory, name: str) -> Ended:
    await until(lambda: name in inventory.watching)
    await Clusters(lab.engine).delete(name)
    cluster, watch = (lab.engine.client.get_workflow_handle(id_(name)) for id_ in (keys.cluster_id, keys.inventory_id))
    await cluster.result()
    await watch.result()
    return cluster, watch
