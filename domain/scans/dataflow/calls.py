"""Calls: of the project's own code, of methods of texts and containers, and of libraries."""

from __future__ import annotations

import ast
from typing import TYPE_CHECKING

from domain.scans.dataflow import callbacks, invoking, library, linking
from domain.scans.dataflow.methods import method
from domain.scans.dataflow.project import ClassInfo
from domain.scans.dataflow.splitting import each
from domain.scans.dataflow.state import State
from domain.scans.dataflow.values import UNKNOWN, Code, Other, Ref, Several, Value

if TYPE_CHECKING:
    from domain.scans.dataflow.machine import Machine

Named = dict[str, Value]


def call(m: Machine, node: ast.Call, st: State) -> Value:
    """The value of a call."""
    if isinstance(node.func, ast.Attribute):
        if _is_super(node.func.value):
            return _inherited(m, node, node.func.attr, st)
        base = m.eval(node.func.value, st)
        args, named = arguments(m, node, st)
        return called_on(m, base, node.func, args, named, st, node)
    callee = m.eval(node.func, st)
    args, named = arguments(m, node, st)
    return called(m, callee, args, named, st, node)


def called_on(
    m: Machine, base: Value, func: ast.Attribute, args: list[Value], named: Named, st: State, node: ast.Call
) -> Value:
    """The value of `base.func(...)`."""
    if isinstance(base, Several):
        _count(base, args, named, st)
        return each(base, st, lambda one, here: called_on(m, one, func, args, named, here, node))
    known = method(m, base, func.attr, args, named, st, node)
    if known is not None:
        return known
    return called(m, m.attribute(base, func.attr, st, func), args, named, st, node)


def _count(callee: Several, args: list[Value], named: Named, st: State) -> None:
    """Where not every function that may be called is known, something from outside may be lost."""
    if callee.more and any(st.labels(one) for one in (callee, *args, *named.values())):
        st.base.meter.lossy = True


def called(m: Machine, callee: Value, args: list[Value], named: dict[str, Value], st: State, node: ast.Call) -> Value:
    """The value of a call of a value."""
    if isinstance(callee, Several):
        if invoking.skips(m, callee, args, named, st):
            return Other()
        _count(callee, args, named, st)
        return each(callee, st, lambda one, here: called(m, one, args, named, here, node))
    if isinstance(callee, Code):
        return m.invoke(callee, args, named, st, node)
    if isinstance(callee, Ref):
        found = st.obj(callee)
        partial = callbacks.partial_in(callee, st)
        if partial is not None:
            return callbacks.completed(m, partial, args, named, st, node)
        if found is not None and isinstance(found.cls, Code) and isinstance(found.cls.info, ClassInfo):
            own = linking.of_class(m, found.cls.info, "__call__")
            if isinstance(own, Code):
                return m.invoke(Code(own.info, callee, own.closure), args, named, st, node)
        return UNKNOWN
    if isinstance(callee, Other):
        return library.called(m, callee, args, named, st, node)
    return UNKNOWN


def arguments(m: Machine, node: ast.Call, st: State) -> tuple[list[Value], dict[str, Value]]:
    """Positional and named arguments; of starred ones that are not known, one stands for all."""
    args, rest = m.elements(node.args, st)
    if rest is not None:
        args.append(rest)
    named: dict[str, Value] = {}
    for one in node.keywords:
        value = m.eval(one.value, st)
        if one.arg is not None:
            named[one.arg] = value
            continue
        found = st.obj(value) if isinstance(value, Ref) else None
        if found is not None:
            named.update({key: each for key, each in found.entries.items() if isinstance(key, str)})
        elif isinstance(value, Other) and value.taint:
            named["**"] = value
    return args, named


def _is_super(node: ast.expr) -> bool:
    return isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id == "super"


def _inherited(m: Machine, node: ast.Call, attr: str, st: State) -> Value:
    """`super().attr(...)`."""
    args, named = arguments(m, node, st)
    func = m.frame.func
    if func is None or func.cls is None or not func.node.args.args:
        return UNKNOWN
    bound = st.env.get(func.node.args.args[0].arg, UNKNOWN)
    for one in linking.order(m, func.cls)[1:]:
        if isinstance(one, str):
            return library.called(m, Other((), f"{one}.{attr}", base=bound), args, named, st, node)
        found = linking.class_env(m, one).get(attr)
        if isinstance(found, Code):
            return m.invoke(Code(found.info, bound, found.closure), args, named, st, node)
    return UNKNOWN
