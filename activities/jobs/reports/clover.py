"""Clover XML, as OpenClover, phpunit and istanbul write it."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from xml.etree.ElementTree import Element

from activities.jobs.reports.counts import MAX_PER_PLACE, ran, whole
from activities.jobs.reports.places import Places
from domain.jobs.coverage import Measured

_LINES = ("stmt", "cond")
"""The third type, `method`, says once more that a method was called."""


def understands(root: Element) -> bool:
    """Whether this is such a report."""
    return root.tag == "coverage" and root.find("project") is not None


def read(root: Element, workspace: Path) -> Iterator[Measured]:
    """Lines with a statement or a condition; branches as the file's metrics count them.

    `truecount` and `falsecount` of a line are not compared: they mean evaluations here, and numbers of branches there.
    """
    places = Places(workspace)
    for each in root.iterfind("project//file"):
        file = places.of(each.get("path") or each.get("name") or "")
        for line in each.iter("line"):
            if line.get("type") in _LINES:
                yield Measured(file, whole(line, "num"), _covered(line))
        yield from _branches(file, each.find("metrics"))


def _covered(line: Element) -> bool:
    names = ["count"] if line.get("count") is not None else ["truecount", "falsecount"]
    return any(ran(line, name) for name in names)


def _branches(file: str, metrics: Element | None) -> Iterator[Measured]:
    if metrics is None or metrics.get("conditionals") is None:
        return
    total, covered = whole(metrics, "conditionals"), whole(metrics, "coveredconditionals")
    if total > 100 * MAX_PER_PLACE:
        raise ValueError(f"{file} has {total:,} conditionals, and at most {100 * MAX_PER_PLACE:,} are read")
    for at in range(total):
        yield Measured(file, (0, at), at < covered, is_branch=True)
