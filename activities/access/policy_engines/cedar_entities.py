"""Askers, resources and contexts as Cedar's JSON."""

from __future__ import annotations

import re

from activities.access.policy_engines.schema import GROUPS, PRINCIPALS, RESOURCES
from domain.access.attributes import Attributes, known
from domain.access.engine import Asker
from domain.access.grants import GROUP
from domain.access.labels import Label
from domain.access.principal import PrincipalKind
from domain.access.resource import Resource, ResourceKind
from domain.core.documents import Manifest
from domain.core.values import Json


def uid(type_: str, id_: str) -> Manifest:
    """Of an entity: never text of a policy, so that no name can be one."""
    return {"type": type_, "id": id_}


def literal(entity: Manifest) -> str:
    """As text, where an interface takes nothing else.

    Raises:
        ValueError: its name holds characters that are not printed.
    """
    name = str(entity["id"])
    if not name.isprintable():
        raise ValueError("a name that cannot be written")
    escaped = re.sub(r"""([\\"'])""", r"\\\1", name)
    return f'{entity["type"]}::"{escaped}"'


def holder(id_: str) -> Manifest:
    """The entity of a holder of grants: `person:ann`, `group:web`."""
    kind, _, name = id_.partition(":")
    return uid("Group", name) if kind == GROUP else uid(PRINCIPALS[PrincipalKind(kind)], name)


def thing(id_: str) -> Manifest:
    """The entity of a resource by its id."""
    kind, _, name = id_.partition(":")
    return uid(RESOURCES[ResourceKind(kind)], name)


def asker_uid(asker: Asker) -> Manifest:
    """Of whoever asks."""
    return uid(PRINCIPALS[asker.principal.kind], asker.principal.name)


def asker_entity(asker: Asker) -> Manifest:
    """With everything that policies may say of an asker."""
    own = asker_uid(asker)
    above = [one for each in sorted(asker.holders) if (one := holder(each)) != own]
    about = asker.known
    attributes: Manifest = {
        "id": asker.rights_id,
        "roles": sorted(about.roles),
        "project": about.project,
        **_label(about.clearance),
        **known({**asker.principal.attributes, **about.attributes}),
    }
    del attributes["integrity"]
    return {"uid": own, "attrs": attributes, "parents": above}


def resource_entity(resource: Resource) -> Manifest:
    """With its label and all that it belongs to."""
    names = ("name", "project", "pipeline", "environment", "cluster", "owner")
    label = Label(level=resource.level, compartments=frozenset(resource.compartments), integrity=resource.integrity)
    return {
        "uid": thing(resource.id),
        "attrs": {**{name: getattr(resource, name) for name in names}, **_label(label)},
        "parents": [thing(one) for one in resource.above if one != resource.id],
    }


def action_entity(action: str) -> Manifest:
    """With the groups that it is in: entities that are parsed without the schema do not have it."""
    groups = [uid("Action", name) for name, actions in GROUPS.items() if action in actions]
    return {"uid": uid("Action", action), "attrs": {}, "parents": groups}


def context(attributes: Attributes) -> Manifest:
    """Of a call."""
    made: dict[str, Json] = {
        "channel": attributes.channel,
        "hour": attributes.hour,
        "weekday": attributes.weekday,
        "authenticated_age": attributes.authenticated_age,
        "second_factor_age": attributes.second_factor_age,
        "in_scope": attributes.in_scope,
        "own": attributes.own,
        "giving": attributes.giving,
    }
    made |= {f"source_{name}": value for name, value in _label(attributes.source).items()}
    if attributes.address:
        made["address"] = {"__extn": {"fn": "ip", "arg": attributes.address}}
    return made


def _label(label: Label) -> Manifest:
    return {"level": label.level, "compartments": sorted(label.compartments), "integrity": label.integrity}
