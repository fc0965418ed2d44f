"""Why something is allowed, labels, projects, and sets of policies."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated, Any

from litestar import Request, Response, get, post
from litestar.di import NamedDependency
from litestar.params import JSONBody, QueryParameter
from msgspec import Meta

from domain.access.labels import MAX_COMPARTMENTS, MAX_LEVEL
from domain.access.policy_sets import MAX_TEXT, PolicyState
from domain.access.resource import Resource
from workers.api.answers import PRIVATE, paged, tagged
from workers.api.asked import Id, LongText, Text
from workers.api.routes.access import RESOURCE, Asked
from workers.client.ports.client import Client
from workers.client.ports.pages import Page, PageOf
from workers.client.ports.policies import Explanation, LabelRow, PolicySetDetails, PolicySetRow, SignedStep, Simulation

Version = Annotated[int, QueryParameter(ge=0, le=10**9)]


@dataclass(frozen=True)
class Marked:
    """A person or a resource with its label."""

    subject: LongText
    level: Annotated[int, Meta(ge=0, le=MAX_LEVEL)] = 0
    compartments: Annotated[tuple[LongText, ...], Meta(max_length=MAX_COMPARTMENTS)] = ()
    integrity: Annotated[int, Meta(ge=0, le=1)] = 1


@dataclass(frozen=True)
class Moved:
    """What goes into which project."""

    subject: LongText
    project: LongText


@dataclass(frozen=True)
class Drafted:
    """Policies in Cedar's syntax."""

    name: LongText
    text: Annotated[str, Meta(max_length=MAX_TEXT)]


@dataclass(frozen=True)
class Which:
    """A version; 0: the newest."""

    version: Annotated[int, Meta(ge=0, le=10**9)] = 0


@dataclass(frozen=True)
class Stepped:
    """A version, and where it is brought.

    Signed: `sluiceway/registration/v1`, a zero byte, and the canonical JSON of `topic` "step", `name`, `body` with
    `version`, `digest`, `state` and `person`, `expires_at` within ten minutes, a `nonce`, and the `home`
    that `/me` says.
    """

    version: Annotated[int, Meta(ge=0, le=10**9)]
    to: PolicyState
    signed: SignedStep | None = None


@get("/access/explain", operation_id="policies.explain", dependencies=RESOURCE)
async def explain(
    asked: Asked, client: NamedDependency[Client], resource: NamedDependency[Resource], principal: Text = ""
) -> Response[Explanation]:
    """A decision with everything that it depended on."""
    return Response(await client.policies.explain(asked, resource, principal), headers=PRIVATE)


@get("/labels", operation_id="policies.labels")
async def labels(
    request: Request[Any, Any, Any], client: NamedDependency[Client], page: NamedDependency[PageOf]
) -> Response[Page[LabelRow]]:
    """By subject."""
    return paged(request, await client.policies.labels(page))


@post("/labels", operation_id="policies.label")
async def label(data: JSONBody[Marked], client: NamedDependency[Client], key: NamedDependency[str]) -> LabelRow:
    """Sets a label when two security administrators say the same."""
    return await client.policies.label(data.subject, data.level, data.compartments, data.integrity)


@post("/project-members", operation_id="policies.move", status_code=204)
async def move(data: JSONBody[Moved], client: NamedDependency[Client], key: NamedDependency[str]) -> None:
    """Into a project."""
    await client.policies.move(data.subject, data.project)


@get("/policies", operation_id="policies.policy_sets")
async def policy_sets(
    request: Request[Any, Any, Any], client: NamedDependency[Client]
) -> Response[tuple[PolicySetRow, ...]]:
    """All versions of all sets."""
    return tagged(request, await client.policies.policy_sets())


@get("/policies/{name:str}", operation_id="policies.policy_set")
async def policy_set(
    name: Id, request: Request[Any, Any, Any], client: NamedDependency[Client], version: Version = 0
) -> Response[PolicySetDetails]:
    """A version with its text and who brought it where."""
    return tagged(request, await client.policies.policy_set(name, version))


@post("/policies", operation_id="policies.draft")
async def draft(data: JSONBody[Drafted], client: NamedDependency[Client], key: NamedDependency[str]) -> PolicySetRow:
    """The next version of a set."""
    return await client.policies.draft(data.name, data.text)


@post("/policies/{name:str}/simulations", operation_id="policies.simulate")
async def simulate(
    name: Id, data: JSONBody[Which], client: NamedDependency[Client], key: NamedDependency[str]
) -> Simulation:
    """Tries a version on recorded decisions."""
    return await client.policies.simulate(name, data.version)


@post("/policies/{name:str}/steps", operation_id="policies.step")
async def step(
    name: Id, data: JSONBody[Stepped], client: NamedDependency[Client], key: NamedDependency[str]
) -> PolicySetRow:
    """To the shadow, to what holds, or out of it."""
    return await client.policies.step(name, data.version, data.to, data.signed)


HANDLERS = (explain, labels, label, move, policy_sets, policy_set, draft, simulate, step)
