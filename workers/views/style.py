"""Colours of statuses, the same everywhere."""

from __future__ import annotations

from workers.views.output import Styled, styled

COLOURS = {
    "passed": "green",
    "live": "green",
    "failed": "red",
    "cancelled": "red",
    "refused": "yellow",
    "expired": "yellow",
    "rolled-back": "yellow",
    "running": "blue",
    "ready": "green",
    "deleted": "green",
    "degraded": "red",
    "stuck": "red",
}


def coloured(status: str, width: int = 0) -> Styled:
    """The status as a part of a line for `out`, padded to a width."""
    return styled(status.ljust(width), COLOURS.get(status))
