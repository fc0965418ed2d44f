"""The parts of a release as a table: the clusters of many, or several services, callees first."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime
from typing import TYPE_CHECKING

from domain.core.terminal import one_line
from domain.releases.judge.told import Told
from workers.client.ports.releases import ClusterRow, ReleaseDetails
from workers.views.output import markup
from workers.views.style import COLOURS

if TYPE_CHECKING:
    from rich.table import Table

STATE = 2
"""Index of the column that has a colour."""
NUMBERS = frozenset({0, 3, 4})
"""Indices of the columns that are aligned to the right."""
MOST_WORDS = 160
"""Characters of a reason; `--json` has all."""


def heads(details: ReleaseDetails) -> tuple[str, ...]:
    """Of the columns."""
    turn, part = ("turn", "service") if details.services else ("wave", "cluster")
    return turn, part, "state", "weight", "requests", "evidence", "since", "why"


def cells(row: ClusterRow) -> tuple[str, ...]:
    """A part: requests that its new version was judged by, and the metric that is nearest to taking it back."""
    told = [
        Told(metric=one.metric, evidence=one.evidence, threshold=one.threshold, new=(0, one.canary_requests))
        for one in row.evidence
    ]
    worst = max(told, key=lambda one: one.nearness, default=None)
    return (
        str(row.wave or ""),
        one_line(row.cluster),
        one_line(row.standing),
        f"{row.percent:g} %" if row.percent else "",
        f"{worst.new[1]:,}" if worst else "",
        one_line(str(worst)) if worst else "",
        f"{datetime.fromtimestamp(row.since):%H:%M:%S}" if row.since else "",
        one_line(row.reason[:MOST_WORDS]),
    )


def lines(details: ReleaseDetails) -> Iterator[str]:
    """A line for each part below one of heads; nothing for a release without parts."""
    rows = [heads(details), *map(cells, details.clusters)] if details.clusters else []
    widths = [max(map(len, column)) for column in zip(*rows, strict=True)]
    for row in rows:
        padded = (
            text.rjust(width) if index in NUMBERS else text.ljust(width)
            for index, (text, width) in enumerate(zip(row, widths, strict=True))
        )
        yield f"  {'  '.join(padded)}".rstrip()


def together(details: ReleaseDetails) -> Iterator[str]:
    """What all parts of an ended release showed together, a line for each metric."""
    for one in details.evidence if details.clusters else ():
        found = Told(metric=one.metric, evidence=one.evidence, threshold=one.threshold)
        yield f"  together: {one_line(str(found))} at {one.canary_requests:,} requests"


def weights(details: ReleaseDetails, known: dict[str, float]) -> Iterator[str]:
    """A line for each part whose weight is not what `known` has of it, and remembers it: the story has the rest."""
    for row in details.clusters if details.row.ended_at is None else ():
        if known.get(row.cluster, 0.0) != row.percent:
            _, name, _, _, requests, evidence, _, _ = cells(row)
            counted = f": {requests} requests, {evidence}" if evidence else ""
            yield f"{name} at {row.percent:g} %{counted}"
        known[row.cluster] = row.percent


def picture(details: ReleaseDetails) -> Table:
    """The same as `lines`, for a live view."""
    from rich.table import Table

    shown = Table(box=None, padding=(0, 2, 0, 0), header_style="dim")
    for index, head in enumerate(heads(details)):
        shown.add_column(head, justify="right" if index in NUMBERS else "left", overflow="fold")
    for row in details.clusters:
        told = [markup(cell) for cell in cells(row)]
        colour = COLOURS.get(row.standing)
        told[STATE] = f"[{colour}]{told[STATE]}[/{colour}]" if colour else told[STATE]
        shown.add_row(*told)
    return shown
