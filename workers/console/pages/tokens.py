"""Machine tokens: one's own, or, for who may, everybody's."""

from __future__ import annotations

from litestar import Response, get, post
from litestar.datastructures import Cookie
from litestar.di import NamedDependency
from litestar.params import FromPath
from litestar.response import Redirect

from activities.access.secret_values import MOST_CHARACTERS
from domain.access.actions import Action
from domain.core.errors import DefinitionError
from workers.client.ports.client import Client
from workers.console.pages.forms import Form, back, text
from workers.console.pages.lists import part
from workers.console.rendering import Ask, page

DAY_S = 86_400
MADE = "sluiceway-made"


@get("/tokens", include_in_schema=False)
async def tokens(request: Ask, client: NamedDependency[Client]) -> Response[str]:
    """Without their secrets, but for one that was made just now."""
    secret = request.cookies.get(MADE, "")[:MOST_CHARACTERS]
    found = await client.access.tokens(part(request))
    shown = page(request, "me/tokens.html.j2", tokens=found, secret=secret, actions=[str(one) for one in Action])
    if secret:
        shown.cookies.append(_made(request, "", 0))
    return shown


@post("/tokens", include_in_schema=False, status_code=303)
async def create_token(request: Ask, data: Form, client: NamedDependency[Client]) -> Redirect:
    """A new one. Its secret crosses to the list in a cookie of a minute, which the list takes back: reloading neither
    sends the form nor shows the secret again, and the server keeps nothing of it.
    """
    days = text(data, "days", 4)
    if not days.isascii() or not days.isdecimal():
        raise DefinitionError("SLW427", "this token cannot be made", why="its life is a number of days")
    actions, resources = tuple(text(data, "actions").split()), tuple(text(data, "resources").split())
    _, secret = await client.access.create_token(text(data, "label", 100), actions, resources, int(days) * DAY_S)
    return Redirect("/tokens", status_code=303, cookies=[_made(request, secret, 60)])


@post("/tokens/{id_:str}/revoke", include_in_schema=False, status_code=303)
async def revoke_token(id_: FromPath[str], data: Form, client: NamedDependency[Client]) -> Redirect:
    """Ends it at once."""
    await client.access.revoke_token(id_)
    return back("/tokens")


def _made(request: Ask, secret: str, seconds: int) -> Cookie:
    """For this page alone, and no script; secure where the browser keeps the session's own cookie as such."""
    secure = any(name.startswith("__Host-") for name in request.cookies)
    return Cookie(
        key=MADE, value=secret, path="/tokens", max_age=seconds, secure=secure, httponly=True, samesite="strict"
    )


HANDLERS = (tokens, create_token, revoke_token)
