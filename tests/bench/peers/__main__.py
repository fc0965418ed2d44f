"""Releases the same versions by Argo Rollouts, Flagger and us, and appends a line for each to a file.

`python -m tests.bench.peers --peers FOLDER` goes on where an interrupted run stopped: what the file (`measured.jsonl`
beside this one, or `--file FILE`) has is not measured again. `--table` only prints the table. FOLDER has the peers' programs
and kinds, built from their public sources (docs/measured.md); what is not there is left out, with its reason.
"""

from __future__ import annotations

import argparse
import asyncio
import time
from collections.abc import Callable, Mapping
from contextlib import AsyncExitStack
from pathlib import Path
from typing import Protocol

from tests.bench.peers import argo, flagger
from tests.bench.peers.faults import FAULTS, Fault
from tests.bench.peers.ours import Sluiceway
from tests.bench.peers.table import Outcome, read, table
from tests.bench.peers.world import LIMIT_S, PER_S, World, world

INCIDENT_AFTER_S, INCIDENT_S, INCIDENT_SHARE = 20.0, 15.0, 0.5
SETTLE_S = 5.0
MEASURED = Path(__file__).with_name("measured.jsonl")


class Tool(Protocol):
    """One release tool in the cluster."""

    name: str

    async def install(self, end: AsyncExitStack) -> None: ...

    async def first(self) -> None: ...

    def change(self, version: str, env: Mapping[str, str]) -> None: ...

    async def ended(self) -> bool | None: ...

    async def reset(self, version: str, env: Mapping[str, str]) -> None: ...

    def remove(self) -> None: ...


TOOLS: Mapping[str, tuple[Callable[[World], Tool], tuple[str, ...]]] = {
    "argo-rollouts": (argo.ArgoRollouts, argo.PROGRAMS),
    "flagger": (flagger.Flagger, flagger.PROGRAMS),
    "sluiceway": (Sluiceway, ()),
}
"""Ours is the last: its route stays."""


async def measured(tool: Tool, fault: Fault, version: str, here: World) -> Outcome:
    """One release of one version, under load."""
    began = time.time()
    tool.change(version, fault.env)
    hit = not fault.incident
    while (went_back := await tool.ended()) is None and time.time() - began < LIMIT_S:
        if not hit and time.time() - began > INCIDENT_AFTER_S:
            await asyncio.to_thread(here.incident, INCIDENT_SHARE, INCIDENT_S)
            hit = True
        await asyncio.sleep(0.25)
    ended = time.time()
    await asyncio.sleep(SETTLE_S)
    counts = here.load.counts(began, time.time(), version)
    lost = counts.failed - counts.injected
    return Outcome(tool.name, fault.name, bool(went_back), ended - began, counts.requests, lost, counts.injected)


async def run(args: argparse.Namespace) -> None:
    """Every tool, fault and trial that the file lacks."""
    async with world(args.peers) as here:
        for name in args.tools:
            kind, programs = TOOLS[name]
            if missing := [one for one in programs if not (args.peers / one).exists()]:
                print(f"{name} is left out: {args.peers} has no {', '.join(missing)}")
                continue
            async with AsyncExitStack() as end:
                tool = kind(here)
                await tool.install(end)
                await _tool(tool, args, here)


async def _tool(tool: Tool, args: argparse.Namespace, here: World) -> None:
    await tool.first()
    here.load.at(PER_S)
    number, live = 0, ("0", FAULTS["healthy"])
    for trial in range(args.trials):
        for fault in args.faults:
            done = sum((one.tool, one.fault) == (tool.name, fault) for one in read(args.file))
            if done > trial:
                continue
            number += 1
            outcome = await measured(tool, FAULTS[fault], str(number), here)
            with args.file.open("a") as out:
                out.write(outcome.line() + "\n")
            print(outcome.line(), flush=True)
            if outcome.went_back:
                await tool.reset(live[0], live[1].env)
            else:
                live = (str(number), FAULTS[fault])
    here.load.stop()
    tool.remove()


def main() -> None:
    """Arguments: see above."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--peers", type=Path, default=Path("peers"))
    parser.add_argument("--file", type=Path, default=MEASURED)
    parser.add_argument("--tools", nargs="+", choices=TOOLS, default=list(TOOLS))
    parser.add_argument("--faults", nargs="+", choices=FAULTS, default=list(FAULTS))
    parser.add_argument("--trials", type=int, default=5)
    parser.add_argument("--table", action="store_true")
    args = parser.parse_args()
    args.peers = args.peers.resolve()
    if not args.table:
        asyncio.run(run(args))
    print("\n".join(table(read(args.file))))


if __name__ == "__main__":
    main()
