"""Clusters made, changed and ended: a plan, and then exactly that plan, signed by whoever wants it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Annotated, Any

from litestar import Request, Response, get, post
from litestar.di import NamedDependency
from litestar.params import JSONBody
from msgspec import Meta

from domain.core.values import Scalar
from workers.api.answers import fingerprinted, tagged
from workers.api.asked import Id, LongText
from workers.client.ports.client import Client
from workers.client.ports.clusters import (
    ClusterPlan,
    ClusterProgress,
    ClusterStarted,
    ClusterTemplateRow,
    ClusterVerb,
    ClusterWish,
    RepairWish,
    SignedOrder,
)

BigText = Annotated[str, Meta(max_length=200_000)]
Count = Annotated[int, Meta(ge=0, le=5_000)]
Percent = Annotated[int, Meta(ge=0, le=100)]
Seconds = Annotated[int, Meta(ge=0, le=86_400)]


@dataclass(frozen=True)
class Repair:
    """Automatic repair: what it may do."""

    on: bool = True
    dry_run: bool = False
    actions: Annotated[int, Meta(ge=0, le=100)] = 3
    unready_percent: Percent = 40
    grace_s: Seconds = 60
    autoscale: bool = False
    idle_s: Seconds = 600


@dataclass(frozen=True)
class Wish:
    """What somebody wants of the cluster in the path."""

    verb: ClusterVerb = "create"
    template: LongText = ""
    values: Annotated[Mapping[str, Scalar], Meta(max_length=200)] = field(default_factory=dict)
    settings: BigText = ""
    text: BigText = ""
    pools: Annotated[Mapping[str, Count], Meta(max_length=200)] = field(default_factory=dict)
    version: LongText = ""
    repair: Repair = field(default_factory=Repair)
    reason: LongText = ""

    def of(self, name: str) -> ClusterWish:
        """As the client takes it."""
        return ClusterWish(**{**vars(self), "name": name, "repair": RepairWish(**vars(self.repair))})


@dataclass(frozen=True)
class ToBegin:
    """The wish of a plan, and the signature of its order.

    Signed: `sluiceway/order/v1`, a zero byte, and the canonical JSON of `home`, `kind`, `cluster`, `what`,
    `actions` and `person` as the plan says them, `expires_at` within ten minutes, and a `nonce`.
    """

    wish: Wish
    signed: SignedOrder | None = None


@get("/cluster-templates", operation_id="clusters.templates")
async def templates(
    request: Request[Any, Any, Any], client: NamedDependency[Client]
) -> Response[tuple[ClusterTemplateRow, ...]]:
    """What clusters can be made from, with the fields of a form."""
    return tagged(request, await client.clusters.templates())


@post("/clusters/{name:str}/plans", operation_id="clusters.plan", status_code=200)
async def plan(
    name: Id, data: JSONBody[Wish], client: NamedDependency[Client], key: NamedDependency[str]
) -> Response[ClusterPlan]:
    """What would happen; nothing does. Its ETag is the digest that the change names in If-Match."""
    found = await client.clusters.plan(data.of(name))
    return fingerprinted(found, found.digest)


@post("/clusters/{name:str}/changes", operation_id="clusters.apply", status_code=202)
async def apply(
    name: Id,
    data: JSONBody[ToBegin],
    client: NamedDependency[Client],
    key: NamedDependency[str],
    seen: NamedDependency[str],
) -> ClusterStarted:
    """Begins exactly what was planned. 412: the plan is another one by now."""
    return await client.clusters.apply(data.wish.of(name), seen, data.signed, key)


@get("/clusters/{name:str}/progress", operation_id="clusters.progress")
async def progress(
    name: Id, request: Request[Any, Any, Any], client: NamedDependency[Client]
) -> Response[ClusterProgress]:
    """How far its last operation is, phase by phase."""
    return tagged(request, await client.clusters.progress(name))


HANDLERS = (templates, progress, plan, apply)
