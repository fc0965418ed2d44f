"""MD5 and SHA-1 get usedforsecurity=False where names say that it is no matter of security; else it is suggested."""

from __future__ import annotations

import ast
import re

from domain.scans.fixes.edits import Edit, Program, added

_WEAK = {"hashlib.md5", "hashlib.sha1"}
_HARMLESS = re.compile(
    r"(?i)etag|cache|dedup|duplicate|bucket|shard|gravatar|avatar|color|colour|partition|short_?name"
)
_SECURITY = re.compile(
    r"(?i)pass|secret|token|sign|auth|session|salt|hmac|login|cookie|verif|trust|certificate|nonce|private|credential|otp\b|api_?key"
)
HINT = "use hashlib.sha256; if it is no matter of security, pass usedforsecurity=False"


def edits(one: Program, call: ast.Call) -> list[Edit] | None:
    """None: it is no such call, or its surroundings do not say that it is harmless."""
    name = one.name(call.func)
    new = name == "hashlib.new" and bool(call.args) and _weak(call.args[0])
    if name not in _WEAK and not new:
        return None
    if any(keyword.arg in {None, "usedforsecurity"} for keyword in call.keywords) or _starred(call):
        return None
    around = _around(one, call)
    if not _HARMLESS.search(around) or _SECURITY.search(around):
        return None
    return [added(one, call, "usedforsecurity=False")]


def _weak(algorithm: ast.expr) -> bool:
    return isinstance(algorithm, ast.Constant) and str(algorithm.value).lower().replace("-", "") in {"md5", "sha1"}


def _starred(call: ast.Call) -> bool:
    return any(isinstance(argument, ast.Starred) for argument in call.args)


def _around(one: Program, call: ast.Call) -> str:
    """The smallest function around it, as code without comments; else its statement."""
    inside = [
        node
        for node in ast.walk(one.tree)
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.stmt)
        and node.lineno <= call.lineno
        and (node.end_lineno or 0) >= (call.end_lineno or 0)
    ]
    functions = [node for node in inside if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef)]
    smallest = min(functions or inside, key=lambda node: (node.end_lineno or 0) - node.lineno, default=None)
    return ast.unparse(smallest) if smallest else ""
