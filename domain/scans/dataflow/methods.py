"""Methods of texts, lists, dicts and sets."""

from __future__ import annotations

import ast
from collections.abc import Callable
from typing import TYPE_CHECKING

from domain.scans.dataflow import clearing, texts
from domain.scans.dataflow.displays import together
from domain.scans.dataflow.guards import CLEAN, prefixed, suffixed
from domain.scans.dataflow.joining import joined
from domain.scans.dataflow.objects import element_of, part
from domain.scans.dataflow.state import MAX_ENTRIES, Entries, Obj, State, fact, keyed
from domain.scans.dataflow.values import (
    NONE,
    UNKNOWN,
    Choice,
    Const,
    Other,
    Ref,
    Scalar,
    Tuple,
    Value,
    choice,
    scalars,
    united,
)

if TYPE_CHECKING:
    from domain.scans.dataflow.machine import Machine

MAX_TEXT = 10_000
_PURE = frozenset(
    {"lower", "upper", "strip", "lstrip", "rstrip", "title", "capitalize", "casefold", "swapcase", "replace", "split"}
    | {"rsplit", "startswith", "endswith", "find", "rfind", "index", "count", "isdigit", "isalpha", "isalnum", "encode"}
    | {"decode", "partition", "rpartition", "splitlines", "removeprefix", "removesuffix", "isupper", "islower", "hex"}
)
"""Methods of texts whose results are no longer than their operands."""
_CHECKS = frozenset({"isdigit", "isdecimal", "isnumeric", "isalnum", "isalpha", "isidentifier"})
_NUMBERS = frozenset(
    {"find", "rfind", "index", "rindex", "count", "isspace", "isupper", "islower", "endswith", "bit_length"}
)
_KEYED = frozenset({"get", "getlist", "get_list", "getall", "getone", "get_all", "pop", "getfirst", "setdefault"})


def method(
    m: Machine, base: Value, name: str, args: list[Value], named: dict[str, Value], st: State, node: ast.AST
) -> Value | None:
    """The result of `base.name(...)`; None: the base is no data, or has no such method."""
    if isinstance(base, (Const, Choice)):
        return _of_constant(m, base, name, args, named, st, node)
    if isinstance(base, Ref):
        found = st.obj(base)
        if found is not None and found.kind in ("list", "set", "dict"):
            return _of_container(m, base, found, name, args, named, st, node)
        return None
    if isinstance(base, Tuple):
        return UNKNOWN
    if isinstance(base, Other) and (base.taint or base.lead or base.prefix):
        return _of_text(m, base, name, args, named, st)
    return None


def _of_constant(
    m: Machine, base: Value, name: str, args: list[Value], named: dict[str, Value], st: State, node: ast.AST
) -> Value | None:
    if name == "format":
        return texts.formatted(base, args, named, st)
    if name == "join":
        return _join(base, args, st)
    values = scalars(base) or ()
    operands = [scalars(one) for one in args]
    if name in _PURE and not named and all(one is not None and len(one) == 1 for one in operands):
        plain = [one[0] for one in operands if one is not None]
        m.meter.spend(sum(len(one) >> 6 for one in values if isinstance(one, (str, bytes))))
        made = [_computed(value, name, plain) for value in values]
        if len(made) == 1 and isinstance(made[0], (list, tuple)):
            if len(made[0]) > MAX_ENTRIES:
                return m.made(node, st, Obj("list", rest=Other(sure=True)))
            items = tuple(Const(one) for one in made[0])
            return m.made(node, st, Obj("list", items=items)) if isinstance(made[0], list) else Tuple(items)
        if all(isinstance(one, (str, bytes, int)) for one in made):
            return choice([one for one in made if isinstance(one, (str, bytes, int))])
    taint = united(*(st.labels(one) for one in args))
    return Other(taint) if taint or isinstance(base, Choice) or name in dir(str) else None


def _computed(value: Scalar, name: str, args: list[Scalar]) -> object:
    if not isinstance(value, (str, bytes)):
        return None
    function: Callable[..., object] | None = getattr(value, name, None)
    if function is None or (name == "replace" and len(args) != 2):
        return None
    if name == "replace" and len(str(args[1])) * (len(value) + 1) > MAX_TEXT:
        return None
    try:
        return function(*args)
    except (TypeError, ValueError, LookupError):
        return None


def _join(separator: Value, args: list[Value], st: State) -> Value:
    many = args[0] if args else UNKNOWN
    found = st.obj(many) if isinstance(many, Ref) else None
    items = many.items if isinstance(many, Tuple) else found.items if found and found.rest is None else None
    if items and len(items) <= MAX_ENTRIES:
        parts: list[Value] = []
        for one in items:
            parts += [separator, one] if parts else [one]
        return texts.concatenated(parts, st)
    sure = clearing.known(separator, st) and clearing.known(many, st)
    return Other(united(st.labels(separator), st.labels(many)), sure=sure)


def _of_text(m: Machine, base: Other, name: str, args: list[Value], named: dict[str, Value], st: State) -> Value | None:
    if name in _CHECKS:
        return Other(yes=fact(base.taint, CLEAN))
    if name == "startswith" and args:
        return prefixed(base, args[0], st)
    if name == "endswith" and args:
        return suffixed(base, args[0])
    if name == "is_relative_to" and args:
        return Other(yes=fact(base.taint, frozenset({"path"})))
    if name in _NUMBERS:
        return Other()
    if name in _KEYED and args:
        return part(base, args[0])
    if name == "format":
        return texts.formatted(base, args, named, st)
    if name == "join":
        return _join(base, args, st)
    if name == "replace" and len(args) >= 2:
        return _replaced(base, args[0], args[1], st)
    if name == "translate" and args:
        return _translated(base, args[0], st)
    if name == "relative_to":
        st.assume(fact(tuple(one for one in base.taint if "norm" in one.cleaned), frozenset({"path"})))
    if name in ("split", "rsplit", "splitlines", "partition", "rpartition"):
        return Other(base.taint)
    if not base.taint:
        return None
    if name in _CASE:
        return Other(base.taint, prefix=base.prefix, lead=base.lead)
    return None


_CASE = frozenset(
    {"lower", "upper", "strip", "lstrip", "rstrip", "title", "capitalize", "casefold", "encode", "decode"}
)


def _translated(base: Other, table: Value, st: State) -> Value:
    """Characters that a table replaces by something else are no longer there."""
    found = st.obj(table) if isinstance(table, Ref) else None
    gone = set()
    for key, new in (found.entries if found else {}).items():
        old = chr(key) if type(key) is int and 0 <= key < 0x110000 else key
        if isinstance(old, str) and isinstance(new, Const) and old not in str(new.value or ""):
            gone.add(f"no:{old}")
    return Other(tuple(one.cleared(frozenset(gone)) for one in base.taint), prefix=base.prefix, lead=base.lead)


def _replaced(base: Other, old: Value, new: Value, st: State) -> Value:
    """A character that is replaced by a text without it is no longer there."""
    taint = united(base.taint, st.labels(new))
    before = old.value if isinstance(old, Const) else None
    after = new.value if isinstance(new, Const) else None
    if isinstance(before, str) and isinstance(after, str) and len(before) == 1 and before not in after:
        taint = tuple(one.cleared(frozenset({f"no:{before}"})) for one in taint)
    return Other(taint, prefix=base.prefix, lead=base.lead)


def _of_container(
    m: Machine,
    ref: Ref,
    found: Obj,
    name: str,
    args: list[Value],
    named: dict[str, Value],
    st: State,
    node: ast.AST,
) -> Value:
    first = args[0] if args else UNKNOWN
    if found.kind == "dict":
        return _of_dict(m, ref, found, name, args, named, st, node)
    items = found.items if found.rest is None else None
    match name:
        case "append" | "add" | "appendleft" | "insert" | "put" | "push":
            value = args[-1] if args else UNKNOWN
            st.heap[ref.oid] = _grown(found, value, _position(name, first, items))
            return NONE
        case "extend" | "update" | "union":
            return _extended(m, ref, found, first, st)
        case "pop" | "popleft":
            return _popped(m, ref, found, args, name, st)
        case "clear":
            st.heap[ref.oid] = Obj(found.kind, items=(), name=found.name)
            return NONE
        case "remove" | "discard":
            _removed(ref, found, first, st)
            return NONE
        case "copy":
            return m.made(node, st, found)
        case "reverse" if items is not None:
            st.heap[ref.oid] = found.changed(items=items[::-1])
            return NONE
        case "sort" | "reverse":
            values = found.values()
            st.heap[ref.oid] = found.changed(rest=m.joined_all(values)) if len(values) > 1 else found
            return NONE
        case "issubset":
            return Other(yes=fact(st.labels(ref), CLEAN if not st.labels(first) else frozenset()))
        case "index":
            st.assume(fact(st.labels(first), CLEAN if not st.labels(ref) else frozenset()))
            return Other()
        case "count":
            return Other()
    return Other(st.labels(ref))


def _position(name: str, first: Value, items: tuple[Value, ...] | None) -> int | None:
    if items is None:
        return None
    if name == "insert":
        return first.value if isinstance(first, Const) and type(first.value) is int else None
    return 0 if name == "appendleft" else len(items)


def _grown(found: Obj, value: Value, at: int | None) -> Obj:
    if at is not None and found.items is not None and len(found.items) < MAX_ENTRIES:
        items = list(found.items)
        items.insert(at, value)
        return found.changed(items=tuple(items))
    rest = value
    for one in found.values():
        rest = joined(rest, one)
    return found.changed(rest=rest)


def _extended(m: Machine, ref: Ref, found: Obj, more: Value, st: State) -> Value:
    other = st.obj(more) if isinstance(more, Ref) else None
    items = more.items if isinstance(more, Tuple) else other.items if other and other.rest is None else None
    known = found.items if found.rest is None else None
    if items is not None and known is not None and len(items) + len(known) <= MAX_ENTRIES:
        st.heap[ref.oid] = found.changed(items=known + items)
        return NONE
    st.heap[ref.oid] = _grown(found, element_of(m, more, st), None)
    return NONE


def _popped(m: Machine, ref: Ref, found: Obj, args: list[Value], name: str, st: State) -> Value:
    items = found.items if found.rest is None else None
    at = args[0] if args else Const(0 if name == "popleft" else -1)
    if items and isinstance(at, Const) and type(at.value) is int and -len(items) <= at.value < len(items):
        left = list(items)
        value = left.pop(at.value)
        st.heap[ref.oid] = found.changed(items=tuple(left))
        return value
    values = found.values()
    result = m.joined_all(values) if values else UNKNOWN
    if items is not None and values:
        st.heap[ref.oid] = found.changed(rest=result)
    return result


def _removed(ref: Ref, found: Obj, value: Value, st: State) -> None:
    if found.items is None or not isinstance(value, Const):
        return
    for index, one in enumerate(found.items):
        if not isinstance(one, Const):
            return
        if one.value == value.value:
            st.heap[ref.oid] = found.changed(items=found.items[:index] + found.items[index + 1 :], rest=found.rest)
            return


def _of_dict(
    m: Machine, ref: Ref, found: Obj, name: str, args: list[Value], named: dict[str, Value], st: State, node: ast.AST
) -> Value:
    key = args[0] if args else UNKNOWN
    default = args[1] if len(args) > 1 else NONE
    match name:
        case "get" | "pop" | "setdefault":
            value = _looked_up(m, found, key, default, args)
            if name == "setdefault" and isinstance(key, Const) and key.value not in found.entries:
                st.heap[ref.oid] = found.changed(entries={**found.entries, key.value: default}, rest=found.rest)
            return value
        case "update":
            other = st.obj(key) if isinstance(key, Ref) else None
            entries: Entries = {**found.entries, **(other.entries if other else {}), **keyed(named)}
            rests = [one for one in (found.rest, other.rest if other else None) if one is not None]
            if other is not None and other.kind != "dict":
                rests.append(Other(st.labels(key)))
            if other is None and st.labels(key):
                rests.append(Other(st.labels(key)))
            st.heap[ref.oid] = found.changed(entries=entries, rest=m.joined_all(rests) if rests else None)
            return NONE
        case "values":
            return m.made(node, st, Obj("list", rest=m.joined_all(found.values())))
        case "keys":
            return m.made(node, st, Obj("list", rest=element_of(m, ref, st)))
        case "items":
            if len(found.entries) <= 8 and found.rest is None:
                pairs = [Tuple((Const(k), v)) for k, v in found.entries.items() if not isinstance(k, tuple)]
                return m.made(node, st, Obj("list", items=tuple(pairs)))
            pair = together(m, getattr(node, "func", node), [element_of(m, ref, st), m.joined_all(found.values())], st)
            return m.made(node, st, Obj("list", rest=pair))
        case "copy":
            return m.made(node, st, found)
        case "clear":
            st.heap[ref.oid] = Obj("dict", name=found.name)
            return NONE
    return Other(st.labels(ref))


def _looked_up(m: Machine, found: Obj, key: Value, default: Value, args: list[Value]) -> Value:
    if isinstance(key, Const):
        if key.value in found.entries:
            return found.entries[key.value]
        return default if found.rest is None else joined(found.rest, default)
    values = found.values()
    return joined(m.joined_all(values), default) if values else default
