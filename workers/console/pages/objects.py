"""What is in the clusters, of any kind: lists with counts, one object, and warnings."""

from __future__ import annotations

import asyncio
from typing import Any

from litestar import Response, get
from litestar.di import NamedDependency
from litestar.params import FromPath

from domain.access.actions import Action
from domain.inventory.model import GROUPS, KINDS, MOST_NAME
from workers.client.ports.client import Client
from workers.client.ports.fleets import ObjectFilter
from workers.console import links
from workers.console.pages import rights
from workers.console.pages.lists import asked, part
from workers.console.pages.object_details import shown_details
from workers.console.rendering import Ask, page

LISTED = ("Pod", *GROUPS, *(kind for kind in KINDS if kind not in ("Pod", "Namespace")))
"""Kinds to choose from; namespaces have lists of their own."""
FILTERS = ("cluster", "namespace", "health", "status", "node", "owner", "service", "environment", "text")


def which_of(request: Ask) -> ObjectFilter:
    """The filter of the query; an unknown kind is that of pods."""
    kind = asked(request, "kind")
    given = {name: asked(request, name, longest=MOST_NAME) for name in FILTERS}
    return ObjectFilter(kind=kind if kind in LISTED else "Pod", **given)


@get("/objects", include_in_schema=False)
async def objects(request: Ask, client: NamedDependency[Client]) -> Response[str]:
    """Of one kind, filtered, with how many there are."""
    which = which_of(request)
    rows, counts, heard = await asyncio.gather(
        client.fleets.objects(which, part(request)), client.fleets.counts(which), client.fleets.heard()
    )
    given: dict[str, Any] = {"which": which, "objects": rows, "counts": counts, "heard": heard, "kinds": LISTED}
    return page(request, "objects/list.html.j2", **given)


@get("/clusters/{cluster:str}/objects/{kind:str}/{namespace:str}/{name:str}", include_in_schema=False)
async def one(
    request: Ask,
    client: NamedDependency[Client],
    cluster: FromPath[str],
    kind: FromPath[str],
    namespace: FromPath[str],
    name: FromPath[str],
) -> Response[str]:
    """One object: how it is and why, what it is made of, its pods and events."""
    within = "" if namespace == links.NO_NAMESPACE else namespace
    found = await client.fleets.object(cluster, kind, within, name)
    wanted = (Action.CLUSTERS_CHANGE, Action.CLUSTERS_EXEC, Action.LOGS_READ)
    given: dict[str, Any] = {
        "object": found,
        "shown": shown_details(found.row.details),
        "may": await rights.verdicts(client, rights.of_cluster(cluster), *wanted),
        "done": asked(request, "done"),
    }
    return page(request, "objects/object.html.j2", **given)


@get("/events", include_in_schema=False)
async def events(request: Ask, client: NamedDependency[Client]) -> Response[str]:
    """Warnings of the clusters, newest first, with their end."""
    cluster, namespace = asked(request, "cluster"), asked(request, "namespace", longest=MOST_NAME)
    rows, heard = await asyncio.gather(
        client.fleets.events(cluster, namespace, asked(request, "going") == "1", part(request)),
        client.fleets.heard(),
    )
    return page(request, "events/list.html.j2", events=rows, heard=heard, cluster=cluster, namespace=namespace)


HANDLERS = (objects, one, events)
