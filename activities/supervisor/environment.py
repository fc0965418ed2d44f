"""What the kernel takes as the variables of a process, told before it refuses them."""

from __future__ import annotations

import os

MAX_VARIABLE_BYTES = 131_071
"""`NAME=VALUE`, without the zero behind it (MAX_ARG_STRLEN)."""
POINTER_BYTES = 9
"""What each costs besides: a pointer, and the zero."""


def complaint(env: dict[str, str]) -> str:
    """Why no process can get these variables; empty: it can."""
    total, largest, most = 0, "", 0
    for name, value in env.items():
        if "\0" in name or "\0" in value:
            return f"variable {name!r} has a NUL character, which no variable can hold"
        size = len(name) + len(value.encode("utf-8", "replace")) + 1
        total += size + POINTER_BYTES
        if size > most:
            largest, most = name, size
    if most > MAX_VARIABLE_BYTES:
        return f"variable {largest} has {most:,} bytes, and the kernel takes {MAX_VARIABLE_BYTES:,}; pass it by a file"
    room = os.sysconf("SC_ARG_MAX")
    if total > room:
        return (
            f"the variables have {total:,} bytes, and the kernel takes {room:,};"
            f" the largest is {largest} with {most:,}: pass it by a file"
        )
    return ""
