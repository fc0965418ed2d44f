"""Functions of Python and its library that are computed rather than looked up in a table."""

from __future__ import annotations

import ast
import re
from collections.abc import Callable
from typing import TYPE_CHECKING

from domain.scans.dataflow import callbacks, clearing, gathering, texts
from domain.scans.dataflow.displays import together
from domain.scans.dataflow.guards import CLEAN, HOST, matches
from domain.scans.dataflow.joining import joined
from domain.scans.dataflow.models.transfer import TERMINATORS
from domain.scans.dataflow.regexes import MAX_PATTERN
from domain.scans.dataflow.state import Entries, Obj, State, fact
from domain.scans.dataflow.values import (
    NONE,
    UNKNOWN,
    Code,
    Const,
    Facts,
    Other,
    Ref,
    Tuple,
    Value,
    flat,
    scalars,
    united,
)

if TYPE_CHECKING:
    from domain.scans.dataflow.machine import Machine

Named = dict[str, Value]


def computed(m: Machine, name: str, args: list[Value], named: Named, st: State, node: ast.Call) -> Value | None:
    """The result of a function that is known by name; None: it is not among them."""
    if name in TERMINATORS:
        st.alive = False
        return UNKNOWN
    known = _FUNCTIONS.get(name)
    return known(m, args, named, st, node) if known is not None else None


def _first(args: list[Value]) -> Value:
    return args[0] if args else UNKNOWN


def _dict(m: Machine, args: list[Value], named: Named, st: State, node: ast.Call) -> Value:
    entries: Entries = {}
    rest: Value | None = None
    found = st.obj(_first(args)) if isinstance(_first(args), Ref) else None  # type: ignore[arg-type]
    if found is not None and found.kind == "dict":
        entries, rest = dict(found.entries), found.rest
    elif args and (taint := st.labels(args[0])):
        rest = Other(taint)
    entries.update(named)
    return m.made(node, st, Obj("dict", entries=entries, rest=rest))


def _list(m: Machine, args: list[Value], named: Named, st: State, node: ast.Call) -> Value:
    first = _first(args)
    found = st.obj(first) if isinstance(first, Ref) else None
    if not args:
        return m.made(node, st, Obj("list", items=()))
    if isinstance(first, Tuple):
        return m.made(node, st, Obj("list", items=first.items))
    if found is not None and found.kind == "list" and found.items is not None:
        return m.made(node, st, Obj("list", items=found.items, rest=found.rest))
    if isinstance(first, Other) and not first.taint:
        return m.made(node, st, Obj("list", rest=UNKNOWN))
    return m.made(node, st, Obj("list", rest=m.element_of(first, st)))


def _unordered(m: Machine, args: list[Value], named: Named, st: State, node: ast.Call) -> Value:
    callbacks.by_key(m, args, named, st, node)
    first = _first(args)
    found = st.obj(first) if isinstance(first, Ref) else None
    items = first.items if isinstance(first, Tuple) else found.items if found and found.rest is None else None
    if items is not None and all(isinstance(one, Const) for one in items):
        return m.made(node, st, Obj("set", items=items))  # only ever asked what is in it
    return m.made(node, st, Obj("list", rest=m.element_of(first, st)) if args else Obj("set", items=()))


def _queue(m: Machine, args: list[Value], named: Named, st: State, node: ast.Call) -> Value:
    return _list(m, args[:1], named, st, node)


def _tuple(m: Machine, args: list[Value], named: Named, st: State, node: ast.Call) -> Value:
    first = _first(args)
    found = st.obj(first) if isinstance(first, Ref) else None
    if found is not None and found.items is not None and found.rest is None:
        return Tuple(found.items)
    return first if isinstance(first, Tuple) else _list(m, args, named, st, node)


def _str(m: Machine, args: list[Value], named: Named, st: State, node: ast.Call) -> Value:
    first = _first(args)
    if isinstance(first, Const) and not isinstance(first.value, bytes):
        return Const(str(first.value))
    own = m.attribute(first, "__str__", st, node) if isinstance(first, Ref) else None
    if isinstance(own, Code):
        return m.invoke(own, [], {}, st, node)
    if isinstance(first, Other):
        name = "" if first.taint else "str()"
        return Other(first.taint, name, prefix=first.prefix, lead=first.lead, sure=first.sure)
    return Other(st.labels(first))


def _len(m: Machine, args: list[Value], named: Named, st: State, node: ast.Call) -> Value:
    first = _first(args)
    if isinstance(first, Const) and isinstance(first.value, (str, bytes)):
        return Const(len(first.value))
    if isinstance(first, Tuple):
        return Const(len(first.items))
    found = st.obj(first) if isinstance(first, Ref) else None
    if found is not None and found.rest is None:
        return Const(len(found.items)) if found.items is not None else Other(sure=True)
    return Other(sure=True)


def _int(m: Machine, args: list[Value], named: Named, st: State, node: ast.Call) -> Value:
    values = scalars(_first(args))
    if values and len(values) == 1 and len(args) == 1 and isinstance(values[0], (str, int, float)):
        try:
            return Const(int(values[0])) if len(str(values[0])) < 20 else Other(sure=True)
        except (ValueError, OverflowError):
            return Other(sure=True)
    taint = st.labels(_first(args))
    st.assume(fact(texts.strangers(taint), CLEAN))  # another text would have raised an error
    return Other(texts.chances(taint), sure=True)


def _character(m: Machine, args: list[Value], named: Named, st: State, node: ast.Call) -> Value:
    first = _first(args)
    if isinstance(first, Const) and isinstance(first.value, int) and 0 <= first.value < 0x110000:
        return Const(chr(first.value))
    return Other(st.labels(first))


def _number_of_character(m: Machine, args: list[Value], named: Named, st: State, node: ast.Call) -> Value:
    first = _first(args)
    if isinstance(first, Const) and isinstance(first.value, str) and len(first.value) == 1:
        return Const(ord(first.value))
    return Other(sure=True)


def _isinstance(m: Machine, args: list[Value], named: Named, st: State, node: ast.Call) -> Value:
    kind = args[1] if len(args) > 1 else UNKNOWN
    if isinstance(kind, Other) and kind.name in ("int", "float", "bool", "uuid.UUID"):
        return Other(yes=fact(st.labels(args[0]), CLEAN))
    return Other()


def _allowed_host(m: Machine, args: list[Value], named: Named, st: State, node: ast.Call) -> Value:
    return Other(yes=fact(st.labels(_first(args)), HOST))


def _maketrans(m: Machine, args: list[Value], named: Named, st: State, node: ast.Call) -> Value:
    """Each character and what it becomes."""
    found = st.obj(_first(args)) if isinstance(_first(args), Ref) else None  # type: ignore[arg-type]
    if len(args) == 1 and found is not None:
        return m.made(node, st, found)
    known = [one.value for one in args if isinstance(one, Const) and isinstance(one.value, str)]
    if len(known) != len(args) or len(known) < 2:
        return UNKNOWN
    entries: Entries = {old: Const(new) for old, new in zip(known[0], known[1], strict=False)}
    entries.update(dict.fromkeys(known[2] if len(known) > 2 else "", NONE))
    return m.made(node, st, Obj("dict", entries=entries))


def _common_path(m: Machine, args: list[Value], named: Named, st: State, node: ast.Call) -> Value:
    return Other(st.labels(_first(args)), "os.path.commonpath()")


def _getattr(m: Machine, args: list[Value], named: Named, st: State, node: ast.Call) -> Value:
    if len(args) >= 2 and isinstance(args[1], Const) and isinstance(args[1].value, str):
        return m.attribute(args[0], args[1].value, st, node)
    if len(args) >= 2 and (any_method := gathering.any_method(m, args[0], args[1], st)) is not None:
        return any_method
    return Other(united(*(st.labels(one) for one in args[:1])))


def _setattr(m: Machine, args: list[Value], named: Named, st: State, node: ast.Call) -> Value:
    ref = _first(args)
    if len(args) == 3 and isinstance(ref, Ref) and isinstance(args[1], Const):
        found = st.obj(ref)
        if found is not None:
            st.heap[ref.oid] = found.changed(entries={**found.entries, args[1].value: args[2]}, rest=found.rest)
    return NONE


def _all(m: Machine, args: list[Value], named: Named, st: State, node: ast.Call) -> Value:
    """`all(c in ALLOWED for c in text)` proves of the text what each test proves of its part."""
    element = m.element_of(_first(args), st)
    yes: Facts | None = element.yes if isinstance(element, Other) else None
    return Other(yes=yes)


def _any(m: Machine, args: list[Value], named: Named, st: State, node: ast.Call) -> Value:
    element = m.element_of(_first(args), st)
    no: Facts | None = element.no if isinstance(element, Other) else None
    return Other(no=no)


def _zip(m: Machine, args: list[Value], named: Named, st: State, node: ast.Call) -> Value:
    return m.made(node, st, Obj("list", rest=together(m, node.func, [m.element_of(one, st) for one in args], st)))


def _enumerate(m: Machine, args: list[Value], named: Named, st: State, node: ast.Call) -> Value:
    return m.made(
        node, st, Obj("list", rest=together(m, node.func, [Other(sure=True), m.element_of(_first(args), st)], st))
    )


def _range(m: Machine, args: list[Value], named: Named, st: State, node: ast.Call) -> Value:
    return m.made(node, st, Obj("list", rest=Other(texts.chances(united(*map(flat, args))), sure=True)))


def _extreme(m: Machine, args: list[Value], named: Named, st: State, node: ast.Call) -> Value:
    """`min` and `max` of several values, or of the elements of one."""
    everything = [*args, *named.values()]
    sure = all(clearing.known(one, st) for one in everything)
    return Other(united(*(st.labels(one) for one in everything)), sure=sure)


def _map(m: Machine, args: list[Value], named: Named, st: State, node: ast.Call) -> Value:
    from domain.scans.dataflow.calls import called

    elements = [m.element_of(one, st) for one in args[1:]]
    return m.made(node, st, Obj("list", rest=called(m, _first(args), elements, {}, st, node)))


def _filter(m: Machine, args: list[Value], named: Named, st: State, node: ast.Call) -> Value:
    from domain.scans.dataflow.calls import called

    element = m.element_of(args[1], st) if len(args) > 1 else UNKNOWN
    test = called(m, _first(args), [element], {}, st, node)
    if isinstance(test, Other) and test.yes and isinstance(element, Other):
        from domain.scans.dataflow.state import baked

        element = baked(element, test.yes)
    return m.made(node, st, Obj("list", rest=element))


def _same(m: Machine, args: list[Value], named: Named, st: State, node: ast.Call) -> Value:
    return _first(args)


def _next(m: Machine, args: list[Value], named: Named, st: State, node: ast.Call) -> Value:
    element = m.element_of(_first(args), st)
    return joined(element, args[1]) if len(args) > 1 else element


def _match(how: str) -> Callable[..., Value]:
    def run(m: Machine, args: list[Value], named: Named, st: State, node: ast.Call) -> Value:
        flags = args[2] if len(args) > 2 else named.get("flags")
        return matches(args[0], args[1], how, st, flags) if len(args) > 1 else UNKNOWN

    return run


def _sub(m: Machine, args: list[Value], named: Named, st: State, node: ast.Call) -> Value:
    return substituted(args[0], args[1], args[2], st) if len(args) > 2 else UNKNOWN


def substituted(pattern: Value, new: Value, text: Value, st: State) -> Value:
    """`re.sub(pattern, new, text)`: what is left when all but some characters go, or some characters go."""
    taint, added = st.labels(text), st.labels(new)
    known = pattern.value if isinstance(pattern, Const) else None
    if not isinstance(known, str) or len(known) > MAX_PATTERN or not taint or added or not isinstance(new, Const):
        return Other(united(taint, added))
    kept = re.fullmatch(r"\[\^((?:\\.|[^\]\\])+)\]\+?|(\\W)\+?|(\\D)\+?", known)
    if kept and not re.search(r"[<>'\"`;|&$()*/\n]|\\[sSWD]", kept[1] or ""):
        return Other()
    gone = re.fullmatch(r"\[((?:\\.|[^\]\\^])(?:\\.|[^\]\\])*)\]\+?", known)
    if gone:
        harms = frozenset(f"no:{one}" for one in re.sub(r"\\(?=\W)", "", gone[1]) if one not in str(new.value))
        return Other(tuple(one.cleared(harms) for one in taint))
    return Other(taint)


def _path_join(m: Machine, args: list[Value], named: Named, st: State, node: ast.Call) -> Value:
    """A later absolute part replaces the earlier ones, so the text does not begin with something of our own."""
    if args and all(isinstance(one, Const) and isinstance(one.value, str) for one in args):
        return texts.concatenated([one for part in args for one in (Const("/"), part)][1:], st)
    return Other(united(*(st.labels(one) for one in args)))


_FUNCTIONS: dict[str, Callable[..., Value]] = {
    "dict": _dict,
    "collections.OrderedDict": _dict,
    "collections.defaultdict": gathering.default_dict,
    "heapq.heappush": gathering.pushed,
    "heapq.heappop": gathering.any_of,
    "heapq.heapify": lambda m, args, named, st, node: NONE,
    "itertools.chain": gathering.chain,
    "globals": gathering.variables,
    "list": _list,
    "set": _unordered,
    "frozenset": _unordered,
    "sorted": _unordered,
    "reversed": _unordered,
    "collections.deque": _queue,
    "tuple": _tuple,
    "str": _str,
    "len": _len,
    "int": _int,
    "chr": _character,
    "ord": _number_of_character,
    "isinstance": _isinstance,
    "getattr": _getattr,
    "django.utils.http.url_has_allowed_host_and_scheme": _allowed_host,
    "django.utils.http.is_safe_url": _allowed_host,
    "str.maketrans": _maketrans,
    "os.path.commonpath": _common_path,
    "os.path.commonprefix": _common_path,
    "setattr": _setattr,
    "all": _all,
    "any": _any,
    "zip": _zip,
    "enumerate": _enumerate,
    "range": _range,
    "min": _extreme,
    "max": _extreme,
    "sum": _extreme,
    "map": _map,
    "filter": _filter,
    "iter": _same,
    "copy.copy": _same,
    "copy.deepcopy": _same,
    "typing.cast": lambda m, args, named, st, node: args[1] if len(args) > 1 else UNKNOWN,
    "asyncio.wait_for": _same,
    "contextlib.closing": _same,
    "next": _next,
    "re.match": _match("match"),
    "re.fullmatch": _match("fullmatch"),
    "re.search": _match("search"),
    "re.sub": _sub,
    "os.path.join": _path_join,
    "posixpath.join": _path_join,
}
