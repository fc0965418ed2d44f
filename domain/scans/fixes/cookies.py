"""Cookies get the flags that are missing or off."""

from __future__ import annotations

import ast

from domain.scans.fixes.edits import Edit, Program, added

_FLAGS = {"secure": "True", "httponly": "True", "samesite": '"Lax"'}
_FOR_SCRIPTS = ("csrf", "xsrf")
"""Scripts of the page must read such a cookie."""
HINT = 'pass secure=True, httponly=True, samesite="Lax"'


def edits(one: Program, call: ast.Call) -> list[Edit] | None:
    """None: it is no such call, or its flags are made elsewhere."""
    if not isinstance(call.func, ast.Attribute) or call.func.attr not in {"set_cookie", "set_signed_cookie"}:
        return None
    if len(call.args) > 2 or any(keyword.arg is None for keyword in call.keywords):
        return None  # flags by position, or in a dictionary
    if any(isinstance(argument, ast.Starred) for argument in call.args):
        return None
    given = {keyword.arg: keyword.value for keyword in call.keywords}
    wanted = {name: value for name, value in _FLAGS.items() if name != "httponly" or not _for_scripts(one, call)}
    made = [
        Edit(*one.span(given[name]), value)
        for name, value in wanted.items()
        if name in given and name != "samesite" and _is_off(given[name])
    ]
    missing = ", ".join(f"{name}={value}" for name, value in wanted.items() if name not in given)
    return [*made, added(one, call, missing)] if missing else made or None


def _is_off(value: ast.expr) -> bool:
    return isinstance(value, ast.Constant) and not value.value


def _for_scripts(one: Program, call: ast.Call) -> bool:
    keys = [keyword.value for keyword in call.keywords if keyword.arg in {"key", "name"}]
    names = [one.source(node).lower() for node in (*call.args[:1], *keys)]
    return any(word in name for word in _FOR_SCRIPTS for name in names)
