"""What it costs that reports are read by a child without rights: a small report, a large one, and a first one."""

from __future__ import annotations

import statistics
import time
from collections.abc import Callable
from pathlib import Path

from activities.core.sandboxed import Pool
from activities.jobs.reports import reader
from domain.jobs.testing import TestReport
from domain.pipelines.steps import TestSpec

NAMES = ["report_apart", "report_apart_large", "report_apart_first"]
TRIES = 21
SMALL, LARGE = 20, 50_000
"""Test cases."""


def measured(folder: Path, row: Callable[..., None]) -> None:
    """The rows of NAMES, each beside the same reading in this process, in turn."""
    for name, cases, goal in (("report_apart", SMALL, 5.0), ("report_apart_large", LARGE, 500.0)):
        place = folder / name
        place.mkdir(parents=True)
        case = "<testcase classname='a.b' name='c' time='0.1'><failure message='m'>t</failure></testcase>"
        (place / "r.xml").write_text(f"<testsuite>{case * cases}</testsuite>")
        reader.read(place, TestSpec(junit=("r.xml",)))  # the first one starts the child
        tries = TRIES if cases == SMALL else 5
        pairs = [(_timed(_apart, place), _timed(_here, place)) for _ in range(tries)]
        apart, here = (1000 * statistics.median(side) for side in zip(*pairs, strict=True))
        words = f"ms, {cases:,} cases read by a child"
        row(name, apart, words, here, f"at most {goal:g} ms more than in the worker", apart - here <= goal)
    first = 1000 * min(_first() for _ in range(3))
    row(
        "report_apart_first", first, "ms until a child is ready, once per worker", None, "at most 1,500", first <= 1_500
    )


def _apart(folder: Path) -> TestReport:
    return reader.read(folder, TestSpec(junit=("r.xml",)))


def _here(folder: Path) -> TestReport:
    return reader.report(folder, ["r.xml"], [], lambda name: (folder / name).read_bytes())


def _timed(read: Callable[[Path], TestReport], folder: Path) -> float:
    begun = time.perf_counter()
    assert read(folder).files == 1
    return time.perf_counter() - begun


def _first() -> float:
    pool = Pool(reader.__name__)
    begun = time.perf_counter()
    pool.ask("tests", b'{"workspace": "/nowhere", "junit": [], "coverage": []}')
    taken = time.perf_counter() - begun
    pool.close()
    return taken
