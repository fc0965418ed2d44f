"""Colours of statuses, the same everywhere."""

from __future__ import annotations

import click

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


def coloured(status: str, width: int = 0) -> str:
    """The coloured status, padded to a width. click drops colours when the output is not a terminal."""
    return click.style(status, fg=COLOURS.get(status)) + " " * max(0, width - len(status))
