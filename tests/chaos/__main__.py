"""`make chaos SEED=n [POINTS=200]`: hurts the engine where the seed says, and counts what came of it.

Prints the list before anything starts, writes the table of docs/reliability.md, and ends with 0 only if all held.
"""

from __future__ import annotations

import asyncio
import os
import sys
import tempfile
import time
from collections import Counter
from dataclasses import dataclass, field
from pathlib import Path

from tests.chaos import after
from tests.chaos.drive import Carried, Drive
from tests.chaos.examples import Examples
from tests.chaos.ledger import Ledger
from tests.chaos.plan import KILLS, OTHERS, Plan, draw, on_a_bucket
from tests.chaos.world import CUT_S, World
from tests.support.disk import small_disk
from tests.support.lab import Repo
from workers.demo import load_generator as load
from workers.demo.load import Load

RATE, BLOB_BYTES = 60, 8_000_000


@dataclass
class Outcome:
    plan: Plan
    carried: list[Carried] = field(default_factory=list)
    wrong: list[str] = field(default_factory=list)
    examples: int = 0
    requests: int = 0
    refused: int = 0
    in_flight: int = 0
    seconds: float = 0.0

    @property
    def recoveries(self) -> list[float]:
        return sorted(hurt.recovered_s for one in self.carried for hurt in one.hurts)

    def summary(self) -> str:
        hurts = sum(len(one.hurts) for one in self.carried)
        ends = ", ".join(f"{number} {status}" for status, number in Counter(c.status for c in self.carried).items())
        longest = max(self.recoveries, default=0)
        held = "all held" if not self.wrong else f"{len(self.wrong)} did not hold"
        return (
            f"chaos: seed {self.plan.seed}, {hurts} points in {len(self.carried)} runs ({ends}), longest recovery"
            f" {longest:.1f} s, {self.refused + self.in_flight} of {self.requests:,} requests lost, all at what was"
            f" killed, in {self.seconds / 60:.0f} min: {held}"
        )

    def table(self) -> str:
        kinds = Counter(hurt.point.kind for one in self.carried for hurt in one.hurts)
        phases = Counter(hurt.point.phase for one in self.carried for hurt in one.hurts)
        half = self.recoveries[len(self.recoveries) // 2] if self.recoveries else 0
        rows = [
            ("seed", str(self.plan.seed)),
            ("kill -9", ", ".join(f"{kinds[kind]} {kind}" for kind in KILLS)),
            ("other faults", ", ".join(f"{kinds[kind]} {kind}" for kind in OTHERS)),
            ("by phase", ", ".join(f"{number} {phase}" for phase, number in phases.items())),
            ("runs", ", ".join(f"{n} {kind} {status}" for (kind, status), n in self._ends().items())),
            ("examples beside them", f"{self.examples} passed" if not self.wrong else str(self.examples)),
            ("recovery", f"median {half:.1f} s, longest {max(self.recoveries, default=0):.1f} s"),
            ("requests", f"{self.requests:,}; {self.refused} refused while the router was down, {self.in_flight} in"
             " flight at what was killed, 0 others" if not self.wrong else f"{self.requests:,}"),
            ("broken promises", str(len(self.wrong))),
        ]  # fmt: skip
        return "\n".join(["| what | count |", "|---|---|", *(f"| {name} | {value} |" for name, value in rows)])

    def _ends(self) -> Counter[tuple[str, str]]:
        return Counter((one.kind, one.status) for one in self.carried)


def say(text: str) -> None:
    print(text, flush=True)


async def chaos(plan: Plan, folder: Path, cut_s: float = CUT_S) -> Outcome:
    outcome, ledger, began = Outcome(plan), Ledger(), time.monotonic()
    for bucket in (True, False):
        numbers = [number for number in range(len(plan.runs)) if on_a_bucket(number) == bucket]
        if numbers:
            where = folder / ("bucket" if bucket else "disk")
            await _half(plan, numbers, World(where, ledger, bucket=bucket, cut_s=cut_s), outcome)
    ledger.close()
    outcome.seconds = time.monotonic() - began
    return outcome


async def _half(plan: Plan, numbers: list[int], world: World, outcome: Outcome) -> None:
    """The runs on one engine, under load, and what is left afterwards."""
    async with world:
        say(f"an engine with its objects {'in a bucket' if world.bucket else 'on a disk of its own'} is up")
        name = "shop" if world.bucket else "mall"
        drive, examples = Drive(world, name, Repo.create(world.folder / "repo", {"x": ""})), Examples(world)
        requests = Load(world.addresses["router_port"], f"{name}.localhost", world.folder / "load")
        first = await drive.carry("blue-green", [], BLOB_BYTES, say)
        outcome.wrong += first.wrong
        requests.at(RATE)
        try:
            for number in numbers:
                points = [point for point in plan.points if point.run == number]
                await examples.start(number)
                done = await drive.carry(plan.runs[number], points, BLOB_BYTES, say)
                say(f"{done.run} {done.kind}: {done.status} after {done.seconds} s, {len(done.hurts)} points")
                outcome.carried.append(done)
                outcome.wrong += done.wrong
            outcome.examples += len(examples.runs)
            outcome.wrong += await examples.wrong()
            outcome.wrong += await after.while_up(world, drive, requests.ask)
        finally:
            requests.stop()
        answers = [one for file in requests.files for one in load.read(file)]
        refused, flight, other = after.lost(world, answers)
        outcome.requests += len(answers)
        outcome.refused += refused
        outcome.in_flight += flight
        most = after.CONCURRENCY * len(world.killed_processes)
        if flight > most:
            outcome.wrong.append(f"{flight} requests were lost at {len(world.killed_processes)} killed processes")
        if other:
            outcome.wrong.append(f"{len(other)} requests were lost at nothing that was killed: {other[:5]}")
    outcome.wrong += after.when_down(world)


def main() -> int:
    seed, count = int(os.environ.get("SEED") or 1), int(os.environ.get("POINTS") or 200)
    plan = draw(seed, count)
    for point in plan.points:
        say(f"run {point.run + 1} {plan.runs[point.run]:<10} {point.phase:<13} {point.kind:<10} at {point.delay:.0%}")
    with tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as folder:
        with small_disk(Path(folder) / "probe", 1) as possible:
            if not possible:
                say("a disk that can be filled cannot be mounted here: this needs root")
                return 1
        outcome = asyncio.run(chaos(plan, Path(folder)))
    for wrong in outcome.wrong:
        say(f"WRONG {wrong}")
    say("\n" + outcome.table() + "\n")
    say(outcome.summary())
    return 1 if outcome.wrong else 0


if __name__ == "__main__":
    code = main()
    sys.stdout.flush()
    os._exit(code)
