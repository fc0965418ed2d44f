"""Functions that others call: threads, executors, `functools.partial`, keys of sorting."""

from __future__ import annotations

import ast
from typing import TYPE_CHECKING

from domain.scans.dataflow.registering import registered
from domain.scans.dataflow.state import Obj, State
from domain.scans.dataflow.values import UNKNOWN, Code, Const, Ref, Tuple, Value, alternatives

if TYPE_CHECKING:
    from domain.scans.dataflow.machine import Machine

Named = dict[str, Value]
PARTIAL = "functools.partial()"
_WITH_TUPLE = {
    "threading.Thread": "",
    "multiprocessing.Process": "",
    "threading.Timer": 1,
    "_thread.start_new_thread": 0,
}
_AT = {
    **dict.fromkeys(
        ("submit", "to_thread", "call_soon", "call_soon_threadsafe", "start_soon", "on_commit", "apply"), 0
    ),
    **dict.fromkeys(("run_in_executor", "call_later", "call_at", "run_in_threadpool"), 1),
    **dict.fromkeys(("apply_async", "run_sync", "spawn"), 0),
}
"""Methods that call a function with what follows it, by the place of the function."""


def handed_on(m: Machine, name: str, last: str, args: list[Value], named: Named, st: State, node: ast.Call) -> None:
    """A library gets a function of the project, and calls it with the arguments beside it."""
    from domain.scans.dataflow.calls import called

    registered(m, name, last, args, named, node)
    if name in _WITH_TUPLE:
        at = _WITH_TUPLE[name]
        positional = args[at : at + 2] if isinstance(at, int) else []
        target = named.get("target", named.get("function", positional[0] if positional else UNKNOWN))
        given = named.get("args", positional[1] if len(positional) > 1 else UNKNOWN)
        if _is_callable(target, st):
            called(m, target, _elements(m, given, st), {}, st, node)
        return
    at_name = _AT.get(last)
    if at_name is not None and len(args) > at_name and _is_callable(args[at_name], st):
        rest = args[at_name + 1 :]
        if last.startswith("apply") and rest:
            rest = _elements(m, rest[0], st)
        called(m, args[at_name], rest, {k: v for k, v in named.items() if k != "key"}, st, node)


def _is_callable(value: Value, st: State) -> bool:
    return any(isinstance(one, Code) or partial_in(one, st) is not None for one in alternatives(value))


def _elements(m: Machine, value: Value, st: State) -> list[Value]:
    if isinstance(value, Tuple):
        return list(value.items)
    found = st.obj(value) if isinstance(value, Ref) else None
    if found is not None and found.items is not None and found.rest is None:
        return list(found.items)
    return [m.element_of(value, st)]


def partial_in(value: Value, st: State) -> Obj | None:
    """The object of a `functools.partial`."""
    found = st.obj(value) if isinstance(value, Ref) else None
    return found if found is not None and found.kind == "tracked" and found.name == PARTIAL else None


def completed(m: Machine, found: Obj, args: list[Value], named: Named, st: State, node: ast.Call) -> Value:
    """The call of a partial function with the other arguments."""
    from domain.scans.dataflow.calls import called

    first = [value for key, value in sorted((k, v) for k, v in found.entries.items() if type(k) is int)]
    given = {key: value for key, value in found.entries.items() if isinstance(key, str)}
    return called(m, first[0], [*first[1:], *args], {**given, **named}, st, node) if first else UNKNOWN


def by_key(m: Machine, args: list[Value], named: Named, st: State, node: ast.Call) -> None:
    """`sorted(many, key=function)`."""
    from domain.scans.dataflow.calls import called

    key = named.get("key")
    if key is not None and args and not (isinstance(key, Const)):
        called(m, key, [m.element_of(args[0], st)], {}, st, node)
