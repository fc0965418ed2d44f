"""Releases: the list, one release live, and its commands; environments and queues."""

from __future__ import annotations

import json

from litestar import Response, get, post
from litestar.di import NamedDependency
from litestar.params import FromPath
from litestar.response import Redirect

from domain.access.actions import Action
from domain.core import ids
from domain.core.errors import SluicewayError
from workers.client.ports.client import Client
from workers.client.ports.releases import ReleaseDetails
from workers.console import links
from workers.console.pages import forms, rights
from workers.console.pages.forms import Form
from workers.console.pages.lists import asked, part
from workers.console.rendering import Ask, page

COMMANDS = (
    Action.RELEASES_PAUSE,
    Action.RELEASES_RESUME,
    Action.RELEASES_PROMOTE,
    Action.RELEASES_OVERRIDE,
    Action.RELEASES_ABORT,
    Action.RELEASES_ROLLBACK,
)
VERBS = tuple(one.partition(":")[2] for one in COMMANDS)


@get("/releases", include_in_schema=False)
async def releases(request: Ask, client: NamedDependency[Client]) -> Response[str]:
    """Newest first."""
    service, environment = asked(request, "service"), asked(request, "environment")
    found = await client.releases.list(service, environment, part(request))
    return page(request, "releases/list.html.j2", releases=found, service=service, environment=environment)


@get("/releases/{service:str}/{environment:str}/{number:int}", include_in_schema=False)
async def release(
    request: Ask,
    client: NamedDependency[Client],
    service: FromPath[str],
    environment: FromPath[str],
    number: FromPath[int],
) -> Response[str]:
    """Its traffic, its evidence, its story, and what can be done."""
    found = await client.releases.show(ids.release_id(service, environment, number))
    may = await rights.verdicts(client, rights.of_release(found.row.id, found.row.environment), *COMMANDS)
    return page(
        request,
        "releases/release.html.j2",
        release=found,
        may=may,
        ticks=ticks_of(found),
        done=asked(request, "done"),
    )


def ticks_of(release: ReleaseDetails) -> str:
    """Columns for js/release.js, as JSON: time, weight in percent, errors of both versions in percent."""
    ticks = release.ticks
    columns = (
        [round(tick.at, 1) for tick in ticks],
        [round(tick.percent, 2) for tick in ticks],
        [round(tick.canary_errors * 100, 3) for tick in ticks],
        [round(tick.stable_errors * 100, 3) for tick in ticks],
    )
    return json.dumps(columns, separators=(",", ":"))


@post("/releases/{service:str}/{environment:str}/{number:int}/{verb:str}", status_code=303, include_in_schema=False)
async def steer(
    client: NamedDependency[Client],
    service: FromPath[str],
    environment: FromPath[str],
    number: FromPath[int],
    verb: FromPath[str],
    data: Form,
) -> Redirect:
    """Sends a command, and shows what happens."""
    id_ = ids.release_id(service, environment, number)
    if verb not in VERBS:
        raise SluicewayError("SLW905", f"a release has no command '{verb[:40]}'", where=id_)
    told = await client.releases.steer(id_, verb, forms.text(data, "reason"), forms.text(data, "key", 64))
    return forms.back(links.release(id_), done=told)


@get("/environments", include_in_schema=False)
async def environments(request: Ask, client: NamedDependency[Client]) -> Response[str]:
    """What is live where."""
    return page(request, "environments/list.html.j2", environments=await client.releases.environments(part(request)))


@get("/environments/{name:str}", include_in_schema=False)
async def environment(request: Ask, client: NamedDependency[Client], name: FromPath[str]) -> Response[str]:
    """What is live of each service, its rule, and its releases."""
    found = await client.releases.environment(name)
    return page(
        request,
        "environments/environment.html.j2",
        environment=found,
        releases=await client.releases.list("", name, part(request, 20)),
        may=await rights.verdicts(client, rights.of_environment(name), Action.RELEASES_ROLLBACK),
    )


@get("/environments/{name:str}/services", include_in_schema=False)
async def services(request: Ask, client: NamedDependency[Client], name: FromPath[str]) -> Response[str]:
    """Each service that is live, by name: an environment's own page shows those that changed last."""
    await client.releases.environment(name)
    return page(
        request,
        "environments/services.html.j2",
        environment=name,
        services=await client.releases.live(name, asked(request, "service"), part(request)),
        may=await rights.verdicts(client, rights.of_environment(name), Action.RELEASES_ROLLBACK),
    )


@post("/environments/{name:str}/rollback", status_code=303, include_in_schema=False)
async def rollback(client: NamedDependency[Client], name: FromPath[str], data: Form) -> Redirect:
    """Releases the version before again, and shows that release."""
    id_ = await client.releases.rollback(name, forms.text(data, "service", 100), forms.text(data, "key", 64))
    return forms.back(links.release(id_))


@get("/queues", include_in_schema=False)
async def queues(request: Ask, client: NamedDependency[Client]) -> Response[str]:
    """Who holds, and who waits."""
    return page(request, "queues/list.html.j2", queues=await client.releases.queues(part(request)))


HANDLERS = (releases, release, steer, environments, environment, services, rollback, queues)
