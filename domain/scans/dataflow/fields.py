"""Mappings of which a stranger sets some entries: the fields of forms and serializers, the environment of a server."""

from __future__ import annotations

import ast
from typing import TYPE_CHECKING

from domain.scans.dataflow import linking
from domain.scans.dataflow.models.handlers import CLEAN_FIELDS, VALIDATED
from domain.scans.dataflow.models.model import REMOTE
from domain.scans.dataflow.project import ClassInfo
from domain.scans.dataflow.state import Entries, Obj, State
from domain.scans.dataflow.values import UNKNOWN, Value

if TYPE_CHECKING:
    from domain.scans.dataflow.machine import Machine


def last_name(annotation: ast.expr | None) -> str:
    """`Context` of `mcp.Context[int]`; empty where there is none."""
    inner = annotation.value if isinstance(annotation, ast.Subscript) else annotation
    return inner.attr if isinstance(inner, ast.Attribute) else getattr(inner, "id", "")


def validated(m: Machine, cls: ClassInfo | None, name: str, st: State, node: ast.AST) -> Value:
    """The fields of a form or a serializer: numbers, dates and choices do no harm."""
    return mapping(m, sorted(clean_fields(m, cls)) if cls is not None else (), name, st, node)


def mapping(m: Machine, own: tuple[str, ...] | list[str], name: str, st: State, node: ast.AST) -> Value:
    """A dict all of whose other entries a stranger sets."""
    entries: Entries = dict.fromkeys(own, UNKNOWN)
    return m.made(node, st, Obj("dict", entries=entries, rest=m.source(REMOTE, f"the request's {name}", node)))


def clean_fields(m: Machine, cls: ClassInfo) -> frozenset[str]:
    """Names of fields that are declared as numbers and the like; the nearest declaration counts."""
    kinds: dict[str, str] = {}
    for one in reversed(linking.order(m, cls)):
        for each in one.node.body if isinstance(one, ClassInfo) else ():
            if isinstance(each, ast.Assign) and isinstance(each.value, ast.Call):
                kinds |= {
                    target.id: last_name(each.value.func) for target in each.targets if isinstance(target, ast.Name)
                }
    return frozenset(name for name, kind in kinds.items() if kind in CLEAN_FIELDS)


def is_validated(attr: str) -> bool:
    """`form.cleaned_data`, `serializer.validated_data`."""
    return attr in VALIDATED
