"""A run's clusters: asked for, waited for, and seen off. Each is a workflow of its own."""

from __future__ import annotations

import asyncio
from typing import Any

from temporalio import activity
from temporalio.client import WorkflowExecutionStatus, WorkflowUpdateFailedError
from temporalio.service import RPCError, RPCStatusCode

from activities.clusters import port
from activities.clusters.port import ClusterRequest, Settled
from domain.clusters.lifecycle import Operation, Status
from domain.core import ids as keys

POLL_S = 0.3
ENDS = frozenset({Status.READY, Status.DEGRADED, Status.FAILED, Status.DELETED, Status.STUCK})


class ProvisionActivities(port.ProvisionActivities):
    """Talks to the clusters' own workflows by update and query; polls until they have settled."""

    @activity.defn(name="change-cluster")
    async def change(self, wish: ClusterRequest) -> str:
        """Empty, or why the cluster does not take it."""
        change = {"operation": Operation.UPDATE, "spec": wish.spec, "reason": wish.key}
        try:
            await _handle(wish.spec.name).execute_update("change", change, id=wish.key, result_type=str)
        except WorkflowUpdateFailedError as refused:
            return str(refused.cause)
        return ""

    @activity.defn(name="settle-cluster")
    async def settle(self, name: str) -> Settled:
        """Waits until an operation of the cluster has ended."""
        while True:
            view: dict[str, Any] = await _handle(name).query("view")
            status = Status(view["status"])
            if status in ENDS and not view.get("wanted"):
                return _settled(status, view)
            activity.heartbeat(f"{status} {view.get('phase', '')}")
            await asyncio.sleep(POLL_S)

    @activity.defn(name="see-cluster-off")
    async def gone(self, name: str) -> None:
        """Waits until nothing is left of a cluster that was told to go."""
        while await _is_open(name):
            activity.heartbeat(f"{name} is not gone yet")
            await asyncio.sleep(POLL_S)


def _handle(name: str) -> Any:
    return activity.client().get_workflow_handle(keys.cluster_id(name))


def _settled(status: Status, view: dict[str, Any]) -> Settled:
    blocker, health = view.get("blocker") or {}, view.get("health") or {}
    return Settled(
        status,
        str(blocker.get("reason", "")),
        str(view.get("reference", "")),
        str(health.get("version", "")),
        int(health.get("nodes", 0)),
    )


async def _is_open(name: str) -> bool:
    try:
        found = await _handle(name).describe()
    except RPCError as error:
        if error.status is RPCStatusCode.NOT_FOUND:
            return False
        raise
    return bool(found.status is WorkflowExecutionStatus.RUNNING)
