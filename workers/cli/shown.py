"""Options, rows and times that commands share."""

from __future__ import annotations

import json
import time
from collections.abc import Iterable
from datetime import datetime
from typing import Any

import click

from domain.core.values import duration_text
from workers.views.output import out, out_lines
from workers.views.rows import plain

as_json = click.option("--json", "json_", is_flag=True, help="Print JSON.")
limited = click.option("--limit", type=click.IntRange(1, 10_000), default=20, show_default=True)


def print_json(value: Any) -> None:
    """Indented."""
    out_lines(json.dumps(plain(value), indent=2, default=str))


def when(at: float | None) -> str:
    """A time in this machine's zone; `-`: never."""
    return f"{datetime.fromtimestamp(at):%m-%d %H:%M:%S}" if at else "-"


def took(began: float | None, ended: float | None) -> str:
    """How long, or how long so far."""
    return duration_text((ended or time.time()) - began) if began else "-"


def rows(lines: Iterable[tuple[str, ...]], nothing: str) -> None:
    """A table: all columns but the last as wide as they need."""
    table = list(lines)
    widths = [max(map(len, column)) for column in zip(*table, strict=True)]
    for line in table:
        out("  ".join(text.ljust(width) for text, width in zip(line, widths, strict=True)).rstrip())
    if not table:
        out(nothing)
