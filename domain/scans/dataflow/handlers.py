"""Functions that a framework calls, and what it hands to them."""

from __future__ import annotations

import ast
from typing import TYPE_CHECKING

from domain.scans.dataflow import linking
from domain.scans.dataflow.clean_types import is_clean_type
from domain.scans.dataflow.fields import clean_fields, last_name, mapping, validated
from domain.scans.dataflow.models.handlers import (
    ASGI_OWN,
    DECORATED,
    INHERITED,
    MADE_BY,
    OWN,
    OWN_TYPES,
    WSGI_OWN,
    Decorated,
    Inherited,
)
from domain.scans.dataflow.models.model import LOCAL, QUEUE, REMOTE
from domain.scans.dataflow.project import ClassInfo, FuncInfo
from domain.scans.dataflow.state import State
from domain.scans.dataflow.values import UNKNOWN, Code, Value

if TYPE_CHECKING:
    from domain.scans.dataflow.machine import Machine

WHO = {REMOTE: "the request's", QUEUE: "the message's", LOCAL: "the command line's"}
"""Whose a parameter is, for people."""


def handler(m: Machine, info: FuncInfo) -> Decorated | Inherited | None:
    """Why a framework calls the function with something from outside, if it does."""
    if isinstance(info.node, ast.Lambda):
        return None
    for decorator in info.node.decorator_list:
        root, last = _ends(decorator)
        for one in DECORATED:
            if last in one.decorators and (root in one.roots or info.module.imported & one.packages):
                return one
    if info.cls is None:
        return None
    for each in INHERITED:
        if each.methods.fullmatch(info.name) and any(map(each.bases.search, _bases(m, info.cls))):
            return each
    return None


def _ends(decorator: ast.expr) -> tuple[str, str]:
    """The first and the last name: `mcp` and `tool` of `@mcp.tool()`."""
    node = decorator.func if isinstance(decorator, ast.Call) else decorator
    last = node.attr if isinstance(node, ast.Attribute) else getattr(node, "id", "")
    while isinstance(node, ast.Attribute):
        node = node.value
    return getattr(node, "id", ""), last


def _bases(m: Machine, cls: ClassInfo) -> list[str]:
    return [one if isinstance(one, str) else one.name for one in linking.order(m, cls)[1:]]


def parameter(m: Machine, info: FuncInfo, one: ast.arg, st: State) -> Value | None:
    """What a framework hands to a parameter; None: none that is known here."""
    server = _of_server(m, info, one, st)
    if server is not None:
        return server
    made_by = linking.of_class(m, info.cls, MADE_BY[one.arg]) if info.cls and one.arg in MADE_BY else None
    if isinstance(made_by, Code) and isinstance(made_by.info, ClassInfo):
        return m.invoke(made_by, [], {}, st, one)
    found = handler(m, info)
    if found is None:
        return None
    if one.arg in OWN or last_name(one.annotation) in OWN_TYPES or is_clean_type(one.annotation):
        return UNKNOWN
    if isinstance(found, Inherited):
        if one.arg in found.own:
            return UNKNOWN
        if info.cls is not None and one.arg in ("data", "attrs", "validated_data"):
            return validated(m, info.cls, one.arg, st, one)
        if info.cls is not None and info.name.removeprefix("validate_") in clean_fields(m, info.cls):
            return UNKNOWN
    return m.source(found.kind, f"{WHO[found.kind]} {one.arg}", one)


def _of_server(m: Machine, info: FuncInfo, one: ast.arg, st: State) -> Value | None:
    """`environ` of WSGI; `scope` and `receive` of ASGI."""
    names = tuple(each.arg for each in info.node.args.args)
    if names[-2:] == ("environ", "start_response") and one.arg == "environ":
        return mapping(m, WSGI_OWN, "environ", st, one)
    if names[-3:] == ("scope", "receive", "send"):
        if one.arg == "scope":
            return mapping(m, ASGI_OWN, "scope", st, one)
        return m.source(REMOTE, "the request's body", one) if one.arg == "receive" else None
    return None


def is_of_server(info: FuncInfo) -> bool:
    """By its parameters, an application of WSGI or ASGI."""
    names = tuple(one.arg for one in info.node.args.args)
    return names[-2:] == ("environ", "start_response") or names[-3:] == ("scope", "receive", "send")
