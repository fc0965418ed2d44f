"""Exec sessions: the list, a new one with its terminal, one with its recording."""

from __future__ import annotations

import shlex

from litestar import Response, get, post
from litestar.di import NamedDependency
from litestar.params import FromPath
from litestar.response import Redirect

from domain.access.actions import Action
from domain.access.resource import ENGINE
from domain.pods import exec_session as limits
from workers.client.ports.client import Client
from workers.console import links
from workers.console.pages import forms, rights
from workers.console.pages.forms import Form
from workers.console.pages.lists import asked, part
from workers.console.rendering import Ask, page

FIELDS = ("cluster", "namespace", "pod", "container", "command", "reason")
"""Of a new one, as the query may name them already: a page of a pod links here."""


@get("/exec", include_in_schema=False)
async def sessions(request: Ask, client: NamedDependency[Client]) -> Response[str]:
    """Newest first, or only those under way."""
    running = asked(request, "running") == "1"
    found = await client.terminals.list(part(request), running=running)
    return page(request, "exec/list.html.j2", sessions=found, running=running, command=shlex.join)


@get("/exec/new", include_in_schema=False)
async def new(request: Ask, client: NamedDependency[Client]) -> Response[str]:
    """A form, and the terminal that opens in its place."""
    given = {name: asked(request, name, longest=limits.MOST_CHARACTERS) for name in FIELDS}
    about = rights.of_cluster(given["cluster"]) if given["cluster"] else ENGINE
    clusters = await client.terminals.clusters()
    may = await rights.verdicts(client, about, Action.CLUSTERS_EXEC)
    return page(request, "exec/new.html.j2", given=given, clusters=clusters, may=may, limits=limits)


@get("/exec/{id_:str}", include_in_schema=False)
async def session(request: Ask, client: NamedDependency[Client], id_: FromPath[str]) -> Response[str]:
    """Who, where, why, how it ended; and what was shown."""
    found = await client.terminals.show(id_)
    return page(
        request,
        "exec/session.html.j2",
        session=found,
        command=shlex.join(found.command),
        done=asked(request, "done"),
    )


@post("/exec/{id_:str}/end", status_code=303, include_in_schema=False)
async def end(client: NamedDependency[Client], id_: FromPath[str], data: Form) -> Redirect:
    """Ends it within seconds."""
    await client.terminals.end(id_, forms.text(data, "reason"), forms.text(data, "key", 64))
    return forms.back(links.to("exec", id_), done="1")


HANDLERS = (sessions, new, session, end)
