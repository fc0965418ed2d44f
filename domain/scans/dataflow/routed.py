"""Parameters that only Flask sets, to a number: `<int:order_id>`, in a function that nobody calls by itself.

Flask converts that part of the address, or answers 404. The value does no harm as text then, unless something else
calls the function, or changes how Flask calls it. Both are looked for in the whole project.
"""

from __future__ import annotations

import ast
import re
from collections.abc import Iterable, Iterator, Mapping
from typing import TYPE_CHECKING

from domain.scans.dataflow.models.frameworks import ROUTES
from domain.scans.dataflow.project import FuncInfo, ModuleInfo
from domain.scans.dataflow.values import EVERYTHING, Other, Taint, Value, retainted

if TYPE_CHECKING:
    from domain.scans.dataflow.machine import Machine
    from domain.scans.dataflow.state import State

NUMBER = "number"
"""What labels of such parameters are cleaned by: it holds only as long as nobody else calls the function."""
_APPLICATIONS = frozenset({"flask.Flask()", "flask.Blueprint()"})
_PLAIN_KEYWORDS = frozenset({"methods", "strict_slashes"})
_NUMBERED = re.compile(r"<(?:int|float|uuid)(?:\([^)<>]*\))?:(\w+)>")
_REROUTING = re.compile(
    r"\b(?:view_functions|view_args|url_map|url_rule_class|url_value_preprocessor|app_url_value_preprocessor"
    r"|dispatch_request|converters|__wrapped__)\b"
)
"""Ways to call a view, or to change what it is called with, that do not say its name."""
_DOTTED = re.compile(r"[\w.:]*")
_BUILDERS = frozenset({"url_for", "redirect"})
"""Calls with the name of a view that only make its address."""


def numbered(m: Machine, info: FuncInfo, name: str, value: Other, st: State) -> Value:
    """What a parameter is, if all routes of its function make a number of it; else what it was."""
    node = info.node
    if isinstance(node, ast.Lambda) or info.cls is not None or info.outer is not None or not node.decorator_list:
        return value
    if not all(_is_route(m, one, name, st) for one in node.decorator_list):
        return value
    return retainted(value, tuple(one.cleared(frozenset({EVERYTHING, NUMBER})) for one in value.taint))


def is_numbered(taint: Taint) -> bool:
    """Something in it is harmless only because of a route."""
    return any(NUMBER in one.cleaned for one in taint)


def _is_route(m: Machine, node: ast.expr, name: str, st: State) -> bool:
    """`@app.get("/orders/<int:name>")` of Flask itself."""
    if not isinstance(node, ast.Call) or not isinstance(node.func, ast.Attribute) or len(node.args) != 1:
        return False
    rule = node.args[0]
    if not isinstance(rule, ast.Constant) or not isinstance(rule.value, str) or node.func.attr not in ROUTES:
        return False
    if not {one.arg or "" for one in node.keywords} <= _PLAIN_KEYWORDS or name not in _NUMBERED.findall(rule.value):
        return False
    application = m.eval(node.func.value, st)
    return isinstance(application, Other) and application.name in _APPLICATIONS and not application.taint


def is_only_routed(info: FuncInfo, modules: Iterable[ModuleInfo | None], texts: Mapping[str, str]) -> bool:
    """Nothing but Flask calls the function. `modules`: files that may mean it by its name; None: one is not read."""
    if isinstance(info.node, ast.Lambda) or not info.node.decorator_list or info.cls is not None:
        return False
    if any(map(_REROUTING.search, texts.values())):
        return False
    return all(module is not None and not any(_uses(module, info)) for module in modules)


def _uses(module: ModuleInfo, info: FuncInfo) -> Iterator[bool]:
    """True for each place by which it may be called."""
    name = info.name
    harmless = set(_local(module, name)) | set(_addresses(module))
    for one in ast.walk(module.tree):
        if isinstance(one, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef):
            yield one.name == name and one is not info.node
        elif isinstance(one, ast.alias):
            yield name in ((one.asname or ""), one.name.rpartition(".")[2]) or one.name == "*"
        elif isinstance(one, ast.Attribute):
            yield one.attr == name
        elif isinstance(one, ast.Name):
            yield one.id == name and one not in harmless
        elif isinstance(one, ast.Constant) and isinstance(one.value, str):
            yield one not in harmless and _DOTTED.fullmatch(one.value) is not None and _last(one.value) == name


def _last(text: str) -> str:
    return re.split(r"[.:]", text)[-1]


def _local(module: ModuleInfo, name: str) -> Iterator[ast.AST]:
    """Places of a function's own variable by that name."""
    for function in module.functions:
        every = list(ast.walk(function.node))
        if any(isinstance(one, ast.Global | ast.Nonlocal) and name in one.names for one in every):
            continue
        mine = [one for one in every if isinstance(one, ast.Name) and one.id == name]
        stored = any(not isinstance(one.ctx, ast.Load) for one in mine)
        if stored and not any(isinstance(one, ast.ClassDef | ast.Lambda | ast.ListComp) for one in every):
            yield from (one for one in mine if not _is_around(function, one))


def _is_around(function: FuncInfo, node: ast.Name) -> bool:
    """It stands in a decorator, a default or an annotation, which are not inside, or in a function in this one."""
    tops = function.node.body if isinstance(function.node.body, list) else [function.node.body]
    inner = (ast.FunctionDef, ast.AsyncFunctionDef, ast.GeneratorExp, ast.SetComp, ast.DictComp)
    for top in tops:
        every = list(ast.walk(top))
        if any(one is node for one in every):
            return any(isinstance(one, inner) and any(each is node for each in ast.walk(one)) for one in every)
    return True


def _addresses(module: ModuleInfo) -> Iterator[ast.AST]:
    """Names of views in `url_for("orders")`."""
    for one in ast.walk(module.tree):
        if isinstance(one, ast.Call) and isinstance(one.func, ast.Name) and one.func.id in _BUILDERS:
            yield from one.args[:1]
