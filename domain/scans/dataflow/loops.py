"""Loops: known elements one by one, anything else until nothing changes any more."""

from __future__ import annotations

import ast
from typing import TYPE_CHECKING

from domain.scans.dataflow.guards import known_truth, proves
from domain.scans.dataflow.state import State, meet, settled
from domain.scans.dataflow.values import Ref, Tuple, Value
from domain.scans.dataflow.widening import widened

if TYPE_CHECKING:
    from domain.scans.dataflow.machine import Machine

MAX_EXACT = 3
"""Rounds of a loop until what still changes is no longer known exactly."""
MAX_ROUNDS = 24
"""Rounds until its state must have settled; else the function is named as not followed."""
MAX_UNROLLED = 8
"""Known elements that a loop runs over one by one."""


def loop_for(m: Machine, node: ast.For | ast.AsyncFor, st: State) -> None:
    many = m.eval(node.iter, st)
    known = _known_elements(many, st)
    m.frame.breaks.append([])
    if known is not None:
        _unrolled(m, node, known, st)
    else:
        _repeated(m, node, st, many, None)
    m.run(node.orelse, st)
    meet(st, [st, *m.frame.breaks.pop()])


def _known_elements(many: Value, st: State) -> list[Value] | None:
    if isinstance(many, Tuple) and len(many.items) <= MAX_UNROLLED:
        return list(many.items)
    found = st.obj(many) if isinstance(many, Ref) else None
    if found and found.kind == "list" and found.items is not None and found.rest is None:
        return list(found.items) if len(found.items) <= MAX_UNROLLED else None
    return None


def _unrolled(m: Machine, node: ast.For | ast.AsyncFor, elements: list[Value], st: State) -> None:
    serial = m.frame.serial
    try:
        for number, one in enumerate(elements):
            if not st.alive:
                return
            m.frame.serial = serial
            m.frame.serial = m.within(id(node), number)
            m.frame.continues.append([])
            m.assign(node.target, one, st)
            m.run(node.body, st)
            meet(st, [st, *m.frame.continues.pop()])
    finally:
        m.frame.serial = serial


def loop_while(m: Machine, node: ast.While, st: State) -> None:
    m.frame.breaks.append([])
    _repeated(m, node, st, None, node.test)
    m.run(node.orelse, st)
    meet(st, [st, *m.frame.breaks.pop()])


def _repeated(
    m: Machine, node: ast.For | ast.AsyncFor | ast.While, st: State, many: Value | None, test: ast.expr | None
) -> None:
    """Runs the body until nothing changes; what is known before it may no longer hold after it."""
    forever = False
    for number in range(MAX_ROUNDS):
        body = st.copy()
        if test is not None:
            value = m.eval(test, body)
            truth = known_truth(value, body)
            if truth is False:
                st.become(body)
                return
            forever = isinstance(test, ast.Constant) and bool(test.value)
            body.assume(proves(value)[0])
        if many is not None and not isinstance(node, ast.While):
            m.assign(node.target, m.element_of(many, body, node), body)
        m.frame.continues.append([])
        m.run(node.body, body)
        meet(body, [body, *m.frame.continues.pop()])
        if not body.alive:
            break
        before = st.copy()
        meet(st, [st, body])
        if number >= MAX_EXACT:
            widened(before, st, lambda name: (m.within("wide", id(node), name), -1))
        if settled(before, st):
            break
    else:
        m.give_up()
    if forever:
        st.alive = False


def breaking(m: Machine, node: ast.Break, st: State) -> None:
    if m.frame.breaks:
        m.frame.breaks[-1].append(st.copy())
    st.alive = False


def continuing(m: Machine, node: ast.Continue, st: State) -> None:
    if m.frame.continues:
        m.frame.continues[-1].append(st.copy())
    st.alive = False
