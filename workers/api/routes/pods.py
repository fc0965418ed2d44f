"""Pods: planned, started, listed, shown, ended; objects that are restarted or deleted."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Annotated, Any

from litestar import Request, Response, get, post
from litestar.di import NamedDependency
from litestar.params import JSONBody
from msgspec import Meta

from domain.pods.form import LONGEST_S, MOST_CORES, MOST_MEMORY_MB
from workers.api.answers import paged, tagged
from workers.api.asked import Flag, Id, LongText, Text
from workers.client.ports.addresses import of_segment
from workers.client.ports.client import Client
from workers.client.ports.pages import Page, PageOf
from workers.client.ports.pods import MOST_MANIFEST, ObjectAt, PodDetails, PodForm, PodPlan, PodRequest, PodRow
from workers.remote.made import Made, Said

Words = Annotated[list[LongText], Meta(max_length=200)]
Values = Annotated[Mapping[LongText, Annotated[str, Meta(max_length=32_768)]], Meta(max_length=200)]
Names = Annotated[Mapping[LongText, LongText], Meta(max_length=200)]
Texts = Annotated[Mapping[LongText, Annotated[str, Meta(max_length=600_000)]], Meta(max_length=200)]


@dataclass(frozen=True, kw_only=True)
class Form:
    """A pod in basic mode; `secrets`: a variable to the name of a secret."""

    image: LongText = ""
    command: Words = field(default_factory=list)
    env: Values = field(default_factory=dict)
    secrets: Names = field(default_factory=dict)
    ports: Annotated[list[int], Meta(max_length=200)] = field(default_factory=list)
    cpu: Annotated[float, Meta(ge=0, le=MOST_CORES)] = 0
    memory_mb: Annotated[int, Meta(ge=0, le=MOST_MEMORY_MB)] = 0
    files: Texts = field(default_factory=dict)
    pull: LongText = "IfNotPresent"


@dataclass(frozen=True, kw_only=True)
class NewPod:
    """A pod that somebody wants: a form, or a manifest as YAML."""

    cluster: LongText
    namespace: LongText = "default"
    name: LongText
    form: Form = field(default_factory=Form)
    manifest: Annotated[str, Meta(max_length=MOST_MANIFEST)] = ""
    attempt: Annotated[int, Meta(ge=1, le=1_000)] = 1
    timeout_s: Annotated[float, Meta(ge=1, le=LONGEST_S)] = 3_600
    idempotent: bool = False


@dataclass(frozen=True)
class Why:
    """Stands in the audit."""

    reason: LongText = ""


def _request(data: NewPod) -> PodRequest:
    form = data.form
    return PodRequest(
        cluster=data.cluster,
        namespace=data.namespace,
        name=data.name,
        form=PodForm(
            image=form.image,
            command=tuple(form.command),
            env=form.env,
            secrets=form.secrets,
            ports=tuple(form.ports),
            cpu=form.cpu,
            memory_mb=form.memory_mb,
            files=form.files,
            pull=form.pull,
        ),
        manifest=data.manifest,
        attempt=data.attempt,
        timeout_s=data.timeout_s,
        idempotent=data.idempotent,
    )


@post("/pods/plans", operation_id="pods.plan", status_code=200)
async def plan(data: JSONBody[NewPod], client: NamedDependency[Client], key: NamedDependency[str]) -> PodPlan:
    """What starting it would do; nothing is changed."""
    return await client.pods.plan(_request(data))


@post("/pods", operation_id="pods.apply", status_code=202)
async def apply(
    data: JSONBody[NewPod], client: NamedDependency[Client], key: NamedDependency[str], seen: NamedDependency[str]
) -> Made:
    """Starts what was planned: `If-Match` has the plan's digest, and another plan by now is a 412."""
    return Made(await client.pods.apply(_request(data), seen, key))


@get("/pods", operation_id="pods.list")
async def list_(
    request: Request[Any, Any, Any],
    client: NamedDependency[Client],
    page: NamedDependency[PageOf],
    cluster: Text = "",
    namespace: Text = "",
    running: Flag = False,
) -> Response[Page[PodRow]]:
    """Those that Sluiceway runs, and ran."""
    return paged(request, await client.pods.list(cluster, namespace, page, running=running))


@get("/pods/{id:str}", operation_id="pods.show")
async def show(request: Request[Any, Any, Any], id: Id, client: NamedDependency[Client]) -> Response[PodDetails]:
    """`CLUSTER:NAMESPACE:NAME:ATTEMPT`."""
    return tagged(request, await client.pods.show(of_segment(id, "pod")))


@post("/pods/{id:str}/end", operation_id="pods.end", status_code=202)
async def end(id: Id, data: JSONBody[Why], client: NamedDependency[Client], key: NamedDependency[str]) -> Said:
    """Deletes a pod that Sluiceway runs; its logs are kept first."""
    id_ = of_segment(id, "pod")
    await client.pods.end(id_, data.reason, key)
    return Said(f"{id_} ends")


OBJECT = "/clusters/{cluster:str}/namespaces/{namespace:str}/objects/{kind:str}/{name:str}"


@post(f"{OBJECT}/restart", operation_id="pods.restart", status_code=202)
async def restart(
    cluster: Id,
    namespace: Id,
    kind: Id,
    name: Id,
    data: JSONBody[Why],
    client: NamedDependency[Client],
    key: NamedDependency[str],
) -> Made:
    """Replaces a pod, or all pods of a workload."""
    what = ObjectAt(cluster=cluster, namespace=namespace, kind=kind, name=name)
    return Made(await client.pods.restart(what, data.reason, key))


@post(f"{OBJECT}/delete", operation_id="pods.remove", status_code=202)
async def delete(
    cluster: Id,
    namespace: Id,
    kind: Id,
    name: Id,
    data: JSONBody[Why],
    client: NamedDependency[Client],
    key: NamedDependency[str],
) -> Made:
    """Deletes a pod or a job."""
    what = ObjectAt(cluster=cluster, namespace=namespace, kind=kind, name=name)
    return Made(await client.pods.remove(what, data.reason, key))


HANDLERS = (plan, apply, list_, show, end, restart, delete)
