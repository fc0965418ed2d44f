"""Compiled Python: whether what runs is what the source says.

Source: docs.python.org/3/reference/import.html#cached-bytecode-invalidation.
"""

from __future__ import annotations

import re
from collections.abc import Container

_CACHED = re.compile(r"(?:(.*/)?)__pycache__/([^/]+?)\.[\w-]+(?:\.opt-\d)?\.pyc")
_UNCHECKED = 0b01
"""Flags: found by a hash of the source that nobody compares."""


def is_bytecode(path: str) -> bool:
    """By the name under which an interpreter would load it."""
    return path.lower().endswith((".pyc", ".pyo"))


def problem(path: str, head: bytes, there: Container[str]) -> str:
    """Why compiled Python could do something else than the source beside it; empty: it could not.

    `head`: at least its first 8 bytes; `there`: the paths of the other files.
    """
    found = _CACHED.fullmatch(path)
    source = f"{found[1] or ''}{found[2]}.py" if found else path[:-1]
    if source not in there:
        return "compiled Python without its source"
    if found and int.from_bytes(head[4:8], "little") == _UNCHECKED:
        return "compiled Python that is run without being compared with its source"
    return ""
