"""Variables of modules and classes that something changes after they were made: their first value proves nothing.

Statements are looked at by their targets; calls of methods that change a container by the text, which finds too many
rather than too few. An alias of a container (`names = NAMES`) is not followed.
"""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

from domain.scans.dataflow.joining import joined
from domain.scans.dataflow.state import Obj, State
from domain.scans.dataflow.values import Choice, Const, Other, Ref, Tuple, Value, flat

if TYPE_CHECKING:
    from domain.scans.dataflow.project import ModuleInfo

_CHANGING = re.compile(
    r"\b(\w+)\s*\.\s*(?:append|appendleft|extend|insert|update|setdefault|pop|popitem|popleft|remove|discard|clear|add"
    r"|sort|reverse|__setitem__|__delitem__)\s*\("
)
_SETATTR = re.compile(r"\b(?:setattr|delattr|__setattr__)\s*\([^,()]+,\s*[rbfu]?[\"'](\w+)[\"']")
_WILD = re.compile(r"\b(?:globals|exec|vars)\s*\(")
_WORD = re.compile(r"\w+")
_CONTAINERS = ("list", "dict", "set")


def changed_by(node: ast.AST, in_function: bool) -> Iterator[tuple[str, bool]]:
    """Names that a statement changes, and whether they are attributes of `self`.

    Of a module's own body only what is changed through something else: its variables are followed there.
    """
    if isinstance(node, ast.Global):
        yield from ((name, False) for name in node.names)
    for target in _targets(node):
        base = target
        while isinstance(base, ast.Subscript | ast.Starred):
            base = base.value
        if isinstance(base, ast.Attribute):
            yield base.attr, isinstance(base.value, ast.Name) and base.value.id == "self"
        elif isinstance(base, ast.Name) and base is not target and in_function:
            yield base.id, False


def _targets(node: ast.AST) -> Iterator[ast.expr]:
    found: list[ast.expr | None] = []
    if isinstance(node, ast.Assign | ast.Delete):
        found += node.targets
    elif isinstance(node, ast.AugAssign | ast.AnnAssign | ast.For | ast.AsyncFor):
        found.append(node.target)
    elif isinstance(node, ast.With | ast.AsyncWith):
        found += [one.optional_vars for one in node.items]
    while found:
        one = found.pop()
        if isinstance(one, ast.Tuple | ast.List):
            found += one.elts
        elif one is not None:
            yield one


def changed_in(text: str) -> Iterator[str]:
    """Names whose content the text of a file may change; `*`: any of its own."""
    yield from (found[1] for found in _CHANGING.finditer(text))
    yield from (found[1] for found in _SETATTR.finditer(text))
    if _WILD.search(text):
        yield "*"


@dataclass(frozen=True)
class Unsteady:
    """The names of a whole project; the same name elsewhere counts as well."""

    names: frozenset[str] = frozenset()
    fields: frozenset[str] = frozenset()
    wild: frozenset[str] = frozenset()
    """Paths of files that may change any of their own variables."""

    def by_name(self, name: str) -> bool:
        """A module's variable of that name is changed somewhere, whichever module it is of."""
        return name in self.names

    def of_module(self, module: ModuleInfo, name: str) -> bool:
        """The module's variable is changed after the module's body has run."""
        return name in self.names or module.path in self.wild

    def of_class(self, name: str) -> bool:
        """The class's attribute is."""
        return name in self.names or name in self.fields

    def differing(self, other: Unsteady) -> frozenset[str]:
        """Names of which they do not say the same."""
        return (self.names ^ other.names) | (self.fields ^ other.fields)


def using(texts: Mapping[str, str], names: frozenset[str]) -> frozenset[str]:
    """Paths of the sources that have one of the names."""
    if not names:
        return frozenset()
    return frozenset(path for path, text in texts.items() if not names.isdisjoint(_WORD.findall(text)))


def weaker(value: Value, st: State) -> Value:
    """The value of a variable that is changed elsewhere; a container keeps what is put into it, and may hold more."""
    if not isinstance(value, Ref):
        return Other(flat(value)) if isinstance(value, Const | Choice | Tuple) else value
    found = st.base.get(value.oid)
    if found is not None and found.kind in _CONTAINERS and value.oid not in st.heap:
        rest: Value = Other(st.labels(value))
        for one in found.values():
            rest = joined(rest, one)
        st.heap[value.oid] = Obj(found.kind, rest=rest)
    return value
