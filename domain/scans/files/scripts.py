"""Python without a name or a shebang that says so: any file can be given to an interpreter.

Only what an interpreter would accept as a whole counts, so prose with an example in it does not.
"""

from __future__ import annotations

import ast
import re
import warnings

MAX_BYTES = 1_000_000
_SIGNS = re.compile(
    rb"^(?:import[ \t]+\w|from[ \t]+[\w.]+[ \t]+import\b|def[ \t]+\w+[ \t]*\(|class[ \t]+\w+[^\n]{0,200}:"
    rb"|exec[ \t]*\(|eval[ \t]*\(|__import__[ \t]*\()",
    re.M,
)


def is_python(data: bytes) -> bool:
    """Whether a text without a language is a Python program that does something."""
    return len(data) <= MAX_BYTES and bool(_SIGNS.search(data)) and is_readable(data)


def is_readable(data: bytes) -> bool:
    """Whether this interpreter can parse it as Python."""
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            ast.parse(data)
    except (SyntaxError, ValueError, RecursionError, MemoryError, SystemError):
        return False
    return True
