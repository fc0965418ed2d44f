"""Clusters, and the pods and volumes in them."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from temporalio.common import WorkflowIDConflictPolicy
from temporalio.exceptions import WorkflowAlreadyStartedError
from temporalio.service import RPCError, RPCStatusCode

from activities.volumes.port import VolumeDone, VolumeRequest
from domain.clusters.lifecycle import Operation
from domain.clusters.remediation import RepairPolicy
from domain.clusters.spec import ClusterSpec
from domain.core import ids as keys
from domain.core.errors import RefusedError
from workers.client.calls import RPC_TIMEOUT, ask, outcome, update
from workers.client.client import Engine
from workflows.clusters.messages import ClusterChange, ClusterState, Guard
from workflows.clusters.remediation_messages import HealState
from workflows.core import search_attributes as attributes
from workflows.pods.messages import PodInput, PodResult


@dataclass(frozen=True)
class Clusters:
    """What can be asked of the clusters of an engine."""

    engine: Engine

    async def ask(self, spec: ClusterSpec, reason: str = "") -> str:
        """Starts the cluster's life, or changes the cluster to what the spec says."""
        id_ = keys.cluster_id(spec.name)
        if await self._is_open(id_):
            change = ClusterChange(Operation.UPDATE, spec, reason)
            return await self._tell(spec.name, "change", change)
        await self.engine.client.start_workflow(
            "Cluster",
            ClusterState(spec),
            id=id_,
            task_queue=self.engine.queue,
            static_summary=f"cluster {spec.name} ({spec.provider})",
            search_attributes=attributes.typed(cluster=spec.name, status="requested"),
        )
        return f"{id_} is under way"

    async def _is_open(self, id_: str) -> bool:
        try:
            found = await self.engine.client.get_workflow_handle(id_).describe()
        except RPCError as unknown:
            if unknown.status is RPCStatusCode.NOT_FOUND:
                return False
            raise
        return found.status is not None and found.status.name == "RUNNING"

    async def _tell(self, name: str, update_name: str, message: ClusterChange | Guard) -> str:
        handle = self.engine.client.get_workflow_handle(keys.cluster_id(name))
        return await update(handle, update_name, message, str)

    async def view(self, name: str) -> ClusterState:
        """Spec, status and health, as its workflow has them."""
        handle = self.engine.client.get_workflow_handle(keys.cluster_id(name))
        call = handle.query("view", result_type=ClusterState, rpc_timeout=RPC_TIMEOUT)
        return await ask(call, keys.cluster_id(name))

    async def all(self) -> list[ClusterState]:
        """Of every cluster that lives."""
        running = "WorkflowType = 'Cluster' AND ExecutionStatus = 'Running'"
        names = sorted([one.id.partition("/")[2] async for one in self.engine.client.list_workflows(running)])
        return [await self.view(name) for name in names]

    async def update(self, name: str, make: Callable[[ClusterSpec], ClusterSpec], reason: str) -> str:
        """`make` gets the present spec and gives the wanted one. Returns at once, with what is under way."""
        spec = make((await self.view(name)).spec)
        return await self._tell(name, "change", ClusterChange(Operation.UPDATE, spec, reason))

    async def heal(self, name: str) -> str:
        """Brings what differs back to the spec. Returns at once, with what is under way."""
        return await self._tell(name, "change", ClusterChange(Operation.HEAL))

    async def delete(self, name: str, reason: str = "") -> str:
        """Returns at once, with what is under way."""
        return await self._tell(name, "change", ClusterChange(Operation.DELETE, reason=reason))

    async def guard(self, name: str, policy: RepairPolicy | None) -> str:
        """Has somebody look after the cluster by a policy; none: nobody does any more."""
        return await self._tell(name, "guard", Guard(policy))

    async def healing(self, name: str) -> HealState:
        """What automatic repair sees and has decided."""
        id_ = keys.heal_id(name)
        handle = self.engine.client.get_workflow_handle(id_)
        return await ask(handle.query("view", result_type=HealState, rpc_timeout=RPC_TIMEOUT), id_)

    async def volume(self, wish: VolumeRequest) -> VolumeDone:
        """Carries an action on a claim out. While another one is under way, it is refused."""
        spec = wish.spec
        id_ = keys.volume_id(wish.cluster, spec.namespace, spec.name)
        try:
            started = await self.engine.client.start_workflow(
                "Volume",
                wish,
                id=id_,
                task_queue=self.engine.queue,
                static_summary=f"{wish.action} volume {spec.name} in {wish.cluster}",
                search_attributes=attributes.typed(cluster=wish.cluster, namespace=spec.namespace),
                result_type=VolumeDone,
            )
            return await outcome(started, VolumeDone)
        except WorkflowAlreadyStartedError as busy:
            raise RefusedError("SLW956", f"{id_} is under way already", fix=f"wait for it, or cancel {id_}") from busy

    # -- pods ------------------------------------------------------------------------------------------------------

    async def start_pod(self, input: PodInput) -> str:
        """The id of its workflow; asked a second time, the first one's."""
        id_ = keys.pod_id(input.cluster, input.namespace, input.name, input.attempt)
        await self.engine.client.start_workflow(
            "Pod",
            input,
            id=id_,
            task_queue=self.engine.queue,
            id_conflict_policy=WorkflowIDConflictPolicy.USE_EXISTING,
            static_summary=f"pod {input.namespace}/{input.name} in {input.cluster}",
            search_attributes=attributes.typed(cluster=input.cluster, namespace=input.namespace),
        )
        return id_

    async def pod_result(self, id_: str) -> PodResult:
        """How a pod ended, as soon as it has."""
        return await outcome(self.engine.client.get_workflow_handle(id_, result_type=PodResult), PodResult)

    async def pod(self, id_: str) -> PodResult:
        """What is known of a pod, by the id of its workflow."""
        handle = self.engine.client.get_workflow_handle(id_)
        return await ask(handle.query("view", result_type=PodResult, rpc_timeout=RPC_TIMEOUT), id_)

    async def pods(self, cluster: str = "") -> list[str]:
        """Ids of the workflows of pods that have not ended."""
        running = "WorkflowType = 'Pod' AND ExecutionStatus = 'Running'"
        query = f"{running} AND cluster = '{cluster}'" if cluster else running
        return sorted([one.id async for one in self.engine.client.list_workflows(query)])

    async def end_pod(self, id_: str) -> None:
        """Cancels the pod's workflow, which deletes the pod; does not wait for it."""
        await ask(self.engine.client.get_workflow_handle(id_).cancel(), id_)
