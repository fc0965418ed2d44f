"""Values on their way into CEL and back: only those that an expression names, and integers with all their digits.

CEL has 64-bit integers, and the library makes a float of a larger one. A larger one goes in as a map that no operator
takes, so that it comes out as it was, and arithmetic with it is an error instead of a wrong number.
"""

from __future__ import annotations

import math
import re
from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime, timedelta

from domain.core.values import Json
from pipeline_defs.core.cel_syntax import (
    Binary,
    Call,
    Collection,
    Conditional,
    Index,
    Literal,
    Name,
    Node,
    Select,
    Unary,
)

Paths = tuple[tuple[str, ...], ...]
"""A variable with the literal fields that follow it: `needs.build.outputs`."""
_BIG = "an integer of more than 64 bits"
_DIGITS = re.compile(r"-?[0-9]{1,4300}")


class NotJsonError(ValueError):
    """The value of an expression is not a JSON value: not finite, bytes, a type."""


def paths(tree: Node) -> Paths:
    """The paths that an expression reads from its variables."""
    return tuple(dict.fromkeys(_paths(tree)))


def _paths(node: Node) -> Iterator[tuple[str, ...]]:
    path, inner = _path(node)
    if path:
        yield path
    for each in inner:
        yield from _paths(each)


def _path(node: Node) -> tuple[tuple[str, ...], list[Node]]:
    """A node's path, and the nodes below it to examine separately."""
    match node:
        case Name():
            return (node.name,), []
        case Select():
            path, inner = _path(node.operand)
            return ((*path, node.field) if path else (), inner if path else [node.operand])
        case Index() if isinstance(node.key, Literal) and node.key.type == "string" and "\\" not in node.key.text:
            path, inner = _path(node.operand)
            return ((*path, node.key.text) if path else (), inner if path else [node.operand])
        case _:
            return (), list(_below(node))


def _below(node: Node) -> tuple[Node, ...]:
    match node:
        case Index():
            return node.operand, node.key
        case Call():
            return (*((node.receiver,) if node.receiver else ()), *node.arguments)
        case Unary():
            return (node.operand,)
        case Binary():
            return node.left, node.right
        case Conditional():
            return node.condition, node.yes, node.no
        case Collection():
            return node.items
        case _:
            return ()


def pruned(context: Mapping[str, Json], wanted: Paths) -> dict[str, Json]:
    """The variables of a context, with only the wanted fields of objects."""
    kept: dict[str, Json] = {}
    for path in sorted(wanted, key=len):
        _keep(kept, context, path, 0)
    return kept


def _keep(kept: dict[str, Json], source: Mapping[str, Json], path: tuple[str, ...], level: int) -> None:
    key = path[level]
    if key not in source:
        return
    value = source[key]
    if level + 1 == len(path) or not isinstance(value, Mapping):
        kept[key] = value
        return
    inside = kept.setdefault(key, {})
    if inside is not value and isinstance(inside, dict):  # a shorter path already includes all of it
        _keep(inside, value, path, level + 1)


def encoded(value: Json) -> Json:
    """The value for CEL."""
    if isinstance(value, int) and not isinstance(value, bool) and not -(2**63) <= value < 2**63:
        return {_BIG: str(value)}
    if isinstance(value, Mapping):
        return {key: encoded(each) for key, each in value.items()}
    if isinstance(value, Sequence) and not isinstance(value, str):
        return [encoded(each) for each in value]
    return value


def decoded(value: object) -> Json:
    """The value as JSON; durations and times as texts.

    Raises:
        NotJsonError: it has no JSON representation.
    """
    if value is None or isinstance(value, str | bool | int):
        return value
    if isinstance(value, float):
        if not math.isfinite(value):
            raise NotJsonError(f"its value is {value}, which is not a finite number")
        return value
    if isinstance(value, Mapping):
        digits = value.get(_BIG) if len(value) == 1 else None
        if isinstance(digits, str) and _DIGITS.fullmatch(digits):
            return int(digits)
        return {str(key): decoded(each) for key, each in value.items()}
    if isinstance(value, list | tuple):
        return [decoded(each) for each in value]
    if isinstance(value, timedelta):
        return f"{value.total_seconds():g}s"
    if isinstance(value, datetime):
        return value.isoformat().replace("+00:00", "Z")
    raise NotJsonError(f"its value is of the type {type(value).__name__}, which is not JSON")
