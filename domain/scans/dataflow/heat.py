"""Which functions are worth running: those in which something from outside may start, and those that may get it.

By words, not by calls: a function is hot if its text has a word of a source, or the name of something hot in its own
module or in one that it imports. Too many hot functions cost time; one too few would cost a finding, so names decide.
What this needs of a file is kept with it, so that a file that has not changed need not be parsed.
"""

from __future__ import annotations

import ast
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

from domain.scans.dataflow.models.frameworks import HASHERS, RANDOM_TOKENS, SOURCES, TOKENS

if TYPE_CHECKING:
    from domain.scans.dataflow.project import FuncInfo, ModuleInfo, Project

Place = tuple[str, int]
"""Path and first line of a function."""
ROUNDS = 4
"""Functions between a source and the function that uses its value, found by name."""
_PLAIN = frozenset(
    {"get", "post", "put", "delete", "patch", "head", "options", "dispatch", "main", "setUp", "__init__", "run", "save"}
    | {"update", "add", "items", "values", "keys", "format", "join", "read", "write", "close", "open", "name", "test"}
)
"""Names that say nothing about what is called."""


@dataclass(frozen=True)
class FunctionHeat:
    """What counts of one function."""

    line: int
    words: tuple[str, ...]
    """All words of its text, sorted."""
    starts: bool
    """A source, or something that is weak by itself, may stand in it."""
    brings: bool
    """It may hand its callers something from outside."""
    names: tuple[str, ...]
    """What callers mention."""


@dataclass(frozen=True)
class FileHeat:
    """What counts of one file."""

    functions: tuple[FunctionHeat, ...] = ()
    variables: tuple[str, ...] = ()
    """Variables of the module that hold something of a source."""
    imported: tuple[str, ...] = ()
    """Dotted names of the modules that it may import."""
    loads: tuple[str, ...] = ()
    """Those of them that it imports when it is loaded."""
    names: tuple[str, ...] = ()
    """Names that it imports and hands on."""


@dataclass(frozen=True)
class Heat:
    """`entries`: functions to start from; `warm`: those that may hand their callers something from outside."""

    entries: frozenset[Place] = frozenset()
    warm: frozenset[Place] = frozenset()


def file_heat(module: ModuleInfo, project: Project) -> FileHeat:
    """The heat of a file by itself."""
    return FileHeat(
        functions=tuple(_function(one) for one in module.functions),
        variables=tuple(sorted(_hot_variables(module))),
        imported=tuple(sorted(frozenset(_imported(module, module.imports, project)))),
        loads=tuple(sorted(frozenset(_imported(module, module.loads, project)))),
        names=tuple(sorted({one.asname or one.name for node in module.imports for one in node.names})),
    )


def _function(one: FuncInfo) -> FunctionHeat:
    words, names = tuple(sorted(one.words())), tuple(sorted(_names(one)))
    return FunctionHeat(one.node.lineno, words, starts(one), _brings(one), names)


def _brings(info: FuncInfo) -> bool:
    """What it is handed itself does not count."""
    words = info.words() - {each.arg for each in info.node.args.args}
    return bool(words & SOURCES) or ("random" in info.module.imported and bool(words & RANDOM_TOKENS))


def starts(info: FuncInfo) -> bool:
    """A source, or something that is weak by itself, may stand in the function."""
    words = info.words()
    return bool(words & TOKENS) or ("random" in info.module.imported and bool(words & RANDOM_TOKENS))


def _names(info: FuncInfo) -> set[str]:
    made = {info.cls.name} if info.cls is not None and info.name == "__init__" else set()
    return {info.name} - _PLAIN | made


def _hot_variables(module: ModuleInfo) -> set[str]:
    found: set[str] = set()
    for node in module.tree.body:
        if isinstance(node, (ast.Assign, ast.AnnAssign)):
            words = module.words(node.lineno, node.end_lineno or node.lineno)
            if words & (SOURCES | HASHERS | RANDOM_TOKENS):
                targets = node.targets if isinstance(node, ast.Assign) else [node.target]
                found |= {one.id for one in targets if isinstance(one, ast.Name)}
    return found


def _imported(module: ModuleInfo, nodes: list[ast.Import | ast.ImportFrom], project: Project) -> Iterator[str]:
    for node in nodes:
        if isinstance(node, ast.Import):
            for one in node.names:
                parts = one.name.split(".")
                yield from (".".join(parts[: end + 1]) for end in range(len(parts)))
            continue
        name = project.relative(module, node.level, node.module or "") if node.level else node.module or ""
        if name:
            yield name
        yield from (f"{name}.{one.name}" if name else one.name for one in node.names)


def heat_of(files: Mapping[str, FileHeat], imports: Mapping[str, frozenset[str]]) -> Heat:
    """The heat of a project's functions."""
    names = {path: set(heat.variables) for path, heat in files.items()}
    every = [(path, one) for path, heat in files.items() for one in heat.functions]
    warm: set[Place] = set()
    fresh = [(path, one) for path, one in every if one.brings]
    for _ in range(ROUNDS + 1):
        for path, one in fresh:
            names[path].update(one.names)
        warm |= {(path, one.line) for path, one in fresh}
        _pass_on(files, imports, names)
        cold = [(path, one) for path, one in every if (path, one.line) not in warm]
        fresh = [(path, one) for path, one in cold if _mentions(path, one, names, imports)]
        if not fresh:
            break
    return Heat(frozenset(warm | {(path, one.line) for path, one in every if one.starts}), frozenset(warm))


def imports_of(files: Mapping[str, FileHeat], project: Project) -> dict[str, frozenset[str]]:
    """Per file, the files that it may import."""
    return {path: _direct(path, heat.imported, project) for path, heat in files.items()}


def loads_of(files: Mapping[str, FileHeat], project: Project) -> dict[str, frozenset[str]]:
    """Per file, the files that it imports when it is loaded."""
    return {path: _direct(path, heat.loads, project) for path, heat in files.items()}


def _direct(path: str, names: Iterable[str], project: Project) -> frozenset[str]:
    return frozenset(found for name in names if (found := project.path_of(name, path)))


def _pass_on(heats: Mapping[str, FileHeat], imports: Mapping[str, frozenset[str]], names: dict[str, set[str]]) -> None:
    """A module hands on the names that it imports."""
    for path, heat in heats.items():
        for other in imports[path]:
            names[path] |= names.get(other, set()).intersection(heat.names)


def _mentions(
    path: str, one: FunctionHeat, names: Mapping[str, set[str]], imports: Mapping[str, frozenset[str]]
) -> bool:
    if not names[path].isdisjoint(one.words):
        return True
    return any(not names[other].isdisjoint(one.words) for other in imports[path] if other in names)
