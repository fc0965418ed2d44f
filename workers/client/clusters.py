"""Clusters, and the pods and volumes in them."""

from __future__ import annotations

import asyncio
import getpass
import os
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, replace
from typing import Any, TypedDict, Unpack

from temporalio.client import WorkflowHandle
from temporalio.common import WorkflowIDConflictPolicy
from temporalio.exceptions import WorkflowAlreadyStartedError
from temporalio.service import RPCError, RPCStatusCode

from activities.authority.cluster_forms import content, form, where
from activities.volumes.permits import ordered
from activities.volumes.port import VolumeDone, VolumeRequest
from domain.authority.cluster_orders import Order, OrderKind
from domain.authority.permit import digest_of
from domain.clusters.lifecycle import Operation
from domain.clusters.remediation import RepairPolicy
from domain.clusters.spec import ClusterSpec
from domain.core import ids as keys
from domain.core.documents import Object
from domain.core.errors import RefusedError, SluicewayError
from domain.core.names import is_name
from workers.client.calls import RPC_TIMEOUT, ask, explained, outcome, update
from workers.client.client import Engine
from workflows.clusters.messages import ClusterChange, ClusterState, Guard
from workflows.clusters.remediation_messages import HealState
from workflows.core import search_attributes as attributes
from workflows.pods.messages import PodInput, PodResult


class Wanted(TypedDict, total=False):
    """What an order says besides its kind and cluster; see `Order`."""

    what: str
    pod: str
    where: str
    actions: int
    lasts_s: float
    content: Object
    before: Object


@dataclass(frozen=True)
class Clusters:
    """Operations on an engine's clusters."""

    engine: Engine
    give: Callable[[Order], Awaitable[None]] | None = None
    """Gives an order for somebody who asks through a server; None: by hand."""

    async def ask(self, spec: ClusterSpec, reason: str = "") -> str:
        """Starts the cluster's workflow, or updates the existing cluster to the spec."""
        id_ = keys.cluster_id(spec.name)
        await self._wants(spec)
        if await self._is_open(id_):
            change = ClusterChange(Operation.UPDATE, spec, reason)
            return await self._tell(spec.name, "change", change)
        await self.engine.client.start_workflow(
            "Cluster",
            ClusterState(spec, inventory=True),
            id=id_,
            task_queue=self.engine.queue,
            static_summary=f"cluster {spec.name} ({spec.provider})",
            search_attributes=attributes.typed(cluster=spec.name, status="requested"),
        )
        return f"{id_} is in progress"

    async def _order(self, kind: OrderKind, cluster: str, **more: Unpack[Wanted]) -> None:
        """Tells the signer first: without it the engine changes nothing."""
        if self.give is not None:
            await self.give(Order(kind=kind, cluster=cluster, **more))
        elif self.engine.order is not None:
            by = f"{getpass.getuser()} (user {os.getuid()}) by hand"
            await asyncio.to_thread(self.engine.order, Order(kind=kind, cluster=cluster, by=by, **more))

    async def _wants(self, spec: ClusterSpec) -> None:
        before = await self._before(spec.name) if self.give is not None else {}
        await self._order(OrderKind.CLUSTER, spec.name, what=digest_of(form(spec)), content=form(spec), before=before)

    async def _before(self, name: str) -> Object:
        """What a cluster is until now; empty: there is none."""
        try:
            return form((await self.view(name)).spec)
        except SluicewayError as none:
            if none.code in ("SLW906", "SLW907"):
                return {}
            raise

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
        return await explained(self.engine, handle.id, update(handle, update_name, message, str))

    async def view(self, name: str) -> ClusterState:
        """Spec, status and health, from its workflow."""
        handle = self.engine.client.get_workflow_handle(keys.cluster_id(name))
        call = handle.query("view", result_type=ClusterState, rpc_timeout=RPC_TIMEOUT)
        return await ask(call, keys.cluster_id(name))

    async def names(self) -> list[str]:
        """Of every existing cluster, in order."""
        running = "WorkflowType = 'Cluster' AND ExecutionStatus = 'Running'"
        return sorted([one.id.partition("/")[2] async for one in self.engine.client.list_workflows(running)])

    async def all(self) -> list[ClusterState]:
        """Every existing cluster."""
        return [await self.view(name) for name in await self.names()]

    async def update(self, name: str, make: Callable[[ClusterSpec], ClusterSpec], reason: str) -> str:
        """`make` turns the current spec into the wanted one. Returns at once, with the operation under way."""
        spec = make((await self.view(name)).spec)
        return await self.change(name, ClusterChange(Operation.UPDATE, spec, reason))

    async def change(self, name: str, message: ClusterChange) -> str:
        """What somebody has planned. Returns at once, with the operation under way."""
        if message.operation is Operation.DELETE:
            await self._order(OrderKind.DELETE, name)
        elif message.spec is not None:
            await self._wants(message.spec)
        return await self._tell(name, "change", message)

    async def heal(self, name: str) -> str:
        """Corrects drift from the spec. Returns at once, with the operation under way."""
        return await self.change(name, ClusterChange(Operation.HEAL))

    async def delete(self, name: str, reason: str = "") -> str:
        """Returns at once, with the operation under way."""
        return await self.change(name, ClusterChange(Operation.DELETE, reason=reason))

    async def guard(self, name: str, policy: RepairPolicy | None) -> str:
        """Enables automatic repair with a policy; None disables it."""
        acts = policy is not None and not policy.dry_run
        await self._order(OrderKind.GUARD, name, actions=policy.actions_an_hour if policy and acts else 0)
        return await self._tell(name, "guard", Guard(policy))

    async def healing(self, name: str) -> HealState:
        """The last observation and decisions of automatic repair."""
        id_ = keys.heal_id(name)
        handle = self.engine.client.get_workflow_handle(id_)
        return await ask(handle.query("view", result_type=HealState, rpc_timeout=RPC_TIMEOUT), id_)

    async def volume(self, wish: VolumeRequest) -> VolumeDone:
        """Executes an action on a claim; refused while another one is under way."""
        return await outcome(await self.begin_volume(wish), VolumeDone)

    async def begin_volume(self, wish: VolumeRequest) -> WorkflowHandle[Any, Any]:
        """The same, without waiting for its end."""
        spec, asked = wish.spec, ordered(wish)
        what = digest_of(asked)
        await self._order(OrderKind.VOLUME, wish.cluster, what=what, lasts_s=wish.limit_s, content=asked)
        id_ = keys.volume_id(wish.cluster, spec.namespace, spec.name)
        try:
            return await self.engine.client.start_workflow(
                "Volume",
                wish,
                id=id_,
                task_queue=self.engine.queue,
                static_summary=f"{wish.action} volume {spec.name} in {wish.cluster}",
                search_attributes=attributes.typed(cluster=wish.cluster, namespace=spec.namespace),
                result_type=VolumeDone,
            )
        except WorkflowAlreadyStartedError as busy:
            raise RefusedError("SLW956", f"{id_} is already in progress", fix=f"wait for it, or cancel {id_}") from busy

    # -- pods ------------------------------------------------------------------------------------------------------

    async def start_pod(self, input: PodInput) -> str:
        """The id of its workflow; idempotent."""
        id_ = keys.pod_id(input.cluster, input.namespace, input.name, input.attempt)
        await self.order_pod(input, id_)
        await begin_pod(self.engine, input, id_)
        return id_

    async def order_pod(self, input: PodInput, id_: str) -> None:
        """Tells the signer that the workflow `id_` is to run exactly this pod."""
        wanted = pod_order(input, id_)
        await self._order(
            wanted.kind, wanted.cluster, what=wanted.what, pod=id_, where=wanted.where, lasts_s=wanted.lasts_s
        )

    async def pod_result(self, id_: str) -> PodResult:
        """The result of a pod, once it has ended."""
        return await outcome(self.engine.client.get_workflow_handle(id_, result_type=PodResult), PodResult)

    async def pod(self, id_: str) -> PodResult:
        """The status of a pod, by its workflow's id."""
        handle = self.engine.client.get_workflow_handle(id_)
        return await ask(handle.query("view", result_type=PodResult, rpc_timeout=RPC_TIMEOUT), id_)

    async def pods(self, cluster: str = "") -> list[str]:
        """Ids of the workflows of running pods. What cannot be a cluster's name has none, and is no part of a query."""
        if cluster and not is_name(cluster):
            return []
        running = "WorkflowType = 'Pod' AND ExecutionStatus = 'Running'"
        query = f"{running} AND cluster = '{cluster}'" if cluster else running
        return sorted([one.id async for one in self.engine.client.list_workflows(query)])

    async def end_pod(self, id_: str) -> None:
        """Cancels the pod's workflow, which deletes the pod; does not wait for it."""
        await ask(self.engine.client.get_workflow_handle(id_).cancel(), id_)


def pod_order(input: PodInput, id_: str) -> Order:
    """That the workflow `id_` runs exactly this pod."""
    runs = content(input.manifest, input.files, input.secrets)
    return Order(
        kind=OrderKind.POD,
        cluster=input.cluster,
        what=digest_of(runs),
        pod=id_,
        where=digest_of(where(input.access, input.namespace)),
        lasts_s=input.timeout_s,
        content=runs,
    )


async def begin_pod(engine: Engine, input: PodInput, id_: str) -> None:
    """Starts the workflow of a pod that was ordered, or finds it."""
    await engine.client.start_workflow(
        "Pod",
        replace(input, local=True),
        id=id_,
        task_queue=engine.queue,
        id_conflict_policy=WorkflowIDConflictPolicy.USE_EXISTING,
        static_summary=f"pod {input.namespace}/{input.name} in {input.cluster}",
        search_attributes=attributes.typed(cluster=input.cluster, namespace=input.namespace),
    )
