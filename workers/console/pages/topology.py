"""Maps of the clusters: of all, of one, of a namespace, of a workload."""

from __future__ import annotations

from litestar import Response, get
from litestar.di import NamedDependency
from litestar.params import FromPath

from workers.client.ports.client import Client
from workers.console.rendering import Ask, page
from workers.console.topology_graph import view_of


async def _shown(
    request: Ask, client: Client, cluster: str = "", namespace: str = "", workload: str = ""
) -> Response[str]:
    found = await client.topology.map(cluster, namespace, workload)
    return page(request, "topology/map.html.j2", map=found, view=view_of(found))


@get("/topology", include_in_schema=False)
async def fleet(request: Ask, client: NamedDependency[Client]) -> Response[str]:
    """Environments and clusters."""
    return await _shown(request, client)


@get("/topology/{cluster:str}", include_in_schema=False)
async def cluster(request: Ask, client: NamedDependency[Client], cluster: FromPath[str]) -> Response[str]:
    """Its namespaces."""
    return await _shown(request, client, cluster)


@get("/topology/{cluster:str}/{namespace:str}", include_in_schema=False)
async def namespace(
    request: Ask, client: NamedDependency[Client], cluster: FromPath[str], namespace: FromPath[str]
) -> Response[str]:
    """Its workloads."""
    return await _shown(request, client, cluster, namespace)


@get("/topology/{cluster:str}/{namespace:str}/{kind:str}/{name:str}", include_in_schema=False)
async def workload(
    request: Ask,
    client: NamedDependency[Client],
    cluster: FromPath[str],
    namespace: FromPath[str],
    kind: FromPath[str],
    name: FromPath[str],
) -> Response[str]:
    """One workload with its pods, and what is around it."""
    return await _shown(request, client, cluster, namespace, f"{kind}/{name}")


HANDLERS = (fleet, cluster, namespace, workload)
