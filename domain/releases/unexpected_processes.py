"""Programs that a container runs and its image does not have."""

from __future__ import annotations

from enum import StrEnum

GONE = " (deleted)"
"""What the kernel says behind the name of a program whose file is not there any more."""
MEMORY = "/memfd:"


class Origin(StrEnum):
    """Where the program of a running process came from."""

    IMAGE = "image"
    WRITTEN = "written"
    """Into the container, after it was started."""
    DELETED = "deleted"
    """Its file was taken away while it ran."""
    MEMORY = "memory"
    """It never had a file."""


def origin(program: str, *, written: bool) -> Origin:
    """Of a program as the kernel names it; `written`: its file is in the container's own layer."""
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
