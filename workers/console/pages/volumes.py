"""Storage: claims with who uses them, volumes, snapshots, classes, and what nobody needs."""

from __future__ import annotations

import json
from dataclasses import asdict, replace

from litestar import Response, get, post
from litestar.di import NamedDependency
from litestar.params import FromPath
from litestar.response import Redirect

from domain.access.actions import Action
from domain.access.resource import ENGINE
from domain.core.errors import DefinitionError, SluicewayError
from domain.inventory.model import MOST_NAME
from workers.client.ports.client import Client
from workers.client.ports.volumes import VolumeVerb, VolumeWish
from workers.console.pages import forms, rights
from workers.console.pages.forms import Form
from workers.console.pages.lists import asked, found, part
from workers.console.rendering import Ask, page

STATUSES = ("Pending", "Bound", "Lost")
VERBS: dict[str, VolumeVerb] = {"expand": "expand", "snapshot": "snapshot", "delete": "delete"}


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
        done=asked(request, "done"),
        statuses=STATUSES,
        storage=await found(client.topology.storage(cluster)) if cluster else None,
        heard=await client.fleets.heard(),
        may=await rights.verdicts(client, rights.of_cluster(cluster) if cluster else ENGINE, Action.CLUSTERS_CHANGE),
    )


@get("/volumes/{cluster:str}/{namespace:str}/{name:str}/{deed:str}", include_in_schema=False)
async def plan(
    request: Ask,
    client: NamedDependency[Client],
    cluster: FromPath[str],
    namespace: FromPath[str],
    name: FromPath[str],
    deed: FromPath[str],
) -> Response[str]:
    """What would happen, before anything does."""
    asks_size = deed == "expand" and not asked(request, "size")
    wish = _wish(cluster, namespace, name, deed, size=1 if asks_size else _size(asked(request, "size")))
    found = await client.volumes.plan(replace(wish, snapshot=asked(request, "snapshot") != "no"))
    action = Action.CLUSTERS_DELETE if deed == "delete" else Action.CLUSTERS_CHANGE
    may = await rights.verdicts_of(client, rights.of_cluster(cluster), [action])
    wanted = {key: value for key, value in asdict(found.wish).items() if key != "cluster"}
    return page(
        request,
        "volumes/plan.html.j2",
        plan=found,
        asks_size=asks_size,
        wanted=json.dumps(wanted),
        order=json.dumps(asdict(found.order)) if found.order else "",
        verdict=may[0],
        rp=request.base_url.hostname or "",
    )


@post("/volumes/{cluster:str}/{namespace:str}/{name:str}/{deed:str}", status_code=303, include_in_schema=False)
async def act(
    client: NamedDependency[Client],
    cluster: FromPath[str],
    namespace: FromPath[str],
    name: FromPath[str],
    deed: FromPath[str],
    data: Form,
) -> Redirect:
    """Begins what was planned; a deletion is signed, by the script of its page."""
    wish = _wish(cluster, namespace, name, deed, size=_size(forms.text(data, "size", 20)))
    wish = replace(wish, mark=forms.text(data, "mark", 8), reason=forms.text(data, "reason"))
    said = await client.volumes.apply(wish, forms.text(data, "digest", 64), key=forms.text(data, "key", 64))
    return forms.back("/volumes", cluster=cluster, namespace=namespace, done=said)


def _wish(cluster: str, namespace: str, name: str, verb: str, size: float) -> VolumeWish:
    if verb not in VERBS:
        raise SluicewayError("SLW907", f"nothing is called '{verb[:40]}' that could be done to a claim")
    return VolumeWish(cluster=cluster, namespace=namespace, name=name, verb=VERBS[verb], size_gb=size)


def _size(text: str) -> float:
    """Raises:
    DefinitionError: SLW501, it is no number.
    """
    try:
        return float(text.replace(",", ".") or 0)
    except ValueError as odd:
        raise DefinitionError("SLW501", f"'{text[:20]}' is no size in GiB") from odd


HANDLERS = (volumes, plan, act)
