"""Access: what may be done by whom and why, grants, labels, and sets of policies."""

from __future__ import annotations

import time

from litestar import Response, get, post
from litestar.di import NamedDependency
from litestar.params import FromPath
from litestar.response import Redirect

from domain.access.actions import Action
from domain.access.grants import GrantKind, rights_id
from domain.access.labels import MAX_LEVEL
from domain.access.policy_sets import MAX_TEXT
from domain.access.resource import ENGINE, Resource, named
from domain.access.role import ROLES, Role
from domain.core.errors import DefinitionError
from workers.client.ports.access import GrantRow
from workers.client.ports.client import Client
from workers.console import links
from workers.console.pages import forms, rights
from workers.console.pages.forms import Form
from workers.console.pages.lists import asked, found, part
from workers.console.rendering import Ask, caller_of, page

DAY_S = 86_400
MOST_DAYS = 3_650
EXAMPLE = """\
@id("pbac/change-freeze")
forbid (
  principal,
  action in [Action::"effect:deploy", Action::"releases:promote"],
  resource in Environment::"production"
)
when { context.weekday >= 5 };
"""


@get("/access", include_in_schema=False)
async def access(request: Ask, client: NamedDependency[Client]) -> Response[str]:
    """What the reader, or somebody else, may do with something, and why."""
    about, who, action = asked(request, "resource") or ENGINE.id, asked(request, "principal"), asked(request, "action")
    resource = _resource(about)
    explained = None
    if action in set(Action):
        explained = await found(client.policies.explain(Action(action), resource, who))
    mine = await rights.verdicts_of(client, resource, tuple(Action))
    return page(
        request,
        "access/access.html.j2",
        tab="mine",
        resource=about,
        principal=who,
        action=action,
        actions=[str(one) for one in Action],
        mine=mine,
        explained=explained,
        grants=await found(client.access.grants(rights_id(caller_of(request)), part(request, 200))),
    )


@get("/access/grants", include_in_schema=False)
async def grants(request: Ask, client: NamedDependency[Client]) -> Response[str]:
    """Who has which role on what."""
    given = await client.access.grants(asked(request, "principal"), part(request))
    who = rights_id(caller_of(request))
    return page(
        request,
        "access/grants.html.j2",
        tab="grants",
        grants=given,
        take=await client.access.can_each([(_taking(one, who), _resource(one.resource)) for one in given.items]),
        may=await rights.verdicts(client, ENGINE, Action.ACCESS_GRANT),
        roles=[str(one) for one in Role],
        sizes={str(role): len(actions) for role, actions in ROLES.items()},
        done=asked(request, "done"),
    )


def _taking(grant: GrantRow, who: str) -> Action:
    """What taking it back asks for: whoever shared something may end that."""
    return Action.ACCESS_SHARE if grant.kind == GrantKind.SHARE and grant.by == who else Action.ACCESS_GRANT


@post("/access/grants", status_code=303, include_in_schema=False)
async def grant(client: NamedDependency[Client], data: Form) -> Redirect:
    """Gives a role; what is not given is said on the page."""
    text = {name: forms.text(data, name, 300) for name in ("principal", "role", "resource", "days")}
    until = _until(text["days"])
    row = await client.access.grant(text["principal"], text["role"], text["resource"] or ENGINE.id, until)
    return forms.back("/access/grants", done=f"{row.principal} {row.role} {row.resource}")


@post("/access/grants/{id_:str}/revoke", status_code=303, include_in_schema=False)
async def revoke(client: NamedDependency[Client], id_: FromPath[str]) -> Redirect:
    """Takes a grant back."""
    await client.access.revoke(id_)
    return forms.back("/access/grants", done=f"-{id_}")


@get("/access/who-can", include_in_schema=False)
async def who_can(request: Ask, client: NamedDependency[Client]) -> Response[str]:
    """The people who may do something."""
    about, action = asked(request, "resource") or ENGINE.id, asked(request, "action") or str(Action.RUNS_READ)
    if action not in set(Action):
        raise DefinitionError("SLW412", f"{action[:80]!r} is no action")
    people = await client.access.who_can(Action(action), _resource(about), part(request))
    return page(
        request,
        "access/who_can.html.j2",
        tab="who-can",
        resource=about,
        action=action,
        actions=[str(one) for one in Action],
        people=people,
    )


@get("/access/labels", include_in_schema=False)
async def labels(request: Ask, client: NamedDependency[Client]) -> Response[str]:
    """What is above whose clearance."""
    return page(
        request,
        "access/labels.html.j2",
        tab="labels",
        labels=await client.policies.labels(part(request)),
        may=await rights.verdicts(client, ENGINE, Action.ACCESS_LABEL),
        levels=[str(one) for one in range(MAX_LEVEL + 1)],
        done=asked(request, "done"),
    )


@post("/access/labels", status_code=303, include_in_schema=False)
async def label(client: NamedDependency[Client], data: Form) -> Redirect:
    """Proposes a label, or confirms what another security administrator proposed."""
    level = forms.text(data, "level", 2)
    if not level.isascii() or not level.isdecimal():
        raise DefinitionError("SLW412", f"a level is 0 to {MAX_LEVEL}")
    inside = tuple(forms.text(data, "compartments", 2_000).split())
    row = await client.policies.label(forms.text(data, "subject", 300), int(level), inside)
    return forms.back("/access/labels", done=f"{'?' if row.waiting else '='}{row.subject}")


@get("/access/policies", include_in_schema=False)
async def policies(request: Ask, client: NamedDependency[Client]) -> Response[str]:
    """All sets, and a place to draft one."""
    return page(
        request,
        "access/policies.html.j2",
        tab="policies",
        sets=await client.policies.policy_sets(),
        may=await rights.verdicts(client, ENGINE, Action.ACCESS_POLICY),
        example=EXAMPLE,
    )


@post("/access/policies", status_code=303, include_in_schema=False)
async def draft(client: NamedDependency[Client], data: Form) -> Redirect:
    """The next version of a set."""
    text = data.get("text", "")[:MAX_TEXT].replace("\r\n", "\n")
    row = await client.policies.draft(forms.text(data, "name", 63), text)
    return forms.back(links.to("access", "policies", row.name), version=str(row.version))


@get("/access/policies/{name:str}", include_in_schema=False)
async def policy(request: Ask, client: NamedDependency[Client], name: FromPath[str]) -> Response[str]:
    """A version: its text, its way, and what can be done with it."""
    details = await client.policies.policy_set(name, _version(asked(request, "version")))
    return await _shown(request, client, details.row.name, details.row.version, simulate=False)


@post("/access/policies/{name:str}/simulate", status_code=200, include_in_schema=False)
async def simulate(request: Ask, client: NamedDependency[Client], name: FromPath[str], data: Form) -> Response[str]:
    """The page with what the version would have decided otherwise."""
    return await _shown(request, client, name, _version(forms.text(data, "version", 9)), simulate=True)


async def _shown(request: Ask, client: Client, name: str, version: int, *, simulate: bool) -> Response[str]:
    result = await client.policies.simulate(name, version) if simulate else None
    return page(
        request,
        "access/policy.html.j2",
        tab="policies",
        simulation=result,
        details=await client.policies.policy_set(name, version),
        may=await rights.verdicts(client, ENGINE, Action.ACCESS_POLICY),
        person=rights_id(caller_of(request)),
        rp=request.url.hostname or "",
    )


def _resource(text: str) -> Resource:
    try:
        return named(text)
    except ValueError as wrong:
        raise DefinitionError("SLW412", f"{text[:80]!r} is no resource: write KIND:NAME") from wrong


def _version(text: str) -> int:
    """0: the newest."""
    return int(text) if text.isascii() and text.isdecimal() and len(text) < 9 else 0


def _until(days: str) -> float:
    """Empty: without an end.

    Raises:
        DefinitionError: SLW412, it is no number of days.
    """
    if not days:
        return 0
    if not days.isascii() or not days.isdecimal() or not 0 < int(days[:9]) <= MOST_DAYS:
        raise DefinitionError("SLW412", f"an end is 1 to {MOST_DAYS} days from now")
    return time.time() + int(days) * DAY_S


HANDLERS = (access, grants, grant, revoke, who_can, labels, label, policies, draft, policy, simulate)
