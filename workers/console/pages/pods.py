"""Pods that people run: the list, a new one by form or manifest, its plan, its life; restarts and deletions."""

from __future__ import annotations

import asyncio
from typing import Any

from litestar import Response, get, post
from litestar.di import NamedDependency
from litestar.params import FromPath
from litestar.response import Redirect

from domain.access.actions import Action
from domain.access.resource import ENGINE
from domain.core import ids
from domain.core.errors import SluicewayError
from workers.client.ports.client import Client
from workers.client.ports.pods import ObjectAt, PodPlan, PodRequest
from workers.console import links
from workers.console.pages import forms, pod_forms, rights
from workers.console.pages.forms import Form
from workers.console.pages.lists import asked, found, part
from workers.console.pages.pod_forms import SentForm
from workers.console.rendering import Ask, page

VERBS = ("restart", "delete")


@get("/pods", include_in_schema=False)
async def pods(request: Ask, client: NamedDependency[Client]) -> Response[str]:
    """Those that Sluiceway runs, and ran."""
    cluster, namespace, running = (
        asked(request, "cluster"),
        asked(request, "namespace"),
        asked(request, "running") == "1",
    )
    rows, heard = await asyncio.gather(
        client.pods.list(cluster, namespace, part(request), running=running), client.fleets.heard()
    )
    return page(request, "pods/list.html.j2", pods=rows, heard=heard, running=running)


@get("/pods/new", include_in_schema=False)
async def new(request: Ask, client: NamedDependency[Client]) -> Response[str]:
    """The form, in basic or expert mode."""
    given = {name: asked(request, name, longest=500) for name in pod_forms.PLAIN}
    form = pod_forms.begun(given, expert=asked(request, "mode") == "expert")
    return await _form(request, client, form)


@post("/pods/new", status_code=200, include_in_schema=False)
async def planned(request: Ask, client: NamedDependency[Client], data: Form) -> Response[str]:
    """The plan; or the form again, with what is wrong beside its fields. Changes nothing."""
    form = pod_forms.sent(data)
    wanted = pod_forms.request_of(form)
    try:
        plan = await client.pods.plan(wanted)
    except SluicewayError:
        if not form.errors:
            raise
        return await _form(request, client, form, status=422)
    form.errors |= {one.field: one.words for one in plan.errors}
    if form.errors or data.get("step") == "check" or any(one.severity == "error" for one in plan.remarks):
        return await _form(request, client, form, plan, status=422 if form.errors else 200)
    return await _plan(request, client, wanted, plan)


async def _form(
    request: Ask, client: Client, form: SentForm, plan: PodPlan | None = None, status: int = 200
) -> Response[str]:
    cluster = form.text("cluster", 100)
    about = rights.of_cluster(cluster) if cluster else ENGINE
    may, heard = await asyncio.gather(
        rights.verdicts(client, about, Action.CLUSTERS_CHANGE), found(client.fleets.heard())
    )
    lines = form.text("manifest").splitlines()
    given: dict[str, Any] = {
        "form": form,
        "plan": plan,
        "clusters": () if isinstance(heard, SluicewayError) else sorted(heard)[:200],
        "may": may,
        "files": pod_forms.FILES,
        "line_of": lambda number: lines[number - 1][:300] if 0 < number <= len(lines) else "",
    }
    return page(request, "pods/new.html.j2", status=status, **given)


async def _plan(
    request: Ask, client: Client, wanted: PodRequest, plan: PodPlan, changed: bool = False, status: int = 200
) -> Response[str]:
    may = await rights.verdicts(client, rights.of_cluster(wanted.cluster), Action.CLUSTERS_CHANGE)
    given: dict[str, Any] = {"wanted": wanted, "plan": plan, "may": may, "changed": changed}
    return page(request, "pods/plan.html.j2", status=status, packed=pod_forms.packed(wanted), **given)


@post("/pods", status_code=303, include_in_schema=False)
async def start(request: Ask, client: NamedDependency[Client], data: Form) -> Response[str] | Redirect:
    """Starts what the page has shown. What would be another pod by now is shown again, and not started."""
    wanted = pod_forms.unpacked(data.get("request", ""))
    try:
        id_ = await client.pods.apply(wanted, forms.text(data, "digest", 100), forms.text(data, "key", 64))
    except SluicewayError as changed:
        if changed.code != "SLW467":
            raise
        return await _plan(request, client, wanted, await client.pods.plan(wanted), changed=True, status=412)
    return forms.back(links.pod(id_))


@get("/pods/{cluster:str}/{namespace:str}/{name:str}/{attempt:int}", include_in_schema=False)
async def pod(
    request: Ask,
    client: NamedDependency[Client],
    cluster: FromPath[str],
    namespace: FromPath[str],
    name: FromPath[str],
    attempt: FromPath[int],
) -> Response[str]:
    """Its phases, live, and what can be done with it."""
    details = await client.pods.show(ids.pod_id(cluster, namespace, name, attempt))
    wanted = (Action.CLUSTERS_CHANGE, Action.CLUSTERS_EXEC, Action.LOGS_READ)
    may = await rights.verdicts(client, rights.of_cluster(cluster), *wanted)
    return page(request, "pods/pod.html.j2", pod=details, may=may, done=asked(request, "done"))


@post("/pods/{cluster:str}/{namespace:str}/{name:str}/{attempt:int}/end", status_code=303, include_in_schema=False)
async def end(
    client: NamedDependency[Client],
    cluster: FromPath[str],
    namespace: FromPath[str],
    name: FromPath[str],
    attempt: FromPath[int],
    data: Form,
) -> Redirect:
    """Deletes it; its logs are kept first."""
    id_ = ids.pod_id(cluster, namespace, name, attempt)
    await client.pods.end(id_, forms.text(data, "reason"), forms.text(data, "key", 64))
    return forms.back(links.pod(id_), done="ends")


@post(
    "/clusters/{cluster:str}/objects/{kind:str}/{namespace:str}/{name:str}/{verb:str}",
    status_code=303,
    include_in_schema=False,
)
async def act(
    client: NamedDependency[Client],
    cluster: FromPath[str],
    kind: FromPath[str],
    namespace: FromPath[str],
    name: FromPath[str],
    verb: FromPath[str],
    data: Form,
) -> Redirect:
    """Restarts a pod or a workload, or deletes a pod; shows where that is done."""
    if verb not in VERBS:
        raise SluicewayError("SLW905", f"an object has no command '{verb[:40]}'", where=name[:200])
    what = ObjectAt(cluster=cluster, kind=kind, namespace=namespace, name=name)
    call = client.pods.restart if verb == "restart" else client.pods.remove
    id_ = await call(what, forms.text(data, "reason"), forms.text(data, "key", 64))
    if id_.startswith("pod/"):
        return forms.back(links.pod(id_), done="ends" if verb == "delete" else "restarts")
    _, where, within, of, named = id_.split("/", 4)
    return forms.back(links.object(where, of, within, named), done="ends" if verb == "delete" else "restarts")


HANDLERS = (pods, new, planned, start, pod, end, act)
