"""Which texts of tests decide whether one passes: those that an assertion compares with, and not what is only mentioned.

A text counts inside an `assert` or `pytest.raises(...)`, and where a name that is used there gets its value: an
assignment, a loop, a column of `parametrize`, a table of the module, or an argument of a helper that asserts. The
error that a test raises itself, as a stand-in, does not count: what it holds is put in, not expected.
"""

from __future__ import annotations

import ast
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from itertools import chain
from pathlib import Path

Function = ast.FunctionDef | ast.AsyncFunctionDef
Names = dict[str, list[ast.expr]]


@dataclass
class _Scope:
    """A function, or a module without its functions."""

    looked_at: list[ast.expr] = field(default_factory=list)
    """By assertions."""
    values: Names = field(default_factory=lambda: defaultdict(list))
    """What a name gets its value from, in the scope itself."""
    columns: Names = field(default_factory=lambda: defaultdict(list))
    """The same for parameters, by `parametrize`."""
    calls: list[ast.Call] = field(default_factory=list)
    parameters: list[str] = field(default_factory=list)
    names: set[str] = field(default_factory=set)
    """Those that assertions look at."""


@dataclass
class _Module:
    top: _Scope
    functions: dict[str, list[_Scope]] = field(default_factory=lambda: defaultdict(list))

    def scopes(self) -> Iterator[_Scope]:
        return chain((self.top,), *self.functions.values())


def asserted(sources: Mapping[Path, str]) -> set[str]:
    """The texts that assertions of these files look at. Helpers of files that hold no tests are known in all."""
    modules = {name: _read(ast.parse(source)) for name, source in sources.items()}
    shared: dict[str, list[_Scope]] = defaultdict(list)
    for name, module in modules.items():
        if not name.name.startswith("test_"):
            for function, scopes in module.functions.items():
                shared[function] += scopes
    texts: set[str] = set()
    seen: set[int] = set()
    while todo := [one for one in _looked_at(modules.values(), shared) if id(one[-1]) not in seen]:
        for module, scope, expression in todo:
            seen.add(id(expression))
            found, names = _content(expression)
            texts |= found
            scope.names |= names
            module.top.names |= names
    return texts


def _read(tree: ast.Module) -> _Module:
    module = _Module(_scope(tree))
    for node in ast.walk(tree):
        if isinstance(node, Function):
            module.functions[node.name].append(_scope(node))
    return module


def _scope(owner: ast.Module | Function) -> _Scope:
    scope = _Scope()
    if isinstance(owner, Function):
        taken = owner.args
        scope.parameters = [one.arg for one in (*taken.posonlyargs, *taken.args) if one.arg not in ("self", "cls")]
        for decorator in owner.decorator_list:
            if isinstance(decorator, ast.Call) and _called(decorator) == "parametrize":
                _columns(scope, decorator)
    for node in _own(owner):
        match node:
            case ast.Assert(test=test):
                scope.looked_at.append(test)
            case ast.Call() if _called(node) == "raises":
                scope.looked_at += [*node.args, *(keyword.value for keyword in node.keywords)]
            case ast.Call():
                scope.calls.append(node)
            case ast.Assign(targets=targets, value=value):
                _give(scope.values, targets, value)
            case ast.AnnAssign(target=target, value=ast.expr() as value) | ast.NamedExpr(target=target, value=value):
                _give(scope.values, [target], value)
            case ast.For(target=target, iter=value) | ast.comprehension(target=target, iter=value):
                _give(scope.values, [target], value)
    return scope


def _own(owner: ast.AST) -> Iterator[ast.AST]:
    """The nodes of a scope, without functions inside of it."""
    waiting = list(ast.iter_child_nodes(owner))
    while waiting:
        node = waiting.pop()
        if not isinstance(node, Function):
            yield node
            waiting.extend(ast.iter_child_nodes(node))


def _give(values: Names, targets: Iterable[ast.expr], value: ast.expr) -> None:
    for target in targets:
        for name in _content(target)[1]:
            values[name].append(value)


def _columns(scope: _Scope, call: ast.Call) -> None:
    names = ast.literal_eval(call.args[0])
    columns = [one.strip() for one in names.split(",")] if isinstance(names, str) else list(names)
    rows = call.args[1].elts if isinstance(call.args[1], ast.List | ast.Tuple) else []
    for index, column in enumerate(columns):
        if len(columns) == 1 or not rows:
            scope.columns[column].append(call.args[1])
        for row in rows if len(columns) > 1 else []:
            cells = row.elts if isinstance(row, ast.List | ast.Tuple) else getattr(row, "args", [])
            scope.columns[column] += cells[index : index + 1] or [row]


def _content(expression: ast.expr) -> tuple[set[str], set[str]]:
    """Texts and names of an expression, without those of an error that it makes."""
    texts, names = set(), set()
    waiting: list[ast.AST] = [expression]
    while waiting:
        node = waiting.pop()
        if isinstance(node, ast.Call) and _called(node).endswith("Error"):
            continue
        if isinstance(node, ast.Constant) and isinstance(node.value, str):
            texts.add(node.value)
        elif isinstance(node, ast.Name):
            names.add(node.id)
        waiting.extend(ast.iter_child_nodes(node))
    return texts, names


def _looked_at(
    modules: Iterable[_Module], shared: Mapping[str, list[_Scope]]
) -> Iterator[tuple[_Module, _Scope, ast.expr]]:
    """What assertions look at, as far as the names are known that they use."""
    for module in modules:
        for scope in module.scopes():
            yield from ((module, scope, one) for one in scope.looked_at)
            for given in (scope.values, scope.columns):
                yield from ((module, scope, one) for name in scope.names & given.keys() for one in given[name])
            for call in scope.calls:
                for helper in module.functions.get(_called(call), ()) or shared.get(_called(call), ()):
                    yield from ((module, scope, value) for value in _passed(call, helper))


def _passed(call: ast.Call, helper: _Scope) -> Iterator[ast.expr]:
    """The arguments for parameters that the helper's assertions look at."""
    yield from (value for name, value in zip(helper.parameters, call.args, strict=False) if name in helper.names)
    yield from (keyword.value for keyword in call.keywords if keyword.arg in helper.names)


def _called(call: ast.Call) -> str:
    return call.func.id if isinstance(call.func, ast.Name) else getattr(call.func, "attr", "")
