"""Where analysis starts: functions that answer requests, get messages, or use something from outside themselves."""

from __future__ import annotations

import ast
from typing import TYPE_CHECKING

from domain.scans.dataflow import handlers, invoking, linking, parameters
from domain.scans.dataflow.models.frameworks import (
    COMMANDS,
    PAGES,
    ROUTES,
    TASKS,
)
from domain.scans.dataflow.project import FuncInfo, ModuleInfo
from domain.scans.dataflow.registering import Registered
from domain.scans.dataflow.state import State
from domain.scans.dataflow.values import Code

if TYPE_CHECKING:
    from domain.scans.dataflow.machine import Machine

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
    if m.is_entry(info) or (info.cls is not None and parameters.is_view(m, info.cls)):
        return True
    if (
        parameters.decorators(info) & (ROUTES | TASKS | COMMANDS)
        or parameters.handler_shape(info)
        or handlers.is_of_server(info)
    ):
        return True
    return handlers.handler(m, info) is not None


def enter(m: Machine, code: Code) -> None:
    """Runs one function with what its parameters are when it is called from outside."""
    info = code.info
    assert isinstance(info, FuncInfo)
    if m.meter.exhausted:
        m.cut.add((info.module.path, info.qualified))
        m.urgent.add((info.module.path, info.qualified))
        return
    frame = m.new_frame(info.module, info, code.closure)
    state = State({}, {}, {}, m.links.base)
    before, m.frame = m.frame, frame
    m.meter.begin()
    m.stack, m.entry = [info], info
    try:
        frame.answers = _answers(info, code)
        parameters.bind(m, info, state, code)
        invoking.body(m, info, frame, state)
    except m.over_budget:
        m.cut.add((info.module.path, info.qualified))
        m.meter.lossy = False
    finally:
        if m.meter.lossy:
            m.cut.add((info.module.path, info.qualified))
        if m.reached:
            m.urgent |= m.cut & {(info.module.path, info.qualified)}
        m.frame, m.stack, m.entry, m.depth = before, [], None, 0
        m.meter.begin()


def _answers(info: FuncInfo, code: Code) -> str:
    routed = parameters.decorators(info) & ROUTES or (ROUTES if isinstance(code, Registered) else frozenset())
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
