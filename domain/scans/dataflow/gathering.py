"""Collections of Python's library, and what is looked for by a name that is worked out."""

from __future__ import annotations

import ast
from typing import TYPE_CHECKING

from domain.scans.dataflow import linking
from domain.scans.dataflow.project import ClassInfo
from domain.scans.dataflow.state import Obj, State, keyed
from domain.scans.dataflow.values import Code, Other, Ref, Value

if TYPE_CHECKING:
    from domain.scans.dataflow.machine import Machine

Named = dict[str, Value]


def default_dict(m: Machine, args: list[Value], named: Named, st: State, node: ast.Call) -> Value:
    """Its entries are made when they are looked for."""
    maker = args[0].name if args and isinstance(args[0], Other) and args[0].name in ("list", "dict", "set") else ""
    return m.made(node, st, Obj("dict", name=maker))


def pushed(m: Machine, args: list[Value], named: Named, st: State, node: ast.Call) -> Value:
    """`heapq.heappush(heap, value)`."""
    from domain.scans.dataflow.calls import called_on

    return called_on(m, args[0], ast.Attribute(ast.Name("heap"), "append"), args[1:2], {}, st, node)


def any_of(m: Machine, args: list[Value], named: Named, st: State, node: ast.Call) -> Value:
    """An element of any of the arguments."""
    return m.joined_all([m.element_of(one, st) for one in args])


def chain(m: Machine, args: list[Value], named: Named, st: State, node: ast.Call) -> Value:
    """`itertools.chain`."""
    return m.made(node, st, Obj("list", rest=any_of(m, args, named, st, node)))


def variables(m: Machine, args: list[Value], named: Named, st: State, node: ast.Call) -> Value:
    """The variables of the module as a dict; what is put into it is not followed."""
    known = linking.module_env(m, m.frame.module)
    return m.made(node, st, Obj("dict", entries=keyed(known)))


def any_method(m: Machine, base: Value, name: Value, st: State) -> Value | None:
    """A method of an instance whose name is worked out: any that begins as the name does."""
    found = st.obj(base) if isinstance(base, Ref) else None
    if found is None or not isinstance(found.cls, Code) or not isinstance(found.cls.info, ClassInfo):
        return None
    prefix = name.prefix if isinstance(name, Other) else ""
    methods = [Code(one, base) for key, one in found.cls.info.methods.items() if key.startswith(prefix)]
    return m.joined_all([*methods]) if methods and prefix else None
