"""LCOV tracefiles (geninfo), as lcov, istanbul, llvm-cov and others write them."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from activities.jobs.reports.counts import hit
from activities.jobs.reports.places import Places
from domain.jobs.coverage import Measured


def understands(text: str) -> bool:
    """Whether this is such a report."""
    return any(line.startswith("SF:") for line in text[:100_000].split("\n"))


def read(text: str, workspace: Path) -> Iterator[Measured]:
    """`DA` are lines, `BRDA` branches; totals and functions are not needed."""
    places = Places(workspace)
    file = ""
    for at, line in enumerate(text.split("\n"), 1):
        kind, _, rest = line.rstrip("\r").partition(":")
        if kind == "SF":
            if file:
                raise ValueError(f"line {at}: the record of {file[:100]} has no end_of_record")
            file = places.of(rest.strip())
        elif kind == "end_of_record":
            file = ""
        elif kind in ("DA", "BRDA"):
            if not file:
                raise ValueError(f"line {at} belongs to no file: there is no SF before it")
            yield (_line if kind == "DA" else _branch)(file, rest, f"line {at}: {kind}")
    if file:
        raise ValueError(f"it is cut off: the record of {file[:100]} has no end_of_record")


def _line(file: str, rest: str, where: str) -> Measured:
    number, _, count = rest.partition(",")
    return Measured(file, _number(number, where), hit(count.partition(",")[0], where))


def _branch(file: str, rest: str, where: str) -> Measured:
    """`BRDA:line,block,branch,taken`: a branch may be an expression with commas; `-`: its block never ran."""
    number, _, rest = rest.partition(",")
    name, _, taken = rest.rpartition(",")
    covered = taken.strip() != "-" and hit(taken, where)
    return Measured(file, (_number(number, where), name[:500]), covered, is_branch=True)


def _number(text: str, where: str) -> int:
    text = text.strip()
    if not (text.isascii() and text.isdecimal() and len(text) < 10):
        raise ValueError(f"{where} has {text[:20]!r} for a line")
    return int(text)
