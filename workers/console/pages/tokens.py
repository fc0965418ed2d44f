"""Machine tokens: one's own, or, for who may, everybody's."""

from __future__ import annotations

from litestar import Response, get, post
from litestar.di import NamedDependency
from litestar.params import FromPath
from litestar.response import Redirect

from domain.access.actions import Action
from domain.core.errors import DefinitionError
from workers.client.ports.client import Client
from workers.console.pages.forms import Form, back, text
from workers.console.pages.lists import part
from workers.console.rendering import Ask, page

DAY_S = 86_400


@get("/tokens", include_in_schema=False)
async def tokens(request: Ask, client: NamedDependency[Client]) -> Response[str]:
    """Without their secrets."""
    return await _listed(request, client)


@post("/tokens", include_in_schema=False, status_code=200)
async def create_token(request: Ask, data: Form, client: NamedDependency[Client]) -> Response[str]:
    """A new one, with its secret on this page alone."""
    days = text(data, "days", 4)
    if not days.isascii() or not days.isdecimal():
        raise DefinitionError("SLW427", "this token cannot be made", why="its life is a number of days")
    actions, resources = tuple(text(data, "actions").split()), tuple(text(data, "resources").split())
    _, secret = await client.access.create_token(text(data, "label", 100), actions, resources, int(days) * DAY_S)
    return await _listed(request, client, secret)


@post("/tokens/{id_:str}/revoke", include_in_schema=False, status_code=303)
async def revoke_token(id_: FromPath[str], data: Form, client: NamedDependency[Client]) -> Redirect:
    """Ends it at once."""
    await client.access.revoke_token(id_)
    return back("/tokens")


async def _listed(request: Ask, client: Client, secret: str = "") -> Response[str]:
    found = await client.access.tokens(part(request))
    return page(request, "me/tokens.html.j2", tokens=found, secret=secret, actions=[str(one) for one in Action])


HANDLERS = (tokens, create_token, revoke_token)
