"""Conditions on resources: what is left of a decision when only the resource is not known.

A closed set of forms, so that each has one meaning in Python and one in SQL.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TypeAlias

from domain.access.resource import Resource, ResourceKind


class InexpressibleError(Exception):
    """A policy says something that no condition here can say: rows must be decided one by one."""


@dataclass(frozen=True)
class Constant:
    """The same for all."""

    value: bool


@dataclass(frozen=True)
class Compare:
    """An attribute against a value: `==`, `<` or `<=`."""

    attribute: str
    operator: str
    value: str | int


@dataclass(frozen=True)
class OneOf:
    """An attribute is one of these texts."""

    attribute: str
    values: tuple[str, ...]


@dataclass(frozen=True)
class Below:
    """The resource is this one, or belongs to it (by its id)."""

    id: str


@dataclass(frozen=True)
class IsKind:
    """The resource is of this kind."""

    kind: ResourceKind


@dataclass(frozen=True)
class WithinCompartments:
    """All compartments of the resource are among these."""

    compartments: tuple[str, ...]


@dataclass(frozen=True)
class Granted:
    """The asker has this role on the resource, or on what it belongs to."""

    role: str


@dataclass(frozen=True)
class Not:
    """The opposite."""

    of: Condition


@dataclass(frozen=True)
class All:
    """Each of them; without any: true."""

    of: tuple[Condition, ...]


@dataclass(frozen=True)
class Any:
    """One of them; without any: false."""

    of: tuple[Condition, ...]


Condition: TypeAlias = Constant | Compare | OneOf | Below | IsKind | WithinCompartments | Granted | Not | All | Any
HasRole = Callable[[str, Resource], bool]
TRUE, FALSE = Constant(True), Constant(False)


def simplified(condition: Condition) -> Condition:
    """The same condition without what decides nothing."""
    match condition:
        case Not(inner):
            return _opposite(simplified(inner))
        case All(parts):
            return _joined(parts, All, neutral=TRUE)
        case Any(parts):
            return _joined(parts, Any, neutral=FALSE)
        case _:
            return condition


def _opposite(inner: Condition) -> Condition:
    match inner:
        case Constant(value):
            return Constant(not value)
        case Not(twice):
            return twice
        case _:
            return Not(inner)


def _joined(parts: tuple[Condition, ...], kind: type[All] | type[Any], neutral: Constant) -> Condition:
    kept: list[Condition] = []
    for part in map(simplified, parts):
        if isinstance(part, Constant):
            if part != neutral:
                return part
        elif isinstance(part, kind):
            kept += part.of
        elif part not in kept:
            kept.append(part)
    if not kept:
        return neutral
    return kept[0] if len(kept) == 1 else kind(tuple(kept))


def replaced(condition: Condition, leaf: Callable[[Condition], Condition]) -> Condition:
    """The condition with each part that is not made of others replaced."""
    match condition:
        case Not(inner):
            return Not(replaced(inner, leaf))
        case All(parts):
            return All(tuple(replaced(part, leaf) for part in parts))
        case Any(parts):
            return Any(tuple(replaced(part, leaf) for part in parts))
        case _:
            return leaf(condition)


def meets(condition: Condition, resource: Resource, has_role: HasRole) -> bool:
    """Whether a resource meets a condition: what the SQL of it must say, too."""
    match condition:
        case Constant(value):
            return value
        case Compare():
            return _compared(condition, resource)
        case OneOf(attribute, values):
            return getattr(resource, attribute) in values
        case Below(id_):
            return id_ in resource.above
        case IsKind(kind):
            return resource.kind == kind
        case WithinCompartments(compartments):
            return set(resource.compartments) <= set(compartments)
        case Granted(role):
            return has_role(role, resource)
        case Not(inner):
            return not meets(inner, resource, has_role)
        case All(parts):
            return all(meets(part, resource, has_role) for part in parts)
        case Any(parts):
            return any(meets(part, resource, has_role) for part in parts)


def _compared(condition: Compare, resource: Resource) -> bool:
    found = getattr(resource, condition.attribute)
    match condition.operator:
        case "==":
            return bool(found == condition.value)
        case "<":
            return bool(found < condition.value)
        case _:
            return bool(found <= condition.value)
