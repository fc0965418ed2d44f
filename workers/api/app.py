"""The composition of the server: routes, dependencies, errors."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Sequence
from typing import Any

from litestar import Litestar, Request
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

MOST_BODY = 1024 * 1024
"""Bytes of a request."""


def create_app(
    parts: Parts, handlers: Sequence[ControllerRouterHandler] = (), before: Sequence[Before] = ()
) -> Litestar:
    """The server of these parts. Handlers get `caller`, `client` and `parts` as a `NamedDependency`."""

    async def looked_at(request: Request[Any, Any, Any]) -> None:
        for one in before:
            await one(request, parts)

    async def caller(request: Request[Any, Any, Any]) -> Caller:
        found = await parts.authenticator.caller(request)
        await limited(request, found, parts.limiter)
        request.scope["state"]["caller"] = found  # the frame of a page shows who is logged in
        return found

    async def client(caller: NamedDependency[Caller]) -> Client:
        if caller.principal.kind is PrincipalKind.ANONYMOUS:  # no feature has anything for them: not even an empty list
            raise RefusedError("SLW410", "nobody is logged in", rule="rbac/anonymous")
        return await parts.clients(caller)

    def itself() -> Parts:
        return parts

    return Litestar(
        route_handlers=handlers,
        before_request=looked_at,
        dependencies={
            "caller": Provide(caller),
            "client": Provide(client),
            "parts": Provide(itself, sync_to_thread=False),
        },
        exception_handlers=errors.HANDLERS,
        openapi_config=None,
        request_max_body_size=MOST_BODY,
        logging_config=None,
    )
