"""Releases, environments and queues."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Literal

from litestar import Request, Response, get, post
from litestar.di import NamedDependency
from litestar.params import FromPath, JSONBody

from workers.api.answers import paged, tagged
from workers.api.asked import Id, LongText, Text
from workers.client.ports.addresses import of_segment
from workers.client.ports.client import Client
from workers.client.ports.pages import Page, PageOf
from workers.client.ports.releases import EnvironmentRow, LiveRow, QueueRow, ReleaseDetails, ReleaseRow
from workers.remote.made import Made, Said

Verb = Literal["pause", "resume", "promote", "override", "abort", "rollback"]


@dataclass(frozen=True)
class Steer:
    """Why; shown with the release, and in the audit."""

    reason: LongText = ""


@dataclass(frozen=True)
class RollBack:
    """Which service goes back to its version before."""

    service: LongText


@get("/releases", operation_id="releases.list")
async def list_(
    request: Request[Any, Any, Any],
    client: NamedDependency[Client],
    page: NamedDependency[PageOf],
    service: Text = "",
    environment: Text = "",
) -> Response[Page[ReleaseRow]]:
    """Newest first."""
    return paged(request, await client.releases.list(service, environment, page))


@get("/releases/{id:str}", operation_id="releases.show")
async def show(request: Request[Any, Any, Any], id: Id, client: NamedDependency[Client]) -> Response[ReleaseDetails]:
    """`web-shop:production:57`, under way or ended."""
    return tagged(request, await client.releases.show(of_segment(id, "release")))


@post("/releases/{id:str}/{verb:str}", operation_id="releases.steer", status_code=202)
async def steer(
    id: Id,
    verb: FromPath[Verb],
    data: JSONBody[Steer],
    client: NamedDependency[Client],
    key: NamedDependency[str],
) -> Said:
    """Pauses, resumes, promotes, aborts or rolls back what is under way."""
    return Said(await client.releases.steer(of_segment(id, "release"), verb, data.reason, key))


@post("/environments/{name:str}/rollback", operation_id="releases.rollback")
async def rollback(
    name: Id, data: JSONBody[RollBack], client: NamedDependency[Client], key: NamedDependency[str]
) -> Made:
    """Releases the version before again: of a service, or of all that were released as one under that name."""
    return Made(await client.releases.rollback(name, data.service, key))


@get("/environments", operation_id="releases.environments")
async def environments(
    request: Request[Any, Any, Any], client: NamedDependency[Client], page: NamedDependency[PageOf]
) -> Response[Page[EnvironmentRow]]:
    """By name, with what is live."""
    return paged(request, await client.releases.environments(page))


@get("/environments/{name:str}", operation_id="releases.environment")
async def environment(
    request: Request[Any, Any, Any], name: Id, client: NamedDependency[Client]
) -> Response[EnvironmentRow]:
    """One environment."""
    return tagged(request, await client.releases.environment(name))


@get("/live", operation_id="releases.live")
async def live(
    request: Request[Any, Any, Any],
    client: NamedDependency[Client],
    page: NamedDependency[PageOf],
    environment: Text = "",
    service: Text = "",
) -> Response[Page[LiveRow]]:
    """What is live where, by environment and service."""
    return paged(request, await client.releases.live(environment, service, page))


@get("/queues", operation_id="releases.queues")
async def queues(
    request: Request[Any, Any, Any], client: NamedDependency[Client], page: NamedDependency[PageOf]
) -> Response[Page[QueueRow]]:
    """Concurrency groups and locks: who holds them, and who waits."""
    return paged(request, await client.releases.queues(page))


HANDLERS = (list_, show, steer, rollback, environments, environment, live, queues)
