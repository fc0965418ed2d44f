"""Functions that a call makes answer requests."""

from __future__ import annotations

import ast
import re
from typing import TYPE_CHECKING

from domain.scans.dataflow.models.handlers import REGISTERING, ROUTING
from domain.scans.dataflow.project import FuncInfo
from domain.scans.dataflow.values import UNKNOWN, Code, Value

if TYPE_CHECKING:
    from domain.scans.dataflow.machine import Machine


_PLAIN = r"(?:\\[dw]|\[(?:\\[dw]|[\w-])*\])(?:[+*?]|\{[\d,]+\})*"
"""A pattern such as `\\d+` or `[a-z0-9-]+`."""


class Registered(Code):
    """A function that a call has made answer requests: `app.add_url_rule("/<int:n>", view_func=f)`."""

    __slots__ = ("asked", "texts")

    def __init__(self, code: Code, texts: tuple[ast.expr, ...], asked: bool) -> None:
        super().__init__(code.info, None, code.closure)
        self.texts = texts
        """The arguments beside it."""
        self.asked = asked
        """It gets the request first, and then only what the address names."""

    def gets(self, name: str) -> bool:
        """The address names the parameter, and does not only take letters, digits and dashes for it."""
        texts = [one.value for one in self.texts if isinstance(one, ast.Constant) and isinstance(one.value, str)]
        for text in texts:
            if f"<{name}>" in text or f":{name}>" in text:
                return not re.search(rf"\(\?P<{re.escape(name)}>{_PLAIN}\)", text)
        return False


def registered(m: Machine, name: str, last: str, args: list[Value], named: dict[str, Value], node: ast.Call) -> None:
    """A library gets a function that answers requests; it is entered once this file's own functions are."""
    where = REGISTERING.get(last) or REGISTERING.get(name) or ROUTING.get(name)
    if where is None:
        return
    at, key = where
    function = named.get(key, args[at] if len(args) > at else UNKNOWN)
    if isinstance(function, Code) and isinstance(function.info, FuncInfo):
        m.links.touched.call(function.info)
        m.later.append(Registered(function, tuple(node.args), name in ROUTING))
