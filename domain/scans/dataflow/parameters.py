"""Parameters of functions that are called from outside: who sets them, and what dependencies give."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from typing import TYPE_CHECKING

from domain.scans.dataflow import handlers, invoking, linking, routed
from domain.scans.dataflow.aliases import aliased
from domain.scans.dataflow.clean_types import is_clean_type
from domain.scans.dataflow.fields import last_name
from domain.scans.dataflow.handlers import WHO
from domain.scans.dataflow.models.frameworks import COMMANDS, INJECTED, REQUEST_NAMES, ROUTES, TASKS, WEB
from domain.scans.dataflow.models.model import LOCAL, QUEUE, REMOTE
from domain.scans.dataflow.project import ClassInfo, FuncInfo, ModuleInfo
from domain.scans.dataflow.registering import Registered
from domain.scans.dataflow.state import State
from domain.scans.dataflow.values import UNKNOWN, Code, Other, Ref, Value

if TYPE_CHECKING:
    from domain.scans.dataflow.machine import Machine

_TYPED_PART = re.compile(r"<(?:int|float|uuid)(?:\([^)]*\))?:(\w+)>|<(\w+):(?:int|float|uuid)>")


def decorators(info: FuncInfo) -> frozenset[str]:
    """The last names of its decorators."""
    if isinstance(info.node, ast.Lambda):
        return frozenset()
    found = set()
    for one in info.node.decorator_list:
        target = one.func if isinstance(one, ast.Call) else one
        if isinstance(target, ast.Attribute):
            found.add(target.attr)
        elif isinstance(target, ast.Name):
            found.add(target.id)
    return frozenset(found)


def handler_shape(info: FuncInfo) -> str:
    """By its parameters: `lambda` for `(event, context)`, `message` for a callback of a queue."""
    names = tuple(one.arg for one in info.node.args.args)
    if names == ("event", "context"):
        return "lambda"
    if names[-4:] in (("ch", "method", "properties", "body"), ("channel", "method", "properties", "body")):
        return "message"
    return ""


def bind(m: Machine, info: FuncInfo, st: State, code: Code) -> None:
    """Every parameter of a function that is called from outside gets what that hands over."""
    spec = info.node.args
    every = [*spec.posonlyargs, *spec.args, *spec.kwonlyargs]
    defaults = _defaults(info)
    beside = code.texts if isinstance(code, Registered) else ()
    kind = REMOTE if isinstance(code, Registered) else _kind(info)
    typed = _typed_parts(info, beside)
    method = info.cls is not None and not decorators(info) & {"staticmethod"}
    for index, one in enumerate(every):
        if index == 0 and method and info.cls is not None:
            st.env[one.arg] = _receiver(m, info, info.cls, st)
        elif isinstance(code, Registered) and code.asked and index == method:
            st.env[one.arg] = Other((), "@request")
        elif isinstance(code, Registered) and code.asked and not code.gets(one.arg):
            st.env[one.arg] = UNKNOWN
        else:
            st.env[one.arg] = _parameter(m, info, one, defaults.get(one.arg), kind, typed, st)
    for rest in (spec.vararg, spec.kwarg):
        if rest is not None:
            handed = handlers.parameter(m, info, rest, st)
            if handed is not None:
                st.env[rest.arg] = handed
                continue
            remote = kind == REMOTE or (info.cls is not None and is_view(m, info.cls))
            st.env[rest.arg] = m.source(REMOTE, f"the request's {rest.arg}", rest) if remote else UNKNOWN


def _defaults(info: FuncInfo) -> dict[str, ast.expr]:
    spec = info.node.args
    names = [one.arg for one in (*spec.posonlyargs, *spec.args)]
    found = dict(zip(names[len(names) - len(spec.defaults) :], spec.defaults, strict=True))
    return found | {
        one.arg: default for one, default in zip(spec.kwonlyargs, spec.kw_defaults, strict=True) if default is not None
    }


def _kind(info: FuncInfo) -> str:
    """Who sets the parameters: from the decorators and the shape."""
    above = decorators(info)
    web = info.module.imported & WEB
    if above & ROUTES and web:
        return REMOTE
    shape = handler_shape(info)
    if shape:
        return REMOTE if shape == "lambda" else QUEUE
    if above & TASKS and info.module.imported & {"celery", "dramatiq", "faust", "faststream", "huey", "rq"}:
        return QUEUE
    if above & COMMANDS and info.module.imported & {"click", "typer"}:
        return LOCAL
    names = [one.arg for one in info.node.args.args]
    first = names[1] if info.cls is not None and len(names) > 1 else names[0] if names else ""
    if first == "request" and web & {"django", "rest_framework"} and info.cls is None:
        return REMOTE if "view" in info.module.path else ""
    if info.cls is not None and info.name in ("get", "post", "put", "delete", "patch", "head") and web:
        return REMOTE
    return ""


def _typed_parts(info: FuncInfo, beside: tuple[ast.expr, ...]) -> frozenset[str]:
    """Parameters that the route converts to a number: `<int:id>`."""
    if isinstance(info.node, ast.Lambda):
        return frozenset()
    found: set[str] = set()
    for one in (*info.node.decorator_list, *beside):
        for text in ast.walk(one):
            if isinstance(text, ast.Constant) and isinstance(text.value, str):
                found |= {name for pair in _TYPED_PART.findall(text.value) for name in pair if name}
            elif isinstance(text, ast.keyword) and text.arg == "type":
                found.add("*") if isinstance(text.value, ast.Name) and text.value.id in ("int", "float") else None
    return frozenset(found)


def _parameter(
    m: Machine,
    info: FuncInfo,
    one: ast.arg,
    default: ast.expr | None,
    kind: str,
    typed: frozenset[str],
    st: State,
) -> Value:
    web = bool(info.module.imported & WEB)
    annotation, home = aliased(m, one.annotation, info.module)
    injected = _injected(m, one.annotation, default, st)
    if injected is None and annotation is not one.annotation:
        injected = _elsewhere(m, home, annotation, st)
    if injected is not None:
        return injected
    handed = handlers.parameter(m, info, one, st) if kind != REMOTE else None
    if handed is not None:
        return handed
    known = _typed(m, home, annotation, st)
    if isinstance(known, Other) and known.name == "@request":
        return known
    if one.arg in REQUEST_NAMES and web and isinstance(known, Other):
        return Other((), "@request")
    if kind == REMOTE and one.arg in typed and isinstance(known, Other) and not known.name:
        asked = m.source(REMOTE, f"the request's {one.arg}", one)
        numbered = routed.numbered(m, info, one.arg, asked, st)
        return known if numbered is asked else numbered
    if not kind or is_clean_type(annotation) or one.arg in typed or not _is_routed(m, info, one, default):
        return known
    if kind == REMOTE and isinstance(known, Other) and known.name and not _is_text(annotation):
        return known  # an object of a library, such as a response or a queue of tasks
    if kind == LOCAL and one.arg == "ctx":
        return known
    if _is_enumeration(m, one.annotation, st):
        return UNKNOWN
    return m.source(kind, f"{WHO[kind]} {one.arg}", one)


def _elsewhere(m: Machine, home: ModuleInfo, annotation: ast.expr | None, st: State) -> Value | None:
    """A dependency that an alias names, as its own file understands it."""
    frame, m.frame = m.frame, m.new_frame(home, None, None, m.frame.depth)
    try:
        return _injected(m, annotation, None, st)
    finally:
        m.frame = frame


def _typed(m: Machine, home: ModuleInfo, annotation: ast.expr | None, st: State) -> Value:
    if home is m.frame.module:
        return invoking.of_annotation(m, annotation, st)
    frame, m.frame = m.frame, m.new_frame(home, None, None, m.frame.depth)
    try:
        return invoking.of_annotation(m, annotation, st)
    finally:
        m.frame = frame


def _is_routed(m: Machine, info: FuncInfo, one: ast.arg, default: ast.expr | None) -> bool:
    """In Django, what the address hands to the view, by name; other arguments are the project's."""
    if not info.module.imported & {"django", "rest_framework"} or decorators(info) & (ROUTES | TASKS | COMMANDS):
        return True
    if info.name.startswith("_"):
        return False
    return one.arg in m.project.routed if m.project.routed else default is None


def _is_text(annotation: ast.expr | None) -> bool:
    """Such as `str`, `str | None`, `Optional[bytes]`, `Annotated[str, Query()]`."""
    match annotation:
        case ast.Name(id=name):
            return name in ("str", "bytes", "dict", "list", "object")
        case ast.Constant(value=str() as name):
            return name in ("str", "bytes")
        case ast.BinOp(left=left, right=right):
            return _is_text(left) or _is_text(right)
        case ast.Subscript(value=outer, slice=inner) if last_name(outer) in ("Optional", "Annotated", "Union"):
            every = inner.elts if isinstance(inner, ast.Tuple) else [inner]
            return any(map(_is_text, every[:1] if last_name(outer) == "Annotated" else every))
    return False


def _is_enumeration(m: Machine, annotation: ast.expr | None, st: State) -> bool:
    if not isinstance(annotation, (ast.Name, ast.Attribute)):
        return False
    kind = m.eval(annotation, st)
    if not isinstance(kind, Code) or not isinstance(kind.info, ClassInfo):
        return False
    return any(name.startswith("enum.") for name in linking.library_bases(m, kind.info))


def _injected(m: Machine, annotation: ast.expr | None, default: ast.expr | None, st: State) -> Value | None:
    """What `Depends(get_repository)` gives; None: the parameter is not injected."""
    kind, calls = annotation, [default] if default is not None else []
    if isinstance(annotation, ast.Subscript) and isinstance(annotation.slice, ast.Tuple) and annotation.slice.elts:
        kind, *others = annotation.slice.elts
        calls += others
    for call in calls:
        if not isinstance(call, ast.Call) or last_name(call.func) not in INJECTED:
            continue
        said = [*call.args[:1], *(one.value for one in call.keywords if one.arg == "dependency")]
        wanted = said[0] if said else kind
        maker = _maker(m, m.eval(wanted, st) if wanted is not None else UNKNOWN, st)
        if isinstance(maker, Other) and maker.name.startswith("fastapi.security."):
            return m.source(REMOTE, "the request's credentials", call)
        if not isinstance(maker, Code):
            return invoking.of_annotation(m, annotation, st) if not said else UNKNOWN
        given = _injectable(m, maker, st)
        made = m.invoke(maker, [], given, st, call)
        return m.element_of(made, st) if isinstance(maker.info, FuncInfo) and maker.info.is_generator() else made
    return None


def _maker(m: Machine, value: Value, st: State) -> Value:
    """What makes the dependency: a function, a class, or an instance that can be called."""
    found = st.obj(value) if isinstance(value, Ref) else None
    if found is None or not isinstance(found.cls, Code) or not isinstance(found.cls.info, ClassInfo):
        return value
    method = linking.of_class(m, found.cls.info, "__call__")
    return Code(method.info, value, method.closure) if isinstance(method, Code) else UNKNOWN


def _injectable(m: Machine, maker: Code, st: State) -> dict[str, Value]:
    """Arguments of a dependency: it gets parts of the request as routes do."""
    info = maker.info
    if isinstance(info, ClassInfo):
        init = linking.of_class(m, info, "__init__")
        if not isinstance(init, Code):
            return {name: m.source(REMOTE, f"the request's {name}", one) for name, one in _declared(info)}
        info = init.info
    if not isinstance(info, FuncInfo) or m.typing > 3:
        return {}
    spec, defaults = info.node.args, _defaults(info)
    every = [*spec.posonlyargs, *spec.args, *spec.kwonlyargs]
    m.typing += 1
    frame, m.frame = m.frame, m.new_frame(info.module, info, None, m.frame.depth)
    try:
        return {
            one.arg: _parameter(m, info, one, defaults.get(one.arg), REMOTE, frozenset(), st)
            for one in (every[1:] if info.cls is not None else every)
        }
    finally:
        m.typing -= 1
        m.frame = frame


def _declared(info: ClassInfo) -> Iterator[tuple[str, ast.AnnAssign]]:
    """The fields of a dataclass or a model."""
    for one in info.node.body:
        if isinstance(one, ast.AnnAssign) and isinstance(one.target, ast.Name):
            yield one.target.id, one


def _receiver(m: Machine, info: FuncInfo, cls: ClassInfo, st: State) -> Value:
    code = Code(cls)
    if decorators(info) & {"classmethod"}:
        return code
    return invoking.instantiate(m, code, [], {}, st, cls.node)


def is_view(m: Machine, cls: ClassInfo) -> bool:
    """Its methods answer requests."""
    return any("View" in name or "Handler" in name for name in linking.library_bases(m, cls))
