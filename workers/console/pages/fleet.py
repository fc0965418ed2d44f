"""The fleet at a glance: what is wrong in which cluster, why, and since when."""

from __future__ import annotations

from litestar import Response, get
from litestar.di import NamedDependency

from workers.client.ports.client import Client
from workers.console.fleet_strip import exceptions, strip_of
from workers.console.rendering import Ask, page

MOST_CLUSTERS, MOST_ENVIRONMENTS = 15, 20
"""Rows of the fleet's page; the strip has all clusters, and pages of their own the rest."""


@get("/fleet", include_in_schema=False)
async def fleet(request: Ask, client: NamedDependency[Client]) -> Response[str]:
    """Totals, exceptions, the worst services, versions, and warnings that go on."""
    found = await client.fleets.overview()
    first = sorted(found.environments, key=lambda one: (-one.bad, -one.mixed, one.environment, one.cluster))
    return page(
        request,
        "fleet/fleet.html.j2",
        fleet=found,
        strip=strip_of(found.clusters),
        worst=exceptions(found.clusters)[:MOST_CLUSTERS],
        healthy=found.totals.get("clusters", {}).get("healthy", 0),
        environments=first[:MOST_ENVIRONMENTS],
    )


@get("/fleet/versions", include_in_schema=False)
async def versions(request: Ask, client: NamedDependency[Client]) -> Response[str]:
    """How many versions run of each environment in each cluster."""
    return page(request, "fleet/versions.html.j2", fleet=await client.fleets.overview())


HANDLERS = (fleet, versions)
