"""Runs a pipeline of pods by Argo Workflows, Tekton and us, and appends a line for each to a file.

`python -m tests.bench.peers.pods --peers FOLDER` goes on where an interrupted run stopped: what the file (`measured.jsonl`
beside this one, or `--file FILE`) has is not measured again. `--table` only prints the table. FOLDER has the peers' programs
and kinds, built from their public sources (docs/measured.md); what is not there is left out, with its reason.
"""

from __future__ import annotations

import argparse
import asyncio
import os
import secrets
import time
from collections.abc import Callable, Mapping
from contextlib import AsyncExitStack
from functools import partial
from pathlib import Path
from typing import Protocol

from tests.bench.peers.pods import argo, jobs, ours, tekton
from tests.bench.peers.pods.table import Outcome, read, table
from tests.bench.peers.pods.world import World, world

WARM_PODS = 5
MEASURED = Path(__file__).with_name("measured.jsonl")


class Tool(Protocol):
    """Something that runs pipelines of pods."""

    async def install(self, end: AsyncExitStack) -> None: ...

    async def run(self, name: str, pods: int) -> None: ...


TOOLS: Mapping[str, tuple[Callable[[World], Tool], tuple[str, ...]]] = {
    "argo-workflows": (argo.ArgoWorkflows, argo.NEEDS),
    "argo-workflows, unlimited": (partial(argo.ArgoWorkflows, limits=argo.UNLIMITED), argo.NEEDS),
    "tekton": (tekton.Tekton, tekton.NEEDS),
    "tekton, unlimited": (partial(tekton.Tekton, limits=tekton.UNLIMITED), tekton.NEEDS),
    "sluiceway, jobs": (jobs.Jobs, ()),
    "sluiceway, pods": (ours.Pods, ()),
}
"""What each needs of the peers' folder. The peers as they are installed by default, and without a limit of requests."""


async def run(args: argparse.Namespace) -> None:
    """Every tool and trial that the file lacks: trial by trial, so that all see the same machine."""
    async with world(args.peers) as here:
        for trial in range(args.trials):
            for name in args.tools:
                done = sum((one.tool, one.pods) == (name, args.pods) for one in read(args.file))
                if done <= trial and _built(name, args.peers):
                    await _measured(name, args, here)


def _built(name: str, peers: Path) -> bool:
    missing = [one for one in TOOLS[name][1] if not (peers / one).exists()]
    if missing:
        print(f"{name} is left out: {peers} has no {', '.join(missing)}")
    return not missing


async def _measured(name: str, args: argparse.Namespace, here: World) -> None:
    """Its programs run for this one pipeline, and are warm."""
    async with AsyncExitStack() as end:
        tool = TOOLS[name][0](here)
        await tool.install(end)
        await tool.run(f"warm-{secrets.token_hex(3)}", WARM_PODS)
        load, spent, began = os.getloadavg()[0], here.processor_s(), time.perf_counter()
        await tool.run(f"run-{secrets.token_hex(3)}", args.pods)
        took = time.perf_counter() - began
        outcome = Outcome(name, args.pods, round(took, 2), round(here.processor_s() - spent, 2), round(load, 1))
    here.empty()
    with args.file.open("a") as out:
        out.write(outcome.line() + "\n")
    print(outcome.line(), flush=True)


def main() -> None:
    """Arguments: see above."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--peers", type=Path, default=Path("peers"))
    parser.add_argument("--file", type=Path, default=MEASURED)
    parser.add_argument("--tools", nargs="+", choices=TOOLS, default=list(TOOLS))
    parser.add_argument("--pods", type=int, default=200)
    parser.add_argument("--trials", type=int, default=3)
    parser.add_argument("--table", action="store_true")
    args = parser.parse_args()
    args.peers = args.peers.resolve()
    if not args.table:
        asyncio.run(run(args))
    print("\n".join(table(read(args.file))))


if __name__ == "__main__":
    main()
