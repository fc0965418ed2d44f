"""Assignments: variables, fields and elements, and what is deleted."""

from __future__ import annotations

import ast
from typing import TYPE_CHECKING

from domain.scans.dataflow import checks
from domain.scans.dataflow.joining import joined
from domain.scans.dataflow.objects import Section, element_of, part
from domain.scans.dataflow.splitting import each
from domain.scans.dataflow.state import MAX_ENTRIES, Obj, State, baked
from domain.scans.dataflow.values import (
    NONE,
    Code,
    Const,
    Other,
    Ref,
    Several,
    Tuple,
    Value,
    size_of,
    stepped,
)

if TYPE_CHECKING:
    from domain.scans.dataflow.machine import Machine


MAX_FIELDS = 256
"""Fields of an instance that are told apart."""


def assign(m: Machine, target: ast.expr, value: Value, st: State) -> None:
    """`target = value`."""
    if isinstance(target, ast.Name):
        path = m.frame.module.path
        text = f"assigned to {target.id}"
        m.meter.spend(size_of(value) >> 2)
        st.env[target.id] = stepped(value, path, target, text)
        if target.id in m.frame.outer_names:
            where = m.frame.func.outer if m.frame.func is not None and m.frame.closure is not None else None
            m.write(where or m.frame.module, target.id, value, st)
        if value.taint:
            checks.named(m, target.id, value, st, target)
    elif isinstance(target, (ast.Tuple, ast.List)):
        _unpacked(m, target.elts, value, st)
    elif isinstance(target, ast.Starred):
        assign(m, target.value, m.made(target, st, Obj("list", rest=value)), st)
    elif isinstance(target, ast.Attribute):
        set_field(m, m.eval(target.value, st), target.attr, value, st, target)
    elif isinstance(target, ast.Subscript):
        set_item(m, m.eval(target.value, st), m.eval(target.slice, st), value, st, target)


def _unpacked(m: Machine, targets: list[ast.expr], value: Value, st: State) -> None:
    found = st.obj(value) if isinstance(value, Ref) else None
    items = value.items if isinstance(value, Tuple) else found.items if found and found.rest is None else None
    starred = any(isinstance(one, ast.Starred) for one in targets)
    if items is not None and len(items) == len(targets) and not starred:
        for target, one in zip(targets, items, strict=True):
            assign(m, target, one, st)
        return
    for index, target in enumerate(targets):
        if isinstance(value, Other) and value.taint:
            assign(m, target, part(value, Const(index)), st)
        else:
            assign(m, target, element_of(m, value, st), st)


def set_field(m: Machine, base: Value, attr: str, value: Value, st: State, node: ast.AST) -> None:
    """`base.attr = value`."""
    if isinstance(base, Several):
        each(base, st, lambda one, here: _field_set(m, one, attr, value, here, node))
        return
    _field_set(m, base, attr, value, st, node)


def _field_set(m: Machine, base: Value, attr: str, value: Value, st: State, node: ast.AST) -> Value:
    checks.field_set(m, base, attr, value, st, node)
    if isinstance(base, Code):
        m.write(base.info, attr, value, st)
    if isinstance(base, Ref) and (found := st.obj(base)) is not None:
        kept = stepped(value, m.frame.module.path, node, f"stored in attribute {attr}")
        entries, rest = dict(found.entries), found.rest
        if attr in entries and found.many:
            entries[attr] = joined(entries[attr], kept)
        elif len(entries) < MAX_FIELDS or attr in entries:
            entries[attr] = kept
        else:
            rest = kept if rest is None else joined(rest, kept)
        st.heap[base.oid] = found.changed(items=found.items, entries=entries, rest=rest)
    return NONE


def set_item(m: Machine, base: Value, key: Value, value: Value, st: State, node: ast.AST) -> None:
    """`base[key] = value`."""
    if isinstance(base, Several):
        each(base, st, lambda one, here: _item_set(m, one, key, value, here, node))
        return
    _item_set(m, base, key, value, st, node)


def _item_set(m: Machine, base: Value, key: Value, value: Value, st: State, node: ast.AST) -> Value:
    checks.item_set(m, base, key, value, st, node)
    value = baked(value, st.facts)
    if isinstance(base, Section):
        found = st.obj(base.ref)
        if found is not None and isinstance(key, Const):
            pair = (base.key, key.value)
            st.heap[base.ref.oid] = found.changed(entries={**found.entries, pair: value}, rest=found.rest)
        return NONE
    if not isinstance(base, Ref) or (found := st.obj(base)) is None:
        return NONE
    kept = stepped(value, m.frame.module.path, node, "stored in a container")
    st.heap[base.oid] = _with_item(found, key, kept)
    return NONE


def _with_item(found: Obj, key: Value, value: Value) -> Obj:
    if found.kind in ("list", "set") and found.items is not None:
        if isinstance(key, Const) and type(key.value) is int and -len(found.items) <= key.value < len(found.items):
            items = list(found.items)
            items[key.value] = joined(items[key.value], value) if found.many else value
            return found.changed(items=tuple(items), rest=found.rest)
        rest = value
        for one in found.values():
            rest = joined(rest, one)
        return found.changed(rest=rest)
    if isinstance(key, Const) and (len(found.entries) < MAX_ENTRIES or key.value in found.entries):
        if found.many and key.value in found.entries:
            value = joined(found.entries[key.value], value)
        return found.changed(entries={**found.entries, key.value: value}, rest=found.rest)
    rest = value if found.rest is None else joined(found.rest, value)
    entries = found.entries if isinstance(key, Const) else {k: joined(v, value) for k, v in found.entries.items()}
    return found.changed(entries=entries, rest=rest)


def deleted(m: Machine, target: ast.expr, st: State) -> None:
    """`del target`."""
    if isinstance(target, ast.Name):
        st.env[target.id] = NONE
    elif isinstance(target, ast.Subscript):
        base, key = m.eval(target.value, st), m.eval(target.slice, st)
        found = st.obj(base) if isinstance(base, Ref) else None
        if found is None or not isinstance(base, Ref) or not isinstance(key, Const) or found.many:
            return
        if found.kind == "dict" and key.value in found.entries:
            entries = {name: one for name, one in found.entries.items() if name != key.value}
            st.heap[base.oid] = found.changed(entries=entries, rest=found.rest)
        elif found.items is not None and type(key.value) is int and -len(found.items) <= key.value < len(found.items):
            items = list(found.items)
            del items[key.value]
            st.heap[base.oid] = found.changed(items=tuple(items), rest=found.rest)
