"""The fleet at a glance: what is wrong in which cluster, why, and since when."""

from __future__ import annotations

from litestar import Response, get
from litestar.di import NamedDependency
from markupsafe import Markup

from workers.client.ports.client import Client
from workers.client.ports.fleets import Fleet
from workers.console.fleet_strip import exceptions, strip_of
from workers.console.rendering import Ask, language, page, part
from workers.console.shared_parts import SharedParts, renewed, renews

MOST_CLUSTERS, MOST_ENVIRONMENTS = 15, 20
"""Rows of the fleet's page; the strip has all clusters, and pages of their own the rest."""
_PARTS = SharedParts()


def _written(fleet: Fleet, lang: str) -> Markup:
    first = sorted(fleet.environments, key=lambda one: (-one.bad, -one.mixed, one.environment, one.cluster))
    return part(
        lang,
        "fleet/glance.html.j2",
        fleet=fleet,
        strip=strip_of(fleet.clusters),
        worst=exceptions(fleet.clusters)[:MOST_CLUSTERS],
        healthy=fleet.totals.get("clusters", {}).get("healthy", 0),
        environments=first[:MOST_ENVIRONMENTS],
    )


@get("/fleet", include_in_schema=False)
async def fleet(request: Ask, client: NamedDependency[Client]) -> Response[str] | Response[bytes]:
    """Totals, exceptions, the worst services, versions, and warnings that go on."""
    found, lang = await client.fleets.overview(), language(request)
    glance = _PARTS.of(found, lang, lambda: _written(found, lang))
    if renews(request):
        return renewed(request, glance)
    return page(request, "fleet/fleet.html.j2", glance=glance.text)


@get("/fleet/versions", include_in_schema=False)
async def versions(request: Ask, client: NamedDependency[Client]) -> Response[str]:
    """How many versions run of each environment in each cluster."""
    return page(request, "fleet/versions.html.j2", fleet=await client.fleets.overview())


HANDLERS = (fleet, versions)
