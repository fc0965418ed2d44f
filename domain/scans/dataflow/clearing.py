"""Sinks that nothing of a stranger's gets into: what a less precise tool says of them is refuted.

A sink is clear when each value that was seen there is known, a constant, or a stranger's that was checked. A value that
nobody knows, such as a parameter of a function that is called from elsewhere, clears nothing.
"""

from __future__ import annotations

import ast
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING

from domain.scans.dataflow.models.rules import RULES
from domain.scans.dataflow.project import parsed
from domain.scans.dataflow.state import State, proven
from domain.scans.dataflow.values import (
    EVERYTHING,
    LISTED,
    Choice,
    Const,
    Other,
    Ref,
    Several,
    Taint,
    Tuple,
    Value,
    is_known,
    scalars,
)
from domain.scans.findings.model import Cleared

if TYPE_CHECKING:
    from domain.scans.dataflow.machine import Machine
    from domain.scans.dataflow.project import FuncInfo, ModuleInfo

MAX_DEPTH = 3
MAX_MADE = 200
"""Lines that make one variable."""
MAX_LINES = 60
"""A longer call is cleared by its first lines only."""


@dataclass
class Met:
    """A sink that was seen, with all that was seen there so far."""

    rule: str
    module: ModuleInfo
    func: FuncInfo | None
    node: ast.AST
    clear: bool = True
    entered: bool = False
    """It was also seen where nobody knows the parameters of its function."""
    numbered: bool = False
    """It is clear only as long as nothing but a route calls its function."""

    @property
    def cwe(self) -> str:
        """The weakness that it would be."""
        return RULES[self.rule].cwe

    def lines(self, made: Made) -> frozenset[int]:
        """The call's, and those of the assignments that made its arguments."""
        names = {one.id for one in ast.walk(self.node) if isinstance(one, ast.Name)}
        known = made.of(self.module, self.func)
        return frozenset(_range(self.node)).union(*(known.get(name, ()) for name in names))


class Made:
    """Where variables are assigned, or called a method of, such as `parser.setFeature(...)`: per function, once."""

    def __init__(self) -> None:
        self._known: dict[object, dict[str, set[int]]] = {}

    def of(self, module: ModuleInfo, func: FuncInfo | None) -> dict[str, set[int]]:
        """Lines by name, of the module's body and the function's."""
        if (func or module) not in self._known:
            inside: Iterable[ast.AST] = ast.walk(func.node) if func else ()
            found: dict[str, set[int]] = {}
            for one in (*module.tree.body, *inside):
                if isinstance(one, ast.Assign | ast.AnnAssign | ast.AugAssign | ast.Expr):
                    for name in _targets(one):
                        lines = found.setdefault(name, set())
                        if len(lines) < MAX_MADE:
                            lines.update(_range(one))
            self._known[func or module] = found
        return self._known[func or module]


def known(value: Value, st: State, depth: int = MAX_DEPTH) -> bool:
    """Everything in a value is a constant, or has a label that says where it comes from."""
    if isinstance(value, Ref):
        found = st.obj(value)
        if found is None or not depth:
            return False
        st.base.meter.spend(found.size() >> 3)
        return all(known(one, st, depth - 1) for one in found.values())
    if isinstance(value, Tuple):
        return all(known(one, st, depth) for one in value.items)
    if isinstance(value, Several):
        return not value.more and all(known(one, st, depth) for one in value.values)
    return isinstance(value, Const | Choice) or (isinstance(value, Other) and is_known(value))


CODE = "dataflow-code-injection"
_ACTING = (ast.Call, ast.Attribute, ast.Import, ast.ImportFrom, ast.Await, ast.NamedExpr)


def is_settled(rule: str, value: Value, st: State) -> bool:
    """Nothing unknown is in a value that reaches a sink, and as code it does nothing that was not followed."""
    if rule != CODE:
        return known(value, st)
    found = scalars(value)
    if found is not None:
        st.base.meter.spend(sum(len(one) >> 4 for one in found if isinstance(one, str)))
        return all(map(is_inert, found))
    whole = isinstance(value, Other) and value.sure is None and bool(value.taint) and not value.prefix
    return whole or (isinstance(value, Other) and value.name == "compile()" and is_known(value))


def is_inert(text: object) -> bool:
    """Code that only computes: what it would call, or read from a request, is not followed."""
    if not isinstance(text, str):
        return False
    try:
        tree = parsed(text)
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        return True
    return all(isinstance(one, ast.Expr) for one in tree.body) and not any(
        isinstance(one, _ACTING) for one in ast.walk(tree)
    )


def reached(m: Machine, rule: str, value: Value, st: State, node: ast.AST) -> None:
    """A value reaches a sink, whatever it is."""
    taint = st.labels(value)
    if not is_settled(rule, value, st) or only_listed(taint, st):
        m.seen(rule, node, clear=False)
    if taint:
        m.harm(rule, taint, st, node)
    else:
        m.seen(rule, node, clear=True)


def only_listed(taint: Taint, st: State) -> bool:
    """A label is clean only because it is in a list that nobody knows all of."""
    proven_of = (one.cleaned | proven(st.facts, one.key) for one in taint)
    return any(LISTED in one and EVERYTHING not in one for one in proven_of)


@dataclass(frozen=True)
class Seeming:
    """Lines that are clear if the callers of their function are known: it was only seen with what those hand it."""

    cleared: Cleared
    function: int
    """The function's first line."""


@dataclass(frozen=True)
class Told:
    """What one file says of sinks: another file may have seen the same ones."""

    clear: tuple[Cleared, ...] = ()
    unclear: tuple[Cleared, ...] = ()
    seeming: tuple[Seeming, ...] = ()


def cleared(met: Iterable[Met]) -> Told:
    """The lines of sinks that were seen."""
    found: dict[tuple[bool, str, str, int], set[int]] = {}
    places = Made()
    for one in met:
        depends = one.clear and (one.numbered or not one.entered)
        first = one.func.node.lineno if one.func is not None and depends else 0
        clear = one.clear and ((one.entered and not one.numbered) or bool(first))
        found.setdefault((clear, one.module.path, one.cwe, first), set()).update(one.lines(places))
    made = {key: Cleared(path=key[1], cwe=key[2], lines=tuple(sorted(lines))) for key, lines in sorted(found.items())}
    return Told(
        tuple(one for key, one in made.items() if key[0] and not key[3]),
        tuple(one for key, one in made.items() if not key[0]),
        tuple(Seeming(one, key[3]) for key, one in made.items() if key[0] and key[3]),
    )


Span = tuple[str, int, int]
"""Path, first and last line."""


def united(clear: Iterable[Cleared], unclear: Iterable[Cleared], skipped: Iterable[Span] = ()) -> tuple[Cleared, ...]:
    """What is clear wherever it was seen from. `skipped`: functions that were not run for one of their calls."""
    lines: dict[tuple[str, str], set[int]] = {}
    for one in clear:
        lines.setdefault((one.path, one.cwe), set()).update(one.lines)
    for one in unclear:
        lines.get((one.path, one.cwe), set()).difference_update(one.lines)
    cwes: dict[str, list[set[int]]] = {}
    for (path, _), mine in lines.items():
        cwes.setdefault(path, []).append(mine)
    for path, first, last in skipped:
        for mine in cwes.get(path, ()):
            mine.difference_update(range(first, last + 1))
    return tuple(
        Cleared(path=path, cwe=cwe, lines=tuple(sorted(mine))) for (path, cwe), mine in sorted(lines.items()) if mine
    )


def _range(node: ast.AST) -> range:
    start = getattr(node, "lineno", 0)
    end = getattr(node, "end_lineno", None) or start
    return range(start, min(end, start + MAX_LINES) + 1)


def _targets(one: ast.stmt) -> Iterator[str]:
    if isinstance(one, ast.Expr):
        called = one.value.func if isinstance(one.value, ast.Call) else None
        if isinstance(called, ast.Attribute) and isinstance(called.value, ast.Name):
            yield called.value.id
        return
    targets = one.targets if isinstance(one, ast.Assign) else [getattr(one, "target", None)]
    for target in targets:
        yield from (each.id for each in ast.walk(target) if isinstance(each, ast.Name)) if target else ()
