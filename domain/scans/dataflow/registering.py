"""Functions that a call makes answer requests."""

from __future__ import annotations

import ast
from typing import TYPE_CHECKING

from domain.scans.dataflow.models.handlers import REGISTERING
from domain.scans.dataflow.project import FuncInfo
from domain.scans.dataflow.values import UNKNOWN, Code, Value

if TYPE_CHECKING:
    from domain.scans.dataflow.machine import Machine


class Registered(Code):
    """A function that a call has made answer requests: `app.add_url_rule("/<int:n>", view_func=f)`."""

    __slots__ = ("texts",)

    def __init__(self, code: Code, texts: tuple[ast.expr, ...]) -> None:
        super().__init__(code.info, None, code.closure)
        self.texts = texts
        """The arguments beside it."""


def registered(m: Machine, name: str, last: str, args: list[Value], named: dict[str, Value], node: ast.Call) -> None:
    """A library gets a function that answers requests; it is entered once this file's own functions are."""
    where = REGISTERING.get(last) or REGISTERING.get(name)
    if where is None:
        return
    at, key = where
    function = named.get(key, args[at] if len(args) > at else UNKNOWN)
    if isinstance(function, Code) and isinstance(function.info, FuncInfo):
        m.links.touched.call(function.info)
        m.later.append(Registered(function, tuple(node.args)))
