"""The project as modules, classes and functions, parsed once, with imports resolved by path."""

from __future__ import annotations

import ast
import re
import warnings
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field

from domain.scans.dataflow.circles import Circles
from domain.scans.dataflow.unsteady import Unsteady, changed_by, changed_in

FuncNode = ast.FunctionDef | ast.AsyncFunctionDef | ast.Lambda
_WORD = re.compile(r"[A-Za-z_]\w*")
PARSES = 5


@dataclass(eq=False)
class FuncInfo:
    """A function; `cls` is the class that defines it."""

    name: str
    node: FuncNode
    module: ModuleInfo
    cls: ClassInfo | None = None
    outer: FuncInfo | None = None

    @property
    def qualified(self) -> str:
        """For people and for sorting: `Repo.find`."""
        return f"{self.cls.name}.{self.name}" if self.cls else self.name

    def words(self) -> frozenset[str]:
        """All words of its text."""
        return self.module.words(self.node.lineno, self.node.end_lineno or self.node.lineno)

    def size(self) -> int:
        """Its lines."""
        return (self.node.end_lineno or self.node.lineno) - self.node.lineno + 1

    def is_generator(self) -> bool:
        """It yields."""
        return not isinstance(self.node, ast.Lambda) and "yield" in self.words()


@dataclass(eq=False)
class ClassInfo:
    """A class with its methods."""

    name: str
    node: ast.ClassDef
    module: ModuleInfo
    methods: dict[str, FuncInfo] = field(default_factory=dict)


@dataclass(eq=False)
class ModuleInfo:
    """A file that parses."""

    path: str
    name: str
    """Dotted, from the root of the project."""
    tree: ast.Module
    lines: list[str]
    functions: list[FuncInfo] = field(default_factory=list)
    """All of its functions, nested ones too, in the order of the file."""
    by_node: dict[ast.AST, FuncInfo | ClassInfo] = field(default_factory=dict)
    imported: frozenset[str] = frozenset()
    """First names of everything that it imports, such as `flask`."""
    imports: list[ast.Import | ast.ImportFrom] = field(default_factory=list)
    loads: list[ast.Import | ast.ImportFrom] = field(default_factory=list)
    """Those of them that run when it is loaded."""
    changes: set[str] = field(default_factory=set)
    """Names of variables and attributes that it changes somewhere, and `*` if that may be any."""
    fields: set[str] = field(default_factory=set)
    """Attributes of `self` that it sets."""
    _words: dict[tuple[int, int], frozenset[str]] = field(default_factory=dict)
    _mentions: Counter[str] = field(default_factory=Counter)

    @property
    def is_package(self) -> bool:
        """Its relative imports start at itself."""
        return self.path.endswith("__init__.py")

    def words(self, start: int, end: int) -> frozenset[str]:
        """All words on these lines; kept by line, since thousands of statements can stand in one."""
        if (start, end) not in self._words:
            self._words[start, end] = frozenset(_WORD.findall("\n".join(self.lines[start - 1 : end])))
        return self._words[start, end]

    def mentions(self, name: str) -> int:
        """How often a name stands in its code, and in texts other than those that only describe it."""
        if not self._mentions:
            self._mentions = Counter(_mentioned(self.tree))
        return self._mentions[name]


def _mentioned(tree: ast.Module) -> Iterator[str]:
    todo: list[ast.AST] = [tree]
    while todo:
        node = todo.pop()
        if isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant):
            continue
        for _, value in ast.iter_fields(node):
            for one in value if isinstance(value, list) else (value,):
                if isinstance(one, ast.AST):
                    todo.append(one)
                elif isinstance(one, str | bytes):
                    yield from _WORD.findall(one if isinstance(one, str) else one.decode("latin-1"))


class Project:
    """All files of a scan. A file is parsed when something is looked for in it.

    `unsteady`, `routed` and `circles` are of all files: who makes a project sets them.
    """

    def __init__(self, sources: Mapping[str, str]) -> None:
        self.unsteady = Unsteady()
        self.routed: frozenset[str] = frozenset()
        self.circles: Circles = {}
        self.broken: dict[str, str] = {}
        """Files that do not parse, with the reason, as far as they were asked for."""
        self._sources = sources
        self._modules: dict[str, ModuleInfo | None] = {}
        self._by_last: dict[str, list[tuple[str, str]]] = defaultdict(list)
        for path in sorted(sources):
            name = dotted(path)
            self._by_last[name.rpartition(".")[2]].append((path, name))

    def module(self, path: str) -> ModuleInfo | None:
        """A file as syntax; None if it does not parse."""
        if path not in self._modules:
            self._modules[path] = self._parsed(path)
        return self._modules[path]

    def _parsed(self, path: str) -> ModuleInfo | None:
        text = self._sources[path]
        try:
            module = ModuleInfo(path, dotted(path), parsed(text), text.split("\n"))
        except (SyntaxError, ValueError, RecursionError, MemoryError) as error:
            self.broken[path] = _reason(error)
            return None
        module.changes |= set(changed_in(text))
        try:
            _index(module)
        except RecursionError:
            self.broken[path] = "nested too deeply"
            return None
        return module

    def find(self, name: str, importer: ModuleInfo) -> ModuleInfo | None:
        """The module that an absolute import means: the one whose path shares most with the importer's."""
        fitting = self._fitting(name, importer.path)
        return next((module for path in fitting if (module := self.module(path)) is not None), None)

    def is_single(self, name: str) -> bool:
        """No two files may be meant by the module's name."""
        return (
            sum(one == name or one.endswith(f".{name}") for _, one in self._by_last.get(name.rpartition(".")[2], ()))
            == 1
        )

    def path_of(self, name: str, importer: str) -> str:
        """As `find`, by paths alone; empty where there is none."""
        return next(iter(self._fitting(name, importer)), "")

    def _fitting(self, name: str, importer: str) -> list[str]:
        fitting = [
            path
            for path, one in self._by_last.get(name.rpartition(".")[2], ())
            if one == name or one.endswith(f".{name}")
        ]

        def nearness(path: str) -> tuple[int, bool, int, str]:
            return _shared(path, importer), _is_package(path), -len(path), path

        return sorted(fitting, key=nearness, reverse=True)

    def relative(self, importer: ModuleInfo, level: int, name: str) -> str:
        """The absolute name of `from ..name import`."""
        parts = importer.name.split(".") if importer.name else []
        drop = level - 1 if importer.is_package else level
        kept = parts[: len(parts) - drop] if drop else parts
        return ".".join([*kept, *([name] if name else [])])


_ROUTES = re.compile(r"<(?:(\w+):)?(\w+)>")
_NUMBERS = ("int", "uuid", "float")


def routed(text: str) -> frozenset[str]:
    """Names of the texts in addresses that Django's `urlpatterns` hand to views; numbers are none."""
    found = _ROUTES.findall(text) if "urlpatterns" in text else ()
    return frozenset(name for kind, name in found if kind not in _NUMBERS)


def parsed(text: str) -> ast.Module:
    """Parses again after a SystemError: before 3.11.9 the depth is counted over all threads (gh-106905)."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        for _ in range(PARSES - 1):
            try:
                return ast.parse(text)
            except SystemError:
                continue
        return ast.parse(text)


def dotted(path: str) -> str:
    """`a/b/__init__.py` to `a.b`."""
    stem = path.rsplit(".", 1)[0]
    return stem.removesuffix("/__init__").removesuffix("__init__").replace("/", ".")


def _is_package(path: str) -> bool:
    """Python takes a package before a module of the same name."""
    return path.endswith("/__init__.py")


def _shared(one: str, other: str) -> int:
    ones, others = one.split("/"), other.split("/")
    number = 0
    for left, right in zip(ones, others, strict=False):
        if left != right:
            break
        number += 1
    return number


def _reason(error: BaseException) -> str:
    if isinstance(error, SyntaxError):
        return f"line {error.lineno}: {error.msg}"
    return "nested too deeply" if isinstance(error, (RecursionError, MemoryError)) else str(error)[:200]


def _index(module: ModuleInfo) -> None:
    imported: set[str] = set()
    todo: list[tuple[ast.AST, ClassInfo | None, FuncInfo | None]] = [(module.tree, None, None)]
    while todo:
        node, cls, outer = todo.pop()
        if isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef)):
            outer = FuncInfo(node.name, node, module, cls, outer)
            module.functions.append(outer)
            module.by_node[node] = outer
            if cls:
                cls.methods[node.name] = outer
            cls = None
        elif isinstance(node, ast.ClassDef):
            cls = ClassInfo(node.name, node, module)
            module.by_node[node] = cls
        elif isinstance(node, ast.Import):
            imported |= {one.name.split(".")[0] for one in node.names}
            module.imports.append(node)
            module.loads += [] if outer else [node]
        elif isinstance(node, ast.ImportFrom):
            imported.add((node.module or "").split(".")[0])
            module.imports.append(node)
            module.loads += [] if outer else [node]
        for name, own in changed_by(node, outer is not None):
            (module.fields if own else module.changes).add(name)
        todo.extend((child, cls, outer) for child in _statements(node))
    module.imported = frozenset(imported)
    module.functions.sort(key=lambda one: one.node.lineno)


def _statements(node: ast.AST) -> Iterable[ast.AST]:
    """The statements inside: definitions in expressions are lambdas, which run where they stand."""
    for part in ("body", "orelse", "finalbody", "handlers", "cases"):
        found = getattr(node, part, ())
        if isinstance(found, list):
            yield from found
