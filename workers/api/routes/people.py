"""Who one is, people, sessions and machine tokens."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass
from typing import Annotated, Any

from litestar import Request, Response, delete, get, post
from litestar.di import NamedDependency
from litestar.params import JSONBody
from msgspec import Meta

from domain.access.principal import Caller
from workers.api.answers import PRIVATE, paged
from workers.api.asked import Id, LongText, Text
from workers.api.parts import Parts
from workers.client.ports.access import PersonRow, SessionRow, TokenRow
from workers.client.ports.client import Client
from workers.client.ports.pages import Page, PageOf
from workers.remote.made import Me, NewToken

NONE_KEEPS = {"Cache-Control": "no-store"}
Names = Annotated[tuple[LongText, ...], Meta(max_length=100)]


@dataclass(frozen=True)
class CreateToken:
    """At most the caller's rights, for a while."""

    label: LongText
    actions: Names
    resources: Names
    lifetime_s: Annotated[float, Meta(gt=0, le=366 * 86400)]


@dataclass(frozen=True)
class Disable:
    """Whether somebody is out."""

    disabled: bool


@get("/me", operation_id="me")
async def me(caller: NamedDependency[Caller], parts: NamedDependency[Parts]) -> Response[Me]:
    """Whom the server takes the caller for."""
    who = caller.principal
    told = Me(
        id=who.id,
        kind=who.kind,
        name=who.name,
        groups=who.groups,
        session=caller.session,
        authenticated_at=caller.authenticated_at,
        second_factor_at=caller.second_factor_at,
        home=await asyncio.to_thread(parts.home),
    )
    return Response(told, headers=NONE_KEEPS)


@get("/people", operation_id="access.people")
async def people(
    request: Request[Any, Any, Any], client: NamedDependency[Client], page: NamedDependency[PageOf]
) -> Response[Page[PersonRow]]:
    """By name."""
    return paged(request, await client.access.people(page))


@post("/people/{name:str}/disabled", operation_id="access.set_disabled", status_code=204)
async def set_disabled(
    name: Id, data: JSONBody[Disable], client: NamedDependency[Client], key: NamedDependency[str]
) -> None:
    """Whoever is disabled is out at once."""
    await client.access.set_disabled(name, data.disabled)


@get("/sessions", operation_id="access.sessions")
async def sessions(client: NamedDependency[Client], person: Text = "") -> Response[tuple[SessionRow, ...]]:
    """Logins of the caller, or of another person."""
    return Response(await client.access.sessions(person), headers=PRIVATE)


@delete("/sessions/{id:str}", operation_id="access.end_session")
async def end_session(id: Id, client: NamedDependency[Client]) -> None:
    """Ends a login at once."""
    await client.access.end_session(id)


@get("/tokens", operation_id="access.tokens")
async def tokens(
    request: Request[Any, Any, Any], client: NamedDependency[Client], page: NamedDependency[PageOf]
) -> Response[Page[TokenRow]]:
    """Without their secrets."""
    return paged(request, await client.access.tokens(page))


@post("/tokens", operation_id="access.create_token")
async def create_token(
    data: JSONBody[CreateToken], client: NamedDependency[Client], key: NamedDependency[str]
) -> Response[NewToken]:
    """The token and, this once, its secret."""
    made = await client.access.create_token(data.label, data.actions, data.resources, data.lifetime_s)
    return Response(NewToken(*made), headers=NONE_KEEPS, status_code=201)


@delete("/tokens/{id:str}", operation_id="access.revoke_token")
async def revoke_token(id: Id, client: NamedDependency[Client]) -> None:
    """Ends a token at once."""
    await client.access.revoke_token(id)


HANDLERS = (me, people, set_disabled, sessions, end_session, tokens, create_token, revoke_token)
