"""Storage: claims with who uses them, volumes, snapshots, classes, and what nobody needs."""

from __future__ import annotations

from litestar import Response, get
from litestar.di import NamedDependency

from domain.access.actions import Action
from domain.access.resource import ENGINE
from domain.inventory.model import MOST_NAME
from workers.client.ports.client import Client
from workers.console.pages import rights
from workers.console.pages.lists import asked, found, part
from workers.console.rendering import Ask, page

STATUSES = ("Pending", "Bound", "Lost")


@get("/volumes", include_in_schema=False)
async def volumes(request: Ask, client: NamedDependency[Client]) -> Response[str]:
    """Claims of all clusters; with a cluster also what is behind them."""
    cluster, namespace = asked(request, "cluster"), asked(request, "namespace", longest=MOST_NAME)
    claims = await client.topology.claims(cluster, namespace, asked(request, "status"), part(request))
    return page(
        request,
        "volumes/list.html.j2",
        claims=claims,
        cluster=cluster,
        statuses=STATUSES,
        storage=await found(client.topology.storage(cluster)) if cluster else None,
        heard=await client.fleets.heard(),
        may=await rights.verdicts(client, rights.of_cluster(cluster) if cluster else ENGINE, Action.CLUSTERS_CHANGE),
    )


HANDLERS = (volumes,)
