"""What may be done, and who gave it: decisions, grants and shares."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated, Any

from litestar import Request, Response, delete, get, post
from litestar.di import NamedDependency, Provide
from litestar.params import JSONBody, QueryParameter
from msgspec import Meta

from domain.access.actions import Action
from domain.access.resource import Resource, ResourceKind
from domain.access.verdict import Verdict
from workers.api.answers import PRIVATE, paged
from workers.api.asked import Id, LongText, Text
from workers.client.ports.access import GrantRow
from workers.client.ports.client import Client
from workers.client.ports.pages import Page, PageOf


@dataclass(frozen=True)
class Give:
    """Who gets which role on what; `until` in seconds since the epoch, 0: without an end."""

    principal: LongText
    role: LongText
    resource: LongText
    until: Annotated[float, Meta(ge=0, le=1e11)] = 0


def asked_resource(
    kind: Annotated[ResourceKind, QueryParameter(description="Of the resource.")],
    name: Annotated[str, QueryParameter(max_length=500, min_length=1)],
) -> Resource:
    """By kind and name; what is above it is the server's to know."""
    return Resource(kind=kind, name=name)


RESOURCE = {"resource": Provide(asked_resource, sync_to_thread=False)}
Asked = Annotated[Action, QueryParameter(name="action")]


@get("/access/can", operation_id="access.can", dependencies=RESOURCE)
async def can(
    asked: Asked, client: NamedDependency[Client], resource: NamedDependency[Resource], principal: Text = ""
) -> Response[Verdict]:
    """Whether the caller, or another principal, may; with the rule. Nothing is done."""
    return Response(await client.access.can(asked, resource, principal), headers=PRIVATE)


@get("/access/who-can", operation_id="access.who_can", dependencies=RESOURCE)
async def who_can(
    request: Request[Any, Any, Any],
    asked: Asked,
    client: NamedDependency[Client],
    resource: NamedDependency[Resource],
    page: NamedDependency[PageOf],
) -> Response[Page[Verdict]]:
    """The people who may, by name."""
    return paged(request, await client.access.who_can(asked, resource, page))


@get("/grants", operation_id="access.grants")
async def grants(
    request: Request[Any, Any, Any],
    client: NamedDependency[Client],
    page: NamedDependency[PageOf],
    principal: Text = "",
) -> Response[Page[GrantRow]]:
    """Of a principal, or of all."""
    return paged(request, await client.access.grants(principal, page))


@post("/grants", operation_id="access.grant")
async def grant(data: JSONBody[Give], client: NamedDependency[Client], key: NamedDependency[str]) -> GrantRow:
    """Gives a role."""
    return await client.access.grant(data.principal, data.role, data.resource, data.until)


@post("/shares", operation_id="access.share")
async def share(data: JSONBody[Give], client: NamedDependency[Client], key: NamedDependency[str]) -> GrantRow:
    """An owner gives at most what they hold, with an end."""
    return await client.access.share(data.principal, data.role, data.resource, data.until)


@delete("/grants/{id:str}", operation_id="access.revoke")
async def revoke(id: Id, client: NamedDependency[Client]) -> None:
    """Takes a grant or a share back; the next effect of a run under way is refused."""
    await client.access.revoke(id)


HANDLERS = (can, who_can, grants, grant, share, revoke)
