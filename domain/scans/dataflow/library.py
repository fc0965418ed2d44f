"""Attributes and calls of libraries, by the tables in `models`."""

from __future__ import annotations

import ast
import builtins
from typing import TYPE_CHECKING

from domain.scans.dataflow import builtin, callbacks, checks, clearing, fields, texts
from domain.scans.dataflow.guards import CLEAN
from domain.scans.dataflow.models.frameworks import (
    ALIASES,
    HANDLER_CALLS,
    HANDLERS,
    ORIGINS,
    OWN_HOST,
    OWN_PATHS,
    REQUEST_PARTS,
)
from domain.scans.dataflow.models.model import REMOTE, Sink
from domain.scans.dataflow.models.sinks import METHODS, SINKS
from domain.scans.dataflow.models.transfer import (
    CLEANERS,
    CLEANS,
    HARMLESS_METHODS,
    KEEPS,
    OPAQUE,
    OPAQUE_PREFIXES,
    RESETS,
    TRACKED,
    VALIDATING,
)
from domain.scans.dataflow.state import Entries, Obj, State, fact, keyed
from domain.scans.dataflow.values import (
    Choice,
    Const,
    Label,
    Other,
    Ref,
    Taint,
    Value,
    is_known,
    retainted,
    scalars,
    united,
)

if TYPE_CHECKING:
    from domain.scans.dataflow.machine import Machine

_CONSUMING = frozenset(f"dataflow-{one}" for one in ("sql-injection", "command-injection", "ssrf", "path-traversal"))
"""What a database, a program, a host or a file answers is not what it was asked."""
_BUILTINS = frozenset(dir(builtins))
_SAFE_FORMS = ("argv", "yaml", "lxml", "sax")
"""Conditions that fail where no value does harm: no shell, a safe loader, a parser without entities."""
_DERIVED = ("urlparse()", "urlsplit()", "pathlib.", "URL()")
"""Values whose parts are known by name."""


def member(m: Machine, base: Value, attr: str, st: State, node: ast.AST) -> Value:
    """`base.attr` of something that is no code of the project."""
    if not isinstance(base, Other):
        return Other(st.labels(base), f"?.{attr}", base=base)
    if base.name == "@request":
        return _of_request(m, attr, node)
    name = f"{base.name or '?'}.{attr}"
    if base.taint:
        if any(one in base.name for one in _DERIVED):
            return Other(base.taint, name, prefix=base.prefix, lead=base.lead, base=base)
        return Other(tuple(one.part(attr) for one in base.taint), name if base.name else f"?.{attr}", base=base)
    name = ALIASES.get(name, name)
    if fields.is_validated(attr):
        return fields.validated(m, None, attr, st, node)
    if "session" in attr and base.name.startswith("@request"):
        return Other((), "@session")
    if attr in ("request", "req") and any(one in base.name for one in HANDLERS):
        return Other((), "@request")
    origin = ORIGINS.get(name)
    if origin is not None:
        return m.source(origin.kind, origin.text, node, name)
    if attr in HANDLER_CALLS and any(one in base.name for one in HANDLERS):
        return m.source(REMOTE, f"the request's {attr}", node, name)
    return Other((), name, base=base)


def _of_request(m: Machine, attr: str, node: ast.AST) -> Value:
    if attr.startswith("[") and "session" in attr:
        return Other((), "@session")
    if attr.startswith("["):
        return m.source(REMOTE, f"the request{attr}", node, "")
    if attr in REQUEST_PARTS:
        made = m.source(REMOTE, f"the request's {attr}", node, f"@request.{attr}")
        return retainted(made, tuple(one.cleared(OWN_HOST) for one in made.taint)) if attr in OWN_PATHS else made
    if attr == "session":
        return Other((), "@session")
    return Other((), f"@request.{attr}")


def called(m: Machine, callee: Other, args: list[Value], named: dict[str, Value], st: State, node: ast.Call) -> Value:
    """The result of a call of a library, after its arguments were looked at as a sink."""
    name = ALIASES.get(callee.name, callee.name)
    last = name.rpartition(".")[2]
    checks.called(m, name, last, callee, args, named, st, node)
    callbacks.handed_on(m, name, last, args, named, st, node)
    sink = SINKS.get(name) or (METHODS.get(last) if "." in name else None)
    if sink is not None:
        _sunk(m, sink, callee, args, named, st, node)
        if sink.rule in _CONSUMING and not callee.taint and name not in TRACKED:
            return Other((), f"{name}()", sure=_made_of_known(name, last, callee, [*args, *named.values()]))
    known = builtin.computed(m, name, args, named, st, node)
    if known is not None:
        return known
    if isinstance(callee.base, Ref):
        found = st.obj(callee.base)
        if found is not None and found.kind == "tracked":
            return checks.tracked(m, callee.base, found, last, args, st, node)
    origin = ORIGINS.get(f"{name}()")
    if origin is not None:
        return m.source(origin.kind, origin.text, node, f"{name}()")
    if callee.name.startswith("@request."):
        return _part_of_request(callee, args)
    return _transferred(m, name, last, callee, args, named, st, node)


def _made_of_known(name: str, last: str, callee: Other, arguments: list[Value]) -> bool:
    """Nothing unknown gets into the result."""
    if name == "compile" and not (arguments and all(map(clearing.is_inert, scalars(arguments[0]) or (b"",)))):
        return False
    if name not in KEEPS and last not in KEEPS:
        return False
    bound = callee.base is None or "." not in name or name in KEEPS or is_known(callee.base)
    return bound and all(map(is_known, arguments))


def _part_of_request(callee: Other, args: list[Value]) -> Value:
    """`request.get_json()`, `request.args.get("q")`."""
    if not callee.taint:
        return Other((), f"{callee.name}()")
    if args and isinstance(args[0], Const) and isinstance(args[0].value, str):
        return Other(tuple(one.part(args[0].value) for one in callee.taint))
    return Other(callee.taint, f"{callee.name}()")


def _transferred(
    m: Machine,
    name: str,
    last: str,
    callee: Other,
    args: list[Value],
    named: dict[str, Value],
    st: State,
    node: ast.Call,
) -> Value:
    everything = [*args, *named.values()]
    if name in TRACKED:
        entries: Entries = {**dict(enumerate(args)), **keyed(named)}
        return m.made(node, st, Obj("tracked", entries=entries, name=f"{name}()"))
    taint = united(callee.taint, *(st.labels(one) for one in everything))
    if name in CLEANS or (last in CLEANS and last not in _BUILTINS):  # `evil.int` is no int
        if name in VALIDATING:
            st.assume(fact(texts.strangers(taint), CLEAN))  # another text would have raised an error
        return Other(texts.chances(taint), f"{name}()", sure=True)
    if not taint:
        made = _made_of_known(name, last, callee, everything)
        return Other((), ALIASES.get(f"{name}()", f"{name}()") if name else "", sure=made)
    harms = CLEANERS.get(name) or CLEANERS.get(last)
    if harms is not None:
        return Other(tuple(one.cleared(harms) for one in taint), f"{name}()", lead=bool("path" in harms))
    if name in RESETS or last in RESETS:
        return Other(tuple(Label(one.key, one.kind, one.trail) for one in taint))
    if name in OPAQUE or name.startswith(OPAQUE_PREFIXES):
        return Other((), f"{name}()")
    if callee.base is not None and not callee.taint and "?" in name:
        return Other((), f"{name}()")  # a method of something unknown keeps what it gets, or nobody can say
    if callee.taint and last in HARMLESS_METHODS:
        return Other()
    first = next((one for one in everything if isinstance(one, Other) and one.taint), None)
    prefix = first.prefix if first is not None and not callee.taint else callee.prefix
    lead = first.lead if first is not None and not callee.taint else callee.lead
    kept = bool(callee.taint) or name in KEEPS or last in KEEPS  # anything else may return what it has read
    return Other(taint, f"{name}()", prefix=prefix, lead=lead, sure=None if kept else False)


def _sunk(
    m: Machine, sink: Sink, callee: Other, args: list[Value], named: dict[str, Value], st: State, node: ast.Call
) -> None:
    values = [args[at] for at in sink.args if 0 <= at < len(args)]
    values += [named[name] for name in sink.names if name in named]
    if -1 in sink.args and callee.base is not None:
        values.append(callee.base)
    if -2 in sink.args:
        values += [*args, *named.values()]
    for value in values:
        if sink.check and not checks.CONDITIONS[sink.check](m, callee, value, args, named, st):
            if sink.check in _SAFE_FORMS or isinstance(value, Const | Choice):
                m.seen(sink.rule, node, clear=True)
            continue
        sunk(m, sink.rule, value, st, node)


def sunk(m: Machine, rule: str, value: Value, st: State, node: ast.AST) -> None:
    """A value reaches a sink."""
    taint: Taint = st.labels(value)
    if not clearing.is_settled(rule, value, st) or clearing.only_listed(taint, st):
        m.seen(rule, node, clear=False)
    if not taint:
        m.seen(rule, node, clear=True)
        return
    lead = isinstance(value, Other) and (value.lead or bool(value.prefix))
    hosts = rule in ("dataflow-open-redirect", "dataflow-ssrf")
    if hosts and isinstance(value, Other) and checks.host_is_fixed(value):
        m.seen(rule, node, clear=True)
        return
    m.harm(rule, taint, st, node, lead)
