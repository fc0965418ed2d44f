"""Requests to clusters: the list, a new one with its plan as you type, one with its story and its end."""

from __future__ import annotations

import math
import time
from collections.abc import Mapping
from dataclasses import replace

from litestar import Response, get, post
from litestar.di import NamedDependency
from litestar.params import FromPath
from litestar.response import Redirect

from domain.access.actions import Action
from domain.access.principal import PrincipalKind
from domain.access.resource import ENGINE
from domain.approvals.scope import Scope
from domain.clusters.requests import DAY_S, FIELDS, UNITS, RequestKind, RequestStatus, request_id, request_of
from domain.core.errors import RefusedError, SluicewayError, UnreachableError
from domain.inventory.request_plan import RequestPlan
from workers.client.ports.approvals import ApprovalDetails
from workers.client.ports.client import Client
from workers.client.ports.requests import RequestFilter, Wish
from workers.client.unseen import BY_RIGHTS
from workers.console import links
from workers.console.marks import N_
from workers.console.pages import forms, rights
from workers.console.pages.forms import Form
from workers.console.pages.lists import asked, part
from workers.console.rendering import Ask, caller_of, page

LASTS = (
    (3_600, N_("1 hour")),
    (8 * 3_600, N_("8 hours")),
    (int(DAY_S), N_("1 day")),
    (3 * int(DAY_S), N_("3 days")),
    (7 * int(DAY_S), N_("7 days")),
    (14 * int(DAY_S), N_("14 days")),
    (30 * int(DAY_S), N_("30 days")),
)
"""How long something may hold, in seconds: what the form offers."""
PLAIN = ("cluster", "namespace", "kind", "name", "remove", "allow_from", "allow_to", "reason", "lasts")
NUMBERS = tuple(name for fields in FIELDS.values() for name in fields)
NEW = "requests/new.html.j2"
NOT_SHOWN = N_("what is signed cannot be shown: do not sign it")
OTHER = N_("what is signed is not what is listed: do not sign it")


@get("/requests", include_in_schema=False)
async def requests(request: Ask, client: NamedDependency[Client]) -> Response[str]:
    """Newest first."""
    which = RequestFilter(**{name: asked(request, name) for name in ("cluster", "namespace", "status", "kind")})
    found = await client.requests.list(which, part(request))
    return page(
        request, "requests/list.html.j2", requests=found, statuses=tuple(RequestStatus), kinds=tuple(RequestKind)
    )


@get("/requests/new", include_in_schema=False)
async def new(request: Ask, client: NamedDependency[Client]) -> Response[str]:
    """The form, and under it the plan of what is typed."""
    given = {name: asked(request, name, longest=2_000) for name in (*PLAIN, *NUMBERS)}
    return await _form(request, client, given)


@post("/requests/new", status_code=303, include_in_schema=False)
async def ask(request: Ask, client: NamedDependency[Client], data: Form) -> Redirect | Response[str]:
    """Asks, and shows the request. What cannot be asked for stays in the form."""
    if caller_of(request).principal.kind is PrincipalKind.ANONYMOUS:
        raise RefusedError("SLW410", "nobody is logged in")
    given = {name: forms.text(data, name) for name in (*PLAIN, *NUMBERS)}
    try:
        return forms.back(links.request(await client.requests.apply(wish_of(given), forms.text(data, "key", 64))))
    except SluicewayError as wrong:
        if wrong.code in BY_RIGHTS or isinstance(wrong, UnreachableError):
            raise
        return await _form(request, client, given, wrong)


async def _form(
    request: Ask, client: Client, given: Mapping[str, str], problem: SluicewayError | None = None
) -> Response[str]:
    plan: RequestPlan | None = None
    if given["cluster"] and (given["namespace"] or given["name"]) and _touched(given):
        try:
            plan = await client.requests.plan(wish_of(given))
        except SluicewayError as unknown:
            if unknown.code in BY_RIGHTS:
                raise
            problem = problem or unknown
    kind = given["kind"] if given["kind"] in set(RequestKind) else str(RequestKind.QUOTA)
    about = rights.of_cluster(given["cluster"]) if given["cluster"] else ENGINE
    return page(
        request,
        NEW,
        status=422 if problem and request.method == "POST" else 200,
        given={**given, "kind": kind},
        plan=plan,
        problem=problem,
        fields=FIELDS[RequestKind(kind)],
        units=UNITS,
        lasts=LASTS,
        may=await rights.verdicts(client, about, Action.CLUSTERS_REQUEST),
    )


def _touched(given: Mapping[str, str]) -> bool:
    return any(given[name] for name in ("allow_from", "allow_to", "remove", *NUMBERS))


def wish_of(given: Mapping[str, str]) -> Wish:
    """What a form says. What is no number is told as one that is refused with its field's name."""
    kind = given["kind"] or str(RequestKind.QUOTA)
    numbers = FIELDS[RequestKind(kind)] if kind in set(RequestKind) else ()
    exception, of_class = kind == RequestKind.EXCEPTION, kind == RequestKind.PRIORITY
    values = {name: _number(given[name]) for name in numbers if given[name]}
    lasts = int(given["lasts"]) if given["lasts"].isdecimal() else 0
    return Wish(
        cluster=given["cluster"],
        namespace="" if of_class else given["namespace"],
        kind=kind,
        name=given["name"] if of_class else "",
        values={} if of_class and given["remove"] else values,
        allow_from=_words(given["allow_from"]) if exception else (),
        allow_to=_words(given["allow_to"]) if exception else (),
        reason=given["reason"],
        until=int(time.time()) + lasts if lasts else 0,
    )


def _words(text: str) -> tuple[str, ...]:
    return tuple(dict.fromkeys(text.replace(",", " ").split()))


def _number(text: str) -> float:
    try:
        return float(text)
    except ValueError:
        return math.nan


@get("/requests/{cluster:str}/{number:int}", include_in_schema=False)
async def one(
    request: Ask, client: NamedDependency[Client], cluster: FromPath[str], number: FromPath[int]
) -> Response[str]:
    """What it changes, how far it is, and who may end it."""
    found = await client.requests.show(request_id(cluster, number))
    action = Action.CLUSTERS_REQUEST if found.own else Action.CLUSTERS_CHANGE
    (end,) = await rights.verdicts_of(client, rights.of_cluster(cluster), (action,))
    return page(request, "requests/request.html.j2", it=found, end=end, done=asked(request, "done"))


@post("/requests/{cluster:str}/{number:int}/end", status_code=303, include_in_schema=False)
async def end(client: NamedDependency[Client], cluster: FromPath[str], number: FromPath[int], data: Form) -> Redirect:
    """Withdraws it, or ends what is in force."""
    id_ = request_id(cluster, number)
    await client.requests.cancel(id_, forms.text(data, "reason", 500), forms.text(data, "key", 64))
    return forms.back(links.request(id_), done="1")


async def signed_plan(client: Client, approval: ApprovalDetails) -> RequestPlan:
    """The plan of exactly the request that is signed: a row that says something else does not get between."""
    known = (await client.requests.show(approval.row.run)).plan
    said = {name: str(value) for name, value in dict((approval.scope or {}).get("parameters") or {}).items()}
    try:
        signed = request_of(Scope(parameters=said, environment=approval.subject.environment))
    except ValueError:
        return RequestPlan(request=known.request, refusals=(NOT_SHOWN,))
    shown = known.request
    if not shown.environment:  # nobody's, or one that the reader may not read: what is signed names it
        shown = replace(shown, environment=signed.environment)
    return replace(known, request=signed) if shown == signed else RequestPlan(request=signed, refusals=(OTHER,))


HANDLERS = (requests, new, ask, one, end)
