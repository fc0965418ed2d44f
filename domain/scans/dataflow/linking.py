"""Names: variables, imports, the variables of modules and classes, and what a class inherits."""

from __future__ import annotations

import ast
import builtins
import sys
from collections import defaultdict
from typing import TYPE_CHECKING

from domain.scans.dataflow.dependencies import Touched
from domain.scans.dataflow.meter import Meter
from domain.scans.dataflow.models.frameworks import ALIASES, LIBRARIES
from domain.scans.dataflow.project import ClassInfo, ModuleInfo, Project
from domain.scans.dataflow.state import Base, State
from domain.scans.dataflow.unsteady import weaker
from domain.scans.dataflow.values import UNKNOWN, Code, Other, Ref, Value

if TYPE_CHECKING:
    from domain.scans.dataflow.machine import Machine

_BUILTINS = frozenset(dir(builtins))
MAX_BASES = 20


class Links:
    """What modules and classes of the project hold, worked out once."""

    def __init__(self, project: Project, meter: Meter) -> None:
        self.project = project
        self.envs: dict[ModuleInfo, dict[str, Value]] = {}
        self.classes: dict[ClassInfo, dict[str, Value]] = {}
        self.orders: dict[ClassInfo, list[ClassInfo | str]] = {}
        self.base = Base(meter)
        self.found: dict[tuple[str, str], ModuleInfo | None] = {}
        """Imports by file and name."""
        self.touched = Touched()
        """What is looked at by the file that is entered, or loaded."""
        self.loaded: dict[str, Touched] = defaultdict(Touched)
        """What loading a file has looked at."""
        self.later: dict[str, list[Code]] = defaultdict(list)
        """Functions that loading a file has defined in others."""

    def find(self, name: str, importer: ModuleInfo) -> ModuleInfo | None:
        """The project's module of that name, as the importer sees it."""
        key = (importer.path, name)
        self.touched.names.add(name.rpartition(".")[2])
        if key not in self.found:
            found = self.project.find(name, importer)
            if found is not None and _is_library(name, found, importer):
                found = None  # a namesake in the project is not what is imported, or only says that it is
            self.found[key] = found
        known = self.found[key]
        if known is not None:
            self.touched.files.add(known.path)
        return known


def _is_library(name: str, found: ModuleInfo, importer: ModuleInfo) -> bool:
    """A library with a model here, unless the importer is a part of it; or Python's own, that no root module hides."""
    top = name.split(".")[0]
    if top in LIBRARIES:
        return f".{top}." not in f".{importer.name}."
    return top in sys.stdlib_module_names and found.name != name


def lookup(m: Machine, name: str, st: State) -> Value:
    """The value of a variable: local, of an enclosing function, of the module, or built in."""
    found = st.env.get(name)
    if found is not None:
        func = m.frame.func
        return found if not m.written or func is None else m.written_to(func, name, found)
    closure = m.frame.closure
    if closure is not None and (found := closure.get(name)) is not None:
        return found
    found = module_env(m, m.frame.module).get(name)
    if found is not None:
        found = weaker(found, st) if m.project.unsteady.of_module(m.frame.module, name) else found
        return m.written_to(m.frame.module, name, found)
    return Other((), name) if name in _BUILTINS else UNKNOWN


def _from(m: Machine, source: ModuleInfo, name: str, alias: str, value: Value, st: State) -> Value:
    """A variable of another module. Under its own name, it is weakened whenever it is looked up."""
    unsteady = m.project.unsteady
    if not unsteady.of_module(source, name) or (isinstance(value, Ref) and alias == name and unsteady.by_name(name)):
        return value
    return _content(value, st) if isinstance(value, Ref) else weaker(value, st)


def _somewhere(m: Machine, value: Value) -> Value:
    """A value that is changed elsewhere, where no state is at hand."""
    state = State({}, {}, {}, m.links.base)
    return _content(value, state) if isinstance(value, Ref) else weaker(value, state)


def _content(value: Ref, st: State) -> Value:
    """Whatever a container holds, if it is one."""
    found = st.obj(value)
    return Other(st.labels(value)) if found is not None and found.kind in ("list", "dict", "set") else value


def module_env(m: Machine, module: ModuleInfo) -> dict[str, Value]:
    """The variables of a module after its body has run; in a circle of imports, those so far.

    A circle is loaded from its first file on, whichever is asked for: else what is found would depend on who asks.
    """
    touched = m.links.touched
    if module.path in touched.whole and (known := m.links.envs.get(module)) is not None:
        return known
    circle = m.project.circles.get(module.path, ())
    touched.files.update((module.path, *circle))
    touched.whole.add(module.path)
    members = [one for path in circle if (one := m.project.module(path)) is not None]
    if not any(one in m.links.envs for one in members):
        for one in members:
            if one not in m.links.envs:
                _load(m, one)
    known = m.links.envs.get(module)
    return known if known is not None else _load(m, module)


def _load(m: Machine, module: ModuleInfo) -> dict[str, Value]:
    state = State({}, {}, {}, m.links.base)
    m.links.envs[module] = state.env
    _apart(m, module, module.tree.body, state)
    m.links.envs[module] = state.env
    m.links.base.update(state.heap)
    return state.env


def _apart(m: Machine, module: ModuleInfo, statements: list[ast.stmt], st: State) -> None:
    """Runs the body of a module or class with a budget of its own; what it does belongs to its file."""
    if m.meter.exhausted:
        m.cut.add((module.path, "the module's body"))
        return
    kept = m.meter.steps, m.depth, m.frame, m.owner, m.stack, m.entry, m.later
    by = m.links.touched
    by.files.add(module.path)
    m.meter.steps, m.depth, m.owner, m.stack, m.entry = 0, 0, module.path, [], None
    m.frame, m.links.touched = m.new_frame(module), m.links.loaded[module.path]
    m.later = m.links.later[module.path]
    try:
        m.run(statements, st)
    except m.over_budget:
        m.cut.add((module.path, "the module's body"))
    finally:
        m.meter.total += m.meter.steps
        m.meter.steps, m.depth, m.frame, m.owner, m.stack, m.entry, m.later = kept
        m.links.touched = by


def module_value(m: Machine, name: str, importer: ModuleInfo) -> Value:
    """What `import name` gives."""
    found = m.links.find(name, importer)
    return Code(found) if found is not None else Other((), name)


def imported(m: Machine, node: ast.Import, st: State) -> None:
    """`import a.b as c`."""
    for one in node.names:
        if one.asname:
            st.env[one.asname] = module_value(m, one.name, m.frame.module)
            continue
        top = one.name.split(".")[0]
        found = m.links.find(top, m.frame.module)
        st.env[top] = Code(found) if found is not None else Other((), top)


def imported_from(m: Machine, node: ast.ImportFrom, st: State) -> None:
    """`from a.b import c`."""
    here = m.frame.module
    name = m.project.relative(here, node.level, node.module or "") if node.level else node.module or ""
    source = m.links.find(name, here) if name else None
    for one in node.names:
        if one.name == "*":
            if source is not None and source is not here:
                every = module_env(m, source).items()
                st.env.update({key: _from(m, source, key, key, value, st) for key, value in every if key[:1] != "_"})
            continue
        found = _member(m, source, name, one.name)
        alias = one.asname or one.name
        st.env[alias] = _from(m, source, one.name, alias, found, st) if source is not None else found


def _member(m: Machine, source: ModuleInfo | None, name: str, member: str) -> Value:
    if source is not None:
        found = module_env(m, source).get(member)
        if found is not None:
            return found
    sub = m.links.find(f"{name}.{member}" if name else member, m.frame.module)
    if sub is not None:
        return Code(sub)
    if source is not None:
        return UNKNOWN
    full = f"{name}.{member}" if name else member
    return Other((), ALIASES.get(full, full))


def member_of_module(m: Machine, module: ModuleInfo, attr: str) -> Value:
    """`module.attr`."""
    found = module_env(m, module).get(attr)
    if found is not None:
        return _somewhere(m, found) if m.project.unsteady.of_module(module, attr) else found
    sub = m.links.find(f"{module.name}.{attr}", module) if module.is_package else None
    return Code(sub) if sub is not None else UNKNOWN


def class_env(m: Machine, info: ClassInfo) -> dict[str, Value]:
    """The attributes of a class after its body has run."""
    m.links.touched.files.add(info.module.path)
    known = m.links.classes.get(info)
    if known is not None:
        return known
    state = State({}, {}, {}, m.links.base)
    m.links.classes[info] = state.env
    _apart(m, info.module, info.node.body, state)
    m.links.classes[info] = state.env
    m.links.base.update(state.heap)
    return state.env


def order(m: Machine, info: ClassInfo) -> list[ClassInfo | str]:
    """The class and all that it inherits from, nearest first; library classes by their dotted name."""
    m.links.touched.files.add(info.module.path)
    known = m.links.orders.get(info)
    if known is not None:
        return known
    found: list[ClassInfo | str] = [info]
    m.links.orders[info] = found
    frame, by = m.frame, m.links.touched
    m.frame, m.links.touched = m.new_frame(info.module), m.links.loaded[info.module.path]
    state = State({}, {}, {}, m.links.base)
    try:
        bases = [m.eval(base.value if isinstance(base, ast.Subscript) else base, state) for base in info.node.bases]
    finally:
        m.frame, m.links.touched = frame, by
    for base in bases[:MAX_BASES]:
        if isinstance(base, Code) and isinstance(base.info, ClassInfo):
            found += [one for one in order(m, base.info) if one not in found]
        elif isinstance(base, Other) and base.name:
            found.append(base.name)
    return found


def of_class(m: Machine, info: ClassInfo, attr: str) -> Value | None:
    """An attribute from the class or one of the project's classes that it inherits from."""
    for one in order(m, info):
        if isinstance(one, ClassInfo) and (found := class_env(m, one).get(attr)) is not None:
            return found if not m.project.unsteady.of_class(attr) else _somewhere(m, found)
    return None


def library_bases(m: Machine, info: ClassInfo) -> list[str]:
    """Dotted names of the library classes that it inherits from."""
    return [one for one in order(m, info) if isinstance(one, str)]
