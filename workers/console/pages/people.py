"""People: who is known, who is out, and who is invited."""

from __future__ import annotations

from litestar import Response, get, post
from litestar.di import NamedDependency
from litestar.params import FromPath
from litestar.response import Redirect

from domain.access.actions import Action
from domain.access.resource import ENGINE, Resource, ResourceKind
from workers.client.ports.client import Client
from workers.console.pages.forms import Form, back, text
from workers.console.pages.lists import part
from workers.console.rendering import Ask, page


@get("/people", include_in_schema=False)
async def people(request: Ask, client: NamedDependency[Client]) -> Response[str]:
    """By name."""
    found = await client.access.people(part(request))
    asked = [ENGINE, *(Resource(kind=ResourceKind.PERSON, name=one.name) for one in found.items)]
    may, *each = await client.access.can_each([(Action.PEOPLE_WRITE, one) for one in asked])
    return page(request, "people/list.html.j2", people=found, may=may, each=each)


@post("/people/{name:str}/disabled", include_in_schema=False, status_code=303)
async def set_disabled(name: FromPath[str], data: Form, client: NamedDependency[Client]) -> Redirect:
    """Out, or in again."""
    await client.access.set_disabled(name, text(data, "disabled") == "yes")
    return back("/people")


HANDLERS = (people, set_disabled)
