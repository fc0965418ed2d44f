"""What every statement does to the state."""

from __future__ import annotations

import ast
from collections.abc import Callable
from typing import TYPE_CHECKING

from domain.scans.dataflow import invoking, linking, loops, storing
from domain.scans.dataflow.checks import returned
from domain.scans.dataflow.expressions import combined
from domain.scans.dataflow.guards import known_truth, proves
from domain.scans.dataflow.patterns import matched
from domain.scans.dataflow.project import ClassInfo, FuncInfo
from domain.scans.dataflow.splitting import each
from domain.scans.dataflow.state import State, baked, meet, merged
from domain.scans.dataflow.values import EVERYTHING, LISTED, NONE, UNKNOWN, Code, Other, Ref, Several, Value

if TYPE_CHECKING:
    from domain.scans.dataflow.machine import Machine


RAISED = "raise"
"""The variable, of no program's, that holds what was raised."""


def expression(m: Machine, node: ast.Expr, st: State) -> None:
    m.eval(node.value, st)


def assignment(m: Machine, node: ast.Assign, st: State) -> None:
    value = m.eval(node.value, st)
    for target in node.targets:
        m.assign(target, value, st)


def annotated(m: Machine, node: ast.AnnAssign, st: State) -> None:
    if node.value is not None:
        m.assign(node.target, m.eval(node.value, st), st)
    elif isinstance(node.target, ast.Name) and node.target.id not in st.env:
        st.env[node.target.id] = invoking.of_annotation(m, node.annotation, st)


def augmented(m: Machine, node: ast.AugAssign, st: State) -> None:
    before = m.eval(node.target, st)
    value = combined(m, node, before, m.eval(node.value, st), st)
    m.assign(node.target, value, st)


def returning(m: Machine, node: ast.Return, st: State) -> None:
    value = m.eval(node.value, st) if node.value else NONE
    value = baked(value, st.facts)
    returned(m, value, node, st)
    m.frame.returns.append((value, st.copy()))
    st.alive = False


def raising(m: Machine, node: ast.Raise, st: State) -> None:
    if node.exc is not None:
        st.env[RAISED] = m.eval(node.exc, st)
    if m.frame.raised:
        m.frame.raised[-1].append(st.copy())
    st.alive = False


def asserting(m: Machine, node: ast.Assert, st: State) -> None:
    """What it checks is believed, and refutes nobody: `python -O` leaves it out."""
    test = m.eval(node.test, st)
    if known_truth(test, st) is False:
        st.alive = False
    else:
        facts = proves(test)[0] or {}
        st.assume({key: _LISTED if EVERYTHING in harms else harms for key, harms in facts.items()})


_LISTED = frozenset({LISTED})


def branch(m: Machine, node: ast.If, st: State) -> None:
    test = m.eval(node.test, st)
    truth = known_truth(test, st)
    if truth is not None:
        m.run(node.body if truth else node.orelse, st)
        return
    other = st.copy()
    yes, no = proves(test)
    st.assume(yes)
    other.assume(no)
    m.run(node.body, st)
    m.run(node.orelse, other)
    meet(st, [st, other])


def trying(m: Machine, node: ast.Try | ast.TryStar, st: State) -> None:
    """A handler may run after any of the statements: it starts with what holds before and after each of them."""
    m.frame.raised.append([])
    ways = [st.copy()]
    for one in node.body:
        if not st.alive:
            break
        m.run([one], st)
    ways += m.frame.raised.pop()
    m.run(node.orelse, st)
    ends = [st.copy()]
    start = merged(ways)
    for handler in node.handlers:
        if start is None:
            break
        state = start.copy()
        if handler.name:
            state.env[handler.name] = state.env.get(RAISED, UNKNOWN)
        m.run(handler.body, state)
        ends.append(state)
    if not any(one.alive for one in ends) and node.finalbody and start is not None:
        last = start.copy()
        m.run(node.finalbody, last)
    meet(st, ends)
    if st.alive:
        m.run(node.finalbody, st)


def using(m: Machine, node: ast.With | ast.AsyncWith, st: State) -> None:
    for one in node.items:
        value = entered(m, m.eval(one.context_expr, st), st, node)
        if one.optional_vars is not None:
            m.assign(one.optional_vars, value, st)
    if m.frame.func is None or not any(_may_swallow(m, one, st) for one in node.items):
        m.run(node.body, st)
        return
    ways = [st.copy()]
    for statement in node.body:
        m.run([statement], st)
        ways.append(st.copy())
    meet(st, ways)


def _may_swallow(m: Machine, item: ast.withitem, st: State) -> bool:
    """The manager is the project's own, or says that it suppresses exceptions: the body may end anywhere."""
    if not isinstance(item.context_expr, ast.Call):
        return False
    made = m.eval(item.context_expr.func, st)
    if isinstance(made, Code) and isinstance(made.info, ClassInfo):
        ends = (linking.of_class(m, made.info, name) for name in ("__exit__", "__aexit__"))
        return any(one is not None and not _is_without(one, ast.Return) for one in ends)
    if isinstance(made, Code):
        return not (isinstance(made.info, FuncInfo) and made.info.is_generator() and _is_without(made, ast.Try))
    return isinstance(made, Other) and made.name.rpartition(".")[2] in ("suppress", "ExitStack", "AsyncExitStack")


def _is_without(value: Value, kind: type[ast.AST]) -> bool:
    """A function in which no such statement stands."""
    function = value.info if isinstance(value, Code) else None
    return isinstance(function, FuncInfo) and not any(isinstance(one, kind) for one in ast.walk(function.node))


def entered(m: Machine, value: Value, st: State, node: ast.AST) -> Value:
    """What `with value as x` gives."""
    if isinstance(value, Several):
        return each(value, st, lambda one, here: entered(m, one, here, node))
    found = st.obj(value) if isinstance(value, Ref) else None
    if found is None:
        return value
    if found.kind == "list":
        return m.element_of(value, st)  # a generator that is used as a context manager
    if isinstance(found.cls, Code) and isinstance(found.cls.info, ClassInfo):
        for name in ("__enter__", "__aenter__"):
            method = linking.of_class(m, found.cls.info, name)
            if isinstance(method, Code):
                return m.invoke(Code(method.info, value, method.closure), [], {}, st, node)
    return value


def function(m: Machine, node: ast.FunctionDef | ast.AsyncFunctionDef, st: State) -> None:
    info = m.frame.module.by_node.get(node)
    if not isinstance(info, FuncInfo):
        return
    plain = Code(info, closure=st.env if m.frame.func is not None else None)
    value: Value = plain
    for one in reversed(node.decorator_list):
        wrapper = m.eval(one, st)
        if isinstance(wrapper, Code) and isinstance(wrapper.info, FuncInfo):
            wrapped = m.invoke(wrapper, [value], {}, st, node)
            value = wrapped if isinstance(wrapped, Code) else value
    st.env[node.name] = value
    if m.frame.func is not None:
        m.later.append(plain)


def class_(m: Machine, node: ast.ClassDef, st: State) -> None:
    info = m.frame.module.by_node.get(node)
    if isinstance(info, ClassInfo):
        st.env[node.name] = Code(info)


def matching(m: Machine, node: ast.Match, st: State) -> None:
    subject = m.eval(node.subject, st)
    ends: list[State] = []
    for case in node.cases:
        if not st.alive:
            break
        here = st.copy()
        fits = matched(m, case.pattern, subject, here)
        if fits is False:
            continue
        if case.guard is not None:
            guard = m.eval(case.guard, here)
            truth = known_truth(guard, here)
            if truth is False:
                continue
            here.assume(proves(guard)[0])
            fits = fits if truth else None
        m.run(case.body, here)
        ends.append(here)
        if fits:
            st.alive = False
    meet(st, [st.copy(), *ends])


def deleting(m: Machine, node: ast.Delete, st: State) -> None:
    for one in node.targets:
        storing.deleted(m, one, st)


def global_(m: Machine, node: ast.Global | ast.Nonlocal, st: State) -> None:
    for name in node.names:
        st.env.setdefault(name, m.lookup(name, st))
    m.frame.outer_names |= set(node.names)


def import_(m: Machine, node: ast.Import, st: State) -> None:
    linking.imported(m, node, st)


def import_from(m: Machine, node: ast.ImportFrom, st: State) -> None:
    linking.imported_from(m, node, st)


STATEMENTS: dict[type[ast.stmt], Callable[..., None]] = {
    ast.Expr: expression,
    ast.Assign: assignment,
    ast.AnnAssign: annotated,
    ast.AugAssign: augmented,
    ast.Return: returning,
    ast.Raise: raising,
    ast.Assert: asserting,
    ast.If: branch,
    ast.For: loops.loop_for,
    ast.AsyncFor: loops.loop_for,
    ast.While: loops.loop_while,
    ast.Break: loops.breaking,
    ast.Continue: loops.continuing,
    ast.Try: trying,
    ast.TryStar: trying,
    ast.With: using,
    ast.AsyncWith: using,
    ast.FunctionDef: function,
    ast.AsyncFunctionDef: function,
    ast.ClassDef: class_,
    ast.Match: matching,
    ast.Delete: deleting,
    ast.Global: global_,
    ast.Nonlocal: global_,
    ast.Import: import_,
    ast.ImportFrom: import_from,
}
