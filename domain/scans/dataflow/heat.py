"""Which functions are worth running: those in which something from outside may start, and those that may get it.

By words, not by calls: a function is hot if its text has a word of a source, or the name of something hot in its own
module or in one that it imports. Too many hot functions cost time; one too few would cost a finding, so names decide.
"""

from __future__ import annotations

import ast
from collections.abc import Mapping
from dataclasses import dataclass

from domain.scans.dataflow.models.frameworks import HASHERS, RANDOM_TOKENS, SOURCES, TOKENS
from domain.scans.dataflow.project import FuncInfo, ModuleInfo

ROUNDS = 4
"""Functions between a source and the function that uses its value, found by name."""
_PLAIN = frozenset(
    {"get", "post", "put", "delete", "patch", "head", "options", "dispatch", "main", "setUp", "__init__", "run", "save"}
    | {"update", "add", "items", "values", "keys", "format", "join", "read", "write", "close", "open", "name", "test"}
)
"""Names that say nothing about what is called."""


@dataclass(frozen=True)
class Heat:
    """`entries`: functions to start from; `warm`: those that may hand their callers something from outside."""

    entries: frozenset[FuncInfo] = frozenset()
    warm: frozenset[FuncInfo] = frozenset()


def heat_of(modules: Mapping[str, ModuleInfo], imports: Mapping[str, frozenset[str]]) -> Heat:
    """The heat of a project's functions; `imports`: paths that a path imports itself."""
    names: dict[str, set[str]] = {path: _hot_variables(module) for path, module in modules.items()}
    entries: set[FuncInfo] = set()
    warm: set[FuncInfo] = set()
    cold: list[FuncInfo] = []
    for path, module in modules.items():
        for one in module.functions:
            if starts(one):
                entries.add(one)
            if _brings(one):
                warm.add(one)
                _name(one, names[path])
            else:
                cold.append(one)
    for _ in range(ROUNDS):
        _pass_on(modules, imports, names)
        warmed = [one for one in cold if _mentions(one, names, imports)]
        for one in warmed:
            _name(one, names[one.module.path])
        warm.update(warmed)
        cold = [one for one in cold if one not in warm]
        if not warmed:
            break
    return Heat(frozenset(entries | warm), frozenset(warm))


def _brings(info: FuncInfo) -> bool:
    """It may hand its callers something from outside; what it is handed itself does not count."""
    words = info.words() - {each.arg for each in info.node.args.args}
    return bool(words & SOURCES) or ("random" in info.module.imported and bool(words & RANDOM_TOKENS))


def starts(info: FuncInfo) -> bool:
    """A source, or something that is weak by itself, may stand in the function."""
    words = info.words()
    return bool(words & TOKENS) or ("random" in info.module.imported and bool(words & RANDOM_TOKENS))


def _name(info: FuncInfo, names: set[str]) -> None:
    """What callers mention."""
    names.update({info.name} - _PLAIN)
    if info.cls is not None and info.name == "__init__":
        names.add(info.cls.name)


def _hot_variables(module: ModuleInfo) -> set[str]:
    found: set[str] = set()
    for node in module.tree.body:
        if isinstance(node, (ast.Assign, ast.AnnAssign)):
            words = module.words(node.lineno, node.end_lineno or node.lineno, node)
            if words & (SOURCES | HASHERS | RANDOM_TOKENS):
                targets = node.targets if isinstance(node, ast.Assign) else [node.target]
                found |= {one.id for one in targets if isinstance(one, ast.Name)}
    return found


def _pass_on(
    modules: Mapping[str, ModuleInfo], imports: Mapping[str, frozenset[str]], names: dict[str, set[str]]
) -> None:
    """A module hands on the names that it imports."""
    for path, module in modules.items():
        mine = {one.asname or one.name for node in module.imports for one in node.names}
        for other in imports.get(path, ()):
            names[path] |= names[other] & mine


def _mentions(info: FuncInfo, names: Mapping[str, set[str]], imports: Mapping[str, frozenset[str]]) -> bool:
    words, path = info.words(), info.module.path
    return not words.isdisjoint(names[path]) or any(
        not words.isdisjoint(names[other]) for other in imports.get(path, ())
    )
