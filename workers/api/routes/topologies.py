"""Maps of the clusters, who may reach whom, storage, quotas, and whether something fits.

Names in a cluster are a stranger's, so they are asked for in the query, where any text fits.
"""

from __future__ import annotations

from typing import Annotated, Any

from litestar import Request, Response, get
from litestar.di import NamedDependency, Provide
from litestar.params import QueryParameter

from domain.inventory.room import Asked
from workers.api.answers import PRIVATE, paged, tagged
from workers.api.asked import TEXT, Id, Text
from workers.client.ports.client import Client
from workers.client.ports.pages import Page, PageOf
from workers.client.ports.topology import ClaimRow, Fitting, Networks, Rooms, Storage, TopologyMap

Name = Annotated[str, QueryParameter(max_length=TEXT, min_length=1)]
Count = Annotated[int, QueryParameter(ge=0, le=1_000_000_000)]


def asked(
    pods: Count = 1,
    cpu_m: Count = 0,
    memory_mb: Count = 0,
    cpu_limit_m: Count = 0,
    memory_limit_mb: Count = 0,
    claims: Count = 0,
    storage_mb: Count = 0,
    storage_class: Text = "",
) -> Asked:
    """What somebody wants, of each pod and of each claim."""
    return Asked(
        pods=pods,
        cpu_m=cpu_m,
        memory_mb=memory_mb,
        cpu_limit_m=cpu_limit_m,
        memory_limit_mb=memory_limit_mb,
        claims=claims,
        storage_mb=storage_mb,
        storage_class=storage_class,
    )


@get("/topology", operation_id="topology.map")
async def map_(
    client: NamedDependency[Client], cluster: Text = "", namespace: Text = "", workload: Text = ""
) -> Response[TopologyMap]:
    """Boxes and edges, placed: clusters, namespaces of one, workloads of a namespace, or one (`Deployment/web`)."""
    return Response(await client.topology.map(cluster, namespace, workload), headers=PRIVATE)


@get("/clusters/{cluster:str}/networks", operation_id="topology.reach")
async def reach(cluster: Id, client: NamedDependency[Client], namespace: Text = "") -> Response[Networks]:
    """Who may reach whom: declared by policies, enforced by whom, and what the last probes found."""
    return Response(await client.topology.reach(cluster, namespace), headers=PRIVATE)


@get("/claims", operation_id="topology.claims")
async def claims(
    request: Request[Any, Any, Any],
    client: NamedDependency[Client],
    page: NamedDependency[PageOf],
    cluster: Text = "",
    namespace: Text = "",
    status: Text = "",
) -> Response[Page[ClaimRow]]:
    """Volume claims by cluster, namespace and name, with the pods that use them and what is lost with them."""
    return paged(request, await client.topology.claims(cluster, namespace, status, page))


@get("/clusters/{cluster:str}/storage", operation_id="topology.storage")
async def storage(cluster: Id, request: Request[Any, Any, Any], client: NamedDependency[Client]) -> Response[Storage]:
    """Volumes, snapshots, storage classes, and storage that nobody uses."""
    return tagged(request, await client.topology.storage(cluster))


@get("/clusters/{cluster:str}/rooms", operation_id="topology.rooms")
async def rooms(cluster: Id, client: NamedDependency[Client], namespace: Text = "") -> Response[Rooms]:
    """Quotas with what is used and reserved, limits, autoscalers and priorities."""
    return Response(await client.topology.rooms(cluster, namespace), headers=PRIVATE)


@get(
    "/clusters/{cluster:str}/fit",
    operation_id="topology.fits",
    dependencies={"asked": Provide(asked, sync_to_thread=False)},
)
async def fits(
    cluster: Id, namespace: Name, client: NamedDependency[Client], asked: NamedDependency[Asked]
) -> Response[Fitting]:
    """Whether a namespace takes it, and by which numbers."""
    return Response(await client.topology.fits(cluster, namespace, asked), headers=PRIVATE)


HANDLERS = (map_, reach, claims, storage, rooms, fits)
