"""What is done with a cluster: the plan as a page, then exactly that, then how far it is."""

from __future__ import annotations

import json
from dataclasses import asdict

import msgspec
from litestar import Response, get, post
from litestar.di import NamedDependency
from litestar.params import FromPath
from litestar.response import Redirect

from domain.access.actions import Action
from domain.core.errors import DefinitionError
from workers.client.ports.client import Client
from workers.client.ports.clusters import ClusterPlan, ClusterVerb, ClusterWish, RepairWish
from workers.console import links
from workers.console.pages import forms, rights
from workers.console.pages.forms import Form
from workers.console.pages.lists import asked
from workers.console.rendering import Ask, caller_of, page

VERBS: tuple[ClusterVerb, ...] = ("scale", "upgrade", "heal", "guard", "delete")
POOL = "pool."
"""Before the name of a pool, of a number of nodes."""
MOST_WISH = 300_000


@get("/clusters/{name:str}/plan", include_in_schema=False)
async def plan(request: Ask, client: NamedDependency[Client], name: FromPath[str]) -> Response[str]:
    """What would happen to a cluster; nothing does."""
    wish = wish_of(request, name)
    return await shown(request, client, wish, await client.clusters.plan(wish))


async def shown(request: Ask, client: Client, wish: ClusterWish, found: ClusterPlan) -> Response[str]:
    """The page of a plan."""
    action = Action.CLUSTERS_DELETE if wish.verb == "delete" else Action.CLUSTERS_CHANGE
    may = (await rights.verdicts_of(client, rights.of_cluster(wish.name), [action]))[0]
    sent = asdict(wish)
    del sent["name"]
    caller = caller_of(request)
    return page(
        request,
        "cluster_plans/plan.html.j2",
        plan=found,
        may=may,
        wish=json.dumps(sent, ensure_ascii=False),
        order=json.dumps(asdict(found.order)) if found.order else "",
        person=caller.on_behalf_of or caller.principal.id,
        rp=request.url.hostname or "",
    )


@post("/clusters/{name:str}/begin", status_code=303, include_in_schema=False)
async def begin(request: Ask, client: NamedDependency[Client], name: FromPath[str], data: Form) -> Redirect:
    """Begins what was planned and needs no signature; what needs one, js/cluster.js signs and sends to the API."""
    try:
        sent = msgspec.json.decode(data.get("wish", "")[:MOST_WISH].encode(), type=ClusterWish)
    except (msgspec.DecodeError, msgspec.ValidationError, UnicodeEncodeError, RecursionError) as wrong:
        raise DefinitionError("SLW473", "the form is not one of a plan", why=str(wrong)[:200]) from wrong
    wish = ClusterWish(**{**vars(sent), "name": name})
    await client.clusters.apply(wish, forms.text(data, "digest", 64), None, forms.text(data, "key", 64))
    return forms.back(links.cluster(name, "progress"))


@get("/clusters/{name:str}/progress", include_in_schema=False)
async def progress(request: Ask, client: NamedDependency[Client], name: FromPath[str]) -> Response[str]:
    """Phase by phase, also backwards."""
    found = await client.clusters.progress(name)
    return page(request, "cluster_plans/progress.html.j2", progress=found)


def wish_of(request: Ask, name: str) -> ClusterWish:
    """What the forms of a cluster's page ask for.

    Raises:
        DefinitionError: SLW473, it is nothing that can be done with one.
    """
    verb = next((one for one in VERBS if one == asked(request, "verb")), None)
    if verb is None:
        raise DefinitionError("SLW473", "this cannot be done with a cluster", fix=f"choose one of {', '.join(VERBS)}")
    repair = RepairWish(
        on=asked(request, "repair") != "off",
        dry_run=asked(request, "repair") == "dry-run",
        actions=_number(request, "actions", 3, 100),
        unready_percent=_number(request, "unready", 40, 100),
        autoscale=asked(request, "autoscale") == "true",
    )
    return ClusterWish(
        name=name,
        verb=verb,
        pools=_pools(request) if verb == "scale" else {},
        version=asked(request, "version", longest=40) if verb == "upgrade" else "",
        repair=repair if verb == "guard" else RepairWish(),
        reason=asked(request, "reason", longest=300),
    )


def _pools(request: Ask) -> dict[str, int]:
    sent = {key.removeprefix(POOL): str(value) for key, value in request.query_params.items() if key.startswith(POOL)}
    return {name[:63]: _whole(text, 5_000) for name, text in sent.items() if text.strip()}


def _number(request: Ask, name: str, default: int, most: int) -> int:
    text = asked(request, name, longest=9)
    return _whole(text, most) if text else default


def _whole(text: str, most: int) -> int:
    clean = text.strip()
    if not (clean.isascii() and clean.isdecimal() and len(clean) < 9 and int(clean) <= most):
        raise DefinitionError("SLW490", f"{clean[:40]!r} is not a number from 0 to {most}")
    return int(clean)


HANDLERS = (plan, begin, progress)
