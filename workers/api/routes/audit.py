"""The audit: entries, checkpoints and proofs."""

from __future__ import annotations

from typing import Annotated, Any

from litestar import Request, Response, get
from litestar.di import NamedDependency, Provide
from litestar.params import PathParameter, QueryParameter

from workers.api.answers import PRIVATE, paged
from workers.api.asked import Text, Time
from workers.client.ports.audit import MOST_EXPORTED, AuditCheck, AuditFilter, AuditRow, Checkpoint, Proof
from workers.client.ports.client import Client
from workers.client.ports.pages import Page, PageOf

Size = Annotated[int, QueryParameter(ge=0, le=2**53)]


def which_entries(
    kind: Text = "",
    actor: Text = "",
    action: Text = "",
    resource: Text = "",
    outcome: Text = "",
    since: Time = 0,
    until: Time = 0,
) -> AuditFilter:
    """The filter of a list of entries."""
    return AuditFilter(
        kind=kind, actor=actor, action=action, resource=resource, outcome=outcome, since=since, until=until
    )


@get("/audit", operation_id="audit.query", dependencies={"which": Provide(which_entries, sync_to_thread=False)})
async def query(
    request: Request[Any, Any, Any],
    client: NamedDependency[Client],
    which: NamedDependency[AuditFilter],
    page: NamedDependency[PageOf],
) -> Response[Page[AuditRow]]:
    """Newest first."""
    return paged(request, await client.audit.query(which, page))


@get("/audit/{seq:int}/proof", operation_id="audit.prove")
async def prove(seq: Annotated[int, PathParameter(ge=0, le=2**53)], client: NamedDependency[Client]) -> Response[Proof]:
    """That an entry is in the log of the latest checkpoint."""
    return Response(await client.audit.prove(seq), headers=PRIVATE)


@get("/audit/checkpoint", operation_id="audit.checkpoint")
async def checkpoint(client: NamedDependency[Client]) -> Response[Checkpoint]:
    """The latest one; a client keeps it, and asks for the consistency with the next."""
    return Response(await client.audit.checkpoint(), headers=PRIVATE)


@get("/audit/consistency", operation_id="audit.consistency")
async def consistency(client: NamedDependency[Client], old_size: Size, size: Size) -> Response[tuple[str, ...]]:
    """That the log of a checkpoint begins with an older one."""
    return Response(await client.audit.consistency(old_size, size), headers=PRIVATE)


@get("/audit/check", operation_id="audit.verify")
async def check(client: NamedDependency[Client]) -> Response[AuditCheck]:
    """Looks at every entry, every hash, and what every witness has kept."""
    return Response(await client.audit.verify(), headers=PRIVATE)


@get("/audit/export", operation_id="audit.export", dependencies={"which": Provide(which_entries, sync_to_thread=False)})
async def export(
    client: NamedDependency[Client],
    which: NamedDependency[AuditFilter],
    first: Size = 0,
    limit: Annotated[int, QueryParameter(ge=1, le=MOST_EXPORTED)] = MOST_EXPORTED,
) -> Response[tuple[AuditRow, ...]]:
    """Oldest first, from a number on. Each part is an entry of the audit itself."""
    return Response(await client.audit.export(which, first, limit), headers=PRIVATE)


HANDLERS = (query, prove, checkpoint, consistency, check, export)
