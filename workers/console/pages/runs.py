"""Runs: the list, one run, its evidence, and what can be done with it."""

from __future__ import annotations

from litestar import Response, get
from litestar.di import NamedDependency

from domain.jobs.result import Status
from workers.client.ports.client import Client
from workers.client.ports.runs import RunFilter
from workers.console.pages.lists import asked, part
from workers.console.rendering import Ask, page


@get("/runs", include_in_schema=False)
async def runs(request: Ask, client: NamedDependency[Client]) -> Response[str]:
    """Newest first, filtered."""
    which = RunFilter(
        pipeline=asked(request, "pipeline"),
        status=asked(request, "status"),
        branch=asked(request, "branch"),
        text=asked(request, "text"),
    )
    found = await client.runs.list(which, part(request))
    return page(request, "runs/list.html.j2", runs=found, which=which, statuses=tuple(Status))
