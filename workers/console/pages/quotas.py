"""Quotas, limits and autoscalers, and whether something fits."""

from __future__ import annotations

import math

from litestar import Response, get
from litestar.di import NamedDependency

from domain.access.actions import Action
from domain.access.resource import ENGINE
from domain.inventory.model import MOST_NAME
from domain.inventory.room import Asked
from workers.client.ports.client import Client
from workers.console.pages import rights
from workers.console.pages.lists import asked, found
from workers.console.rendering import Ask, page

MOST = 1_000_000_000
FIELDS = ("pods", "cpu", "memory", "claims", "storage", "class")
"""Of the form: CPU in cores, memory and storage in GiB; of each pod and of each claim."""


@get("/quotas", include_in_schema=False)
async def quotas(request: Ask, client: NamedDependency[Client]) -> Response[str]:
    """Of a cluster or a namespace; with a wish also whether it fits there."""
    cluster, namespace = asked(request, "cluster"), asked(request, "namespace", longest=MOST_NAME)
    wish = wish_of(request)
    wants = bool(cluster and namespace and (wish.pods or wish.claims))
    return page(
        request,
        "quotas/quotas.html.j2",
        cluster=cluster,
        namespace=namespace,
        rooms=await found(client.topology.rooms(cluster, namespace)) if cluster else None,
        wish=wish,
        fitting=await found(client.topology.fits(cluster, namespace, wish)) if wants else None,
        heard=await client.fleets.heard(),
        may=await rights.verdicts(client, rights.of_cluster(cluster) if cluster else ENGINE, Action.CLUSTERS_CHANGE),
    )


def wish_of(request: Ask) -> Asked:
    """What is asked about; what is no number is 0."""
    return Asked(
        pods=round(_number(request, "pods")),
        cpu_m=round(_number(request, "cpu") * 1000),
        memory_mb=round(_number(request, "memory") * 1024),
        claims=round(_number(request, "claims")),
        storage_mb=round(_number(request, "storage") * 1024),
        storage_class=asked(request, "class", longest=MOST_NAME),
    )


def _number(request: Ask, name: str) -> float:
    try:
        value = float(asked(request, name, longest=20).replace(",", "."))
    except ValueError:
        return 0
    return min(max(value, 0), MOST) if math.isfinite(value) else 0


HANDLERS = (quotas,)
