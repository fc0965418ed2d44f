"""A run's clusters: requested, awaited and deleted. Each has its own workflow."""

from __future__ import annotations

import asyncio

from temporalio import activity
from temporalio.client import WorkflowExecutionStatus, WorkflowUpdateFailedError
from temporalio.service import RPCError, RPCStatusCode

from activities.clusters import port
from activities.clusters.port import ClusterRequest, Settled
from domain.clusters.lifecycle import Operation, Status
from domain.core import ids as keys
from domain.core.documents import Node

POLL_S = 0.3
ENDS = frozenset({Status.READY, Status.DEGRADED, Status.FAILED, Status.DELETED, Status.STUCK})


class ProvisionActivities(port.ProvisionActivities):
    """Talks to the clusters' workflows by update and query; polls until they have settled."""

    @activity.defn(name="change-cluster")
    async def change(self, wish: ClusterRequest) -> str:
        """Requests the update; returns why the cluster refuses it, or empty."""
        cluster = activity.client().get_workflow_handle(keys.cluster_id(wish.spec.name))
        change = {"operation": Operation.UPDATE, "spec": wish.spec, "reason": wish.key}
        try:
            await cluster.execute_update("change", change, id=wish.key, result_type=str)
        except WorkflowUpdateFailedError as refused:
            return str(refused.cause)
        return ""

    @activity.defn(name="settle-cluster")
    async def settle(self, name: str) -> Settled:
        """Waits until the cluster's operation has ended."""
        while True:
            view = Node(await activity.client().get_workflow_handle(keys.cluster_id(name)).query("view"))
            status = Status(view["status"].text())
            if status in ENDS and not view["wanted"]:
                return _settled(status, view)
            activity.heartbeat(f"{status} {view['phase'].text()}")
            await asyncio.sleep(POLL_S)

    @activity.defn(name="see-cluster-off")
    async def gone(self, name: str) -> None:
        """Waits until a deleted cluster is gone."""
        while await _is_open(name):
            activity.heartbeat(f"{name} is not gone yet")
            await asyncio.sleep(POLL_S)


def _settled(status: Status, view: Node) -> Settled:
    health = view["health"]
    return Settled(
        status,
        view.at("blocker", "reason").text(),
        view["reference"].text(),
        health["version"].text(),
        health["nodes"].whole(),
    )


async def _is_open(name: str) -> bool:
    try:
        found = await activity.client().get_workflow_handle(keys.cluster_id(name)).describe()
    except RPCError as error:
        if error.status is RPCStatusCode.NOT_FOUND:
            return False
        raise
    return found.status is WorkflowExecutionStatus.RUNNING
