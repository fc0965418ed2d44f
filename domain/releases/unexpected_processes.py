"""Finds running programs that are not in a container's image."""

from __future__ import annotations

from enum import StrEnum

GONE = " (deleted)"
"""What the kernel appends to the name of a deleted program."""
MEMORY = "/memfd:"


class Origin(StrEnum):
    """The origin of a running process's program."""

    IMAGE = "image"
    WRITTEN = "written"
    """Written into the container after its start."""
    DELETED = "deleted"
    """Its file was deleted while it ran."""
    MEMORY = "memory"
    """It never had a file."""


def origin(program: str, *, written: bool) -> Origin:
    """The origin of a program as named by the kernel; `written`: its file is in the container's writable layer."""
    if program.startswith(MEMORY):
        return Origin.MEMORY
    if program.endswith(GONE):
        return Origin.DELETED
    return Origin.WRITTEN if written else Origin.IMAGE


def words(program: str, where: Origin) -> str:
    """One line of a drift report."""
    name = program.removesuffix(GONE)
    match where:
        case Origin.MEMORY:
            return f"ran: {name}, without a file"
        case Origin.DELETED:
            return f"ran: {name}, whose file was deleted"
        case _:
            return f"ran: {name}, which is not in its image"
