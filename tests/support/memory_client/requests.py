"""Requests in memory: planned by the engine's own rules, on a cluster of its own; nobody decides them by themselves."""

from __future__ import annotations

import time
from dataclasses import replace

from activities.clusters.request_lists import ListedRequest
from domain.access.actions import Action
from domain.access.resource import cluster_resource
from domain.approvals.request import ApprovalSubject, fingerprint
from domain.clusters import requests
from domain.clusters.requests import ClusterRequest, RequestKind, RequestStatus
from domain.clusters.spec import ClusterSpec, Network, Priority, Quota
from domain.core import ids
from domain.core.errors import RefusedError
from domain.inventory.model import Health, ObjectRow
from domain.inventory.priority_plan import Having
from domain.inventory.request_plan import RequestPlan, Room, plan_of
from tests.support.memory_client.world import NOW, World, listed
from workers.client.guard import Guard
from workers.client.on_engine.requests.requests import details_of, missing, no_cluster, row_of
from workers.client.ports.approvals import ApprovalDetails, ApprovalRow
from workers.client.ports.pages import Page, PageOf
from workers.client.ports.requests import RequestDetails, RequestFilter, RequestRow, Wish

SPEC = ClusterSpec(
    "eu-1",
    "local",
    network=Network(isolated=True),
    priorities=(Priority("important", 1_000_000),),
    quotas=(Quota("shop", cpu=8.0, memory_mb=16_384, pods=40, allow_from=("gateway",)), Quota("pay", cpu=4.0, pods=10)),
)
IMPORTANT = ClusterRequest(
    *("eu-1", "", RequestKind.PRIORITY),
    name="important",
    values={"value": 1e6, "preempts": 1.0},
    reason="orders come first",
    requester="ann",
)
LONG = "the campaign needs more of it; " * 20


class MemoryRequests:
    """Implements `Requests`, for the cluster `eu-1`."""

    def __init__(self, world: World, guard: Guard) -> None:
        self._world, self._guard = world, guard

    async def plan(self, wish: Wish) -> RequestPlan:
        """Of `eu-1`; there is no other cluster."""
        self._guard.need(Action.CLUSTERS_READ, cluster_resource(wish.cluster))
        return _plan(wish.asked_by(self._guard.caller.principal.name))

    async def apply(self, wish: Wish, key: str = "") -> str:
        """Waits for ever."""
        async with self._guard.use(Action.CLUSTERS_REQUEST, cluster_resource(wish.cluster), {"reason": wish.reason}):
            plan = _plan(wish.asked_by(self._guard.caller.principal.name))
            if not plan.possible:
                raise RefusedError("SLW971", "this cannot be asked", why=str((plan.wrong, plan.refusals)))
            return self._world.once(key, wish, lambda: add(self._world, plan.request))

    async def list(self, filter: RequestFilter, page: PageOf) -> Page[RequestRow]:
        """Newest first."""
        rows = [row_of(one) for one in self._world.requests.values()]
        kept = [row for row in rows if all(text in ("", getattr(row, name)) for name, text in vars(filter).items())]
        return listed(kept, lambda row: (row.asked_at, row.id), page, *vars(filter).values(), newest_first=True)

    async def show(self, id_: str) -> RequestDetails:
        """With its plan, while it waits."""
        one = self._found(id_)
        waits = one.status == RequestStatus.WAITING
        plan = (
            _plan(replace(one.request, until=0)) if waits and one.request.values else RequestPlan(request=one.request)
        )
        return details_of(one, plan, "/temporal/namespaces/default/workflows/request")

    async def cancel(self, id_: str, reason: str, key: str = "") -> str:
        """At once."""
        one = self._found(id_)
        async with self._guard.use(Action.CLUSTERS_REQUEST, cluster_resource(one.request.cluster), {"reason": reason}):
            if one.status not in requests.OPEN:
                raise RefusedError("SLW973", f"{id_} is {one.status}: there is nothing to end")
            ended = RequestStatus.CANCELLED if one.status == RequestStatus.WAITING else RequestStatus.ENDED
            self._world.requests[id_] = replace(one, status=str(ended), why=reason)
        return "it is withdrawn"

    def _found(self, id_: str) -> ListedRequest:
        found = self._world.requests.get(id_)
        if found is None:
            raise missing(id_)
        self._guard.need(Action.CLUSTERS_READ, cluster_resource(found.request.cluster))
        return found


def _plan(asked: ClusterRequest) -> RequestPlan:
    if asked.cluster != SPEC.name:
        raise no_cluster(asked.cluster)
    room = Room(cpu_m=16_000, memory_mb=65_536, pods=220, asked_cpu_m=9_000, asked_memory_mb=20_000)
    having = Having(classes={"important": 1e6, "theirs": 5.0}, pods={"": 35, "important": 2})
    found = plan_of(SPEC, ROWS, asked, min(NOW, time.time()) if not asked.until else time.time(), room, having=having)
    return replace(found, approval="one who may approve in cluster eu-1, and has not asked for it", heard_at=NOW - 4)


def _row(kind: str, name: str, **more: object) -> ObjectRow:
    plain = ObjectRow(cluster="eu-1", kind=kind, namespace="shop", name=name, health=Health.HEALTHY)
    return replace(plain, **more)  # type: ignore[arg-type]


DETAILS = {"containers": [{"name": "main", "cpu_m": 1_500, "memory_mb": 900}]}
ROWS = (
    *(_row("Pod", f"web-{n}", owner="Deployment/web", cpu_m=1_500, memory_mb=900, details=DETAILS) for n in range(4)),
    _row("Deployment", "web", wanted=4, ready=4, details={"priority": "important"}),
    _row(
        "HorizontalPodAutoscaler", "web", wanted=4, ready=4, details={"target": "Deployment/web", "min": 2, "max": 60}
    ),
)


def add(world: World, asked: ClusterRequest, status: RequestStatus = RequestStatus.WAITING, why: str = "") -> str:
    """A request, numbered."""
    number = 1 + sum(one.request.cluster == asked.cluster for one in world.requests.values())
    id_ = requests.request_id(asked.cluster, number)
    at = NOW - 86_400 + number * 600
    story = ((at, f"{asked.requester} asks: {asked.reason}"), *([(at + 60, why)] if why else []))
    world.requests[id_] = ListedRequest(
        id=id_, request=asked, status=str(status), why=why, asked_at=at, changed_at=at, scope="", story=story
    )
    return id_


def add_requests(world: World, hostile: tuple[str, ...]) -> None:
    """One of each kind and state, and what strangers would write into their reasons."""
    quota = ClusterRequest(
        "eu-1", "shop", RequestKind.QUOTA, values={"cpu": 20.0, "pods": 50.0}, before={"cpu": 8.0, "pods": 40.0},
        reason=LONG[:480], requester="ann",
    )  # fmt: skip
    limits = replace(
        quota, kind=RequestKind.LIMITS, values={"container_cpu": 1.0}, before={"container_cpu": 0.0}, reason="no hogs"
    )
    opened = ClusterRequest(
        "eu-1", "shop", RequestKind.EXCEPTION, allow_from=("batch",), allow_to=("10.9.0.0/16:5432",),
        reason="the import of this week", until=int(NOW) + 5 * 86_400, requester="bob", environment="production",
    )  # fmt: skip
    _asks(world, add(world, quota), quota)
    add(world, limits, RequestStatus.APPLIED, "the cluster has it")
    add(world, opened, RequestStatus.ACTIVE, "in force until its time")
    add(world, replace(opened, allow_from=("old",)), RequestStatus.ENDED, "its time is over")
    add(world, IMPORTANT, RequestStatus.APPLIED, "the cluster has it")
    for text in hostile:
        add(world, replace(limits, reason=text, requester=text), RequestStatus.REJECTED, text)


def _asks(world: World, id_: str, asked: ClusterRequest) -> None:
    """Its approval waits for ann."""
    approval, scope = ids.approval_id(id_, requests.STEP), requests.scope_of(id_, asked)
    subject = ApprovalSubject(approval, "n", requests.STEP, version=2, scope="5" * 64)
    row = ApprovalRow(
        id=approval,
        run=id_,
        job=requests.STEP,
        waiting_for="1 of 1 approval",
        opened_at=NOW - 60,
        expires_at=NOW + 86_400,
        mine=True,
    )
    world.approvals[approval] = ApprovalDetails(
        row=row, subject=subject, digest=fingerprint(subject), message=asked.reason, scope=vars(scope)
    )
