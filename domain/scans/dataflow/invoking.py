"""Calls of functions and classes of the project: arguments are bound, the body runs, and the result is remembered."""

from __future__ import annotations

import ast
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from domain.scans.dataflow import checks, linking
from domain.scans.dataflow.clean_types import is_clean_type
from domain.scans.dataflow.dependencies import outermost
from domain.scans.dataflow.guards import CLEAN
from domain.scans.dataflow.models.frameworks import ALIASES
from domain.scans.dataflow.project import ClassInfo, FuncInfo, FuncNode
from domain.scans.dataflow.state import Entries, Heap, Obj, State, all_of, baked, either, fact, keyed, merged
from domain.scans.dataflow.values import (
    EVERYTHING,
    NONE,
    UNKNOWN,
    Code,
    Const,
    Facts,
    Other,
    Ref,
    Several,
    Tuple,
    Value,
    refs_in,
    stepped,
    united,
)

if TYPE_CHECKING:
    from domain.scans.dataflow.frames import Frame
    from domain.scans.dataflow.machine import Machine

MAX_CALLS = 24
"""Calls in calls; deeper ones give something with the labels of their arguments, and the entry is named."""
MAX_FOLLOWED = 80_000
"""Steps from one entry function until calls are no longer followed, but for the labels of their arguments."""
MAX_COLD_LINES = 40
MAX_COLD_NODES = 1_500
MAX_WARM_NODES = 8_000
MAX_COLD = 4
"""The same for calls without a label among their arguments, which matter only for constants."""
MAX_COLD_CHOICE = 2
"""Functions without such a label of which one is called and all are run."""


@dataclass
class Memory:
    """Results by function and arguments: the summaries of the functions."""

    kept: dict[tuple[object, ...], tuple[Value, Facts, tuple[object, ...]]] = field(default_factory=dict)


def invoke(m: Machine, code: Code, args: list[Value], named: dict[str, Value], st: State, node: ast.AST) -> Value:
    """The result of a call; objects that the callee changes are changed in the state."""
    if isinstance(code.info, ClassInfo):
        return instantiate(m, code, args, named, st, node)
    if not isinstance(code.info, FuncInfo):
        return UNKNOWN
    info = code.info
    m.links.touched.call(info)
    if code.bound is not None:
        args = [code.bound, *args]
    taint = united(*(st.labels(one) for one in (*args, *named.values())))
    depth = m.frame.depth + 1
    again = m.stack.count(info) > 1
    tired = m.meter.steps > MAX_FOLLOWED or depth > MAX_CALLS
    if again or tired or (not taint and _is_idle(m, info, depth)):
        if taint and not again:
            m.give_up()
        m.skipped.add(outermost(info))
        return Other(taint)
    m.call(info, node)
    key = _key(m, code, args, named, st)
    if key is not None and (known := m.memory.kept.get(key)) is not None:
        st.facts = all_of(st.facts, known[1])
        return known[0]
    before, heap_before = st.facts, st.heap
    untouched = dict(st.heap) if key is not None else {}
    value = _run(m, code, args, named, st, node)
    if key is not None and st.alive and _unchanged(untouched, st.heap, args, value):
        gained = {name: harms for name, harms in st.facts.items() if before.get(name) != harms}
        m.memory.kept[key] = (value, gained, (args, named, heap_before))
    return value


def skips(m: Machine, callee: Several, args: list[Value], named: dict[str, Value], st: State) -> bool:
    """Whether none of several functions is run: nothing from outside gets in, or may come of them.

    What one of many computes of constants is no constant anyway.
    """
    infos = [one.info for one in callee.values if isinstance(one, Code) and isinstance(one.info, FuncInfo)]
    if len(infos) < len(callee.values) or len(infos) <= MAX_COLD_CHOICE or any(map(m.is_warm, infos)):
        return False
    if any(st.labels(one) for one in (callee, *args, *named.values())):
        return False
    m.skipped.update(map(outermost, infos))
    for info in infos:
        m.links.touched.call(info)
    return True


def _is_idle(m: Machine, info: FuncInfo, depth: int) -> bool:
    """Without anything from outside, only what it may bring in matters, and what a small function computes."""
    if m.is_warm(info):
        return m.meter.steps > MAX_WARM_NODES
    return depth > MAX_COLD or info.size() > MAX_COLD_LINES or m.meter.steps > MAX_COLD_NODES


def _unchanged(before: Heap, after: Heap, args: list[Value], value: Value) -> bool:
    """Nothing was changed that the caller sees, and the result is no new object."""
    if isinstance(value, (Code, Several)) or refs_in(value):
        return False
    return all(after.get(oid) is content for oid, content in before.items())


def _key(m: Machine, code: Code, args: list[Value], named: dict[str, Value], st: State) -> tuple[object, ...] | None:
    """What the result depends on; None: too much to remember."""
    if code.closure is not None:
        return None
    parts: list[object] = [code.info, m.frame.answers, m.owner]
    for name, one in (*enumerate(args), *sorted(named.items())):
        part = _identity(one, st, 3)
        if part is None:
            return None
        parts.append((name, part))
    if st.facts:
        parts.append(tuple(sorted((str(key), tuple(sorted(harms))) for key, harms in st.facts.items())))
    return tuple(parts)


def _identity(value: Value, st: State, depth: int) -> object:
    if isinstance(value, Const):
        return (type(value.value), value.value)
    if type(value) is Other:
        labels = tuple((label.key, label.cleaned, label.trail) for label in value.taint)
        return (
            (value.name, labels, value.prefix, value.lead, value.sure) if value.base is None and not value.yes else None
        )
    if isinstance(value, Ref):
        found = st.obj(value)
        if found is None or depth == 0:
            return None
        st.base.meter.spend(found.size() >> 3)
        return (value.oid, found, tuple(_identity(one, st, depth - 1) or id(one) for one in found.values()))
    if isinstance(value, Code):
        return (value.info, id(value.bound)) if value.closure is None else None
    return None


def _run(m: Machine, code: Code, args: list[Value], named: dict[str, Value], st: State, node: ast.AST) -> Value:
    info = code.info
    assert isinstance(info, FuncInfo)
    caller = m.frame
    path = caller.module.path
    args = [stepped(baked(one, st.facts), path, node, f"passed to {info.name}") for one in args]
    named = {k: stepped(baked(one, st.facts), path, node, f"passed to {info.name}") for k, one in named.items()}
    frame = m.new_frame(info.module, info, code.closure, caller.depth + 1, m.within(id(node), info))
    if code.closure is not None and caller.func is not None and info.outer is caller.func:
        frame.closure = {**code.closure, **st.env}
    inner = State({}, st.heap, st.facts, st.base)
    m.frame = frame
    m.stack.append(info)
    try:
        bind(m, info.node, args, named, inner)
        for name, value in inner.env.items():
            if value.taint:
                checks.named(m, name, value, inner, info.node)
        value, end = body(m, info, frame, inner)
    finally:
        m.stack.pop()
        m.frame = caller
    if end is None:
        st.alive = False
        return UNKNOWN
    st.heap, st.facts = end.heap, end.facts
    return stepped(value, path, node, f"returned by {info.name}")


def body(m: Machine, info: FuncInfo, frame: Frame, inner: State) -> tuple[Value, State | None]:
    """Runs a bound function; its value, and the state after it, None when it always raises."""
    if isinstance(info.node, ast.Lambda):
        return m.eval(info.node.body, inner), inner
    m.run(info.node.body, inner)
    ways = [*frame.returns, *([(NONE, inner)] if inner.alive else [])]
    if frame.yields:
        yields = [baked(one, inner.facts) for one in frame.yields]
        end = merged([state for _, state in ways]) or inner
        return m.made(info.node, end, Obj("list", rest=m.joined_all(yields))), end
    after = merged([state for _, state in ways])
    return _result(m, ways), after


def _result(m: Machine, ways: list[tuple[Value, State]]) -> Value:
    if not ways:
        return UNKNOWN
    if len(ways) > 1 and all(isinstance(one, Const) and isinstance(one.value, bool) for one, _ in ways):
        return _predicate(ways)
    if len(ways) > 1 and all(_is_truth(one) for one, _ in ways):
        return _predicate(ways)
    return m.joined_all([one for one, _ in ways])


def _is_truth(value: Value) -> bool:
    if isinstance(value, Const):
        return isinstance(value.value, bool)
    return isinstance(value, Other) and not value.taint and bool(value.yes or value.no)


def _predicate(ways: list[tuple[Value, State]]) -> Value:
    """A function that checks: what holds on every way on which it returns true, and on every other."""
    yes: list[Facts] = []
    no: list[Facts] = []
    for value, state in ways:
        if isinstance(value, Const):
            (yes if value.value else no).append(state.facts)
        elif isinstance(value, Other):
            yes.append(all_of(state.facts, value.yes))
            no.append(all_of(state.facts, value.no))
    if not yes or not no:
        constants = [value for value, _ in ways if isinstance(value, Const)]
        return constants[0] if constants else UNKNOWN
    return Other(yes=_common(yes), no=_common(no))


def _common(facts: list[Facts]) -> Facts:
    found = facts[0]
    for one in facts[1:]:
        found = either(found, one)
    return found


def bind(m: Machine, node: FuncNode, args: list[Value], named: dict[str, Value], st: State) -> None:
    """Parameters get arguments, defaults, or something unknown."""
    spec = node.args
    names = [one.arg for one in (*spec.posonlyargs, *spec.args)]
    for name, value in zip(names, args, strict=False):
        st.env[name] = value
    extra = args[len(names) :]
    if spec.vararg:
        st.env[spec.vararg.arg] = Tuple(tuple(extra))
    known = {*names, *(one.arg for one in spec.kwonlyargs)}
    rest = {name: value for name, value in named.items() if name not in known}
    st.env.update({name: value for name, value in named.items() if name in known})
    if spec.kwarg:
        st.env[spec.kwarg.arg] = m.made(node, st, Obj("dict", entries=keyed(rest)))
    _defaults(m, node, st, names)


def _defaults(m: Machine, node: FuncNode, st: State, names: list[str]) -> None:
    spec = node.args
    every = [*spec.posonlyargs, *spec.args]
    with_default = dict(zip(names[len(names) - len(spec.defaults) :], spec.defaults, strict=True))
    with_default |= {
        one.arg: default for one, default in zip(spec.kwonlyargs, spec.kw_defaults, strict=True) if default
    }
    for one in (*every, *spec.kwonlyargs):
        if one.arg in st.env:
            continue
        default = with_default.get(one.arg)
        value = m.eval(default, st) if default is not None else UNKNOWN
        st.env[one.arg] = value if default is not None else of_annotation(m, one.annotation, st)


def of_annotation(m: Machine, annotation: ast.expr | None, st: State) -> Value:
    """What is known of a value by its type: an instance of a class of the project, or a library's name."""
    if annotation is None:
        return UNKNOWN
    if isinstance(annotation, ast.Constant) and isinstance(annotation.value, str):
        name = annotation.value
        return _typed(m, m.lookup(name, st), st, annotation) if name.isidentifier() else UNKNOWN
    if isinstance(annotation, ast.Subscript):
        outer = annotation.value
        last = outer.attr if isinstance(outer, ast.Attribute) else outer.id if isinstance(outer, ast.Name) else ""
        first = annotation.slice.elts[0] if isinstance(annotation.slice, ast.Tuple) and annotation.slice.elts else None
        inner = first or annotation.slice
        return of_annotation(m, inner, st) if last in ("Optional", "Annotated") else UNKNOWN
    if isinstance(annotation, ast.BinOp):
        return of_annotation(m, annotation.left, st)
    if isinstance(annotation, (ast.Name, ast.Attribute)):
        return _typed(m, m.eval(annotation, st), st, annotation)
    return UNKNOWN


def _typed(m: Machine, kind: Value, st: State, node: ast.AST) -> Value:
    if isinstance(kind, Code) and isinstance(kind.info, ClassInfo):
        if m.frame.depth > 3 or m.typing > 2:
            return UNKNOWN
        m.typing += 1
        try:
            return instantiate(m, kind, [], {}, st, node)
        finally:
            m.typing -= 1
    if isinstance(kind, Other) and kind.name:
        return kind if kind.name.startswith("@") else Other((), ALIASES.get(kind.name, f"{kind.name}()"))
    return UNKNOWN


def instantiate(m: Machine, code: Code, args: list[Value], named: dict[str, Value], st: State, node: ast.AST) -> Value:
    """A new instance, after its `__init__`; an enumeration takes only its own values."""
    info = code.info
    assert isinstance(info, ClassInfo)
    libraries = linking.library_bases(m, info)
    if any(name.startswith("enum.") for name in libraries):
        proven = CLEAN if linking.of_class(m, info, "_missing_") is None else CLEAN - {EVERYTHING}
        st.assume(fact(united(*(st.labels(one) for one in args)), proven))  # another value would have raised an error
        return UNKNOWN
    ref = m.made(node, st, Obj("instance", cls=code))
    init = linking.of_class(m, info, "__init__")
    if isinstance(init, Code) and isinstance(init.info, FuncInfo):
        m.invoke(Code(init.info, ref, init.closure), args, named, st, node)
    elif (made := linking.of_class(m, info, "__new__")) is not None and isinstance(made, Code):
        return m.invoke(Code(made.info, code, made.closure), args, named, st, node)
    else:
        _fields(m, info, ref, args, named, st)
        after = linking.of_class(m, info, "__post_init__")
        if isinstance(after, Code) and isinstance(after.info, FuncInfo):
            m.invoke(Code(after.info, ref, after.closure), [], {}, st, node)
    return ref


def _fields(m: Machine, info: ClassInfo, ref: Ref, args: list[Value], named: dict[str, Value], st: State) -> None:
    """Dataclasses, named tuples and models: annotated names in their order."""
    names: list[tuple[str, ast.expr]] = []
    for one in reversed(linking.order(m, info)):
        if isinstance(one, ClassInfo):
            names += [
                (each.target.id, each.annotation)
                for each in one.node.body
                if isinstance(each, ast.AnnAssign) and isinstance(each.target, ast.Name)
            ]
    found = st.obj(ref)
    if found is None:
        return
    given = {name: value for (name, _), value in zip(names, args, strict=False)} | named
    clean = {name for name, annotation in names if is_clean_type(annotation)}
    entries: Entries = {name: Other() if name in clean else value for name, value in given.items()}
    rest = None if names else m.joined_all([*args]) if args else None
    st.heap[ref.oid] = found.changed(entries={**found.entries, **entries}, rest=rest)
