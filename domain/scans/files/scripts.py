"""Python without a name or a shebang that says so: any file can be given to an interpreter.

Only what an interpreter would accept as a whole counts, so prose with an example in it does not.
"""

from __future__ import annotations

import ast
import json
import re
import warnings

MAX_PARSED = 1_000_000
"""Bytes of a text that is parsed as a whole; a longer one counts as Python if it begins so."""
_PREFIX = 100_000
_SIGNS = re.compile(
    rb"(?<![\w.])(?:import|from|def|class|exec|eval|open|lambda|__import__|getattr|compile|async|with)\b"
    rb"|(?<![\w.])[A-Za-z_][\w.]{0,200}[ \t\f\\\r\n]{0,20}\("
)
"""A program that does something has one of these; more is known once it is parsed."""
_LIKE_CODE = re.compile(
    rb"^[ \t\f]*(?:import[ \t]+\w|from[ \t]+[\w.]+[ \t]+import\b|def[ \t]+\w+[ \t]*\(|class[ \t]+\w+[^\n]{0,200}:"
    rb"|exec[ \t]*\(|eval[ \t]*\(|__import__[ \t]*\()",
    re.M,
)
_IMPORTS = re.compile(rb"^(?:import[ \t]+[\w.]+|from[ \t]+[\w.]+[ \t]+import\b)", re.M)
_PLAIN_DATA = re.compile(rb"(?:\xef\xbb\xbf)?\s*[{\[<]")
_ACTS = (ast.Import, ast.ImportFrom, ast.Call, ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef, ast.Lambda)


def can_be_python(data: bytes) -> bool:
    """Whether it is worth the time to parse a text without a language; cheap."""
    return bool(_SIGNS.search(data)) and not _is_json(data)


def looks_like_code(data: bytes) -> bool:
    """By one of its lines; more is not known without parsing it."""
    return bool(_LIKE_CODE.search(data))


def is_python(data: bytes) -> bool:
    """Whether a text without a language is a program of Python that does something, or long and begins as one."""
    if not can_be_python(data):
        return False
    if len(data) > MAX_PARSED:
        return _begins(data)
    tree = _parsed(data)
    return tree is not None and any(isinstance(node, _ACTS) for node in ast.walk(tree))


def is_newer(data: bytes) -> bool:
    """Whether it is Python up to where this interpreter cannot parse it: with imports, and more than that."""
    if not can_be_python(data) or len(data) > MAX_PARSED:
        return False
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            ast.parse(data)
    except SyntaxError as broken:
        before = b"\n".join(data.split(b"\n")[: max(0, (broken.lineno or 1) - 1)])
        return bool(_IMPORTS.search(before)) and _begins(before)
    except (ValueError, RecursionError, MemoryError, SystemError):
        return False
    return False


def _begins(data: bytes) -> bool:
    """By its first statements: whoever scans it says so if the rest is no Python."""
    prefix = data[:_PREFIX]
    last = prefix.count(b"\n") or 1
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            ast.parse(prefix)
    except SyntaxError as broken:
        line = broken.lineno or 0
        if "never closed" in broken.msg and looks_like_code(data):
            return is_readable(b"\n".join(prefix.split(b"\n")[: max(0, line - 1)]))
        return line >= last or "unterminated triple" in broken.msg
    except (ValueError, RecursionError, MemoryError, SystemError):
        return False
    return True


def _is_json(data: bytes) -> bool:
    if not _PLAIN_DATA.match(data):
        return False
    try:
        json.loads(data)
    except (ValueError, RecursionError):
        return False
    return True


def _parsed(data: bytes) -> ast.Module | None:
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            return ast.parse(data)
    except (SyntaxError, ValueError, RecursionError, MemoryError, SystemError):
        return None


def is_readable(data: bytes) -> bool:
    """Whether this interpreter can parse it as Python."""
    return _parsed(data) is not None


def is_javascript(path: str, data: bytes) -> bool:
    """Whether a file whose name says nothing begins as JavaScript, after comments: what Node loads has any name."""
    name = path.rpartition("!")[2].rpartition("/")[2]
    if "." in name and name.rpartition(".")[2].lower() not in _SAY_NOTHING:
        return False
    start = data[:_COMMENTS].removeprefix(b"\xef\xbb\xbf").lstrip()
    while start.startswith((b"//", b"/*")):
        start = start.partition(b"\n" if start.startswith(b"//") else b"*/")[2].lstrip()
    return bool(_JAVASCRIPT.match(start))


_SAY_NOTHING = frozenset({"txt", "text", "dat", "data", "inc", "bin", "src", "tmp", "log"})
_COMMENTS = 20_000
_JAVASCRIPT = re.compile(
    rb"""["']use strict["']|(?:const|let|var)\s+[\w$[{][^;\n]{0,300}=|(?:module\.)?exports(?:\.\w+)?\s*="""
    rb"""|require\s*\(\s*["']"""
    rb"""|import\s+(?:[\w$*{][^;]{0,300}?\sfrom\s*)?["']|export\s+(?:default|const|let|function|class|async|\{)"""
    rb"""|(?:async\s+)?function\s*\*?\s*\w*\s*\(|[!;(]\s*(?:async\s+)?(?:function\b|\([^()\n]{0,200}\)\s*=>)"""
    rb"""|(?:document|window|globalThis|process|console)\s*[.\[]|eval\s*\("""
)
