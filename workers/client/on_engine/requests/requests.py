"""Requests on the engine: planned with what the inventory knows, asked as a workflow, listed from the records."""

from __future__ import annotations

import time
from collections.abc import Iterable, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING

from activities.clusters.request_lists import REQUEST_COLUMNS, ListedRequest, RequestLists
from domain.access.actions import Action
from domain.access.resource import Resource, ResourceKind, cluster_resource
from domain.clusters import requests
from domain.clusters.requests import OPEN, ClusterRequest, RequestStatus
from domain.core import ids
from domain.core.errors import RefusedError, SluicewayError
from domain.core.values import Json
from domain.inventory.request_plan import RequestPlan, plan_of
from workers.client.guard import Guard, needed, readable_by
from workers.client.on_engine.lists import condition_of, page_of
from workers.client.on_engine.parts import EngineParts, starter, temporal_path, update_id
from workers.client.on_engine.requests.request_approval import agreement_of, readable_environments, shown_to
from workers.client.on_engine.requests.request_looks import ground_of
from workers.client.paging import Key, after_of, limit_of, next_of
from workers.client.ports.pages import Page, PageOf
from workers.client.ports.requests import RequestDetails, RequestEntry, RequestFilter, RequestRow, Wish, says
from workers.client.unseen import unseen

if TYPE_CHECKING:
    from domain.clusters.spec import ClusterSpec

NEWEST = (float, str)
LATEST_S = 3 * 86_400.0
"""How long people have to decide."""


class EngineRequests:
    """Implements `Requests`."""

    def __init__(self, parts: EngineParts, guard: Guard) -> None:
        self._parts, self._guard = parts, guard
        self._lists = RequestLists(parts.rows)

    async def plan(self, wish: Wish) -> RequestPlan:
        """By the cluster's definition, and what was last heard of it."""
        await self._may_read(wish.cluster)
        return await shown_to(self._guard, await self._planned(wish.asked_by(starter(self._guard.caller)[0])))

    async def apply(self, wish: Wish, key: str = "") -> str:
        """Starts the request's workflow."""
        about, told = cluster_resource(wish.cluster), _told(wish)
        async with (
            unseen(self._guard, Action.CLUSTERS_READ, about, no_cluster(wish.cluster)),
            self._guard.use(Action.CLUSTERS_REQUEST, about, told) as outcome,
        ):
            plan = await self._planned(wish.asked_by(starter(self._guard.caller)[0]), live=True)
            if not plan.possible:
                raise _refused(plan)
            id_ = await self._started(plan.request, update_id(self._guard.caller, "request", key))
            outcome.tell(request=id_)
        return id_

    async def _started(self, asked: ClusterRequest, key: str) -> str:
        from temporalio.common import WorkflowIDConflictPolicy

        from workflows.clusters.request_messages import RequestInput
        from workflows.core import search_attributes as attributes

        engine, now = await self._parts.engine(), time.time()
        id_ = await self._parts.blocking(lambda: self._parts.records.requests.ask(asked, now, key))
        expires_s = min(LATEST_S, asked.until - now) if asked.until else LATEST_S
        try:
            await engine.client.start_workflow(
                "Request",
                RequestInput(asked, expires_s),
                id=id_,
                task_queue=engine.queue,
                id_conflict_policy=WorkflowIDConflictPolicy.USE_EXISTING,
                static_summary=f"{requests.subject_of(asked)} in {asked.cluster}",
                static_details=ids.console_link(id_),
                search_attributes=attributes.typed(
                    cluster=asked.cluster, namespace=asked.namespace, environment=asked.environment, status="waiting"
                ),
            )
        except Exception:
            await self._parts.blocking(lambda: self._never_began(id_))
            raise
        return id_

    def _never_began(self, id_: str) -> None:
        from activities.clusters.port import RequestRecord

        now, why = time.time(), "the engine did not begin it"
        self._parts.records.requests.tell(RequestRecord(id=id_, status=RequestStatus.FAILED, at=now, why=why))

    async def list(self, filter: RequestFilter, page: PageOf) -> Page[RequestRow]:
        """Newest first."""
        wanted = {name: getattr(filter, name)[:300] for name in ("cluster", "namespace", "status", "kind")}
        of = ("requests", *wanted.values())
        limit, after = limit_of(page), after_of(page, NEWEST, *of)
        may = await readable_by(self._guard, Action.CLUSTERS_READ, ResourceKind.CLUSTER)
        condition = condition_of(may, REQUEST_COLUMNS)

        def look(before: Key | None, most: int) -> Sequence[ListedRequest]:
            known = (float(before[0]), str(before[1])) if before else None
            return self._lists.page(wanted, known, most, condition)

        found, last = await self._parts.read(
            lambda: page_of(may, look, lambda one: (one.asked_at, one.id), _resource, after, limit)
        )
        rows = await self._shown(map(row_of, found))
        return Page(rows, next_of(last, *of) if last else "", time.time())

    async def show(self, id_: str) -> RequestDetails:
        """With its plan as it is now, while it waits."""
        found = await self._found(id_)
        plan, waits = RequestPlan(request=found.request), found.status == RequestStatus.WAITING
        if waits:
            try:
                plan = replace(await self._planned(found.request), request=found.request)
            except SluicewayError as gone:
                plan = replace(plan, refusals=(gone.what,))
        own = found.request.requester == starter(self._guard.caller)[0]
        details = details_of(found, plan, temporal_path(id_, self._parts.settings.namespace))
        (row,) = await self._shown([details.row])
        return replace(details, row=row, plan=await shown_to(self._guard, plan), own=own)

    async def cancel(self, id_: str, reason: str, key: str = "") -> str:
        """Its workflow withdraws it, or takes it back."""
        from workers.client.calls import explained, update
        from workflows.clusters.request_messages import Stop

        found = await self._found(id_)
        about, own = cluster_resource(found.request.cluster), found.request.requester == starter(self._guard.caller)[0]
        action = Action.CLUSTERS_REQUEST if own else Action.CLUSTERS_CHANGE
        async with self._guard.use(action, about, {"request": id_, "reason": reason[:500], "ends": True}):
            if not _stoppable(found.status):
                raise SluicewayError("SLW973", f"{id_} is {found.status}: there is nothing to end", where=id_)
            engine = await self._parts.engine()
            handle = engine.client.get_workflow_handle(id_)
            said = Stop(self._guard.caller.on_behalf_of or self._guard.caller.principal.id, reason[:500])
            try:
                call = update(handle, "stop", said, str, update_id(self._guard.caller, "stop", key))
                return await explained(engine, id_, call)
            except RefusedError as over:
                raise RefusedError("SLW973", f"{id_} cannot be ended", where=id_, why=over.what) from over

    async def _shown(self, rows: Iterable[RequestRow]) -> tuple[RequestRow, ...]:
        """Without the environments that the caller may not read."""
        listed = tuple(rows)
        known = await readable_environments(self._guard, (row.environment for row in listed))
        return tuple(row if row.environment in known else replace(row, environment="") for row in listed)

    # -- parts ------------------------------------------------------------------------------------------------------

    async def _planned(self, asked: ClusterRequest, *, live: bool = False) -> RequestPlan:
        """Its environment is whose rule counts there now, whatever it was. `live`: by what its API says now."""
        spec = await self._spec(asked.cluster)
        return await self._parts.blocking(lambda: self._plan(spec, asked, live=live))

    def _plan(self, spec: ClusterSpec, asked: ClusterRequest, *, live: bool) -> RequestPlan:
        from activities.inventory.request_rows import having_of, heard_of, room_of, rows_of

        agreement, rows = agreement_of(self._parts, asked), self._parts.records.database
        known, now, heard_at = (
            replace(asked, environment=agreement.environment),
            time.time(),
            heard_of(rows, asked.cluster),
        )
        wrong = dict(requests.complaints(known, now))
        ground = None if wrong else ground_of(self._parts, spec, known, heard_at, now, live=live)
        plan = plan_of(
            spec, rows_of(rows, known), known, now, room_of(rows, asked.cluster), ground, having_of(rows, known)
        )
        return replace(plan, approval=agreement.words, heard_at=heard_at, told_at=ground.at if ground else 0)

    async def _spec(self, cluster: str) -> ClusterSpec:
        from workers.client.clusters import Clusters

        try:
            return (await Clusters(await self._parts.engine()).view(cluster)).spec
        except SluicewayError as gone:
            raise no_cluster(cluster) if gone.code == "SLW907" else gone from gone

    async def _may_read(self, cluster: str) -> None:
        about = cluster_resource(cluster)
        async with unseen(self._guard, Action.CLUSTERS_READ, about, no_cluster(cluster)):
            await needed(self._guard, Action.CLUSTERS_READ, about)

    async def _found(self, id_: str) -> ListedRequest:
        found, nothing = await self._parts.read(lambda: self._lists.get(id_[:400])), missing(id_)
        cluster = found.request.cluster if found else requests.cluster_of(id_)
        if not cluster:
            raise nothing
        async with unseen(self._guard, Action.CLUSTERS_READ, cluster_resource(cluster), nothing):
            await needed(self._guard, Action.CLUSTERS_READ, cluster_resource(cluster))
        if found is None:
            raise nothing
        return found


def _resource(one: ListedRequest) -> Resource:
    return cluster_resource(one.request.cluster)


def row_of(one: ListedRequest) -> RequestRow:
    """As lists show it."""
    asked = one.request
    return RequestRow(
        id=one.id,
        cluster=asked.cluster,
        namespace=asked.namespace,
        kind=str(asked.kind),
        status=one.status,
        why=one.why,
        says=says(asked),
        requester=asked.requester,
        environment=asked.environment,
        asked_at=one.asked_at,
        changed_at=one.changed_at,
        until=asked.until,
    )


def details_of(one: ListedRequest, plan: RequestPlan, temporal: str = "") -> RequestDetails:
    """With its story."""
    waits = one.status == RequestStatus.WAITING
    return RequestDetails(
        row=row_of(one),
        plan=plan,
        approval=ids.approval_id(one.id, requests.STEP) if waits else "",
        stoppable=_stoppable(one.status),
        story=tuple(RequestEntry(at, words) for at, words in one.story),
        temporal=temporal,
    )


def _stoppable(status: str) -> bool:
    return status in OPEN and status != RequestStatus.ENDING


def _told(wish: Wish) -> dict[str, Json]:
    told: dict[str, Json] = {name[:40]: value for name, value in list(wish.values.items())[:20]}  # any names: first
    told |= {"kind": wish.kind[:40], "namespace": wish.namespace[:63], "reason": wish.reason[:500]}
    told |= {"name": wish.name[:63]} if wish.name else {}
    told |= {"allow_from": list(wish.allow_from[:20])} if wish.allow_from else {}
    told |= {"allow_to": list(wish.allow_to[:20])} if wish.allow_to else {}
    return told | ({"until": wish.until} if wish.until else {})


def _refused(plan: RequestPlan) -> RefusedError:
    why = "; ".join([*plan.wrong.values(), *plan.refusals])
    return RefusedError("SLW971", f"this cannot be asked of cluster {plan.request.cluster}", why=why)


def missing(id_: str) -> SluicewayError:
    """Also for what the caller may not see."""
    return SluicewayError("SLW972", f"there is no request {id_[:200]}", fix="sluiceway request list")


def no_cluster(name: str) -> SluicewayError:
    """Also for one that the caller may not see."""
    return SluicewayError("SLW907", f"there is no cluster {name[:100]}", fix="sluiceway cluster list")
