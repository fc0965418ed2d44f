"""Attributes, elements and assignments."""

from __future__ import annotations

import ast
from typing import TYPE_CHECKING

from domain.scans.dataflow import checks, fields, linking
from domain.scans.dataflow.guards import CLEAN
from domain.scans.dataflow.joining import joined
from domain.scans.dataflow.library import member
from domain.scans.dataflow.models.frameworks import ORIGINS
from domain.scans.dataflow.project import ClassInfo, FuncInfo, ModuleInfo
from domain.scans.dataflow.splitting import each
from domain.scans.dataflow.state import MAX_ENTRIES, Obj, State, baked, fact
from domain.scans.dataflow.values import (
    NONE,
    UNKNOWN,
    Code,
    Const,
    Other,
    Ref,
    Scalar,
    Several,
    Tuple,
    Value,
    choice,
    retainted,
    size_of,
    stepped,
)

if TYPE_CHECKING:
    from domain.scans.dataflow.machine import Machine

MAX_FIELDS = 256
"""Fields of an instance that are told apart."""


def attribute(m: Machine, base: Value, attr: str, st: State, node: ast.AST) -> Value:
    """`base.attr`."""
    if isinstance(base, Several):
        if not base.more and all(_is_plain(one, attr, st) for one in base.values):
            return m.joined_all([attribute(m, one, attr, st, node) for one in base.values])
        return each(base, st, lambda one, here: attribute(m, one, attr, here, node))
    if isinstance(base, Code):
        return _of_code(m, base, attr)
    if isinstance(base, Ref):
        found = st.obj(base)
        if found is not None and found.kind in ("instance", "tracked"):
            return _of_instance(m, base, found, attr, st, node)
    return member(m, base, attr, st, node)


def _is_plain(value: Value, attr: str, st: State) -> bool:
    """Its attribute is there, or is nothing that runs code of the project: the state stays as it is."""
    found = st.obj(value) if isinstance(value, Ref) else None
    return found is None or found.kind not in ("instance", "tracked") or attr in found.entries


def _of_code(m: Machine, base: Code, attr: str) -> Value:
    found = _member_of_code(m, base, attr)
    return found if not m.written else m.written_to(base.info, attr, found)


def _member_of_code(m: Machine, base: Code, attr: str) -> Value:
    info = base.info
    if isinstance(info, ModuleInfo):
        return linking.member_of_module(m, info, attr)
    if isinstance(info, ClassInfo):
        found = linking.of_class(m, info, attr)
        if found is not None:
            if isinstance(found, Code) and isinstance(found.info, FuncInfo) and _decorated(found.info, "classmethod"):
                return Code(found.info, base, found.closure)
            return found
        libraries = linking.library_bases(m, info)
        return Other((), f"{libraries[0]}.{attr}", base=base) if libraries else Other(base=base)
    return UNKNOWN


def _of_instance(m: Machine, base: Ref, found: Obj, attr: str, st: State, node: ast.AST) -> Value:
    field = found.entries.get(attr)
    if field is not None:
        return field
    if attr == "__dict__":
        return base
    if not isinstance(found.cls, Code) or not isinstance(found.cls.info, ClassInfo):
        if found.kind == "tracked":
            return Other((), f"{found.name}.{attr}", base=base)
        return member(m, Other((), found.name, base=base), attr, st, node)
    known = linking.of_class(m, found.cls.info, attr)
    if isinstance(known, Code) and isinstance(known.info, FuncInfo):
        if _decorated(known.info, "staticmethod"):
            return known
        bound = Code(known.info, found.cls if _decorated(known.info, "classmethod") else base, known.closure)
        if _decorated(known.info, "property") or _decorated(known.info, "cached_property"):
            return m.invoke(bound, [], {}, st, node)
        return bound
    if known is not None:
        return known
    if fields.is_validated(attr):
        return fields.validated(m, found.cls.info, attr, st, node)
    own = linking.of_class(m, found.cls.info, "__getattr__")
    if isinstance(own, Code):
        return m.invoke(Code(own.info, base, own.closure), [Const(attr)], {}, st, node)
    for library in linking.library_bases(m, found.cls.info):
        return member(m, Other((), library, base=base), attr, st, node)
    return found.rest if found.rest is not None else Other(base=base)


def _decorated(info: FuncInfo, name: str) -> bool:
    if isinstance(info.node, ast.Lambda):
        return False
    for one in info.node.decorator_list:
        last = one.attr if isinstance(one, ast.Attribute) else one.id if isinstance(one, ast.Name) else ""
        if last == name:
            return True
    return False


def item(m: Machine, base: Value, key: Value, st: State, node: ast.AST) -> Value:
    """`base[key]`."""
    if isinstance(base, Several):
        return each(base, st, lambda one, here: item(m, one, key, here, node))
    if isinstance(base, Tuple):
        return _at(base.items, key)
    if isinstance(base, Const):
        return _of_text(base, key)
    if isinstance(base, Ref):
        found = st.obj(base)
        return _of_object(m, base, found, key, st, node) if found is not None else UNKNOWN
    if isinstance(base, Code):
        if isinstance(base.info, ClassInfo) and isinstance(key, Other) and key.taint:
            return UNKNOWN  # an enumeration's member by name: one of its own
        return base if isinstance(base.info, ClassInfo) else UNKNOWN
    if isinstance(base, Other):
        return _of_other(m, base, key, st, node)
    return UNKNOWN


def _of_other(m: Machine, base: Other, key: Value, st: State, node: ast.AST) -> Value:
    if base.taint:
        return part(base, key)
    if base.name.startswith("@"):
        return member(m, base, f"[{key.value!r}]" if isinstance(key, Const) else "[]", st, node)
    return Other(name=f"{base.name}[]" if base.name else "")


def part(base: Other, key: Value) -> Value:
    """One part of a structured value from outside: checks of one part say nothing about another."""
    if isinstance(key, Const) and isinstance(key.value, (str, int)):
        where = key.value
        name = base.name.removesuffix("()") if base.name.startswith("@") else ""
        return Other(tuple(label.part(where) for label in base.taint), name)
    return Other(base.taint)


def _at(items: tuple[Value, ...], key: Value) -> Value:
    if isinstance(key, Const) and isinstance(key.value, int) and -len(items) <= key.value < len(items):
        return items[key.value]
    result: Value | None = None
    for one in items:
        result = one if result is None else joined(result, one)
    return result if result is not None else UNKNOWN


def _of_text(base: Const, key: Value) -> Value:
    text = base.value
    if isinstance(text, (str, bytes)) and isinstance(key, Const) and isinstance(key.value, int):
        return Const(text[key.value]) if -len(text) <= key.value < len(text) else UNKNOWN
    return choice(text) if isinstance(text, str) and text else UNKNOWN


def _of_object(m: Machine, ref: Ref, found: Obj, key: Value, st: State, node: ast.AST) -> Value:
    if found.kind == "instance" and isinstance(found.cls, Code) and isinstance(found.cls.info, ClassInfo):
        method = linking.of_class(m, found.cls.info, "__getitem__")
        if isinstance(method, Code):
            return m.invoke(Code(method.info, ref, method.closure), [key], {}, st, node)
    if found.kind == "tracked":
        return found.entries.get(key.value, Section(ref, key.value)) if isinstance(key, Const) else UNKNOWN
    if found.items is not None and found.rest is None and found.kind != "dict":
        return _at(found.items, key)
    if isinstance(key, Const) and key.value in found.entries:
        return found.entries[key.value]
    if isinstance(key, Const) and found.rest is None:
        return _defaulted(m, ref, found, key, st, node)
    if found.kind == "dict" and found.rest is None and found.entries:
        st.assume(fact(st.labels(key), CLEAN))  # another key would have raised an error
    values = found.values()
    return m.joined_all(values) if values else UNKNOWN


def _defaulted(m: Machine, ref: Ref, found: Obj, key: Const, st: State, node: ast.AST) -> Value:
    """A missing entry: a defaultdict makes it."""
    if found.kind != "dict" or found.name not in ("list", "dict", "set"):
        return UNKNOWN
    made = m.made(node, st, Obj(found.name, items=() if found.name != "dict" else None))
    st.heap[ref.oid] = found.changed(entries={**found.entries, key.value: made})
    return made


class Section(Other):
    """A part of a tracked library object, such as a section of a configparser."""

    __slots__ = ("key", "ref")

    def __init__(self, ref: Ref, key: Scalar) -> None:
        super().__init__()
        self.ref, self.key = ref, key


def element_of(m: Machine, value: Value, st: State, node: ast.AST | None = None) -> Value:
    """What a loop over the value gets; `node`: where, for what comes in there."""
    if isinstance(value, Several):
        return each(value, st, lambda one, here: element_of(m, one, here, node))
    if isinstance(value, Tuple):
        m.meter.spend(value.size >> 3)
        return m.joined_all(list(value.items))
    if isinstance(value, Const) and isinstance(value.value, str):
        return choice(value.value)
    if isinstance(value, Ref):
        found = st.obj(value)
        if found is None:
            return UNKNOWN
        if found.kind == "dict":
            keys = [key for key in found.entries if not isinstance(key, tuple)]
            return choice(keys) if found.rest is None else Other(found.rest.taint)
        return m.joined_all(found.values())
    if isinstance(value, Other) and value.taint:
        return retainted(Other((), ""), value.taint)
    if not isinstance(value, Other) or not value.name:
        return UNKNOWN
    name = f"{value.name}[]"
    origin = ORIGINS.get(name)
    return (
        m.source(origin.kind, origin.text, node, name) if origin is not None and node is not None else Other((), name)
    )


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
