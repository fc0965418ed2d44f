"""Renders docs/errors.md, and the text of one code."""

from __future__ import annotations

from domain.core.error_codes import BY_CODE, GROUPS, ErrorCode

_HEAD = """# Error codes

Made from `domain/core/error_codes/` by `make docs`; do not edit.

Every error has a code that keeps its meaning in all versions. The message says what happened to which file, job or
server; this page says why such a thing happens, and what to do. `sluiceway explain CODE` prints the same.
"""


def page() -> str:
    """docs/errors.md: a heading for each group, and one below it for each code."""
    parts = [_HEAD]
    for heading, codes in GROUPS.items():
        parts.append(f"## {heading}\n")
        parts += [f"### {one.code}: {one.title}\n\n{one.why}\n\nWhat to do: {one.fix}\n" for one in codes]
    return "\n".join(parts)


def explained(code: str) -> str:
    """The text of one code, for a terminal.

    Raises:
        KeyError: the code is unknown.
    """
    one: ErrorCode = BY_CODE[code.upper()]
    return f"{one.code}: {one.title}\n  why: {one.why}\n  what to do: {one.fix}"
