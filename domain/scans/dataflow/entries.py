"""Where analysis starts: functions that answer requests, get messages, or use something from outside themselves."""

from __future__ import annotations

import ast
import re
from typing import TYPE_CHECKING

from domain.scans.dataflow import handlers, invoking, linking, routed
from domain.scans.dataflow.handlers import WHO
from domain.scans.dataflow.models.frameworks import (
    COMMANDS,
    INJECTED,
    PAGES,
    REQUEST_NAMES,
    ROUTES,
    TASKS,
    WEB,
)
from domain.scans.dataflow.models.model import LOCAL, QUEUE, REMOTE
from domain.scans.dataflow.project import ClassInfo, FuncInfo, ModuleInfo
from domain.scans.dataflow.registering import Registered
from domain.scans.dataflow.state import State
from domain.scans.dataflow.values import UNKNOWN, Code, Other, Value

if TYPE_CHECKING:
    from domain.scans.dataflow.machine import Machine

_TYPED_PART = re.compile(r"<(?:int|float|uuid)(?:\([^)]*\))?:(\w+)>|<(\w+):(?:int|float|uuid)>")
MAX_LATER = 2_000
"""Functions in functions that are entered from one file; more are named as not followed."""


def enter_module(m: Machine, module: ModuleInfo) -> None:
    """Runs a module's body and each of its functions in which something may start."""
    linking.module_env(m, module)
    m.later = m.links.later.pop(module.path, [])
    for function in module.functions:
        if function.outer is None and is_entry(m, function):
            enter(m, Code(function))
    number = 0
    done: set[FuncInfo] = set()
    while m.later and number < MAX_LATER:
        code = m.later.pop(0)
        info = code.info
        if isinstance(info, FuncInfo) and info not in done and _starts(m, code):
            done.add(info)
            number += 1
            enter(m, code)
    if any(one.info not in done and _starts(m, one) for one in m.later):
        m.cut.add((module.path, "functions in functions"))
    m.later.clear()


def _starts(m: Machine, code: Code) -> bool:
    return isinstance(code.info, FuncInfo) and (isinstance(code, Registered) or is_entry(m, code.info))


def is_entry(m: Machine, info: FuncInfo) -> bool:
    """Something from outside may start in it, or its decorators say that it is called from outside."""
    if m.is_entry(info) or (info.cls is not None and _is_view(m, info.cls)):
        return True
    if _decorators(info) & (ROUTES | TASKS | COMMANDS) or _handler_shape(info) or handlers.is_of_server(info):
        return True
    return handlers.handler(m, info) is not None


def enter(m: Machine, code: Code) -> None:
    """Runs one function with what its parameters are when it is called from outside."""
    info = code.info
    assert isinstance(info, FuncInfo)
    if m.meter.exhausted:
        m.cut.add((info.module.path, info.qualified))
        return
    frame = m.new_frame(info.module, info, code.closure)
    state = State({}, {}, {}, m.links.base)
    before, m.frame = m.frame, frame
    m.meter.begin()
    m.stack, m.entry = [info], info
    try:
        frame.answers = _answers(info, code)
        _parameters(m, info, state, code)
        invoking.body(m, info, frame, state)
    except m.over_budget:
        m.cut.add((info.module.path, info.qualified))
        m.meter.lossy = False
    finally:
        if m.meter.lossy:
            m.cut.add((info.module.path, info.qualified))
        m.frame, m.stack, m.entry, m.depth = before, [], None, 0
        m.meter.begin()


def _decorators(info: FuncInfo) -> frozenset[str]:
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


def _handler_shape(info: FuncInfo) -> str:
    """By its parameters: `lambda` for `(event, context)`, `message` for a callback of a queue."""
    names = tuple(one.arg for one in info.node.args.args)
    if names == ("event", "context"):
        return "lambda"
    if names[-4:] in (("ch", "method", "properties", "body"), ("channel", "method", "properties", "body")):
        return "message"
    return ""


def _answers(info: FuncInfo, code: Code) -> str:
    routed = _decorators(info) & ROUTES or (ROUTES if isinstance(code, Registered) else frozenset())
    if info.cls is not None and info.name in ("get", "post", "put", "delete", "patch"):
        routed = routed or (frozenset({"get"}) if info.module.imported & PAGES else frozenset())
    if any(_says_html(one) for one in getattr(info.node, "decorator_list", ())):
        return "page"
    return "page" if routed and info.module.imported & PAGES else ""


def _says_html(decorator: ast.expr) -> bool:
    """`@app.get("/", response_class=HTMLResponse)`."""
    if not isinstance(decorator, ast.Call):
        return False
    kinds = [one.value for one in decorator.keywords if one.arg == "response_class"]
    return any(getattr(one, "id", getattr(one, "attr", "")) == "HTMLResponse" for one in kinds)


def _parameters(m: Machine, info: FuncInfo, st: State, code: Code) -> None:
    """Binds every parameter."""
    spec = info.node.args
    every = [*spec.posonlyargs, *spec.args, *spec.kwonlyargs]
    defaults = _defaults(info)
    beside = code.texts if isinstance(code, Registered) else ()
    kind = REMOTE if isinstance(code, Registered) else _kind(info)
    typed = _typed_parts(info, beside)
    method = info.cls is not None and not _decorators(info) & {"staticmethod"}
    for index, one in enumerate(every):
        if index == 0 and method and info.cls is not None:
            st.env[one.arg] = _receiver(m, info, info.cls, st)
        else:
            st.env[one.arg] = _parameter(m, info, one, defaults.get(one.arg), kind, typed, st)
    for rest in (spec.vararg, spec.kwarg):
        if rest is not None:
            handed = handlers.parameter(m, info, rest, st)
            if handed is not None:
                st.env[rest.arg] = handed
                continue
            remote = kind == REMOTE or (info.cls is not None and _is_view(m, info.cls))
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
    decorators = _decorators(info)
    web = info.module.imported & WEB
    if decorators & ROUTES and web:
        return REMOTE
    shape = _handler_shape(info)
    if shape:
        return REMOTE if shape == "lambda" else QUEUE
    if decorators & TASKS and info.module.imported & {"celery", "dramatiq", "faust", "faststream", "huey", "rq"}:
        return QUEUE
    if decorators & COMMANDS and info.module.imported & {"click", "typer"}:
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
    injected = _injected(m, one, default, st)
    if injected is not None:
        return injected
    handed = handlers.parameter(m, info, one, st) if kind != REMOTE else None
    if handed is not None:
        return handed
    known = invoking.of_annotation(m, one.annotation, st)
    if isinstance(known, Other) and known.name == "@request":
        return known
    if one.arg in REQUEST_NAMES and web and isinstance(known, Other):
        return Other((), "@request")
    if kind == REMOTE and one.arg in typed and isinstance(known, Other) and not known.name:
        asked = m.source(REMOTE, f"the request's {one.arg}", one)
        numbered = routed.numbered(m, info, one.arg, asked, st)
        return known if numbered is asked else numbered
    if not kind or invoking.is_clean_type(one.annotation) or one.arg in typed or not _is_routed(m, info, one, default):
        return known
    if kind == REMOTE and isinstance(known, Other) and known.name and not _is_text(one.annotation):
        return known  # an object of a library, such as a response or a queue of tasks
    if kind == LOCAL and one.arg == "ctx":
        return known
    if _is_enumeration(m, one.annotation, st):
        return UNKNOWN
    return m.source(kind, f"{WHO[kind]} {one.arg}", one)


def _is_routed(m: Machine, info: FuncInfo, one: ast.arg, default: ast.expr | None) -> bool:
    """In Django, what the address hands to the view, by name; other arguments are the project's."""
    if not info.module.imported & {"django", "rest_framework"} or _decorators(info) & (ROUTES | TASKS | COMMANDS):
        return True
    if info.name.startswith("_"):
        return False
    return one.arg in m.project.routed if m.project.routed else default is None


def _is_text(annotation: ast.expr | None) -> bool:
    return isinstance(annotation, ast.Name) and annotation.id in ("str", "bytes", "dict", "list", "object")


def _is_enumeration(m: Machine, annotation: ast.expr | None, st: State) -> bool:
    if not isinstance(annotation, (ast.Name, ast.Attribute)):
        return False
    kind = m.eval(annotation, st)
    if not isinstance(kind, Code) or not isinstance(kind.info, ClassInfo):
        return False
    return any(name.startswith("enum.") for name in linking.library_bases(m, kind.info))


def _injected(m: Machine, one: ast.arg, default: ast.expr | None, st: State) -> Value | None:
    """What `Depends(get_repository)` gives; None: the parameter is not injected."""
    calls = [default] if default is not None else []
    if isinstance(one.annotation, ast.Subscript) and isinstance(one.annotation.slice, ast.Tuple):
        calls += one.annotation.slice.elts[1:]
    for call in calls:
        if not isinstance(call, ast.Call):
            continue
        name = call.func.attr if isinstance(call.func, ast.Attribute) else getattr(call.func, "id", "")
        if name not in INJECTED:
            continue
        maker = m.eval(call.args[0], st) if call.args else UNKNOWN
        if not isinstance(maker, Code):
            return invoking.of_annotation(m, one.annotation, st) if not call.args else UNKNOWN
        given = _injectable(m, maker, st)
        made = m.invoke(maker, [], given, st, call)
        return m.element_of(made, st) if isinstance(maker.info, FuncInfo) and maker.info.is_generator() else made
    return None


def _injectable(m: Machine, maker: Code, st: State) -> dict[str, Value]:
    """Arguments of a dependency: it gets parts of the request as routes do."""
    info = maker.info
    if isinstance(info, ClassInfo):
        init = linking.of_class(m, info, "__init__")
        info = init.info if isinstance(init, Code) and isinstance(init.info, FuncInfo) else info
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


def _receiver(m: Machine, info: FuncInfo, cls: ClassInfo, st: State) -> Value:
    code = Code(cls)
    if _decorators(info) & {"classmethod"}:
        return code
    return invoking.instantiate(m, code, [], {}, st, cls.node)


def _is_view(m: Machine, cls: ClassInfo) -> bool:
    return any("View" in name or "Handler" in name for name in linking.library_bases(m, cls))
