"""Profiles of Go (`go test -coverprofile`, golang.org/x/tools/cover). They count statements, and so does `go test`."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

from activities.jobs.reports.counts import MAX_PER_PLACE, hit
from domain.jobs.coverage import Measured

_BLOCK = re.compile(r"(\d{1,9}\.\d{1,9},\d{1,9}\.\d{1,9}) (\d{1,9}) (\S+)")
"""`startLine.startColumn,endLine.endColumn numberOfStatements count`."""


def understands(text: str) -> bool:
    """Whether this is such a report."""
    return text.lstrip().startswith("mode: ")


def read(text: str, workspace: Path) -> Iterator[Measured]:
    """The statements of all blocks. A block that several packages' tests measured is there several times."""
    for at, line in enumerate(text.split("\n"), 1):
        line = line.strip()
        if not line or line.startswith("mode: "):
            continue
        file, _, rest = line.rpartition(":")
        block = _BLOCK.fullmatch(rest)
        if not file or block is None:
            raise ValueError(f"line {at} is no block: {line[:80]!r}")
        place, statements, count = block.groups()
        if int(statements) > MAX_PER_PLACE:
            raise ValueError(f"line {at} has {statements} statements, and at most {MAX_PER_PLACE:,} are read")
        covered = hit(count, f"line {at} has")
        for number in range(int(statements)):
            yield Measured(file, (place, number), covered)
