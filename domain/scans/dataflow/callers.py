"""Functions all of whose callers are known: what gets to a sink in them is what was seen there, and nothing else.

A helper whose sink only gets constants is safe only as long as nobody else calls it. So each place of the project where
its name stands, in code or texts, must be its definition, an import, or a call that was followed; and each call must
stand in a function that was itself run for everybody, or all of whose callers are known in turn. A method counts if no
instance of its class leaves the variables that hold it. What may call by other ways than by name (a
decorator, a base class of a library, `getattr` with a name that is worked out) makes nothing known.
"""

from __future__ import annotations

import ast
import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass

from domain.scans.dataflow.models.frameworks import WEB
from domain.scans.dataflow.project import ClassInfo, FuncInfo, ModuleInfo, Project
from domain.scans.dataflow.proving import is_provable
from domain.scans.dataflow.routed import is_only_routed

APPLICATIONS = WEB | frozenset(str.split("argparse celery click dramatiq faust huey kafka pika rq typer"))
"""Packages of programs that are run, not imported: the callers of a library are elsewhere."""
_BY_OTHER_WAYS = re.compile(
    r"\b(?:getattr|hasattr)\s*\((?!\s*[\w.]+\s*,\s*['\"]\w+['\"]\s*[,)])|\b(?:vars|globals|locals)\s*\("
    r"|\b(?:__dict__|__getattr__|__getattribute__|__globals__|__class__|__subclasses__|__import__|methodcaller"
    r"|attrgetter|getmembers|import_module|pkgutil|runpy|monkeypatch|mock|setattr|gc)\b|\bsys\s*\.\s*modules\b"
)
"""Ways to a function that do not say its name where it is called."""
_UNBOUND = frozenset({"staticmethod", "classmethod"})
MAX_CHAIN = 8
"""Callers of callers that are looked at."""


@dataclass(frozen=True)
class Site:
    """A call of the project's function that was followed."""

    path: str
    line: int
    column: int
    callee_path: str
    callee_line: int
    entered: bool
    """It stands in a function that was run with parameters that nobody knows."""


class Callers:
    """Of one project, after everything was followed."""

    def __init__(self, project: Project, texts: Mapping[str, str], sites: Iterable[Site]) -> None:
        self._project, self._texts = project, texts
        self._sites: dict[tuple[str, int, int, str, int], bool] = {}
        for one in sites:
            key = (one.path, one.line, one.column, one.callee_path, one.callee_line)
            self._sites[key] = self._sites.get(key, False) or one.entered
        self._hidden = any(map(_BY_OTHER_WAYS.search, texts.values()))
        self._known: dict[tuple[str, int, bool], bool] = {}
        self._tight: dict[ClassInfo, bool] = {}

    def are_known(self, path: str, line: int, *, code: bool = False) -> bool:
        """Of the function that begins at this line of a file. `code`: what it gets is run as code."""
        module = self._project.module(path) if not self._hidden else None
        found = [one for one in module.functions if one.node.lineno == line] if module else []
        return len(found) == 1 and (self._of(found[0], code, MAX_CHAIN) or self._is_routed(found[0], code))

    def _is_routed(self, info: FuncInfo, code: bool) -> bool:
        return is_provable(info, code=code) and is_only_routed(info, self._meaning(info), self._texts)

    def _of(self, info: FuncInfo, code: bool, left: int) -> bool:
        key = (info.module.path, info.node.lineno, code)
        if key not in self._known:
            self._known[key] = False  # for those who call themselves in a circle
            self._known[key] = left > 0 and _is_plain(info, code) and self._looked(info, code, left)
        return self._known[key]

    def _looked(self, info: FuncInfo, code: bool, left: int) -> bool:
        if info.cls is not None and not self._keeps_its_instances(info.cls):
            return False
        calls = self._calls(info)
        return bool(calls) and all(self._is_followed(info, *one, code, left) for one in calls)

    def _is_followed(self, info: FuncInfo, module: ModuleInfo, call: ast.Call, code: bool, left: int) -> bool:
        """The call was followed from a function of which nothing else is to be expected."""
        site = (module.path, call.lineno, call.col_offset, info.module.path, info.node.lineno)
        caller = _around(module, call)
        if site not in self._sites or caller is None or not is_provable(caller, code=code) or _is_open(call):
            return False
        if self._sites[site]:
            return _is_run(caller)
        return self._of(caller, code, left - 1)

    def _calls(self, info: FuncInfo) -> list[tuple[ModuleInfo, ast.Call]]:
        """All of its calls; none if it may be called otherwise too."""
        name = info.cls.name if info.cls is not None else info.name
        found: list[tuple[ModuleInfo, ast.Call]] = []
        for module in self._meaning(info.cls or info):
            if module is None:
                return []
            if info.cls is not None:
                found += [(module, one) for one in _calls_of_method(module, info, info.cls)]
                continue
            mine = [one for one in _calls_by(module, name) if _is_bound(module, one)]
            if len(mine) + (module is info.module) + _imports_of(module, name) != module.mentions(name):
                return []
            found += [(module, one) for one in mine]
        return found

    def _keeps_its_instances(self, cls: ClassInfo) -> bool:
        """Each is called at once, or held by a variable of a function that only calls its methods."""
        if cls not in self._tight:
            self._tight[cls] = _is_bare(cls) and all(
                one is not None and _explained(one, cls) == one.mentions(cls.name) for one in self._meaning(cls)
            )
        return self._tight[cls]

    def _meaning(self, what: FuncInfo | ClassInfo) -> Iterator[ModuleInfo | None]:
        """The files whose code may mean it by its name; None for one that does not parse."""
        for path, text in self._texts.items():
            if what.name not in text:
                continue
            module = self._project.module(path)
            if module is None or (module.mentions(what.name) and not self._means_another(module, what)):
                yield module

    def _means_another(self, module: ModuleInfo, what: FuncInfo | ClassInfo) -> bool:
        """A file that has a definition of its own by that name, or imports another one's."""
        if module is what.module or _is_attribute(module, what.name):
            return False
        source: ModuleInfo | None = module
        if imports := [one for one in module.imports if what.name in {each.name for each in one.names}]:
            source = self._source(module, imports[0]) if len(imports) == 1 and _imports_of(module, what.name) else None
        return source is not None and source is not what.module and _defines(source, what.name)

    def _source(self, module: ModuleInfo, node: ast.Import | ast.ImportFrom) -> ModuleInfo | None:
        """What is imported, if that is certain."""
        if not isinstance(node, ast.ImportFrom):
            return None
        name = self._project.relative(module, node.level, node.module or "") if node.level else node.module or ""
        return self._project.find(name, module) if name and self._project.is_single(name) else None


def _defines(module: ModuleInfo, name: str) -> bool:
    """Once, in its body, and it says the name of nothing else."""
    kinds = (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef)
    found = [one for one in module.tree.body if isinstance(one, kinds) and one.name == name]
    stored = (
        isinstance(one, ast.Name) and one.id == name and not isinstance(one.ctx, ast.Load)
        for one in ast.walk(module.tree)
    )
    return len(found) == 1 and not any(stored)


def _is_attribute(module: ModuleInfo, name: str) -> bool:
    return any(isinstance(one, ast.Attribute) and one.attr == name for one in ast.walk(module.tree))


def _explained(module: ModuleInfo, cls: ClassInfo) -> int:
    """How many of the places that name the class hand out no instance."""
    held = sum(_held(one, cls.name) for one in module.functions if one.outer is None)
    direct = sum(_is_direct(one, cls.name) for one in ast.walk(module.tree))
    return held + direct + _imports_of(module, cls.name) + (module is cls.module)


def _is_plain(info: FuncInfo, code: bool) -> bool:
    """It is called by its name alone."""
    if isinstance(info.node, ast.Lambda) or info.outer is not None or info.name.startswith("__"):
        return False
    decorators = {one.id if isinstance(one, ast.Name) else "" for one in info.node.decorator_list}
    return decorators <= (_UNBOUND if info.cls is not None else frozenset()) and is_provable(info, code=code)


def _is_run(info: FuncInfo) -> bool:
    """It is part of a program, not of a library whose users are elsewhere."""
    return bool(info.module.imported & APPLICATIONS) or "channel" in {one.arg for one in info.node.args.args}


def _is_open(call: ast.Call) -> bool:
    return any(isinstance(one, ast.Starred) for one in call.args) or any(one.arg is None for one in call.keywords)


def _around(module: ModuleInfo, node: ast.expr) -> FuncInfo | None:
    """The innermost function around a place."""
    found = [
        one for one in module.functions if one.node.lineno <= node.lineno <= (one.node.end_lineno or one.node.lineno)
    ]
    inside = [one for one in found if any(each is node for each in ast.walk(one.node))]
    return max(inside, key=lambda one: one.node.lineno, default=None)


def _calls_by(module: ModuleInfo, name: str) -> Iterator[ast.Call]:
    for one in ast.walk(module.tree):
        if isinstance(one, ast.Call) and _last(one.func) == name:
            yield one


def _is_bound(module: ModuleInfo, call: ast.Call) -> bool:
    """By its name, or as a member of an imported module."""
    if isinstance(call.func, ast.Attribute):
        return isinstance(call.func.value, ast.Name) and _is_module(module, call.func.value.id)
    return True


def _calls_of_method(module: ModuleInfo, info: FuncInfo, cls: ClassInfo) -> Iterator[ast.Call]:
    """Calls on an instance of a class that keeps them, or on the class."""
    for one in _calls_by(module, info.name):
        if not isinstance(one.func, ast.Attribute):
            continue
        base, caller = one.func.value, _around(module, one)
        if isinstance(base, ast.Name) and caller is not None:
            own = caller.cls is cls and _first(caller) == base.id
            if own or _holds(caller, base.id, cls.name):
                yield one
        if _is_direct(one, cls.name):
            yield one


def _last(func: ast.expr) -> str:
    return func.attr if isinstance(func, ast.Attribute) else func.id if isinstance(func, ast.Name) else ""


def _is_name(node: ast.expr, name: str) -> bool:
    return isinstance(node, ast.Name) and node.id == name


def _imports_of(module: ModuleInfo, name: str) -> int:
    """How often the file imports the name: once is what a name can mean one thing by."""
    found = [
        one for node in module.imports if isinstance(node, ast.ImportFrom) for one in node.names if one.name == name
    ]
    return len(found) if len(found) == 1 and found[0].asname is None else 0


def _is_module(module: ModuleInfo, name: str) -> bool:
    """The name is that of an import, and of nothing else in the file."""
    imported = [one for node in module.imports for one in node.names if (one.asname or one.name) == name]
    others = (
        (isinstance(one, ast.Name) and one.id == name and not isinstance(one.ctx, ast.Load))
        or (isinstance(one, ast.arg) and one.arg == name)
        for one in ast.walk(module.tree)
    )
    return len(imported) == 1 and not any(others)


def _first(info: FuncInfo) -> str:
    return info.node.args.args[0].arg if info.node.args.args else ""


def _is_bare(cls: ClassInfo) -> bool:
    """Nothing but its own methods act on an instance, and those only use its attributes."""
    if cls.node.decorator_list or cls.node.keywords or any(not _is_name(one, "object") for one in cls.node.bases):
        return False
    return all(_hides_itself(method, cls) for method in cls.methods.values())


def _hides_itself(method: FuncInfo, cls: ClassInfo) -> bool:
    """It uses its instance only for fields, and to call methods."""
    every = list(ast.walk(method.node))
    called = {id(one.func) for one in every if isinstance(one, ast.Call)}
    uses = [one for one in every if isinstance(one, ast.Attribute) and _is_name(one.value, _first(method))]
    bases = {id(one.value) for one in uses}
    if any(isinstance(one, ast.Name) and one.id == _first(method) and id(one) not in bases for one in every):
        return False
    return all(id(one) in called for one in uses if one.attr in cls.methods)


def _assigned(info: FuncInfo, cls: str) -> Iterator[str]:
    """Variables that get an instance."""
    for one in ast.walk(info.node):
        if isinstance(one, ast.Assign) and isinstance(one.value, ast.Call) and _is_name(one.value.func, cls):
            yield from (each.id for each in one.targets if isinstance(each, ast.Name))


def _held(info: FuncInfo, cls: str) -> int:
    return sum(_holds(info, name, cls) for name in _assigned(info, cls))


def _holds(info: FuncInfo, name: str, cls: str) -> bool:
    """The variable gets an instance, once, and is only used to call methods."""
    uses = [one for one in ast.walk(info.node) if isinstance(one, ast.Name) and one.id == name]
    stored = [one for one in uses if not isinstance(one.ctx, ast.Load)]
    bases = {
        id(one.func.value)
        for one in ast.walk(info.node)
        if isinstance(one, ast.Call) and isinstance(one.func, ast.Attribute)
    }
    named = {one.arg for one in ast.walk(info.node) if isinstance(one, ast.arg)}
    single = len(stored) == 1 and list(_assigned(info, cls)).count(name) == 1 and name not in named
    return single and all(id(one) in bases for one in uses if isinstance(one.ctx, ast.Load))


def _is_direct(node: ast.AST, cls: str) -> bool:
    """`Cls(...).method(...)`, or `Cls.method(...)`."""
    if not isinstance(node, ast.Call) or not isinstance(node.func, ast.Attribute):
        return False
    base = node.func.value
    return _is_name(base, cls) or (isinstance(base, ast.Call) and _is_name(base.func, cls))
