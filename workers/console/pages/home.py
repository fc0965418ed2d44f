"""What a person sees first: what waits for them, what is under way, what happened lately."""

from __future__ import annotations

import asyncio
from typing import Any

from litestar import Response, get
from litestar.di import NamedDependency

from workers.client.ports.client import Client
from workers.client.ports.pages import PageOf
from workers.client.ports.runs import RunFilter
from workers.console.pages.lists import found
from workers.console.rendering import Ask, page


@get("/", include_in_schema=False)
async def home(request: Ask, client: NamedDependency[Client]) -> Response[str]:
    """The overview: a line of the fleet, and the first rows of four lists, which are read at the same time."""
    bad, heard, inbox, running, latest, releases = await asyncio.gather(
        found(client.fleets.clusters("", "", PageOf(limit=3), "bad")),
        found(client.fleets.heard()),
        found(client.approvals.inbox(PageOf(limit=5))),
        found(client.runs.list(RunFilter(status="running"), PageOf(limit=10))),
        found(client.runs.list(RunFilter(), PageOf(limit=12))),
        found(client.releases.list("", "", PageOf(limit=8))),
    )
    lists: dict[str, Any] = {"inbox": inbox, "running": running, "latest": latest, "releases": releases}
    return page(request, "home/home.html.j2", bad=bad, heard=heard, **lists)


HANDLERS = (home,)
