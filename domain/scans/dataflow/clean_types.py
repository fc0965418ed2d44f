"""Types by annotation whose values a framework has checked."""

from __future__ import annotations

import ast

CLEAN_TYPES = frozenset(
    {"int", "float", "bool", "UUID", "UUID1", "UUID4", "date", "datetime", "time", "timedelta", "Decimal", "Literal"}
    | {"PositiveInt", "NonNegativeInt", "conint", "confloat", "IPv4Address", "IPv6Address", "StrictInt", "StrictBool"}
)
"""Types that a framework checks, and whose values do no harm as text."""


def is_clean_type(annotation: ast.expr | None) -> bool:
    """Such as `int`, `int | None`, `Optional[UUID]`, `Literal["a", "b"]`."""
    match annotation:
        case ast.Name(id=name) | ast.Attribute(attr=name):
            return name in CLEAN_TYPES
        case ast.Subscript(value=ast.Name(id=name) | ast.Attribute(attr=name), slice=inner):
            if name == "Annotated" and isinstance(inner, ast.Tuple) and inner.elts:
                return is_clean_type(inner.elts[0])
            return name in CLEAN_TYPES or (name in ("Optional", "list", "List", "set") and is_clean_type(inner))
        case ast.BinOp(left=left, right=right):
            return is_clean_type(left) and (is_clean_type(right) or _is_none(right))
        case ast.Constant(value=str() as text):
            return text in CLEAN_TYPES
    return False


def _is_none(node: ast.expr) -> bool:
    return isinstance(node, ast.Constant) and node.value is None
