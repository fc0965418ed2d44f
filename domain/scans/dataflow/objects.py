"""What an attribute or an element of a value is."""

from __future__ import annotations

import ast
from typing import TYPE_CHECKING

from domain.scans.dataflow import fields, linking
from domain.scans.dataflow.guards import CLEAN
from domain.scans.dataflow.joining import joined
from domain.scans.dataflow.library import member
from domain.scans.dataflow.models.frameworks import ORIGINS
from domain.scans.dataflow.project import ClassInfo, FuncInfo, ModuleInfo
from domain.scans.dataflow.splitting import each
from domain.scans.dataflow.state import Obj, State, fact
from domain.scans.dataflow.values import (
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
)

if TYPE_CHECKING:
    from domain.scans.dataflow.machine import Machine


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
