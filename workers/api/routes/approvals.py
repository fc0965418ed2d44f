"""Approvals: the inbox, what is signed, and signed decisions."""

from __future__ import annotations

from dataclasses import replace
from typing import Annotated, Any

from litestar import Request, Response, get, post
from litestar.di import NamedDependency
from litestar.params import JSONBody, QueryParameter

from domain.approvals.request import Decision
from workers.api.answers import fingerprinted, paged
from workers.api.asked import Id
from workers.client.ports.addresses import of_segment
from workers.client.ports.approvals import Answer, ApprovalDetails, ApprovalRow
from workers.client.ports.client import Client
from workers.client.ports.pages import Page, PageOf


@get("/approvals", operation_id="approvals.inbox")
async def inbox(
    request: Request[Any, Any, Any],
    client: NamedDependency[Client],
    page: NamedDependency[PageOf],
    mine: Annotated[bool, QueryParameter(description="Those that the caller may decide.")] = True,
) -> Response[Page[ApprovalRow]]:
    """Open requests, oldest first."""
    return paged(request, await client.approvals.inbox(page, mine=mine))


@get("/approvals/{id:str}", operation_id="approvals.show")
async def show(id: Id, client: NamedDependency[Client]) -> Response[ApprovalDetails]:
    """What is signed. Its ETag is the digest that a decision names in If-Match."""
    found = await client.approvals.show(of_segment(id, "approval"))
    return fingerprinted(found, found.digest)


@post("/approvals/{id:str}/decisions", operation_id="approvals.decide")
async def decide(
    id: Id,
    data: JSONBody[Decision],
    client: NamedDependency[Client],
    key: NamedDependency[str],
    seen: NamedDependency[str],
) -> Answer:
    """Sends a decision that the approver has signed. 412: it changed since it was looked at."""
    decision = data if data.request_id else replace(data, request_id=key)
    return await client.approvals.decide(of_segment(id, "approval"), decision, seen)


HANDLERS = (inbox, show, decide)
