"""Exec sessions: tickets, the list, ending one, recordings."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Annotated, Any

from litestar import Request, Response, get, post
from litestar.background_tasks import BackgroundTask
from litestar.di import NamedDependency
from litestar.params import JSONBody, QueryParameter

from domain.access.principal import Caller
from domain.pods.exec_session import SHELL, ExecTarget
from workers.api.answers import PRIVATE, paged, tagged
from workers.api.asked import Id, LongText
from workers.api.events import Streams
from workers.client.ports.client import Client
from workers.client.ports.pages import Page, PageOf
from workers.client.ports.terminals import ExecRow, ExecTicket

RECORDING = "application/x-asciicast"
READ = Streams(most_each=2, most=8)
"""Recordings that are sent: each is in memory until its reader has it, however slowly that reads."""


@dataclass(frozen=True, kw_only=True)
class AskExec:
    """A command in a container, and why."""

    cluster: LongText
    namespace: LongText
    pod: LongText
    container: LongText
    reason: LongText
    command: list[str] = field(default_factory=lambda: list(SHELL))
    tty: bool = True


@dataclass(frozen=True)
class EndExec:
    """Shown on the session's terminal, and in the audit."""

    reason: LongText = ""


@post("/exec/sessions", operation_id="terminals.ask", status_code=201)
async def ask(data: JSONBody[AskExec], client: NamedDependency[Client], key: NamedDependency[str]) -> ExecTicket:
    """A ticket for a session: the first message of `/api/v1/exec/stream`, a WebSocket."""
    target = ExecTarget(
        cluster=data.cluster,
        namespace=data.namespace,
        pod=data.pod,
        container=data.container,
        command=tuple(data.command),
        tty=data.tty,
    )
    return await client.terminals.ask(target, data.reason, key)


@get("/exec/clusters", operation_id="terminals.clusters")
async def clusters(client: NamedDependency[Client]) -> Response[tuple[str, ...]]:
    """Where the caller may ask for one."""
    return Response(await client.terminals.clusters(), headers=PRIVATE)


@get("/exec/sessions", operation_id="terminals.list")
async def list_(
    request: Request[Any, Any, Any],
    client: NamedDependency[Client],
    page: NamedDependency[PageOf],
    running: Annotated[bool, QueryParameter(description="Only those under way.")] = False,
) -> Response[Page[ExecRow]]:
    """Newest first."""
    return paged(request, await client.terminals.list(page, running=running))


@get("/exec/sessions/{id:str}", operation_id="terminals.show")
async def show(request: Request[Any, Any, Any], id: Id, client: NamedDependency[Client]) -> Response[ExecRow]:
    """One of them."""
    return tagged(request, await client.terminals.show(id))


@post("/exec/sessions/{id:str}/end", operation_id="terminals.end", status_code=202)
async def end(id: Id, data: JSONBody[EndExec], client: NamedDependency[Client], key: NamedDependency[str]) -> ExecRow:
    """Ends it within seconds."""
    return await client.terminals.end(id, data.reason, key)


@get("/exec/sessions/{id:str}/recording", operation_id="terminals.recording", media_type=RECORDING)
async def recording(id: Id, client: NamedDependency[Client], caller: NamedDependency[Caller]) -> Response[str]:
    """What was shown, as asciicast (version 2)."""
    whose = caller.principal.id
    READ.open(whose)
    try:
        text = await client.terminals.recording(id)
    except BaseException:
        READ.close(whose)
        raise
    told = {"Content-Disposition": 'attachment; filename="session.cast"', "Cache-Control": "no-store"}
    return Response(text, media_type=RECORDING, headers=told, background=BackgroundTask(_sent, whose))


async def _sent(whose: str) -> None:
    READ.close(whose)


HANDLERS = (ask, clusters, list_, show, end, recording)
