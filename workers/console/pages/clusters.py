"""Clusters, their nodes and namespaces. Reads only: what changes a cluster stands in pages of its own."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from dataclasses import replace
from typing import Any

from litestar import Response, get
from litestar.di import NamedDependency
from litestar.params import FromPath

from domain.access.actions import Action
from domain.access.resource import ENGINE
from domain.core.errors import SluicewayError
from domain.inventory.model import Freshness, ObjectRow
from domain.inventory.rollup import WAS_BAD
from workers.client.ports.client import Client
from workers.client.ports.fleets import ObjectFilter
from workers.client.ports.pages import Page, PageOf
from workers.client.ports.requests import RequestFilter
from workers.console.pages import rights
from workers.console.pages.lists import asked, found, part
from workers.console.rendering import Ask, page

SOME_OF = 30
FEW, SOME = PageOf(limit=10), PageOf(limit=SOME_OF)
CHANGES = (Action.CLUSTERS_READ, Action.CLUSTERS_CHANGE, Action.CLUSTERS_DELETE, Action.CLUSTERS_EXEC)
"""What may be done in a cluster, and who may is told."""


def wrong_of(fresh: Freshness) -> str:
    """The filter for what is wrong in a cluster; of one that is not heard of, what was: everything is unknown now."""
    return "bad" if fresh is Freshness.LIVE else WAS_BAD


@get("/clusters", include_in_schema=False)
async def clusters(request: Ask, client: NamedDependency[Client]) -> Response[str]:
    """By name, filtered."""
    rows = await client.fleets.clusters(
        asked(request, "text"), asked(request, "status"), part(request), asked(request, "health")
    )
    may = await rights.verdicts(client, ENGINE, Action.CLUSTERS_CHANGE)
    return page(request, "clusters/list.html.j2", clusters=rows, may=may)


@get("/clusters/{name:str}", include_in_schema=False)
async def cluster(request: Ask, client: NamedDependency[Client], name: FromPath[str]) -> Response[str]:
    """What is wrong in it first; then what it is made of, and its story."""
    one = await client.fleets.cluster(name)
    bad = ObjectFilter(cluster=name, health=wrong_of(one.row.freshness))
    nodes, workloads, pods, others, events = await asyncio.gather(
        found(client.fleets.objects(replace(bad, kind="Node"), FEW)),
        found(client.fleets.objects(replace(bad, kind="Workload"), FEW)),
        found(client.fleets.objects(bad, FEW)),
        found(client.fleets.objects(replace(bad, kind="Other"), FEW)),
        found(client.fleets.events(name, "", True, FEW)),
    )
    may = await rights.verdicts(client, rights.of_cluster(name), *CHANGES)
    return page(
        request,
        "clusters/cluster.html.j2",
        cluster=one,
        nodes=nodes,
        workloads=workloads,
        pods=pods,
        others=others,
        events=events,
        may=may,
        done=asked(request, "done"),
    )


@get("/clusters/{name:str}/nodes", include_in_schema=False)
async def nodes(request: Ask, client: NamedDependency[Client], name: FromPath[str]) -> Response[str]:
    """Capacity, pressure and taints."""
    heard_at = await heard_of(client, name)
    which = ObjectFilter(kind="Node", cluster=name, text=asked(request, "text"), health=asked(request, "health"))
    rows = await client.fleets.objects(which, part(request))
    return page(request, "clusters/nodes.html.j2", cluster=name, heard_at=heard_at, nodes=rows)


async def heard_of(client: Client, name: str) -> float:
    """When the cluster was last heard of.

    Raises:
        SluicewayError: SLW907, the caller knows no such cluster.
    """
    at = (await client.fleets.heard()).get(name)
    return at if at is not None else (await client.fleets.cluster(name)).row.heard_at


@get("/clusters/{name:str}/namespaces", include_in_schema=False)
async def namespaces_of(request: Ask, client: NamedDependency[Client], name: FromPath[str]) -> Response[str]:
    """Those of one cluster."""
    heard_at = await heard_of(client, name)
    rows = await client.fleets.namespaces(name, asked(request, "text"), part(request))
    return page(request, "namespaces/list.html.j2", namespaces=rows, cluster=name, heard_at=heard_at)


@get("/namespaces", include_in_schema=False)
async def namespaces(request: Ask, client: NamedDependency[Client]) -> Response[str]:
    """Of every cluster."""
    rows = await client.fleets.namespaces("", asked(request, "text"), part(request))
    return page(request, "namespaces/list.html.j2", namespaces=rows, cluster="", heard_at=0)


@get("/clusters/{name:str}/namespaces/{within:str}", include_in_schema=False)
async def namespace(
    request: Ask, client: NamedDependency[Client], name: FromPath[str], within: FromPath[str]
) -> Response[str]:
    """Its pods, workloads, volumes, quotas, policies and events, and who may do what in it."""
    one = await client.fleets.namespace(name, within)
    which, fleets = ObjectFilter(cluster=name, namespace=within), client.fleets
    counts, bad, pending, ending = await asyncio.gather(
        fleets.counts(which),
        fleets.objects(replace(which, health=wrong_of(one.freshness)), SOME),
        fleets.objects(replace(which, status="Pending"), SOME),
        fleets.objects(replace(which, status="Terminating"), SOME),
    )
    lists: Sequence[Any] = await asyncio.gather(
        found(fleets.objects(replace(which, kind="Workload"), SOME)),
        found(fleets.objects(replace(which, kind="Workload", health=wrong_of(one.freshness)), SOME)),
        found(fleets.objects(replace(which, kind="Other", health=wrong_of(one.freshness)), FEW)),
        found(client.topology.claims(name, within, "", SOME)),
        found(client.topology.rooms(name, within)),
        found(fleets.objects(replace(which, kind="NetworkPolicy"), FEW)),
        found(fleets.events(name, within, False, FEW)),
    )
    volumes = await fleets.objects(ObjectFilter(kind="PersistentVolume", cluster=name, status="Released"), SOME)
    given: dict[str, Any] = dict(
        zip(("workloads", "failing", "others", "claims", "rooms", "policies", "events"), lists, strict=True)
    )
    given["workloads"] = _worst_first(given.pop("failing"), given["workloads"])
    about = rights.of_cluster(name)
    who = await asyncio.gather(*(found(client.access.who_can(action, about, FEW)) for action in CHANGES))
    return page(
        request,
        "clusters/namespace.html.j2",
        namespace=one,
        counts=counts,
        troubled=tuple({row.key: row for row in (*bad.items, *pending.items, *ending.items)}.values()),
        released=tuple(row for row in volumes.items if row.details.get("claim_namespace") == within),
        who=tuple(zip(CHANGES, who, strict=True)),
        may=await rights.verdicts(client, about, *CHANGES),
        asked=await found(client.requests.list(RequestFilter(cluster=name, namespace=within), PageOf(limit=5))),
        **given,
    )


def _worst_first(bad: Page[ObjectRow] | SluicewayError, every: Page[ObjectRow] | SluicewayError) -> Any:
    """One list of both; where one of them could not be read, the other."""
    if isinstance(every, SluicewayError) or isinstance(bad, SluicewayError):
        return bad if isinstance(every, SluicewayError) else every
    rows = {row.key: row for row in (*bad.items, *every.items)}
    return replace(every, items=tuple(rows.values())[:SOME_OF])


HANDLERS = (clusters, cluster, nodes, namespaces_of, namespaces, namespace)
