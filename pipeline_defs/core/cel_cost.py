"""What evaluating an expression can cost at most, from its tree and the sizes of its values, before it is evaluated.

Only macros (`map`, `filter`, `exists`, ...) repeat anything, and nested ones multiply. A unit is about what copying one
value takes the evaluator (0.1 to 0.2 microseconds); it copies the whole list that it has so far for every element of a
`map` or `filter`. The idea is that of Kubernetes' estimated cost (github.com/google/cel-go, checker/cost.go).
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import TypeAlias

from domain.core.values import Json
from pipeline_defs.core import cel_syntax
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

MAX_COST = 2_500_000
"""Units. A `map` over the 2,000 items that for-each allows takes 2,053,002."""
MACROS = frozenset(("all", "exists", "exists_one", "map", "filter"))
_CHARACTERS_PER_UNIT = 16
_REGEX_PER_CHARACTER = 100
_PATH = 20
"""Cost of matching one changed file against a pattern."""
_REGEX_WITH_COUNTS = 400_000
"""Limit of a pattern's expansion, such as `(a{100}){100}`; the evaluator refuses more than ten megabytes compiled."""


@dataclass(frozen=True, slots=True)
class Size:
    """Upper bounds: number of values on all levels, characters of all texts, elements, and the largest element."""

    values: int = 1
    characters: int = 0
    count: int = 0
    element: Size | None = None

    @property
    def weight(self) -> int:
        """Units to read it, texts included. A copy costs only `values`: copies share their texts."""
        return self.values + self.characters // _CHARACTERS_PER_UNIT

    @property
    def inner(self) -> Size:
        """The size of any element; a value without elements counts as a scalar."""
        return self.element or _SCALAR


_SCALAR = Size()
Value: TypeAlias = "Size | Json"
"""A computed size, or the value itself, which is measured on demand."""


def bound(text: str, context: Mapping[str, Json]) -> int:
    """An upper bound of the cost in units; 0 where the text has neither a macro nor a pattern.

    Raises:
        CelSyntaxError: the expression cannot be parsed.
    """
    tree = _repeating(text)
    return _cost(tree, dict(context))[0] if tree else 0


@lru_cache(maxsize=4096)
def _repeating(text: str) -> Node | None:
    """The tree, if a part of it can cost more than its length."""
    return cel_syntax.parse(text) if any(word in text for word in (*MACROS, "matches", "changed")) else None


def measured(value: Value) -> Size:
    """The size of a value, all its levels included."""
    if isinstance(value, Size):
        return value
    if isinstance(value, str):
        return _text(len(value))
    if isinstance(value, Mapping):
        return _collected([*value.keys(), *value.values()], len(value))
    if isinstance(value, Sequence):
        return _collected(value, len(value))
    return _SCALAR


def _text(characters: int) -> Size:
    return Size(1, characters, characters)


def _collected(parts: Iterable[Value], count: int) -> Size:
    return _together([measured(each) for each in parts], count)


def _together(sizes: Sequence[Size], count: int) -> Size:
    """A list or map of these sizes."""
    values, characters = sum(each.values for each in sizes), sum(each.characters for each in sizes)
    return Size(1 + values, characters, count, _largest(sizes))


def _largest(sizes: Sequence[Size]) -> Size | None:
    """The size that none exceeds on any level."""
    if len(sizes) <= 1:
        return sizes[0] if sizes else None
    return Size(
        max(each.values for each in sizes),
        max(each.characters for each in sizes),
        max(each.count for each in sizes),
        _largest([each.element for each in sizes if each.element]),
    )


def _cost(node: Node, scope: dict[str, Value]) -> tuple[int, Value]:
    """The maximum cost in units, and the value or its maximum size."""
    match node:
        case Literal():
            return 1, _text(len(node.text))
        case Name():
            return 1, scope.get(node.name)
        case Select():
            cost, value = _cost(node.operand, scope)
            return cost + 1, _field(value, node.field)
        case Index():
            (cost, value), (key_cost, _) = _cost(node.operand, scope), _cost(node.key, scope)
            key = node.key.text if isinstance(node.key, Literal) and node.key.type == "string" else None
            return cost + key_cost + 1, _field(value, key)
        case Call():
            return (
                _macro(node, node.receiver, scope) if node.receiver and node.function in MACROS else _call(node, scope)
            )
        case Unary():
            cost, value = _cost(node.operand, scope)
            return cost + 1, value
        case _:
            return _combined(node, scope)


def _combined(node: Binary | Conditional | Collection, scope: dict[str, Value]) -> tuple[int, Value]:
    if isinstance(node, Binary):
        parts: tuple[Node, ...] = (node.left, node.right)
    else:
        parts = node.items if isinstance(node, Collection) else (node.condition, node.yes, node.no)
    found = [_cost(each, scope) for each in parts]
    sizes = [measured(value) for _, value in found]
    cost = sum(each for each, _ in found) + sum(each.weight for each in sizes) + 1
    if isinstance(node, Collection):
        return cost, _together(sizes, len(sizes))
    if isinstance(node, Binary) and node.operator == "+":
        left, right = sizes
        inner = _largest([each.element for each in sizes if each.element])
        characters = left.characters + right.characters
        return cost, Size(left.values + right.values - 1, characters, left.count + right.count, inner)
    return cost, _largest(sizes[-2:]) if isinstance(node, Conditional) else _SCALAR


def _field(value: Value, key: str | None) -> Value:
    """One field of an object; any element when the key is not a literal."""
    if isinstance(value, Size) or key is None:
        return measured(value).inner
    return value.get(key) if isinstance(value, Mapping) else None


def _macro(node: Call, over: Node, scope: dict[str, Value]) -> tuple[int, Value]:
    """`over.macro(variable, body ...)`: the body once for each element."""
    cost, value = _cost(over, scope)
    size = measured(value)
    variable = node.arguments[0] if node.arguments else None
    inside = {**scope, variable.name: size.inner} if isinstance(variable, Name) else scope
    each, made = 1, _SCALAR
    for body in node.arguments[1:]:
        body_cost, body_value = _cost(body, inside)
        each, made = each + body_cost, measured(body_value)
    if node.function == "map":
        result = Size(1 + size.count * made.values, size.count * made.characters, size.count, made)
    else:
        result = size if node.function == "filter" else _SCALAR
    copied = size.count * result.values // 2 if node.function in ("map", "filter") else 0
    return cost + size.weight + size.count * (each + made.weight) + copied, result


def _call(node: Call, scope: dict[str, Value]) -> tuple[int, Value]:
    parts = (*([node.receiver] if node.receiver else []), *node.arguments)
    found = [_cost(each, scope) for each in parts]
    weight = sum(measured(value).weight for _, value in found)
    cost = 1 + weight + sum(each for each, _ in found)
    if node.function == "matches":
        cost += _regex(node.arguments[-1] if node.arguments else None, found[-1][1] if found else None)
    if node.function == "changed":
        cost += _PATH * measured(_field(scope.get("event"), "changed_files")).count
    if node.function in ("json", "string"):
        return cost, _text(8 * weight * _CHARACTERS_PER_UNIT)
    return cost, _SCALAR


def _regex(pattern: Node | None, value: Value) -> int:
    """Compiling a pattern, repeated at each evaluation."""
    if isinstance(pattern, Literal) and "{" not in pattern.text:
        return _REGEX_PER_CHARACTER * (10 + len(pattern.text))
    if isinstance(value, str) and "{" not in value:
        return _REGEX_PER_CHARACTER * (10 + len(value))
    return _REGEX_WITH_COUNTS
