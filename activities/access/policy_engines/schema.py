"""The schema that policies are checked against: made from the actions, roles and kinds of the domain."""

from __future__ import annotations

from collections.abc import Iterable
from functools import cache

from domain.access.actions import DANGEROUS, EFFECTS, READS, WRITES, Action
from domain.access.principal import PrincipalKind
from domain.access.resource import ResourceKind
from domain.access.role import OWNED, PUSHED, ROLES

PRINCIPALS = {
    PrincipalKind.PERSON: "Person",
    PrincipalKind.TOKEN: "Token",
    PrincipalKind.WORKLOAD: "Workload",
    PrincipalKind.REPOSITORY: "Pusher",
    PrincipalKind.OWNER: "Anonymous",
    PrincipalKind.ANONYMOUS: "Anonymous",
}
"""The owner of a home is decided about before policies are asked: who gets here by that name is nobody."""
RESOURCES = {kind: kind.value.capitalize() for kind in ResourceKind} | {ResourceKind.PERSON: "Someone"}
"""A person that something is done with is another type than a person who asks."""
GROUPS: dict[str, frozenset[Action]] = {
    **{f"role/{role}": actions for role, actions in ROLES.items()},
    "reads": READS,
    "dangerous": DANGEROUS,
    "effects": EFFECTS,
    "writes": WRITES,
    "trusted": EFFECTS - {Action.EFFECT_EXECUTE},
    "owned": OWNED,
    "pushed": PUSHED,
}
"""Names of sets of actions that policies may use."""
_ASKER = "id: String, level: Long, compartments: Set<String>, roles: Set<String>, project: String"
_ASKER += ", department?: String, tier?: Long, on_call?: Bool"
_THING = "name: String, project: String, pipeline: String, environment: String, cluster: String, owner: String"
_THING += ", level: Long, compartments: Set<String>, integrity: Long"
_CONTEXT = "channel: String, address?: ipaddr, hour: Long, weekday: Long, authenticated_age: Long"
_CONTEXT += ", second_factor_age: Long, in_scope: Bool, own: Bool, giving: String, source_level: Long"
_CONTEXT += ", source_compartments: Set<String>, source_integrity: Long"


@cache
def text() -> str:
    """In Cedar's syntax for schemas."""
    askers = sorted(set(PRINCIPALS.values()))
    lines = [f"type Context = {{ {_CONTEXT} }};", "entity Group;", "entity Granted;"]
    lines += [f"entity {one} in [{'Person, ' if one == 'Token' else ''}Group] {{ {_ASKER} }};" for one in askers]
    lines += [_resource(kind) for kind in ResourceKind]
    lines += [f'action "{group}";' for group in GROUPS]
    lines += [_action(action, askers) for action in Action]
    return "\n".join(lines) + "\n"


def role_templates() -> str:
    """A template for each role: a grant links it to a principal and a resource."""
    return "\n".join(
        f'@id("role/{role}") permit (principal in ?principal, action in Action::"role/{role}", resource in ?resource);'
        for role in ROLES
    )


def _resource(kind: ResourceKind) -> str:
    above = () if kind == ResourceKind.ENGINE else _parents(kind)
    inside = f" in [{', '.join(above)}]" if above else ""
    return f"entity {RESOURCES[kind]}{inside} {{ {_THING} }};"


def _parents(kind: ResourceKind) -> tuple[str, ...]:
    everything = ("Engine",) if kind == ResourceKind.PROJECT else ("Project", "Engine")
    return (*(name for name in ("Pipeline", "Environment", "Cluster") if name != RESOURCES[kind]), *everything)


def _action(action: Action, askers: Iterable[str]) -> str:
    groups = ", ".join(f'"{name}"' for name, actions in GROUPS.items() if action in actions)
    applies = f"principal: [{', '.join(askers)}], resource: [{', '.join(RESOURCES.values())}], context: Context"
    inside = f" in [{groups}]" if groups else ""
    return f'action "{action}"{inside} appliesTo {{ {applies} }};'
