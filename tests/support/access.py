"""Random questions about rights, for tests of what decides."""

from __future__ import annotations

from random import Random

from domain.access.actions import Action
from domain.access.attributes import Attributes, Change, Known, attributes_of
from domain.access.engine import Asker, Question, RowQuestion
from domain.access.grants import Grant, GrantKind, holders_of
from domain.access.labels import Label
from domain.access.principal import Caller, Principal, PrincipalKind, Scope
from domain.access.resource import ENGINE, ENGINE_ID, Resource, ResourceKind
from domain.access.role import Role

NOW = 1_800_000_000.0
PEOPLE = ("ann", "bob", "eve")
GROUPS = ("red", "blue", 'web\'s "own"')
COMPARTMENTS = ("payments", "health")
NAMES = ("web", "api", 'x" || true', "한국")
IDS = (
    *(f"pipeline:{one}" for one in NAMES),
    *(f"environment:{one}" for one in NAMES),
    *(f"project:{one}" for one in ("default", "shop")),
    *("cluster:web", "run:web", "release:api", ENGINE_ID),
)


def label(random: Random) -> Label:
    some = frozenset(one for one in COMPARTMENTS if random.random() < 0.2)
    return Label(level=random.choice((0, 0, 0, 1, 2)), compartments=some, integrity=random.choice((1, 1, 0)))


def caller(random: Random) -> Caller:
    kind = random.choice((*[PrincipalKind.PERSON] * 5, *PrincipalKind))
    groups = tuple(one for one in GROUPS if random.random() < 0.4)
    attributes: dict[str, str | int | bool] = (
        {"department": "sales", "tier": 2, "odd": 1} if random.random() < 0.5 else {}
    )
    principal = Principal(kind=kind, name=random.choice(PEOPLE), groups=groups, attributes=attributes)
    is_token = kind == PrincipalKind.TOKEN
    actions = frozenset(str(one) for one in Action if random.random() < 0.5)
    return Caller(
        principal=principal,
        channel=random.choice(("api", "console", "effect")),
        on_behalf_of=f"person:{random.choice(PEOPLE)}" if is_token else "",
        address=random.choice(("", "192.0.2.7", "2001:db8::1")),
        second_factor_at=NOW - random.choice((5, 299, 300, 301, 9_000)),
        scope=Scope(actions=actions, resources=frozenset(random.sample(IDS, 6))) if is_token else None,
    )


def resource(random: Random, kind: ResourceKind | None = None) -> Resource:
    chosen = kind or random.choice(tuple(ResourceKind))
    if chosen == ResourceKind.ENGINE:
        return ENGINE
    marked = label(random)
    return Resource(
        kind=chosen,
        name=random.choice(NAMES),
        project=random.choice(("default", "shop")),
        pipeline=random.choice(("", *NAMES)),
        environment=random.choice(("", *NAMES)),
        cluster=random.choice(("", "web")),
        owner=random.choice(("", *(f"person:{one}" for one in PEOPLE))),
        level=marked.level,
        compartments=tuple(sorted(marked.compartments)),
        integrity=marked.integrity,
    )


def grants(random: Random, count: int) -> tuple[Grant, ...]:
    holders = (*(f"person:{one}" for one in PEOPLE), *(f"group:{one}" for one in GROUPS), "workload:ann")
    return tuple(
        Grant(
            id=number,
            kind=random.choice(tuple(GrantKind)),
            principal=random.choice(holders),
            role=random.choice(tuple(Role)),
            resource=random.choice(IDS),
        )
        for number in range(1, count + 1)
    )


def asker(random: Random, asked: Caller) -> Asker:
    cleared = random.choice((Label(level=9, compartments=frozenset(COMPARTMENTS)), label(random)))
    known = Known(
        clearance=cleared,
        roles=frozenset(one for one in Role if random.random() < 0.3),
        project=random.choice(("default", "shop")),
    )
    own = asked.on_behalf_of or asked.principal.id
    return Asker(principal=asked.principal, rights_id=own, holders=holders_of(asked), known=known)


def question(random: Random) -> Question:
    asked, about, action = caller(random), resource(random), random.choice(tuple(Action))
    return Question(
        asker=asker(random, asked),
        action=action,
        resource=about,
        attributes=_attributes(random, asked, action, about),
        grants=grants(random, random.randrange(6)),
    )


def row_question(random: Random, kind: ResourceKind, action: Action) -> RowQuestion:
    asked = caller(random)
    return RowQuestion(
        asker=asker(random, asked), action=action, kind=kind, attributes=_attributes(random, asked, action, ENGINE)
    )


def _attributes(random: Random, asked: Caller, action: Action, about: Resource) -> Attributes:
    change = Change(
        own=random.random() < 0.2,
        giving=random.choice(("", *Role)),
        source=label(random),
    )
    return attributes_of(asked, action, about, NOW, change)
