"""Documents that are registered, and what policies of pushes say."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated, Any

from litestar import Request, Response, get, post
from litestar.di import NamedDependency
from litestar.params import JSONBody, QueryParameter

from workers.api.answers import PRIVATE, paged, tagged
from workers.api.asked import Id, Text
from workers.api.routes.definitions import Definition
from workers.client.ports.client import Client
from workers.client.ports.pages import Page, PageOf
from workers.client.ports.policies import SignedStep
from workers.client.ports.registrations import (
    Applied,
    AskedPush,
    EventName,
    Prepared,
    PushExplanation,
    PushPolicy,
    PushPolicyRow,
)


@dataclass(frozen=True)
class ToPrepare:
    """A document, as YAML."""

    text: Definition


@dataclass(frozen=True)
class ToApply:
    """A document, as YAML, and the signature of what it is prepared as.

    Signed: `sluiceway/registration/v1`, a zero byte, and the canonical JSON of `topic` "environment" or "policy",
    `name`, `body` with the `document`, `expires_at` within ten minutes, a `nonce`, and the `home`
    that `/me` says.
    """

    text: Definition
    signed: SignedStep | None = None


@dataclass(frozen=True)
class ToEnd:
    """The signature over a document that is empty."""

    signed: SignedStep | None = None


@post("/documents/prepared", operation_id="registrations.prepare", status_code=200)
async def prepare(data: JSONBody[ToPrepare], client: NamedDependency[Client], key: NamedDependency[str]) -> Prepared:
    """What would be registered; nothing is kept."""
    return await client.registrations.prepare(data.text)


@post("/documents", operation_id="registrations.apply")
async def apply(data: JSONBody[ToApply], client: NamedDependency[Client], key: NamedDependency[str]) -> Applied:
    """Registers the rules of an environment, or a policy of pushes."""
    return await client.registrations.apply(data.text, data.signed)


@get("/push-policies", operation_id="registrations.push_policies")
async def push_policies(
    request: Request[Any, Any, Any], client: NamedDependency[Client], page: NamedDependency[PageOf]
) -> Response[Page[PushPolicyRow]]:
    """By name."""
    return paged(request, await client.registrations.push_policies(page))


@get("/push-policies/{name:str}", operation_id="registrations.push_policy")
async def push_policy(
    name: Id, request: Request[Any, Any, Any], client: NamedDependency[Client]
) -> Response[PushPolicy]:
    """A policy with all that it says."""
    return tagged(request, await client.registrations.push_policy(name))


@post("/push-policies/{name:str}/end", operation_id="registrations.end_policy")
async def end_policy(
    name: Id, data: JSONBody[ToEnd], client: NamedDependency[Client], key: NamedDependency[str]
) -> Applied:
    """Ends what a policy demands."""
    return await client.registrations.end_policy(name, data.signed)


@get("/explained-pushes", operation_id="registrations.explain_push")
async def explain_push(
    repository: Text,
    pipeline: Text,
    client: NamedDependency[Client],
    event: Annotated[EventName, QueryParameter()] = "push",
    branch: Text = "",
    tag: Text = "",
    elsewhere: Annotated[bool, QueryParameter(description="The commit comes from another repository.")] = False,
) -> Response[PushExplanation]:
    """What holds for a push, and why."""
    push = AskedPush(repository=repository, pipeline=pipeline, event=event, branch=branch, tag=tag, elsewhere=elsewhere)
    return Response(await client.registrations.explain_push(push), headers=PRIVATE)


HANDLERS = (prepare, apply, push_policies, push_policy, end_policy, explain_push)
