"""The Temporal UI behind the login: reads pass, and decisions that are signed; every other write is refused."""

from __future__ import annotations

import secrets
from functools import cache
from typing import Any

import httpx2
from litestar import HttpMethod, Request, Response, post, route
from litestar.di import NamedDependency

from domain.access.actions import Action
from domain.access.principal import Caller, PrincipalKind
from domain.access.resource import ENGINE, Resource, ResourceKind
from domain.access.temporal_calls import MOST_BODY, PREFIX, Call, plain, understood
from domain.core.errors import RefusedError, UnreachableError
from domain.core.values import Json
from workers.api.codec import PATH, Codec, parsed, with_codec, written
from workers.api.errors import document, status_of
from workers.api.limits import counted
from workers.api.parts import Parts
from workers.api.temporal_answers import CSRF, IMMUTABLE, passed_back, start_page, whole
from workers.client.guard import Guard, needed
from workers.client.ports.client import Client

TIMEOUT = httpx2.Timeout(75.0, connect=10.0)
"""The UI waits up to a minute for news of an execution."""
LIMITS = httpx2.Limits(max_connections=64, max_keepalive_connections=0)
PASSED_ON = ("accept", "accept-encoding", "accept-language", "if-none-match", "if-modified-since")
"""Of a request: neither who is logged in here nor where the request comes from."""


@route(
    [PREFIX, f"{PREFIX}/{{rest:path}}"],
    http_method=[HttpMethod.GET, HttpMethod.HEAD, HttpMethod.POST, HttpMethod.PUT, HttpMethod.PATCH, HttpMethod.DELETE],
    include_in_schema=False,
    status_code=200,
)
async def temporal(
    request: Request[Any, Any, Any], caller: NamedDependency[Caller], parts: NamedDependency[Parts]
) -> Response[Any]:
    """One request to the UI."""
    guard = parts.guards(caller) if parts.guards else None
    if guard is None or not parts.temporal_ui:
        raise UnreachableError("SLW902", "no Temporal UI is known here")
    asset = request.method == "GET" and request.url.path.startswith(f"{PREFIX}{IMMUTABLE}")
    if not asset or caller.principal.kind is PrincipalKind.ANONYMOUS:
        await needed(guard, Action.TEMPORAL_READ, ENGINE)
    raw = request.scope["raw_path"].decode("ascii", "replace").partition("?")[0]
    body = await request.body() if request.method == "POST" else b""
    argument = parts.codec.argument if parts.codec else plain
    call = understood(request.method, raw, body[: MOST_BODY + 1], (_id(request), caller.principal.id), argument)
    if not call.path:
        return _refused(call.why_not, request)
    if not call.decides:
        return await _sent(request, parts, call)
    await counted("signature", caller, caller.address, parts.limiter)
    details = {"approval": call.decides, "through": "the Temporal UI"}
    about = await _asks(call.decides, await parts.clients(caller))
    async with guard.use(Action.APPROVALS_DECIDE, about, details) as told:
        answer = await _sent(request, parts, call)
        told.tell(answered=answer.status_code)
        return answer


@post(f"{PATH}/decode", include_in_schema=False, status_code=200)
async def decode(
    request: Request[Any, Any, Any], caller: NamedDependency[Caller], parts: NamedDependency[Parts]
) -> dict[str, Json]:
    """Encrypted payloads, as the caller may read them."""
    guard, codec = _reader(caller, parts)
    return {"payloads": await codec.decoded(await request.body(), request.headers.get("x-namespace", ""), guard)}


@post(f"{PATH}/encode", include_in_schema=False, status_code=200)
async def encode(
    request: Request[Any, Any, Any], caller: NamedDependency[Caller], parts: NamedDependency[Parts]
) -> dict[str, Json]:
    """The same payloads: the UI asks before it sends. Nothing is encrypted for somebody: a decision is on its way."""
    _reader(caller, parts)
    return {"payloads": written(parsed(await request.body()).payloads)}


def _reader(caller: Caller, parts: Parts) -> tuple[Guard, Codec]:
    if not parts.guards or not parts.codec:
        raise UnreachableError("SLW902", "nothing is encrypted here")
    guard = parts.guards(caller)
    guard.need(Action.TEMPORAL_READ, ENGINE)
    return guard, parts.codec


async def _asks(approval: str, client: Client) -> Resource:
    """What is decided about: the same as without the UI."""
    row = (await client.approvals.show(approval)).row
    return Resource(kind=ResourceKind.RUN, name=row.run, pipeline=row.pipeline, environment=row.environment)


def _id(request: Request[Any, Any, Any]) -> str:
    return str(request.scope["state"].get("request_id", ""))


def _refused(why: str, request: Request[Any, Any, Any]) -> Response[Any]:
    """As the API says it, and in the words that the UI shows (`message`)."""
    error = RefusedError("SLW458", "the Temporal UI is read only here", why=why)
    status = status_of(error)
    body = document(error, status, request.url.path) | {"message": f"{error.what}: {why}"}
    return Response(body, status_code=status, media_type="application/json")


@cache
def _client(address: str) -> httpx2.AsyncClient:
    """One for a process: it takes longer to make than a request."""
    return httpx2.AsyncClient(base_url=address, timeout=TIMEOUT, limits=LIMITS, follow_redirects=False, trust_env=False)


async def _sent(request: Request[Any, Any, Any], parts: Parts, call: Call) -> Response[Any]:
    client = _client(parts.temporal_ui)
    query = request.scope["query_string"].decode("ascii", "replace") if call.body is None else ""
    headers = {name: request.headers[name] for name in PASSED_ON if name in request.headers}
    if call.body is not None:
        # the UI compares its cookie with this header: where the request comes from, the gate has looked at already
        token = secrets.token_hex(16)
        headers |= {"content-type": "application/json", "cookie": f"{CSRF}={token}", "x-csrf-token": token}
    method = "GET" if request.method == "HEAD" else request.method
    asked = client.build_request(
        method, f"{call.path}{'?' if query else ''}{query}", headers=headers, content=call.body
    )
    reads = parts.codec is not None and parts.codec.used
    try:
        answer = await client.send(asked, stream=True)
        if reads and call.path == f"{PREFIX}/api/v1/settings":
            return Response(with_codec(await whole(answer)), media_type="application/json")
        return await passed_back(answer, start_page(client))
    except httpx2.HTTPError as away:
        raise UnreachableError("SLW902", "the Temporal UI does not answer", why=type(away).__name__) from away
