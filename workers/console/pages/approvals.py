"""What waits for people: the inbox, and one request with all that is signed."""

from __future__ import annotations

from litestar import Response, get
from litestar.di import NamedDependency
from litestar.params import FromPath

from domain.approvals.request import Outcome
from workers.client.ports.addresses import segment
from workers.client.ports.client import Client
from workers.console.pages.lists import asked, part
from workers.console.pages.requests import signed_plan
from workers.console.rendering import Ask, page


@get("/inbox", include_in_schema=False)
async def inbox(request: Ask, client: NamedDependency[Client]) -> Response[str]:
    """What waits for the reader; `?all=1`: for anybody."""
    everything = asked(request, "all") == "1"
    found = await client.approvals.inbox(part(request), mine=not everything)
    return page(request, "inbox/inbox.html.j2", approvals=found, everything=everything)


@get("/approvals/{rest:path}", include_in_schema=False)
async def approval(request: Ask, client: NamedDependency[Client], rest: FromPath[str]) -> Response[str]:
    """Everything that is looked at before signing. The text that is signed is built in the page, from what it shows."""
    id_ = f"approval/{rest.strip('/')}"
    found = await client.approvals.show(id_)
    plan = await signed_plan(client, found) if id_.startswith("approval/request/") else None
    return page(
        request,
        "approvals/approval.html.j2",
        approval=found,
        plan=plan,
        open=found.outcome == Outcome.PENDING,
        rp=request.base_url.hostname or "",
        path=f"/api/v1/approvals/{segment(id_, 'approval')}/decisions",
    )


HANDLERS = (inbox, approval)
