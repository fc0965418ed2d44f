"""What is in the clusters: the fleet, namespaces, objects, services, warnings, and a search over everything.

Names in a cluster are a stranger's, so they are asked for in the query, where any text fits.
"""

from __future__ import annotations

from typing import Annotated, Any

from litestar import Request, Response, get
from litestar.di import NamedDependency, Provide
from litestar.params import QueryParameter

from domain.inventory.model import EventRow, ObjectRow
from workers.api.answers import PRIVATE, paged, tagged
from workers.api.asked import TEXT, Flag, Id, Text
from workers.client.ports.client import Client
from workers.client.ports.fleets import (
    ClusterDetails,
    DetailCounts,
    Fleet,
    FleetCluster,
    FleetNamespace,
    FleetService,
    Found,
    ObjectCounts,
    ObjectDetails,
    ObjectFilter,
)
from workers.client.ports.pages import Page, PageOf

Name = Annotated[str, QueryParameter(max_length=TEXT, min_length=1)]
"""Which one."""


def which_objects(
    kind: Text = "Pod",
    cluster: Text = "",
    namespace: Text = "",
    health: Text = "",
    status: Text = "",
    node: Text = "",
    owner: Text = "",
    service: Text = "",
    environment: Text = "",
    text: Text = "",
) -> ObjectFilter:
    """The filter of a list of objects."""
    return ObjectFilter(
        kind=kind,
        cluster=cluster,
        namespace=namespace,
        health=health,
        status=status,
        node=node,
        owner=owner,
        service=service,
        environment=environment,
        text=text,
    )


WHICH = {"which": Provide(which_objects, sync_to_thread=False)}


@get("/fleet", operation_id="fleets.overview")
async def overview(client: NamedDependency[Client]) -> Response[Fleet]:
    """What is wrong in which cluster, and since when."""
    return Response(await client.fleets.overview(), headers=PRIVATE)


@get("/fleet/heard", operation_id="fleets.heard")
async def heard(client: NamedDependency[Client]) -> Response[dict[str, float]]:
    """When each cluster was last heard of, by name; 0: never."""
    return Response(dict(await client.fleets.heard()), headers=PRIVATE)


@get("/clusters", operation_id="fleets.clusters")
async def clusters(
    request: Request[Any, Any, Any],
    client: NamedDependency[Client],
    page: NamedDependency[PageOf],
    text: Text = "",
    status: Text = "",
    health: Text = "",
) -> Response[Page[FleetCluster]]:
    """By name. `health`: one of them, or `bad`."""
    return paged(request, await client.fleets.clusters(text, status, page, health))


@get("/clusters/{name:str}", operation_id="fleets.cluster")
async def cluster(
    request: Request[Any, Any, Any], name: Id, client: NamedDependency[Client]
) -> Response[ClusterDetails]:
    """A cluster with its story, what repair does, and its certificates."""
    return tagged(request, await client.fleets.cluster(name))


@get("/namespaces", operation_id="fleets.namespaces")
async def namespaces(
    request: Request[Any, Any, Any],
    client: NamedDependency[Client],
    page: NamedDependency[PageOf],
    cluster: Text = "",
    text: Text = "",
) -> Response[Page[FleetNamespace]]:
    """By cluster and name."""
    return paged(request, await client.fleets.namespaces(cluster, text, page))


@get("/clusters/{cluster:str}/namespace", operation_id="fleets.namespace")
async def namespace(
    request: Request[Any, Any, Any], cluster: Id, name: Name, client: NamedDependency[Client]
) -> Response[FleetNamespace]:
    """One namespace."""
    return tagged(request, await client.fleets.namespace(cluster, name))


@get("/objects", operation_id="fleets.objects", dependencies=WHICH)
async def objects(
    request: Request[Any, Any, Any],
    client: NamedDependency[Client],
    which: NamedDependency[ObjectFilter],
    page: NamedDependency[PageOf],
) -> Response[Page[ObjectRow]]:
    """By cluster, namespace, name and kind. `kind`: one that is watched, or `Workload`."""
    return paged(request, await client.fleets.objects(which, page))


@get("/objects/counts", operation_id="fleets.counts", dependencies=WHICH)
async def counts(client: NamedDependency[Client], which: NamedDependency[ObjectFilter]) -> Response[ObjectCounts]:
    """How many there are, under the same filter."""
    return Response(await client.fleets.counts(which), headers=PRIVATE)


@get("/objects/details", operation_id="fleets.details", dependencies=WHICH)
async def details(
    client: NamedDependency[Client], which: NamedDependency[ObjectFilter], detail: Name
) -> Response[DetailCounts]:
    """How many say the same of a detail, by namespace, under the same filter. `detail`: `priority` or `labels`."""
    return Response(await client.fleets.details(which, detail), headers=PRIVATE)


@get("/clusters/{cluster:str}/object", operation_id="fleets.object")
async def object_(
    request: Request[Any, Any, Any],
    cluster: Id,
    kind: Name,
    name: Name,
    client: NamedDependency[Client],
    namespace: Text = "",
) -> Response[ObjectDetails]:
    """One object with its pods and events. `namespace` empty: it is of the cluster itself."""
    return tagged(request, await client.fleets.object(cluster, kind, namespace, name))


@get("/services", operation_id="fleets.services")
async def services(
    request: Request[Any, Any, Any],
    client: NamedDependency[Client],
    page: NamedDependency[PageOf],
    text: Text = "",
    health: Text = "",
) -> Response[Page[FleetService]]:
    """By name. `health`: one of them, or `bad`."""
    return paged(request, await client.fleets.services(text, health, page))


@get("/service", operation_id="fleets.service")
async def service(
    request: Request[Any, Any, Any], name: Name, client: NamedDependency[Client]
) -> Response[FleetService]:
    """One service; its placements are objects with `service`."""
    return tagged(request, await client.fleets.service(name))


@get("/events", operation_id="fleets.events")
async def events(
    request: Request[Any, Any, Any],
    client: NamedDependency[Client],
    page: NamedDependency[PageOf],
    cluster: Text = "",
    namespace: Text = "",
    going: Flag = False,
) -> Response[Page[EventRow]]:
    """Warnings, newest first. `going`: only those that have not ended."""
    return paged(request, await client.fleets.events(cluster, namespace, going, page))


@get("/search", operation_id="fleets.search")
async def search(client: NamedDependency[Client], text: Text = "") -> Response[tuple[Found, ...]]:
    """At most 50 of everything that the caller may read, the best first."""
    return Response(await client.fleets.search(text), headers=PRIVATE)


HANDLERS = (
    *(overview, heard, clusters, cluster, namespaces, namespace),
    *(objects, counts, details, object_, services, service, events, search),
)
