"""Coverage of several reports as one: a line counts once per file, and is covered when any report says so."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from typing import NamedTuple

Key = int | str | tuple[int | str, int | str]


class Measured(NamedTuple):
    """One line or branch of a file."""

    file: str
    key: Key
    """What tells it from the others of its kind in the file: a line's number, or a statement's place."""
    covered: bool
    is_branch: bool = False


class Rates(NamedTuple):
    """Percentages with two digits, rounded down; -1: there is nothing to cover."""

    lines: float
    branches: float


def merged(measured: Iterable[Measured]) -> Rates:
    """The rates over all files. Of two numbers of branches that no report names one by one, the greater counts."""
    files: dict[tuple[str, bool], dict[Key, bool]] = defaultdict(dict)
    for one in measured:
        known = files[one.file, one.is_branch]
        known[one.key] = known.get(one.key, False) or one.covered
    return Rates(*(_rate([one for (_, kind), one in files.items() if kind is branches]) for branches in (False, True)))


def _rate(files: list[dict[Key, bool]]) -> float:
    total = sum(len(each) for each in files)
    covered = sum(sum(each.values()) for each in files)
    return covered * 10_000 // total / 100 if total else -1.0
