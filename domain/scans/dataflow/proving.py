"""Functions of which it can be said that nothing else gets to their sinks than what was seen.

They were run with parameters that nobody knows, so no caller is missed; they have no state but their own variables, and
no control flow that an abstract run could get wrong. Elsewhere a sink may look clear, and is not called clear.
"""

from __future__ import annotations

import ast
from collections.abc import Iterator

from domain.scans.dataflow.project import FuncInfo

MAX_CARRIED = 3
"""Assignments in a loop that are followed from one round to the next."""
_DYNAMIC = frozenset(str.split("suppress setattr delattr getattr __dict__ vars globals locals exec monkeypatch"))
"""Words of a file that may change what its functions do, or how they end."""
_EXEC = frozenset({"exec"})
_REWRITING = frozenset(str.split("replace translate maketrans sub subn expandtabs"))
"""Methods that put other texts into one that was checked: as code, those may do anything."""
_PLAIN_WITH = frozenset(
    str.split("open popen connect closing cursor NamedTemporaryFile TemporaryDirectory TemporaryFile")
)
_REQUEST = frozenset(
    str.split(
        "request get_argument get_query_argument get_body_argument get_arguments get_cookie get_secure_cookie write"
        " render finish redirect set_cookie set_status set_header send_error"
    )
)
"""What a handler may take from itself: it is of one request."""
_HIDING = (
    *(ast.Global, ast.Nonlocal, ast.NamedExpr, ast.Yield, ast.YieldFrom, ast.AsyncFor),
    *(ast.ClassDef, ast.Lambda, ast.FunctionDef, ast.AsyncFunctionDef, ast.Starred),
)


def is_provable(info: FuncInfo | None, *, code: bool = False) -> bool:
    """The function is plain enough, and its file changes nothing behind its back. `code`: a text is run there."""
    if info is None or isinstance(info.node, ast.Lambda):
        return False
    dynamic = _DYNAMIC & _words_of(info)
    if dynamic and not (code and dynamic == _EXEC and info.module.mentions("exec") == 1):  # it is the sink itself
        return False
    if code and _REWRITING & info.words():
        return False
    if info.outer is not None and any(isinstance(one, ast.Nonlocal) for one in ast.walk(info.outer.node)):
        return False
    return all(_is_plain(one, info.cls is not None) for one in _inside(info.node))


def _words_of(info: FuncInfo) -> frozenset[str]:
    return info.module.words(1, len(info.module.lines))


def _inside(node: ast.AST) -> Iterator[ast.AST]:
    return (one for one in ast.walk(node) if one is not node)


def _is_plain(one: ast.AST, of_class: bool) -> bool:
    if isinstance(one, _HIDING):
        return False
    if of_class and isinstance(one, ast.Attribute) and isinstance(one.value, ast.Name) and one.value.id == "self":
        return one.attr in _REQUEST
    if isinstance(one, ast.keyword):
        return one.arg is not None
    if isinstance(one, ast.Dict):
        return all(key is not None for key in one.keys)
    if isinstance(one, ast.With | ast.AsyncWith):
        return all(_called(item.context_expr) in _PLAIN_WITH for item in one.items)
    if isinstance(one, ast.Try | ast.TryStar):
        nested = any(isinstance(each, ast.Try | ast.TryStar) for each in _inside(one))
        return not nested and all(map(_only_ends, one.finalbody))
    if isinstance(one, ast.For | ast.While):
        return sum(isinstance(each, ast.Assign | ast.AugAssign) for each in _inside(one)) <= MAX_CARRIED
    return True


def _only_ends(one: ast.stmt) -> bool:
    """Such as `connection.close()`."""
    call = one.value if isinstance(one, ast.Expr) else None
    return isinstance(call, ast.Call) and not call.args and not call.keywords and isinstance(call.func, ast.Attribute)


def _called(node: ast.AST) -> str:
    called = node.func if isinstance(node, ast.Call) else None
    return called.attr if isinstance(called, ast.Attribute) else called.id if isinstance(called, ast.Name) else ""
