"""The composition of the server: routes, dependencies, errors."""

from __future__ import annotations

import logging
from collections.abc import Awaitable, Callable, Sequence
from typing import Any

from litestar import Litestar, Request
from litestar.datastructures import State
from litestar.di import NamedDependency, Provide
from litestar.types import ControllerRouterHandler

from domain.access.principal import Caller, PrincipalKind
from domain.core.errors import RefusedError
from workers.api import errors
from workers.api.limits import limited
from workers.api.parts import Parts
from workers.client.ports.client import Client

Before = Callable[[Request[Any, Any, Any], Parts], Awaitable[None]]
"""Looks at a request before its handler; raises where it is refused."""

LOG = logging.getLogger(__name__)
MOST_BODY = 1024 * 1024
"""Bytes of a request."""


def _is_of_page(request: Request[Any, Any, Any]) -> bool:
    """Whether a browser asks for a whole page; one that renews a part of it follows already."""
    return request.method == "GET" and not request.url.path.startswith("/api/") and "hx-request" not in request.headers


def create_app(
    parts: Parts, handlers: Sequence[ControllerRouterHandler] = (), before: Sequence[Before] = ()
) -> Litestar:
    """The server of these parts. Handlers get `caller`, `client` and `parts` as a `NamedDependency`."""
    return app_with(lambda: parts, handlers, before)


def app_with(
    asked: Callable[[], Parts], handlers: Sequence[ControllerRouterHandler] = (), before: Sequence[Before] = ()
) -> Litestar:
    """The same of the parts that `asked` gives for each request."""

    async def looked_at(request: Request[Any, Any, Any]) -> None:
        for one in before:
            await one(request, asked())

    async def caller(request: Request[Any, Any, Any]) -> Caller:
        parts = asked()
        found = await parts.authenticator.caller(request)
        await limited(request, found, parts.limiter)
        request.scope["state"]["caller"] = found  # the frame of a page shows who is logged in
        if found.principal.kind is not PrincipalKind.ANONYMOUS and _is_of_page(request):
            request.scope["state"]["seen"] = await parts.changes.last()  # before anything is read
        return found

    async def client(caller: NamedDependency[Caller]) -> Client:
        if caller.principal.kind is PrincipalKind.ANONYMOUS:  # no feature has anything for them: not even an empty list
            raise RefusedError("SLW410", "nobody is logged in", rule="rbac/anonymous")
        return await asked().clients(caller)

    async def who(request: Request[Any, Any, Any]) -> None:
        await frame(request, asked(), before)

    return Litestar(
        route_handlers=handlers,
        before_request=looked_at,
        dependencies={
            "caller": Provide(caller),
            "client": Provide(client),
            "parts": Provide(asked, sync_to_thread=False),
        },
        exception_handlers=errors.HANDLERS,
        state=State({errors.WHO: who}),
        openapi_config=None,
        request_max_body_size=MOST_BODY,
        logging_config=None,
    )


async def frame(request: Request[Any, Any, Any], parts: Parts, before: Sequence[Before]) -> None:
    """What the frame of an error's page shows, where no handler was reached: who looks, and the token of its forms.

    Whatever fails here, the error itself is shown.
    """
    known = request.scope["state"]
    try:
        for one in before if request.method == "GET" else ():
            await one(request, parts)
        if "caller" not in known:
            known["caller"] = await parts.authenticator.caller(request)
    except Exception:  # the database may be what fails
        LOG.exception("who looks at an error is not known")
