"""A new cluster: a template, its parameters, and what shall differ from it; checked while it is typed."""

from __future__ import annotations

import json
from collections.abc import Mapping

from litestar import Response, get
from litestar.di import NamedDependency

from domain.access.actions import Action
from domain.access.resource import ENGINE
from domain.clusters import compatibility
from domain.clusters.parts import PROGRAMS
from domain.core import names
from domain.core.errors import DefinitionError, SluicewayError
from domain.core.values import Json
from workers.client.ports.client import Client
from workers.client.ports.clusters import UNMADE, ClusterPlan, ClusterTemplateRow, ClusterWish
from workers.console.pages import rights
from workers.console.pages.cluster_plans import shown
from workers.console.pages.lists import asked
from workers.console.pages.pipelines import PREFIX, values
from workers.console.rendering import Ask, page

SETTING = "set."
"""Before the path of a key of the cluster: `set.network.pods`."""
RANGES = ("pods", "services", "nodes")
CHOICES: Mapping[str, tuple[str, ...]] = {
    "runtime": ("containerd", "docker", "cri-o"),
    "network.plugin": ("bridge", "calico", "flannel", "weave", "cilium"),
    "network.isolated": ("true", "false"),
    "network.others": ("tell", "deny", "leave"),
    "storage": ("local-path", "longhorn", "ceph", "glusterfs"),
    "monitoring": ("prometheus", "grafana", "prometheus and grafana"),
    "logging": ("elk",),
    "mesh": ("istio", "linkerd"),
    "policy": ("gatekeeper",),
    **{f"parts.{role}": programs for role, programs in PROGRAMS.items()},
}
"""What may be chosen for a key; nothing chosen: as the template says."""
TEXTS = ("version", *(f"network.{one}" for one in RANGES))
MOST_CONNECTION = 20


@get("/clusters/new", include_in_schema=False)
async def form(request: Ask, client: NamedDependency[Client]) -> Response[str]:
    """The templates; with one of them, its form."""
    rows = await client.clusters.templates()
    may = await rights.verdicts(client, ENGINE, Action.CLUSTERS_CHANGE)
    chosen = next((one for one in rows if one.name == asked(request, "template")), None)
    if chosen is None:
        return page(request, "cluster_plans/templates.html.j2", templates=rows, may=may)
    sent = {key: str(value)[:10_000] for key, value in request.query_params.items()}
    plan, problem = await _checked(client, chosen, sent)
    return page(
        request,
        "cluster_plans/new.html.j2",
        chosen=chosen,
        sent=sent,
        prefix=PREFIX,
        setting=SETTING,
        choices=CHOICES,
        taken=taken_by(chosen.provider),
        plan=plan,
        problem=problem,
        may=may,
        checked=bool(asked(request, "name")),
    )


@get("/clusters/new/plan", include_in_schema=False)
async def plan(request: Ask, client: NamedDependency[Client]) -> Response[str]:
    """What would be made, with all its objects; nothing is."""
    rows = await client.clusters.templates()
    chosen = next((one for one in rows if one.name == asked(request, "template")), None)
    if chosen is None:
        raise SluicewayError("SLW601", f"there is no template {asked(request, 'template', longest=63)!r}")
    sent = {key: str(value)[:10_000] for key, value in request.query_params.items()}
    wish = wish_of(chosen, sent)
    return await shown(request, client, wish, await client.clusters.plan(wish))


async def _checked(
    client: Client, chosen: ClusterTemplateRow, sent: Mapping[str, str]
) -> tuple[ClusterPlan | None, SluicewayError | None]:
    """What is wrong with what is typed; without a name of its own, as for any name."""
    try:
        wish = wish_of(chosen, sent)
        named = wish.name if names.is_name(wish.name) else "cluster"
        return await client.clusters.plan(ClusterWish(**{**vars(wish), "name": named})), None
    except SluicewayError as wrong:
        return None, None if wrong.code == "SLW410" else wrong  # whose it is not is told above the form


def wish_of(chosen: ClusterTemplateRow, sent: Mapping[str, str]) -> ClusterWish:
    """What a form says. Raises like `values`."""
    name = sent.get("name", "").strip()[:100]
    if name == UNMADE:
        raise DefinitionError("SLW205", f"'{name}' cannot be the name of a cluster", why="this page has it")
    return ClusterWish(
        name=name,
        template=chosen.name,
        values=values(chosen.params, sent),
        settings=settings_of(sent),
    )


def settings_of(sent: Mapping[str, str]) -> str:
    """What shall differ from the template, as JSON; empty: nothing."""
    found: dict[str, Json] = {}
    for key in (*TEXTS, *CHOICES):
        text = sent.get(f"{SETTING}{key}", "").strip()[:200]
        if text:
            _put(found, key, _value(key, text))
    if connection := connection_of(sent.get(f"{SETTING}connection", "")):
        found["connection"] = connection
    return json.dumps(found) if found else ""


def connection_of(text: str) -> dict[str, Json]:
    """A setting a line: `class=small`, `token=secret:cloud-token`."""
    lines = [line.partition("=") for line in text.splitlines() if line.strip()][:MOST_CONNECTION]
    return {key.strip()[:100]: value.strip()[:500] for key, _, value in lines}


def _value(key: str, text: str) -> Json:
    if key == "network.isolated":
        return text == "true"
    return text.split(" and ") if key == "monitoring" else text


def _put(found: dict[str, Json], key: str, value: Json) -> None:
    block, dot, inner = key.partition(".")
    if not dot:
        found[key] = value
        return
    within = found.setdefault(block, {})
    assert isinstance(within, dict)
    within[inner] = value


def taken_by(provider: str) -> Mapping[str, tuple[str, ...]]:
    """What a provider takes of the choices, by their keys here; a key that is missing: any."""
    known = compatibility.choices(provider)
    keys: dict[str, str] = {str(role): f"parts.{role}" for role in PROGRAMS}
    keys |= {"runtime": "runtime", "plugin": "network.plugin"}
    return {keys[one]: allowed for one, allowed in known.items()}


HANDLERS = (form, plan)
