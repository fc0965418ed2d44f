"""Who reaches whom: declared by policies, enforced by somebody or nobody, and probed."""

from __future__ import annotations

import yaml
from litestar import Response, get
from litestar.di import NamedDependency
from litestar.params import FromPath

from domain.access.actions import Action
from domain.inventory.model import MOST_NAME, ObjectRow
from domain.inventory.policy_manifest import manifest_of
from workers.client.ports.client import Client
from workers.console.pages import rights
from workers.console.pages.lists import asked
from workers.console.rendering import Ask, page

MOST_TEXTS = 20
"""Policies that a page shows as text."""


@get("/networks", include_in_schema=False)
async def networks(request: Ask, client: NamedDependency[Client]) -> Response[str]:
    """Clusters to choose from."""
    return page(request, "networks/list.html.j2", heard=await client.fleets.heard())


@get("/networks/{cluster:str}", include_in_schema=False)
async def network(request: Ask, client: NamedDependency[Client], cluster: FromPath[str]) -> Response[str]:
    """The namespaces of a cluster as a table of who reaches whom."""
    namespace = asked(request, "namespace", longest=MOST_NAME)
    found = await client.topology.reach(cluster, namespace)
    return page(
        request,
        "networks/network.html.j2",
        networks=found,
        namespace=namespace,
        texts=[(row, text_of(row)) for row in found.policies[:MOST_TEXTS]],
        may=await rights.verdicts(client, rights.of_cluster(cluster), Action.CLUSTERS_CHANGE),
    )


def text_of(row: ObjectRow) -> str:
    """A policy as YAML."""
    text: str = yaml.safe_dump(manifest_of(row), sort_keys=False, allow_unicode=True, width=120)
    return text


HANDLERS = (networks, network)
