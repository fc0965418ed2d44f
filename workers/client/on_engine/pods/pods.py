"""Pods on the engine: planned, started, listed, shown, restarted and deleted, each with an order at the signer."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from contextlib import suppress
from dataclasses import replace
from typing import TYPE_CHECKING

from domain.access.actions import Action
from domain.access.resource import Resource, ResourceKind, cluster_resource
from domain.clusters.impersonation import Impersonated, acting, denied
from domain.core import ids, names
from domain.core.errors import DefinitionError, RefusedError, SluicewayError
from domain.pods.manifest import NO_SECRETS
from domain.pods.object_action import API_VERSIONS, KINDS, ObjectAction
from domain.secrets.rules import SecretUse
from workers.client.guard import Guard, needed
from workers.client.on_engine.parts import EngineParts
from workers.client.on_engine.pods.pod_names import NOWHERE, missing, named_in, where_of, why_not, workflow_of
from workers.client.ports.pages import Page, PageOf
from workers.client.ports.pods import MOST_REASON, ObjectAt, PodDetails, PodLogs, PodPlan, PodRequest, PodRow
from workers.client.ports.runs import LogLine, LogPart

if TYPE_CHECKING:
    from activities.pods.reading import PodReader
    from domain.core.documents import Manifest, Object
    from workers.client.on_engine.pods.pod_logs import Spool
    from workers.client.on_engine.pods.pod_plans import Planned
    from workers.client.pods_ground import PodGround
    from workflows.pods.messages import PodInput

READ = {**API_VERSIONS, "ReplicaSet": "apps/v1"}
"""Kinds that are looked at; a Deployment's pods are its ReplicaSets'."""
MOST_OWNERS = 3
"""From a pod to what restarts it: owners are what somebody has written, and could go round in circles."""
MOST_LINES, MOST_FOUND, MOST_TEXT = 1_000, 1_000, 500


class EnginePods:
    """Implements `Pods`."""

    def __init__(self, parts: EngineParts, guard: Guard, ground: Callable[[], PodGround]) -> None:
        self._parts, self._guard, self._ground = parts, guard, ground

    async def _known(self, cluster: str, action: Action = Action.CLUSTERS_READ) -> None:
        """Whether the caller may know of the cluster, whether it is there, and then whether they may do this.

        Raises:
            SluicewayError: SLW952, the same for one that is hidden from them and one that is not there.
            RefusedError: SLW410, SLW411, they may not do this to it.
        """
        from activities.kubernetes.kubeconfigs import unknown

        try:
            await needed(self._guard, Action.CLUSTERS_READ, cluster_resource(cluster))
        except RefusedError as hidden:
            raise unknown(cluster) from hidden
        await self._parts.blocking(lambda: self._ground().clusters.find(cluster))
        if action is not Action.CLUSTERS_READ:
            await needed(self._guard, action, cluster_resource(cluster))

    # -- one that is wanted ----------------------------------------------------------------------------------------

    async def plan(self, asked: PodRequest) -> PodPlan:
        """Asks the cluster, and changes nothing."""
        await self._known(asked.cluster, Action.CLUSTERS_CHANGE)
        return (await self._planned(asked)).plan

    async def apply(self, asked: PodRequest, digest: str, key: str = "") -> str:
        """Plans it again, and starts exactly that."""
        id_ = ids.pod_id(asked.cluster, asked.namespace, asked.name, asked.attempt)
        secrets = sorted(asked.form.secrets.values())
        await self._known(asked.cluster)
        told: Manifest = {"pod": id_, "image": asked.form.image[:300], "secrets": secrets, "plan": digest[:64]}
        async with self._guard.use(Action.CLUSTERS_CHANGE, cluster_resource(asked.cluster), told):
            for secret in secrets:
                resource = Resource(kind=ResourceKind.SECRET, name=secret[:100], cluster=asked.cluster)
                await needed(self._guard, Action.EFFECT_SECRET, resource)
            planned = await self._planned(asked)
            if planned.input is None:
                raise DefinitionError("SLW466", "no pod can be made of this", where=id_, why=why_not(planned.plan))
            if planned.plan.digest != digest:
                fix = "look at the plan again"
                raise RefusedError("SLW467", "the pod would not be what was planned", where=id_, fix=fix)
            await self._start(planned.input, id_)
        return id_

    async def _planned(self, asked: PodRequest) -> Planned:
        from workers.client.on_engine.pods.pod_plans import plan

        find = self._ground().clusters.find

        def look() -> Planned:
            access = find(asked.cluster)
            if access.dials_out and asked.form.secrets:
                raise RefusedError("SLW977", NO_SECRETS, where=asked.cluster)
            return plan(asked, access, self._opened(asked.cluster), SecretUse(by_hand=True))

        return await self._parts.blocking(look)

    async def _start(self, input: PodInput, id_: str) -> None:
        from workers.client.clusters import begin_pod

        await self._order_pod(input, id_, again=False)
        await begin_pod(await self._parts.engine(), input, id_)

    async def _order_pod(self, input: PodInput, id_: str, *, again: bool) -> None:
        from workers.client.clusters import pod_order
        from workers.client.on_engine.orders import order

        await order(self._parts, self._guard, replace(pod_order(input, id_), again=again))

    # -- those that there are --------------------------------------------------------------------------------------

    async def list(self, cluster: str, namespace: str, page: PageOf, *, running: bool = False) -> Page[PodRow]:
        """By Temporal's own list, in its order."""
        from workers.client.on_engine.pods.pod_rows import listed

        readable = await asyncio.to_thread(self._guard.readable, Action.CLUSTERS_READ, ResourceKind.CLUSTER)
        return await listed(await self._parts.engine(), readable, cluster, namespace, page, running=running)

    async def show(self, id_: str) -> PodDetails:
        """From its workflow."""
        try:
            await needed(self._guard, Action.CLUSTERS_READ, cluster_resource(named_in(id_)[0]))
        except RefusedError as hidden:
            raise missing(id_, NOWHERE) from hidden
        return await self._details(id_)

    async def end(self, id_: str, reason: str, key: str = "") -> None:
        """Cancels its workflow, which keeps the logs."""
        cluster, namespace, _, _ = named_in(id_)
        try:
            await self._known(cluster)
        except SluicewayError as unknown:
            raise missing(id_, NOWHERE) from unknown
        told: Manifest = {"pod": id_, "reason": reason[:MOST_REASON], "delete": True}
        async with self._guard.use(Action.CLUSTERS_CHANGE, cluster_resource(cluster), told):
            await self._may_delete(cluster, namespace)
            await self._end(id_)

    async def _end(self, id_: str) -> None:
        """Asks first: Temporal takes a cancel of what has ended without a word."""
        from workers.client.clusters import Clusters

        engine = await self._parts.engine()
        if (await self._details(id_)).row.ended_at is not None:
            raise missing(id_, NOWHERE)
        await Clusters(engine).end_pod(id_)

    async def _details(self, id_: str) -> PodDetails:
        from workers.client.on_engine.pods.pod_rows import details

        return await details(await self._parts.engine(), id_)

    # -- what is done to them --------------------------------------------------------------------------------------

    async def restart(self, what: ObjectAt, reason: str, key: str = "") -> str:
        """A pod of ours by its workflow, everything else by one of its own."""
        return await self._acted(ObjectAction.RESTART, what, reason, self._replace)

    async def remove(self, what: ObjectAt, reason: str, key: str = "") -> str:
        """A pod of ours by its workflow, everything else by one of its own."""

        async def end(id_: str, reason: str) -> None:
            await self._end(id_)

        return await self._acted(ObjectAction.DELETE, what, reason, end)

    async def _acted(
        self, action: ObjectAction, what: ObjectAt, reason: str, ours: Callable[[str, str], Awaitable[None]]
    ) -> str:
        await self._known(what.cluster)
        told: Manifest = {"object": where_of(what), "action": str(action), "reason": reason[:MOST_REASON]}
        async with self._guard.use(Action.CLUSTERS_CHANGE, cluster_resource(what.cluster), told) as entry:
            found = await self._found(what)
            id_ = workflow_of(found, what) if what.kind == "Pod" else ""
            if id_:
                await self._may_delete(what.cluster, what.namespace)
            if id_ and await self._is_done(ours(id_, reason[:MOST_REASON])):
                entry.tell(pod=id_)
                return id_
            from workers.client.on_engine.pods.object_actions import act

            target, found = await self._owner(action, what, found)
            return await act(self._parts, self._guard, action, target, found, reason[:MOST_REASON])

    async def _is_done(self, ours: Awaitable[None]) -> bool:
        """False: no workflow of that id is open. It has ended without its pod, or somebody has made the name up."""
        try:
            await ours
        except SluicewayError as gone:
            if gone.code not in ("SLW907", "SLW950"):
                raise
            return False
        return True

    async def _found(self, what: ObjectAt) -> Object:
        """Its name goes into an address, and may be a stranger's."""
        version = READ.get(what.kind, "")
        if not version:
            why = f"something can be done with {', '.join(API_VERSIONS)}"
            raise RefusedError("SLW468", f"nothing is done with a {what.kind[:60]}", why=why)
        if not all(map(names.is_name, (what.namespace, *what.name.split(".")))):
            raise missing(where_of(what), "this is no name")
        server = await self._server(what.cluster)
        found = await self._parts.blocking(lambda: server.get(version, what.kind, what.name, what.namespace))
        if found is None:
            raise missing(where_of(what), "nothing of that name is there")
        return found

    async def _owner(self, action: ObjectAction, what: ObjectAt, found: Object) -> tuple[ObjectAt, Object]:
        """What the action is about: a pod is restarted by its workload."""
        from domain.pods.owners import controller_of

        target = what
        for _ in range(MOST_OWNERS):
            if action is not ObjectAction.RESTART or target.kind in KINDS[action]:
                return target, found
            kind, name = controller_of(found)
            if kind not in READ:
                break
            target = replace(target, kind=kind, name=name)
            found = await self._found(target)
        why = "no workload has made it, so nothing would make it again"
        raise RefusedError("SLW468", f"{where_of(what)} cannot be restarted", why=why, fix="delete it instead")

    async def _replace(self, id_: str, reason: str) -> None:
        """Orders the same pod again, in the name of whoever restarts it, and tells its workflow. Whether it is the
        same, the signer knows: a worker that was taken over could tell of any other.
        """
        from workers.client.calls import QUERY_TIMEOUT, ask, update
        from workflows.pods.messages import PodInput

        handle = (await self._parts.engine()).client.get_workflow_handle(id_)
        input = await ask(handle.query("asked", result_type=PodInput, rpc_timeout=QUERY_TIMEOUT), id_)
        await self._order_pod(input, id_, again=True)
        await update(handle, "restart", reason, str)

    async def _server(self, cluster: str) -> PodReader:
        return await self._parts.blocking(lambda: self._opened(cluster))

    def _opened(self, cluster: str) -> PodReader:
        return self._ground().clusters.open(cluster, self._person(cluster))

    def _person(self, cluster: str) -> Impersonated | None:
        """As whom the caller acts there; None: as the engine."""
        return self._ground().clusters.person(cluster, acting(self._guard.caller))

    async def _may_delete(self, cluster: str, namespace: str) -> None:
        """A pod of ours is ended by its workflow, and so by the engine, which does not do it for somebody who may not.

        Raises:
            RefusedError: SLW974, the cluster's own RBAC does not let the caller delete pods there.
        """
        person = await self._parts.blocking(lambda: self._person(cluster))
        if person is None:
            return
        server = await self._server(cluster)
        if why := await self._parts.blocking(lambda: server.refused("v1", "Pod", "delete", namespace)):
            raise denied(person, f"deleting pods in {namespace}", why, namespace)

    # -- what they write -------------------------------------------------------------------------------------------

    async def containers(self, cluster: str, namespace: str, pod: str) -> tuple[str, ...]:
        """From the cluster."""
        from workers.client.on_engine.pods.pod_logs import containers_of

        await self._known(cluster)
        with suppress(SluicewayError):
            what = ObjectAt(cluster=cluster, kind="Pod", namespace=namespace, name=pod)
            return containers_of(await self._found(what))
        return ()

    async def log(self, which: PodLogs, *, first: int = 0, limit: int = 500) -> LogPart:
        """From the file that grows as it is looked at."""
        spool, most = await self._spool(which), min(max(limit, 1), MOST_LINES)
        found = await self._parts.blocking(lambda: self._ground().spools.lines(spool, first, most))
        lines = tuple(LogLine(line.number, line.at, line.stream, line.text) for line in found.lines)
        at_end = not lines or lines[-1].number >= found.total
        start = lines[0].number if lines else 0
        return LogPart(lines=lines, first=start, total=found.total, ended=spool.ended and at_end)

    async def search(self, which: PodLogs, text: str, *, limit: int = 200) -> tuple[int, ...]:
        """In all that was read of it."""
        spool, most = await self._spool(which), min(max(limit, 1), MOST_FOUND)
        return await self._parts.blocking(lambda: self._ground().spools.holding(spool, text[:MOST_TEXT], most))

    async def _spool(self, which: PodLogs) -> Spool:
        from workers.client.on_engine.pods import pod_logs

        await self._known(which.cluster, Action.LOGS_READ)
        what = ObjectAt(cluster=which.cluster, kind="Pod", namespace=which.namespace, name=which.pod)
        person = await self._parts.blocking(lambda: self._person(which.cluster))
        whose = person.user if person else ""
        if spool := self._ground().spools.recent(which, whose):
            return spool
        try:
            found = await self._found(what)
        except SluicewayError as gone:
            if gone.code != "SLW950":
                raise
            return await self._kept(which, gone)
        server = await self._server(which.cluster)
        return await self._parts.blocking(lambda: pod_logs.read(self._ground().spools, server, which, found, whose))

    async def _kept(self, which: PodLogs, gone: SluicewayError) -> Spool:
        """What was kept of a pod of ours.

        Raises:
            SluicewayError: SLW950, nothing was.
        """
        from workers.client.on_engine.pods.pod_logs import kept
        from workers.client.on_engine.pods.pod_rows import kept_log

        digest = await kept_log(await self._parts.engine(), which.cluster, which.namespace, which.pod)
        if not digest:
            raise gone
        store, spools = self._parts.store, self._ground().spools
        return await self._parts.blocking(lambda: kept(spools, which, digest, store.get))
