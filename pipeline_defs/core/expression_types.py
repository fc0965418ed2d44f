"""Types of expressions, checked before anything runs: unknown names and functions, and values that do not fit.

A type is one of the words below; `dyn` fits everything. Objects are mappings from name to type, so that
`needs.build.outputs.version` is followed word by word. The tree is cel-python's.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

from celpy.celparser import CELParseError, CELParser

from domain.core.values import closest

Type = str | Mapping[str, Any]
"""string, int, double, bool, null, list, map, dyn; or an object's fields."""

_TYPE_OF_LITERAL = {
    "INT_LIT": "int",
    "UINT_LIT": "int",
    "FLOAT_LIT": "double",
    "STRING_LIT": "string",
    "MLSTRING_LIT": "string",
    "BYTES_LIT": "string",
    "BOOL_LIT": "bool",
    "NULL_LIT": "null",
}
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
class Complaint:
    """`offset` is a character position in the expression."""

    code: str
    message: str
    offset: int = 0
    token: str = ""
    hint: str = ""


@lru_cache(maxsize=4096)
def _tree(text: str) -> Any:
    return _parser().parse(text)


@lru_cache(maxsize=1)
def _parser() -> Any:
    return CELParser()


def check(text: str, scope: Mapping[str, Type], wanted: str = "dyn") -> list[Complaint]:
    """Everything wrong with an expression whose value should be of the wanted type."""
    if not text:
        return [Complaint("SLW401", "the expression is empty")]
    try:
        tree = _tree(text)
    except CELParseError as broken:
        offset = _offset(text, broken.line or 1, broken.column or 1)
        return [Complaint("SLW401", "the expression cannot be parsed here", offset, text[offset : offset + 20])]
    checker = _Checker(text)
    found = checker.type_of(tree, dict(scope))
    if not checker.complaints and not _fits(found, wanted):
        checker.complaints.append(Complaint("SLW404", f"this is {_name(found)}, and {wanted} is wanted", 0, text))
    return checker.complaints


def _offset(text: str, line: int, column: int) -> int:
    lines = text.splitlines(keepends=True)
    return min(len(text), sum(len(x) for x in lines[: line - 1]) + column - 1)


def _name(kind: Type) -> str:
    return kind if isinstance(kind, str) else "object"


def _fits(kind: Type, wanted: str) -> bool:
    name = _name(kind)
    return "dyn" in (name, wanted) or name == wanted or (name == "object" and wanted == "map")


class _Checker:
    def __init__(self, text: str) -> None:
        self.text = text
        self.complaints: list[Complaint] = []

    def type_of(self, node: Any, scope: dict[str, Type]) -> Type:
        handler = getattr(self, f"_{node.data}", None)
        if handler is not None:
            kind: Type = handler(node, scope)
            return kind
        if len(node.children) == 1 and hasattr(node.children[0], "data"):
            return self.type_of(node.children[0], scope)
        for child in node.children:
            if hasattr(child, "data"):
                self.type_of(child, scope)
        return "dyn"

    def _complain(self, code: str, message: str, node: Any, token: str = "", hint: str = "") -> Type:
        line, column = getattr(node, "line", None), getattr(node, "column", None)
        if line is None and hasattr(node, "meta") and not node.meta.empty:
            line, column = node.meta.line, node.meta.column
        offset = _offset(self.text, line or 1, column or 1)
        self.complaints.append(Complaint(code, message, offset, token, hint))
        return "dyn"

    def _expr(self, node: Any, scope: dict[str, Type]) -> Type:
        kinds = [self.type_of(child, scope) for child in node.children]
        if len(kinds) == 1:
            return kinds[0]
        self._want("bool", kinds[0], node.children[0])
        return kinds[1] if _name(kinds[1]) == _name(kinds[2]) else "dyn"

    def _logic(self, node: Any, scope: dict[str, Type]) -> Type:
        kinds = [self.type_of(child, scope) for child in node.children]
        if len(kinds) == 1:
            return kinds[0]
        for kind, child in zip(kinds, node.children, strict=True):
            self._want("bool", kind, child)
        return "bool"

    _conditionalor = _logic
    _conditionaland = _logic

    def _want(self, wanted: str, kind: Type, node: Any) -> None:
        if not _fits(kind, wanted):
            self._complain("SLW404", f"this is {_name(kind)}, and {wanted} is wanted", _first_token(node))

    def _relation(self, node: Any, scope: dict[str, Type]) -> Type:
        if len(node.children) == 1:
            return self.type_of(node.children[0], scope)
        operator, right = node.children
        left = self.type_of(operator.children[0], scope)
        other = self.type_of(right, scope)
        if operator.data == "relation_in":
            if _name(other) not in ("list", "map", "object", "dyn"):
                self._complain(
                    "SLW404", f"'in' looks into a list or a map, and this is {_name(other)}", _first_token(right)
                )
        elif not _comparable(left, other):
            message = f"{_name(left)} is compared with {_name(other)}, which is never true"
            self._complain("SLW404", message, _first_token(node), self.text[:60])
        return "bool"

    def _addition(self, node: Any, scope: dict[str, Type]) -> Type:
        if len(node.children) == 1:
            return self.type_of(node.children[0], scope)
        left = self.type_of(node.children[0].children[0], scope)
        right = self.type_of(node.children[1], scope)
        addable = {"string", "list", "dyn"} | _NUMBERS
        if not {_name(left), _name(right)} <= addable or not _comparable(left, right):
            self._complain("SLW404", f"{_name(left)} and {_name(right)} cannot be added", _first_token(node))
        return "dyn" if "dyn" in (_name(left), _name(right)) else left

    _multiplication = _addition

    def _unary(self, node: Any, scope: dict[str, Type]) -> Type:
        kind = self.type_of(node.children[-1], scope)
        if len(node.children) == 2 and node.children[0].data == "unary_not":
            self._want("bool", kind, node.children[1])
            return "bool"
        return kind

    def _member_dot(self, node: Any, scope: dict[str, Type]) -> Type:
        base = self.type_of(node.children[0], scope)
        word = node.children[1]
        if isinstance(base, Mapping):
            if word.value in base:
                kind: Type = base[word.value]
                return kind
            if "*" in base:
                return "dyn"
            meant = closest(word.value, base)
            known = ", ".join(sorted(base)) or "nothing"
            hint = f"did you mean '{meant}'?" if meant else f"there is {known}"
            return self._complain("SLW402", f"unknown name '{word.value}'", word, word.value, hint)
        if base not in ("dyn", "map"):
            self._complain("SLW404", f"{base} has no fields", word, word.value)
        return "dyn"

    def _member_index(self, node: Any, scope: dict[str, Type]) -> Type:
        base = self.type_of(node.children[0], scope)
        self.type_of(node.children[1], scope)
        key = _literal_text(node.children[1])
        if isinstance(base, Mapping) and key in base:
            kind: Type = base[key]
            return kind
        return "dyn"

    def _member_dot_arg(self, node: Any, scope: dict[str, Type]) -> Type:
        receiver, name, *rest = node.children
        self.type_of(receiver, scope)
        arguments = rest[0].children if rest else []
        if name.value in _MACROS and len(arguments) == 2:
            variable = _first_token(arguments[0])
            inner = scope | ({variable.value: "dyn"} if variable is not None else {})
            self.type_of(arguments[1], inner)
            return _MACROS[name.value]
        for argument in arguments:
            self.type_of(argument, scope)
        if name.value not in _METHODS:
            known = [*_METHODS, *_MACROS]
            return self._unknown_function(name, known)
        return _METHODS[name.value]

    def _ident_arg(self, node: Any, scope: dict[str, Type]) -> Type:
        name, *rest = node.children
        arguments = rest[0].children if rest else []
        if name.value not in _FUNCTIONS:
            return self._unknown_function(name, _FUNCTIONS)
        wanted, result = _FUNCTIONS[name.value]
        if len(arguments) != wanted:
            message = f"{name.value}() takes {wanted} arguments, and {len(arguments)} are given"
            return self._complain("SLW404", message, name, name.value)
        if name.value == "has":  # asks whether a name exists, so an unknown one is no mistake
            return result
        for argument in arguments:
            self.type_of(argument, scope)
        return result

    def _unknown_function(self, name: Any, known: Any) -> Type:
        meant = closest(name.value, known)
        hint = f"did you mean '{meant}'?" if meant else f"there are {', '.join(sorted(known))}"
        return self._complain("SLW403", f"unknown function '{name.value}'", name, name.value, hint)

    def _ident(self, node: Any, scope: dict[str, Type]) -> Type:
        word = node.children[0]
        if word.value in scope:
            return scope[word.value]
        meant = closest(word.value, scope)
        hint = f"did you mean '{meant}'?" if meant else f"there are {', '.join(sorted(scope))}"
        return self._complain("SLW402", f"unknown name '{word.value}'", word, word.value, hint)

    def _literal(self, node: Any, scope: dict[str, Type]) -> Type:
        return _TYPE_OF_LITERAL.get(node.children[0].type, "dyn")

    def _list_lit(self, node: Any, scope: dict[str, Type]) -> Type:
        for child in node.children:
            self.type_of(child, scope)
        return "list"

    def _map_lit(self, node: Any, scope: dict[str, Type]) -> Type:
        for child in node.children:
            self.type_of(child, scope)
        return "map"


def _comparable(left: Type, right: Type) -> bool:
    a, b = _name(left), _name(right)
    return "dyn" in (a, b) or "null" in (a, b) or a == b or {a, b} <= _NUMBERS or {a, b} <= {"map", "object"}


def _first_token(node: Any) -> Any:
    while hasattr(node, "data"):
        if not node.children:
            return None
        node = node.children[0]
    return node


def _literal_text(node: Any) -> str:
    token = _first_token(node)
    return token.value.strip("'\"") if token is not None and token.type == "STRING_LIT" else ""
