"""Volume claims expanded, kept as a snapshot and deleted: a plan, and then exactly that plan."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated

from litestar import Response, post
from litestar.di import NamedDependency
from litestar.params import JSONBody
from msgspec import Meta

from workers.api.answers import fingerprinted
from workers.api.asked import Id, LongText
from workers.client.ports.client import Client
from workers.client.ports.clusters import SignedOrder
from workers.client.ports.volumes import VolumePlan, VolumeVerb, VolumeWish
from workers.remote.made import Said

Name = Annotated[str, Meta(min_length=1, max_length=253)]
Size = Annotated[float, Meta(ge=0, le=1_000_000)]


@dataclass(frozen=True)
class ClaimWish:
    """What somebody wants of a claim in the cluster of the path. `size_gb` in GiB; `mark` as its plan has it."""

    namespace: Name
    name: Name
    verb: VolumeVerb
    size_gb: Size = 0
    snapshot: bool = True
    reason: LongText = ""
    mark: Annotated[str, Meta(max_length=8)] = ""

    def of(self, cluster: str) -> VolumeWish:
        """As the client takes it."""
        return VolumeWish(cluster=cluster, **vars(self))


@dataclass(frozen=True)
class ClaimToChange:
    """The wish of a plan, and for `delete` the signature of its order, as for changes of clusters."""

    wish: ClaimWish
    signed: SignedOrder | None = None


@post("/clusters/{name:str}/volumes/plans", operation_id="volumes.plan", status_code=200)
async def plan(
    name: Id, data: JSONBody[ClaimWish], client: NamedDependency[Client], key: NamedDependency[str]
) -> Response[VolumePlan]:
    """What would happen; nothing does. Its ETag is the digest that the change names in If-Match."""
    found = await client.volumes.plan(data.of(name))
    return fingerprinted(found, found.digest)


@post("/clusters/{name:str}/volumes/changes", operation_id="volumes.apply", status_code=202)
async def apply(
    name: Id,
    data: JSONBody[ClaimToChange],
    client: NamedDependency[Client],
    key: NamedDependency[str],
    seen: NamedDependency[str],
) -> Said:
    """Begins exactly what was planned. 412: the plan is another one by now."""
    return Said(await client.volumes.apply(data.wish.of(name), seen, data.signed, key))


HANDLERS = (plan, apply)
