"""The fleet at a glance: what is wrong in which cluster, why, and since when."""

from __future__ import annotations

from collections import OrderedDict

from litestar import Response, get
from litestar.di import NamedDependency
from markupsafe import Markup

from workers.client.ports.client import Client
from workers.client.ports.fleets import Fleet
from workers.console.fleet_strip import exceptions, strip_of
from workers.console.rendering import Ask, language, page, part

MOST_CLUSTERS, MOST_ENVIRONMENTS = 15, 20
"""Rows of the fleet's page; the strip has all clusters, and pages of their own the rest."""
MOST_WRITTEN = 16


class Glances:
    """What was written last, of fleets and in languages: readers of the same answer read the same text."""

    def __init__(self) -> None:
        self._written: OrderedDict[tuple[int, str], tuple[Fleet, Markup]] = OrderedDict()

    def of(self, fleet: Fleet, lang: str) -> Markup:
        """An answer that several readers share is one object."""
        key = (id(fleet), lang)
        if key not in self._written:
            self._written[key] = (fleet, _written(fleet, lang))  # with the fleet: no other one has its id meanwhile
            if len(self._written) > MOST_WRITTEN:
                self._written.popitem(last=False)
        return self._written[key][1]


_GLANCES = Glances()


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
async def fleet(request: Ask, client: NamedDependency[Client]) -> Response[str]:
    """Totals, exceptions, the worst services, versions, and warnings that go on."""
    found = await client.fleets.overview()
    return page(request, "fleet/fleet.html.j2", glance=_GLANCES.of(found, language(request)))


@get("/fleet/versions", include_in_schema=False)
async def versions(request: Ask, client: NamedDependency[Client]) -> Response[str]:
    """How many versions run of each environment in each cluster."""
    return page(request, "fleet/versions.html.j2", fleet=await client.fleets.overview())


HANDLERS = (fleet, versions)
