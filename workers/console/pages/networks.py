"""Who reaches whom: declared by policies, enforced by somebody or nobody, and probed."""

from __future__ import annotations

import difflib
from collections.abc import Mapping

import yaml
from litestar import Response, get
from litestar.di import NamedDependency
from litestar.params import FromPath

from domain.access.actions import Action
from domain.core.values import Json
from domain.inventory.generated import GeneratedPolicy
from domain.inventory.model import MOST_NAME
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
        texts=[(row, text_of(manifest_of(row))) for row in found.policies[:MOST_TEXTS]],
        generated=[(one, *texts_of(one)) for one in found.generated],
        may=await rights.verdicts(client, rights.of_cluster(cluster), Action.CLUSTERS_CHANGE),
    )


class _Plain(yaml.SafeDumper):
    """Writes what stands at two places twice, as people do."""

    def ignore_aliases(self, data: object) -> bool:
        """Always."""
        return True


def text_of(manifest: Mapping[str, Json]) -> str:
    """A policy as YAML; empty: there is none."""
    if not manifest:
        return ""
    text: str = yaml.dump(dict(manifest), Dumper=_Plain, sort_keys=False, allow_unicode=True, width=120)
    return text


def texts_of(one: GeneratedPolicy) -> tuple[str, str]:
    """A generated policy as YAML, and how the one in the cluster differs, as lines of a diff; empty: it does not."""
    wanted, found = text_of(one.wanted), text_of(one.found)
    if not (wanted and found) or wanted == found:
        return wanted or found, ""
    lines = difflib.unified_diff(wanted.splitlines(), found.splitlines(), "definition", "cluster", lineterm="", n=50)
    return wanted, "\n".join(lines)


HANDLERS = (networks, network)
