"""Services over all clusters: where they are placed, how they are, which versions run."""

from __future__ import annotations

import asyncio
from dataclasses import replace

from litestar import Response, get
from litestar.di import NamedDependency
from litestar.params import FromPath

from workers.client.ports.client import Client
from workers.client.ports.fleets import ObjectFilter
from workers.client.ports.pages import Page, PageOf
from workers.console.pages.lists import asked, found, part
from workers.console.rendering import Ask, page


@get("/services", include_in_schema=False)
async def services(request: Ask, client: NamedDependency[Client]) -> Response[str]:
    """By name, filtered."""
    rows = await client.fleets.services(asked(request, "text"), asked(request, "health"), part(request))
    return page(request, "services/list.html.j2", services=rows)


@get("/services/{name:str}", include_in_schema=False)
async def service(request: Ask, client: NamedDependency[Client], name: FromPath[str]) -> Response[str]:
    """Its versions, its placements by cluster, its latest releases."""
    health, cluster = asked(request, "health"), asked(request, "cluster")
    which = ObjectFilter(kind="Workload", service=name, health=health, cluster=cluster)
    one, placements, releases, heard = await asyncio.gather(
        client.fleets.service(name),
        client.fleets.objects(which, part(request)),
        found(client.releases.list(name, "", PageOf(limit=8))),
        client.fleets.heard(),
    )
    if isinstance(releases, Page):  # the list of placements is the one that has more pages here
        releases = replace(releases, next="")
    return page(request, "services/service.html.j2", service=one, placements=placements, releases=releases, heard=heard)


HANDLERS = (services, service)
