"""Requests to clusters: planned, asked, listed, withdrawn or ended."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Annotated, Any, Literal

from litestar import Request, Response, get, post
from litestar.di import NamedDependency
from litestar.params import JSONBody
from msgspec import Meta

from domain.clusters.requests import MOST_CONNECTIONS, MOST_REASON
from domain.inventory.request_plan import RequestPlan
from workers.api.answers import paged, tagged
from workers.api.asked import Id, LongText, Text
from workers.client.ports.addresses import of_segment
from workers.client.ports.client import Client
from workers.client.ports.pages import Page, PageOf
from workers.client.ports.requests import RequestDetails, RequestFilter, RequestRow, Wish
from workers.remote.made import Made, Said

Name = Annotated[str, Meta(max_length=253)]
Names = Annotated[tuple[Name, ...], Meta(max_length=MOST_CONNECTIONS)]
Amount = Annotated[float, Meta(ge=-1_000_000_000, le=1_000_000_000)]


@dataclass(frozen=True)
class Wanted:
    """What is wanted; see `Wish`. An exception says `allow_from` or `allow_to`, the others `values`. A priority class
    has a `name` and no namespace; without `values` it is removed.
    """

    cluster: Name
    namespace: Name
    kind: Literal["quota", "limits", "exception", "priority"]
    name: Name = ""
    values: Annotated[dict[Name, Amount], Meta(max_length=20)] = field(default_factory=dict)
    allow_from: Names = ()
    allow_to: Names = ()
    reason: Annotated[str, Meta(max_length=MOST_REASON)] = ""
    until: Annotated[int, Meta(ge=0, le=10**11)] = 0

    def wish(self) -> Wish:
        """For the port."""
        return Wish(**vars(self))


@dataclass(frozen=True)
class Why:
    """Why it is withdrawn or ended; shown with the request, and in the audit."""

    reason: LongText = ""


@get("/requests", operation_id="requests.list")
async def list_(
    request: Request[Any, Any, Any],
    client: NamedDependency[Client],
    page: NamedDependency[PageOf],
    cluster: Text = "",
    namespace: Text = "",
    status: Text = "",
    kind: Text = "",
) -> Response[Page[RequestRow]]:
    """Newest first."""
    which = RequestFilter(cluster=cluster, namespace=namespace, status=status, kind=kind)
    return paged(request, await client.requests.list(which, page))


@post("/requests/plans", operation_id="requests.plan", status_code=200)
async def plan(data: JSONBody[Wanted], client: NamedDependency[Client], key: NamedDependency[str]) -> RequestPlan:
    """What it would change, whether it fits, and whom it meets; nobody is asked."""
    return await client.requests.plan(data.wish())


@post("/requests", operation_id="requests.apply")
async def apply(data: JSONBody[Wanted], client: NamedDependency[Client], key: NamedDependency[str]) -> Made:
    """Asks those who approve."""
    return Made(await client.requests.apply(data.wish(), key))


@get("/requests/{id:str}", operation_id="requests.show")
async def show(request: Request[Any, Any, Any], id: Id, client: NamedDependency[Client]) -> Response[RequestDetails]:
    """`edge:3`, with its plan and its story."""
    return tagged(request, await client.requests.show(of_segment(id, "request")))


@post("/requests/{id:str}/cancel", operation_id="requests.cancel", status_code=202)
async def cancel(id: Id, data: JSONBody[Why], client: NamedDependency[Client], key: NamedDependency[str]) -> Said:
    """Withdraws what waits, or ends what is in force before its time."""
    return Said(await client.requests.cancel(of_segment(id, "request"), data.reason, key))


HANDLERS = (list_, plan, apply, show, cancel)
