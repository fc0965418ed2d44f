"""Static types of expressions: finds unknown names and functions, and type mismatches, before a run.

A type is one of the words below; `dyn` matches everything. Objects map names to types, so each step of
`needs.build.outputs.version` is checked.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import TypeAlias

from domain.core import globs
from domain.core.values import number
from pipeline_defs.core import cel_syntax
from pipeline_defs.core.cel_syntax import (
    Binary,
    Call,
    CelSyntaxError,
    Collection,
    Conditional,
    Index,
    Literal,
    Name,
    Node,
    Select,
    Unary,
)
from pipeline_defs.core.diagnostics import suggestion


@dataclass(frozen=True)
class OneOf:
    """A string that is always one of these."""

    values: tuple[str, ...]


@dataclass(frozen=True)
class Sometimes:
    """A field that may be missing; `why` says where."""

    type: Type
    why: str


Type: TypeAlias = "str | OneOf | Sometimes | Mapping[str, Type]"
"""string, int, double, bool, null, list, map, dyn; or an object's fields, where `*` matches any name."""

_FUNCTIONS: dict[str, tuple[int, str]] = {
    "success": (0, "bool"),
    "failure": (0, "bool"),
    "always": (0, "bool"),
    "changed": (1, "bool"),
    "glob": (2, "bool"),
    "json": (1, "string"),
    "size": (1, "int"),
    "string": (1, "string"),
    "int": (1, "int"),
    "double": (1, "double"),
    "bool": (1, "bool"),
    "has": (1, "bool"),
    "type": (1, "dyn"),
    "duration": (1, "dyn"),
    "timestamp": (1, "dyn"),
}
_ITERABLE = frozenset(("list", "map", "object"))
_ACCEPTED: dict[str, frozenset[str]] = {
    "size": _ITERABLE | {"string"},
    "string": frozenset(("string", "int", "double", "bool")),
    "int": frozenset(("string", "int", "double")),
    "double": frozenset(("string", "int", "double")),
    "bool": frozenset(("string", "bool")),
    **dict.fromkeys(("changed", "glob", "duration", "timestamp"), frozenset(("string",))),
    **dict.fromkeys(("contains", "startsWith", "endsWith", "matches"), frozenset(("string",))),
    **dict.fromkeys(("all", "exists", "exists_one", "map", "filter"), _ITERABLE),
}
"""Function to the types that its arguments and its receiver may have; with any other it always fails."""
_METHODS: dict[str, str] = {
    "contains": "bool",
    "startsWith": "bool",
    "endsWith": "bool",
    "matches": "bool",
    "size": "int",
}
_MACROS = {"all": "bool", "exists": "bool", "exists_one": "bool", "map": "list", "filter": "list"}
_NUMBERS = {"int", "double"}


@dataclass(frozen=True)
class TypeViolation:
    """A type error. `offset` is a character position in the expression."""

    code: str
    message: str
    offset: int = 0
    token: str = ""
    hint: str = ""
    warning: bool = False
    """Whether the expression has a value all the same."""


def check(text: str, scope: Mapping[str, Type], expected: str = "dyn") -> list[TypeViolation]:
    """All type errors of an expression whose value should have the expected type."""
    if not text:
        return [TypeViolation("SLW401", "the expression is empty")]
    try:
        tree = cel_syntax.parse(text)
    except CelSyntaxError as broken:
        rest = text[broken.offset : broken.offset + 20]
        return [TypeViolation("SLW401", "the expression cannot be parsed here", broken.offset, rest)]
    checker = _Checker(text)
    found = checker.type_of(tree, scope)
    if all(one.warning for one in checker.violations) and not _fits(found, expected):
        checker.violations.append(TypeViolation("SLW404", f"expected {expected}, got {_name(found)}", 0, text))
    return checker.violations


def _name(kind: Type) -> str:
    if isinstance(kind, str):
        return kind
    return "string" if isinstance(kind, OneOf) else "object"


def _fits(kind: Type, expected: str) -> bool:
    name = _name(kind)
    return "dyn" in (name, expected) or name == expected or (name == "object" and expected == "map")


class _Checker:
    def __init__(self, text: str) -> None:
        self.text = text
        self.violations: list[TypeViolation] = []

    def type_of(self, node: Node, scope: Mapping[str, Type]) -> Type:
        match node:
            case Literal():
                return node.type
            case Name():
                return self._name(node, scope)
            case Select():
                return self._select(node, scope)
            case Binary():
                return self._binary(node, scope)
            case Call():
                return self._call(node, scope)
            case Unary():
                kind = self.type_of(node.operand, scope)
                return self._expect("bool", kind, node.operand) if node.operator == "!" else kind
            case Conditional():
                self._expect("bool", self.type_of(node.condition, scope), node.condition)
                yes, no = self.type_of(node.yes, scope), self.type_of(node.no, scope)
                return yes if _name(yes) == _name(no) else "dyn"
            case Index():
                return self._index(node, scope)
            case Collection():
                for item in node.items:
                    self.type_of(item, scope)
                return node.type

    def _report(self, code: str, message: str, offset: int, token: str = "", hint: str = "") -> Type:
        self.violations.append(TypeViolation(code, message, offset, token, hint))
        return "dyn"

    def _expect(self, expected: str, kind: Type, node: Node) -> Type:
        if not _fits(kind, expected):
            self._report("SLW404", f"expected {expected}, got {_name(kind)}", node.offset)
        return expected

    def _binary(self, node: Binary, scope: Mapping[str, Type]) -> Type:
        left, right = self.type_of(node.left, scope), self.type_of(node.right, scope)
        if node.operator in ("||", "&&"):
            self._expect("bool", left, node.left)
            return self._expect("bool", right, node.right)
        if node.operator in ("+", "-", "*", "/", "%"):
            return self._arithmetic(node, left, right)
        if node.operator == "in":
            if _name(right) not in ("list", "map", "object", "dyn"):
                message = f"'in' needs a list or a map, got {_name(right)}"
                self._report("SLW404", message, node.right.offset)
        elif not _comparable(left, right):
            message = f"comparing {_name(left)} with {_name(right)} is never true"
            self._report("SLW404", message, node.offset, self.text[:60])
        elif node.operator in ("==", "!="):
            self._one_of(left, node.right)
            self._one_of(right, node.left)
        return "bool"

    def _one_of(self, kind: Type, other: Node) -> None:
        """A text that the other side never is."""
        if not isinstance(kind, OneOf) or not isinstance(other, Literal) or other.type != "string":
            return
        if other.text not in kind.values:
            message = f"it is never '{other.text}': it is one of {', '.join(kind.values)}"
            self._report("SLW404", message, other.offset, other.text, suggestion(other.text, kind.values))

    def _arithmetic(self, node: Binary, left: Type, right: Type) -> Type:
        addable = {"string", "list", "dyn"} | _NUMBERS
        if not {_name(left), _name(right)} <= addable or not _comparable(left, right):
            message = f"operator '{node.operator}' cannot be used with {_name(left)} and {_name(right)}"
            self._report("SLW404", message, node.offset)
        return "dyn" if "dyn" in (_name(left), _name(right)) else left

    def _name(self, node: Name, scope: Mapping[str, Type]) -> Type:
        return scope[node.name] if node.name in scope else self._unknown_name(node.name, node.offset, scope)

    def _select(self, node: Select, scope: Mapping[str, Type]) -> Type:
        base = self.type_of(node.operand, scope)
        if isinstance(base, Mapping):
            return self._field(base, node.field, node.field_offset)
        if base not in ("dyn", "map"):
            self._report("SLW404", f"{_name(base)} has no fields", node.field_offset, node.field)
        return "dyn"

    def _index(self, node: Index, scope: Mapping[str, Type]) -> Type:
        base, key = self.type_of(node.operand, scope), self.type_of(node.key, scope)
        if _name(base) not in (*_ITERABLE, "dyn"):
            return self._report("SLW404", f"{_name(base)} has no elements", node.key.offset)
        if base == "list" and not _fits(key, "int"):
            return self._report("SLW404", f"the index of a list is an int, got {_name(key)}", node.key.offset)
        if isinstance(base, Mapping) and isinstance(node.key, Literal) and node.key.type == "string":
            return self._field(base, node.key.text, node.key.offset)
        return "dyn"

    def _field(self, base: Mapping[str, Type], field: str, offset: int) -> Type:
        if field in base:
            return self._there(field, base[field], offset)
        return "dyn" if "*" in base else self._unknown_name(field, offset, base)

    def _there(self, field: str, kind: Type, offset: int) -> Type:
        """What a field is; a warning where it may be missing, and no has() in the expression asks for it."""
        if not isinstance(kind, Sometimes):
            return kind
        if not re.search(r"\bhas\s*\([^()]*\b" + re.escape(field) + r"\s*\)", self.text):
            hint = f"ask for it first: has(matrix.{field}) ? matrix.{field} : ''"
            self.violations.append(TypeViolation("SLW402", kind.why, offset, field, hint, warning=True))
        return kind.type

    def _call(self, node: Call, scope: Mapping[str, Type]) -> Type:
        return self._function(node, scope) if node.receiver is None else self._method(node, node.receiver, scope)

    def _method(self, node: Call, receiver: Node, scope: Mapping[str, Type]) -> Type:
        self._accepts(node.function, self.type_of(receiver, scope), receiver)
        if node.function in _MACROS and len(node.arguments) == 2:
            variable, body = node.arguments
            self.type_of(body, {**scope, variable.name: "dyn"} if isinstance(variable, Name) else scope)
            return _MACROS[node.function]
        for argument in node.arguments:
            self._accepts(node.function, self.type_of(argument, scope), argument)
        if node.function not in _METHODS:
            return self._unknown_function(node, [*_METHODS, *_MACROS])
        return _METHODS[node.function]

    def _function(self, node: Call, scope: Mapping[str, Type]) -> Type:
        if node.function not in _FUNCTIONS:
            return self._unknown_function(node, _FUNCTIONS)
        count, result = _FUNCTIONS[node.function]
        if len(node.arguments) != count:
            message = f"{node.function}() takes {number(count, 'argument')}, got {len(node.arguments)}"
            return self._report("SLW404", message, node.function_offset, node.function)
        if node.function == "has":  # `has` tests for a name, so an unknown one is allowed
            return result
        for argument in node.arguments:
            self._accepts(node.function, self.type_of(argument, scope), argument)
        if node.function in ("changed", "glob"):
            self._pattern(node.function, node.arguments[-1])
        return result

    def _pattern(self, function: str, pattern: Node) -> None:
        """A literal pattern that fails, or that no path of a repository matches."""
        if not isinstance(pattern, Literal) or pattern.type != "string":
            return
        if wrong := globs.malformed(pattern.text):
            self._report("SLW404", f"{function}() cannot read the pattern: {wrong}", pattern.offset, pattern.text)
        elif function == "changed" and (why := globs.complaint(pattern.text)):
            message = f"the pattern of changed() can never match: {why}"
            self.violations.append(TypeViolation("SLW207", message, pattern.offset, pattern.text, warning=True))

    def _accepts(self, function: str, kind: Type, argument: Node) -> None:
        accepted = _ACCEPTED.get(function)
        if accepted is not None and _name(kind) not in (*accepted, "dyn"):
            words = " or ".join(sorted(accepted - {"object"}))
            self._report("SLW404", f"{function}() needs {words}, got {_name(kind)}", argument.offset)

    def _unknown_name(self, name: str, offset: int, known: Iterable[str]) -> Type:
        return self._report("SLW402", f"unknown name '{name}'", offset, name, suggestion(name, sorted(known)))

    def _unknown_function(self, node: Call, known: Iterable[str]) -> Type:
        name = node.function
        hint = suggestion(name, sorted(known))
        return self._report("SLW403", f"unknown function '{name}'", node.function_offset, name, hint)


def _comparable(left: Type, right: Type) -> bool:
    a, b = _name(left), _name(right)
    return "dyn" in (a, b) or "null" in (a, b) or a == b or {a, b} <= _NUMBERS or {a, b} <= {"map", "object"}
