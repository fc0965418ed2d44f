"""Rows about unit tests of pipelines: how long a day, three days and a hundred cases take in real time."""

from __future__ import annotations

import itertools
import statistics
from collections.abc import Callable
from pathlib import Path

from pipeline_defs.documents import check
from pipeline_defs.simulation.model import Case, Expect, Given, MockJob, Mocks
from workers.simulation.environment import SimulationEnvironment
from workers.simulation.suite import TestSuite, run_cases

NAMES = ["approval_expires", "soak_3d", "cases_100"]
RUNS = 5
EXAMPLES = Path("pipeline_defs/examples")
PIPELINE = b"""apiVersion: sluiceway/v1
kind: Pipeline
name: waits
jobs:
  soak: {run: x, timeouts: {run: 4d}}
  ask: {needs: soak, approval: {users: [nobody], expires: 24h}}
"""


async def rehearsals(folder: Path, row: Callable[..., None]) -> None:
    async with SimulationEnvironment.open(folder / "stage") as stage:
        for name, duration_s in (("approval_expires", 0.0), ("soak_3d", 3 * 86400.0)):
            mocks = Mocks(jobs={"soak": MockJob(duration=duration_s)})
            case = Case(name=name, given=Given(), mocks=mocks, expect=Expect(status="expired"))
            book = TestSuite("waits", definition=check(PIPELINE, "waits.yaml", lambda path: None))
            played = await run_cases(stage, book, [case] * RUNS)
            assert all(one.fine for one in played)
            seconds = statistics.median(one.seconds for one in played)
            row(name, seconds, "s", None, "under 1", seconds < 1)
        books = [TestSuite.read(path) for path in sorted(EXAMPLES.rglob("*.test.yaml"))]
        cases = itertools.cycle((book, case) for book in books if book.tests for case in book.tests.cases)
        played = [one for book, case in itertools.islice(cases, 100) for one in await run_cases(stage, book, [case])]
        assert all(one.fine for one in played)
        total = sum(one.seconds for one in played)
        row("cases_100", total, "s", None, "under 30", total < 30)
