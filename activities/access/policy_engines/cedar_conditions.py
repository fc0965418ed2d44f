"""What Cedar leaves of policies when the resource is not known, as conditions of the domain."""

from __future__ import annotations

from typing import Any as Anything

from activities.access.policy_engines.schema import RESOURCES
from domain.access.condition import (
    FALSE,
    All,
    Any,
    Below,
    Compare,
    Condition,
    Constant,
    Granted,
    InexpressibleError,
    IsKind,
    Not,
    OneOf,
    WithinCompartments,
    simplified,
)

Residual = dict[str, Anything]
"""A node of Cedar's JSON format of policies."""
TEXTS = frozenset({"name", "project", "pipeline", "environment", "cluster", "owner"})
NUMBERS = frozenset({"level", "integrity"})
KINDS = {name: kind for kind, name in RESOURCES.items()}
MAX_DEPTH = 60


def condition_of(residuals: dict[str, Residual]) -> Condition:
    """One of the permits, and none of the forbids.

    Raises:
        InexpressibleError: a policy says something that conditions cannot.
    """
    permits = tuple(_policy(one) for one in residuals.values() if one["effect"] == "permit")
    forbids = tuple(_policy(one) for one in residuals.values() if one["effect"] != "permit")
    return simplified(All((Any(permits), Not(Any(forbids)))))


def _policy(residual: Residual) -> Condition:
    if any(residual[part] != {"op": "All"} for part in ("principal", "action", "resource")):
        raise InexpressibleError("a scope that was not evaluated")
    parts = [
        _node(one["body"], 0) if one["kind"] == "when" else Not(_node(one["body"], 0)) for one in residual["conditions"]
    ]
    return simplified(All(tuple(parts)))


def _node(node: Residual, depth: int) -> Condition:
    if depth > MAX_DEPTH:
        raise InexpressibleError("nested too deeply")
    (operator, body), *more = node.items()
    if more:
        raise InexpressibleError("an unknown form")
    match operator:
        case "Value" if isinstance(body, bool):
            return Constant(body)
        case "&&":
            return All((_node(body["left"], depth + 1), _node(body["right"], depth + 1)))
        case "||":
            return Any((_node(body["left"], depth + 1), _node(body["right"], depth + 1)))
        case "!":
            return Not(_node(body["arg"], depth + 1))
        case "if-then-else":
            return _choice(body, depth + 1)
        case _:
            return _leaf(operator, body)


def _choice(body: Residual, depth: int) -> Condition:
    test, then, other = (_node(body[name], depth) for name in ("if", "then", "else"))
    return Any((All((test, then)), All((Not(test), other))))


def _leaf(operator: str, body: Anything) -> Condition:
    match operator:
        case "==" | "<" | "<=":
            return _comparison(operator, body["left"], body["right"])
        case "!=":
            return Not(_comparison("==", body["left"], body["right"]))
        case "in":
            _resource(body["left"])
            return _inside(body["right"])
        case "is":
            _resource(body["left"])
            return IsKind(KINDS[body["entity_type"]]) if body["entity_type"] in KINDS else FALSE
        case "contains":
            return OneOf(_attribute(body["right"], TEXTS), _texts(body["left"]))
        case "containsAll":
            if body["right"].get("Set") == []:
                return All(())
            _attribute(body["right"], frozenset({"compartments"}))
            return WithinCompartments(_texts(body["left"]))
        case _:
            raise InexpressibleError(operator)


def _comparison(operator: str, left: Residual, right: Residual) -> Condition:
    """A value on the left is turned around: `2 < level` is no `level <= 2`."""
    if "Value" in left:
        if operator == "==":
            return _comparison(operator, right, left)
        turned = "<=" if operator == "<" else "<"
        return Not(_comparison(turned, right, left))
    value = right.get("Value")
    if "unknown" in left and operator == "==" and isinstance(value, dict):
        return _same(value)
    if isinstance(value, str) and operator == "==":
        return Compare(_attribute(left, TEXTS), operator, value)
    if isinstance(value, int) and not isinstance(value, bool):
        return Compare(_attribute(left, NUMBERS), operator, value)
    raise InexpressibleError("a comparison of two things that are not known")


def _same(value: Residual) -> Condition:
    kind, name = _entity(value)
    return All((IsKind(KINDS[kind]), Compare("name", "==", name))) if kind in KINDS else FALSE


def _inside(node: Residual) -> Condition:
    if "Set" in node:
        return Any(tuple(_inside(one) for one in node["Set"]))
    value = node.get("Value")
    if isinstance(value, list):
        return Any(tuple(_inside({"Value": one}) for one in value))
    if not isinstance(value, dict):
        raise InexpressibleError("in")
    kind, name = _entity(value)
    if kind == "Granted":
        return Granted(name)
    return Below(f"{KINDS[kind]}:{name}") if kind in KINDS else FALSE


def _entity(value: Residual) -> tuple[str, str]:
    entity = value.get("__entity")
    if not isinstance(entity, dict):
        raise InexpressibleError("a record")
    return entity["type"], entity["id"]


def _resource(node: Residual) -> None:
    if node != {"unknown": [{"Value": "resource"}]}:
        raise InexpressibleError("something else than the resource")


def _attribute(node: Residual, of: frozenset[str]) -> str:
    body = node.get(".")
    if not isinstance(body, dict) or body["attr"] not in of:
        raise InexpressibleError("an attribute that rows do not have")
    _resource(body["left"])
    return str(body["attr"])


def _texts(node: Residual) -> tuple[str, ...]:
    values = node["Value"] if "Value" in node else [one.get("Value") for one in node.get("Set", [None])]
    if not isinstance(values, list) or not all(isinstance(one, str) for one in values):
        raise InexpressibleError("a set of something else than texts")
    return tuple(values)
