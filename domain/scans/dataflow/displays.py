"""Displays and comprehensions: what a new list, set, dict or tuple holds."""

from __future__ import annotations

import ast
from typing import TYPE_CHECKING

from domain.scans.dataflow.guards import proves
from domain.scans.dataflow.state import MAX_ENTRIES, Entries, Obj, State, all_of, baked
from domain.scans.dataflow.values import MAX_SIZE, Const, Other, Ref, Tuple, Value, size_of

if TYPE_CHECKING:
    from domain.scans.dataflow.machine import Machine


def sequence(m: Machine, node: ast.List | ast.Set, st: State) -> Value:
    items, rest = m.elements(node.elts, st)
    kind = "list" if isinstance(node, ast.List) else "set"
    if rest is not None:
        return m.made(node, st, Obj(kind, rest=m.joined_all([*items, rest])))
    return m.made(node, st, Obj(kind, items=tuple(items)))


def tuple_(m: Machine, node: ast.Tuple, st: State) -> Value:
    items, rest = m.elements(node.elts, st)
    if rest is not None:
        return m.made(node, st, Obj("list", rest=m.joined_all([*items, rest])))
    return together(m, node, items, st)


def together(m: Machine, node: ast.AST, items: list[Value], st: State) -> Value:
    """A tuple, or a list where it would become big: tuples in tuples grow faster than the program."""
    m.meter.spend(sum(map(size_of, items)) >> 3)
    if _is_big(items):
        return m.made(node, st, Obj("list", rest=m.joined_all(items)))
    return Tuple(tuple(items))


def _is_big(items: list[Value]) -> bool:
    """Tuples in tuples that were put together from variables; a table of constants is as long as its text."""
    inner = sum(size_of(one) for one in items if not isinstance(one, Const))
    return inner > MAX_SIZE


def mapping(m: Machine, node: ast.Dict, st: State) -> Value:
    entries: Entries = {}
    rest: list[Value] = []
    for key_node, value_node in zip(node.keys, node.values, strict=True):
        value = m.eval(value_node, st)
        if key_node is None:
            found = st.obj(value) if isinstance(value, Ref) else None
            if found is not None and len(entries) + len(found.entries) > MAX_ENTRIES:
                rest += found.entries.values()
            else:
                entries.update(found.entries if found else {})
            rest += [found.rest] if found and found.rest is not None else [] if found else [Other(st.labels(value))]
            continue
        key = m.eval(key_node, st)
        if isinstance(key, Const) and len(entries) < 2_000:
            entries[key.value] = value
        else:
            rest.append(value)
    return m.made(node, st, Obj("dict", entries=entries, rest=m.joined_all(rest) if rest else None))


def comprehension(m: Machine, node: ast.ListComp | ast.SetComp | ast.GeneratorExp, st: State) -> Value:
    saved = dict(st.env)
    before = st.facts
    _bound(m, node.generators, st)
    value = baked(m.eval(node.elt, st), st.facts)
    st.env, st.facts = saved, before
    return m.made(node, st, Obj("set" if isinstance(node, ast.SetComp) else "list", rest=value))


def dict_comprehension(m: Machine, node: ast.DictComp, st: State) -> Value:
    saved = dict(st.env)
    before = st.facts
    _bound(m, node.generators, st)
    m.eval(node.key, st)
    value = baked(m.eval(node.value, st), st.facts)
    st.env, st.facts = saved, before
    return m.made(node, st, Obj("dict", rest=value))


def _bound(m: Machine, generators: list[ast.comprehension], st: State) -> None:
    for one in generators:
        m.assign(one.target, m.element_of(m.eval(one.iter, st), st, one.iter), st)
        for condition in one.ifs:
            test = m.eval(condition, st)
            st.facts = all_of(st.facts, proves(test)[0])
