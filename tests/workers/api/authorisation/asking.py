"""How each route is asked about each place, and what an answer means."""

from __future__ import annotations

import json
import re
from dataclasses import dataclass
from typing import Any

import httpx2
from litestar import Litestar
from litestar.routes import HTTPRoute

from tests.support.far import http
from tests.workers.api.authorisation.world import ACTORS, PLACES, SET, World

NOT_BY_RIGHTS = re.compile(
    r"/(health|static|login|preferences|temporal|logout|api/v1/(login|logout|me|openapi|events/stream)|me)\b"
)
"""Who gets in, what is one's own, and what is the same for all: these have tests of their own."""
LISTS = re.compile(
    r"(/api/v1)?/(runs|pipelines|releases|environments|live|approvals|inbox|findings|fleet|fleet/heard|clusters|namespaces"
    r"|objects|services|events|search|requests)?"
)
NAMELESS = re.compile("policies|sessions|tokens|people")
SKIPPED = {"OPTIONS", "HEAD"}
GONE = "999999999"
"""Id of a grant that there never was."""
HEADERS = {"Idempotency-Key": "k" * 16, "If-Match": '"' + "ab" * 16 + '"'}
SAME: dict[str, str] = {
    "kind": "Pod",
    "namespace": "a",
    "within": "a",
    "pod": "p",
    "attempt": "1",
    "deed": "delete",
    "job": "build",
    "verb": "pause",
    "to": "retired",
    "seq": "0",
    "number": "1",
    "service": "svc",
}
ENVIRONMENT = "apiVersion: sluiceway/v1\nkind: Environment\nname: {}\n"
QUERY = {
    "repository": "git.example/shop/web",
    "pipeline": "own",
    "old_size": "0",
    "size": "0",
    "text": "a",
    "action": "runs:read",
    "verb": "heal",
    "template": "simulated",
    "detail": "priority",
}


@dataclass(frozen=True)
class Route:
    """A route and a method."""

    method: str
    path: str

    @property
    def name(self) -> str:
        return f"{self.method} {self.path}"

    @property
    def is_list(self) -> bool:
        """Whether it shows the places that may be seen."""
        return self.method == "GET" and LISTS.fullmatch(self.path) is not None

    @property
    def has_place(self) -> bool:
        """Whether it is about one place."""
        return bool(re.search(r"\{(run|id|name|pipeline|environment|cluster|rest)", self.path)) and not NAMELESS.search(
            self.path
        )


def routes(app: Litestar) -> tuple[list[Route], list[Route]]:
    """Those that rights decide about, and the others; in order."""
    every = [
        Route(method, one.path_format)
        for one in app.routes
        if isinstance(one, HTTPRoute)
        for method in one.methods
        if method not in SKIPPED
    ]
    every.sort(key=lambda one: (one.path, one.method))
    by_rights = [one for one in every if not NOT_BY_RIGHTS.match(one.path)]
    return by_rights, [one for one in every if one not in by_rights]


def _path(route: Route, place: str, world: World) -> str:
    api = route.path.startswith("/api")
    ids = {
        "releases": f"svc:{place}:1",
        "approvals": f"{place}:1:ask",
        "pods": f"{place}:a:p:1",
        "requests": f"{place}:1",
    }
    feature = route.path.removeprefix("/api/v1").split("/")[1]
    grant = (world.grant(place) if place in PLACES else GONE) if "grants/" in route.path else ""
    names = {"policies": world.policies, "access": world.policies, "people": lambda: "nobody"}
    given: dict[str, str] = {
        "run": f"{place}:1" if api else place,
        "id": grant if "grants/" in route.path else ids.get(feature, "none"),
        "id_": grant if "grants/" in route.path else "none",
        "rest": f"{place}/1/ask",
        "pipeline": place,
        "environment": place,
        "cluster": place,
        "name": names[feature]() if feature in names else place,
        **SAME,
        **({"verb": "restart"} if "/objects/" in route.path else {}),
    }
    return re.sub(r"\{(\w+)(:\w+)?\}", lambda found: given[found[1]], route.path)


def _body(route: Route, place: str) -> dict[str, Any]:
    bodies: dict[str, dict[str, Any]] = {
        "grants": {"principal": "person:nobody", "role": "viewer", "resource": f"pipeline:{place}"},
        "shares": {"principal": "person:nobody", "role": "viewer", "resource": f"pipeline:{place}", "until": 1.0},
        "runs": {"pipeline": place, "reason": "r"},
        "labels": {"subject": f"pipeline:{place}", "level": "1" if "/api" not in route.path else 1},
        "project-members": {"subject": "pipeline:unknown", "project": "other"},
        "policies": {"name": "more", "text": SET.replace("none", "more"), "version": 1, "to": "retired"},
        "tokens": {"label": "l", "actions": ["runs:read"], "resources": ["pipeline:own"], "lifetime_s": 600},
        "rollback": {"service": "svc", "reason": "r", "version": ""},
        "lint": {"text": "kind: Pipeline"},
        "plan": {"text": "kind: Pipeline", "branch": "main"},
        "documents": {"text": ENVIRONMENT.format(place)},
        "prepared": {"text": ENVIRONMENT.format(place)},
        "disabled": {"disabled": False},
        "exec": {"cluster": place, "namespace": "a", "pod": "p", "container": "c", "reason": "r"},
        "plans": {"template": "simulated", "values": {"nodes": 1}},
        "changes": {"wish": {"template": "simulated", "values": {"nodes": 1}}},
        "begin": {"wish": '{"verb": "heal"}', "digest": "d"},
        "decisions": {"approve": True, "approver": "x"},
        "beat": {"handle": "h"},
        "end": {"handle": "h", "reason": "r"},
        "answer": {"handle": "h", "text": "t"},
        "told": {"at": 1.0},
    }
    pod = {"cluster": place, "name": "p", "form": {"image": "x"}}
    if route.path.startswith("/pods"):
        return {"request": json.dumps(pod), "digest": "d", "reason": "r", "cluster": place, "name": "p", "image": "x"}
    if route.path.endswith(("/requests", "/requests/plans", "/requests/new")):
        wish = {"cluster": place, "namespace": "a", "kind": "quota", "reason": "r"}
        return {**wish, "values": {"cpu": 1}} if "/api" in route.path else {**wish, "cpu": "1"}
    if route.path.endswith(("/pods", "/pods/plans")):
        return pod
    if "/volumes/" in route.path and "/api" in route.path:
        claim = {"namespace": "a", "name": "p", "verb": "delete"}
        return {"wish": claim} if route.path.endswith("/changes") else claim
    parts = route.path.split("/")
    found = next((bodies[one] for one in reversed(parts) if one in bodies), {"reason": "r"})
    return {name: str(value) if "/api" not in route.path else value for name, value in found.items()}


async def answer(client: httpx2.AsyncClient, route: Route, place: str, world: World) -> httpx2.Response:
    sent: dict[str, Any] = {"headers": HEADERS}
    if route.method in ("POST", "PUT"):
        sent["json" if "/api" in route.path else "data"] = _body(route, place)
    kind = "Namespace" if "cluster" in route.path else "pipeline"
    query = {**QUERY, "kind": kind, "name": place, "resource": f"pipeline:{place}"}
    if route.path.endswith("/fit"):
        query["namespace"] = "a"
    if route.is_list:
        query = {"text": "wrk", "q": "wrk"} if route.path.endswith("/search") else {}
    return await client.request(route.method, _path(route, place, world), params=query, **sent)


def letter(found: httpx2.Response) -> str:
    """`y`: done or shown; `n`: refused by a rule; `a`: asks to log in; `0`: there is no such thing.

    `e`: let through to the engine, which does not run here. `c`: let through, and what was sent does not do.
    """
    location = found.headers.get("location", "")
    if found.status_code == 401 or location.startswith("/login"):
        return "a"
    assert found.status_code != 500, found.text
    if found.status_code in (400, 409, 412, 422):
        return "c"
    return {403: "n", 404: "0", 503: "e"}.get(found.status_code, "y")


def plain(found: httpx2.Response, place: str) -> tuple[int, str]:
    """Status and text, without the name of the place, ids of grants, and what is new in each page."""
    text = re.sub(r'name="(key|csrf)" value="[^"]*"|there is no grant [0-9]+|grants[/%][0-9A-Za-z/]+', "", found.text)
    return found.status_code, re.sub(rf"\b{place}\b", "PLACE", text)


def seen(found: httpx2.Response, place: str) -> str:
    """Whether a list shows something of a place."""
    if found.status_code != 200:
        return letter(found)
    return "y" if re.search(rf"\b{place}[/:]1\b|\b{place}\b(?=[\"<])", found.text) else "."


async def row(route: Route, world: World) -> dict[str, str]:
    """What each actor gets: a letter for each place, or one for all."""
    cells = {}
    for actor in ACTORS:
        async with http(world.app) as client:
            client.headers["X-Actor"] = actor
            if route.is_list:
                found = await answer(client, route, "own", world)
                cells[actor] = "".join(seen(found, place) for place in PLACES)
            else:
                places = PLACES if route.has_place or _names_a_place(route) else PLACES[:1]
                cells[actor] = "".join([letter(await answer(client, route, place, world)) for place in places])
    return cells


def _names_a_place(route: Route) -> bool:
    return route.path.endswith(
        ("/service", "/grants", "/shares", "/access/can", "/explain", "/who-can")
    ) or route.name in (
        "POST /api/v1/runs",
        "POST /api/v1/exec/sessions",
        "POST /api/v1/documents",
        "POST /api/v1/documents/prepared",
        "POST /api/v1/requests",
        "POST /api/v1/requests/plans",
        "POST /requests/new",
        "POST /api/v1/pods",
        "POST /api/v1/pods/plans",
        "POST /pods",
        "POST /pods/new",
    )


def table(rows: dict[str, dict[str, str]]) -> str:
    """As the committed file has it."""
    width = max(map(len, rows)) + 2
    columns = {actor: max(len(actor), 3) + 2 for actor in ACTORS}
    head = "route".ljust(width) + "".join(actor.ljust(size) for actor, size in columns.items())
    lines = [
        name.ljust(width) + "".join(cells[actor].ljust(size) for actor, size in columns.items())
        for name, cells in rows.items()
    ]
    return "\n".join(line.rstrip() for line in [head, *lines]) + "\n"
