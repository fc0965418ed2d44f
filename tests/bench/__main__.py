"""Prints one JSON line per row: name, value, unit, baseline, ratio, goal, ok. A missing row is a failure.

Every pair is interleaved (bare, ours, bare, ours, …) and the median of five is taken, since the machines are noisy.
"""

from __future__ import annotations

import asyncio
import os
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from activities.supervisor.service import answers, free_port
from domain.jobs.isolation import Level
from tests.bench import (
    audit,
    chains,
    clusters,
    door,
    fleet,
    fleet_viewers,
    graphs,
    inbox,
    inventory,
    large_scans,
    lists,
    masking,
    own_queue,
    pages,
    pods,
    readers,
    rehearsals,
    releases,
    scale,
    scans,
    seals,
    viewers,
)
from tests.bench.command_cost import commands, linting, starting, warm_runs
from tests.bench.engine_cost import bench, chain, decisions, fan, fans, processes, sequences
from tests.bench.rows import ROWS, row
from workers.engine import embedded as engine

NAMES = [
    "seq_1",
    "seq_20",
    "seq_200",
    "fan_200",
    "events_per_job",
    "run_fixed_cost",
    "memory_2000",
    "lint_1000",
    "cli_help",
    "cli_runs",
    "cli_run",
    "cli_steps_20",
    "up_ready",
    "decision_latency",
]
LEVELS = {Level.SANDBOX: "process_job", Level.LANDLOCK: "process_job_landlock", Level.PROCESS: "process_job_process"}


async def pipelines(folder: Path, address: str) -> None:
    linting()
    commands()
    warm_runs(folder)
    starting(folder)
    async with bench(address, folder, real=False) as b:
        await sequences(b)
        await decisions(b)
        await fans(b)


async def started(folder: Path, address: str) -> None:
    for level, name in LEVELS.items():
        async with bench(address, folder / level, real=True, most=level) as b:
            await processes(b, name)
    chains.measured(folder / "chains")


async def shaped(folder: Path, address: str) -> None:
    graphs.measured(folder / "graphs")


async def queued(folder: Path, address: str) -> None:
    async with bench(address, folder / "queued", real=False) as b:
        await own_queue.measured(b, chain, fan, row)


async def released(folder: Path, address: str) -> None:
    releases.judging(row)
    await releases.events_per_hour(address, folder, row)
    await releases.shifts(folder / "shifts", row)
    await releases.detections(folder, row)


async def scaled(folder: Path, address: str) -> None:
    async with bench(address, folder / "simulated", real=False) as b:
        await scale.simulated(b, row)
    async with bench(address, folder / "real", real=True) as b:
        await scale.real(b, row)
    await scale.killed(folder, row)


async def rehearsed(folder: Path, address: str) -> None:
    await rehearsals.rehearsals(folder, row)


async def logged(folder: Path, address: str) -> None:
    masking.masked(row)


async def guarded(folder: Path, address: str) -> None:
    await door.measured(folder / "doors", row)


async def sealed(folder: Path, address: str) -> None:
    await seals.measured(address, folder / "seals", row)


async def read_apart(folder: Path, address: str) -> None:
    readers.measured(folder / "readers", row)


async def _audited(folder: Path, address: str) -> None:
    audit.measured(folder / "audit")


async def all_of_it(folder: Path, parts: list[str]) -> None:
    port, ui = free_port(), free_port()
    server = subprocess.Popen(
        engine.server_command(port, ui, str(folder / "t.db")), stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
    )
    while not answers(port, ""):
        time.sleep(0.02)
    try:
        for part in parts:
            await PARTS[part][0](folder, f"127.0.0.1:{port}")
    finally:
        server.terminate()
        server.wait()


PARTS = {
    "pipelines": (pipelines, NAMES),
    "jobs": (started, [*LEVELS.values(), *chains.NAMES]),
    "graphs": (shaped, graphs.NAMES),
    "own_queue": (queued, own_queue.NAMES),
    "releases": (released, releases.NAMES),
    "scale": (scaled, scale.NAMES),
    "rehearsals": (rehearsed, rehearsals.NAMES),
    "masking": (logged, masking.NAMES),
    "door": (guarded, door.NAMES),
    "seals": (sealed, seals.NAMES),
    "readers": (read_apart, readers.NAMES),
    "scans": (lambda folder, address: scans.scanned(folder, address, row), scans.NAMES),
    "large_scans": (lambda folder, address: large_scans.scanned(folder, address, row), large_scans.NAMES),
    "lists": (lambda folder, address: lists.measured(folder / "lists"), lists.NAMES),
    "inbox": (lambda folder, address: inbox.measured(folder / "inbox"), inbox.NAMES),
    "audit": (_audited, audit.NAMES),
    "inventory": (lambda folder, address: inventory.measured(folder / "inventory", address), inventory.NAMES),
    "fleet": (lambda folder, address: fleet.measured(folder / "fleet"), fleet.NAMES),
    "fleet_viewers": (lambda folder, address: fleet_viewers.measured(folder / "fleet-viewers"), fleet_viewers.NAMES),
    "fleet_postgres": (lambda folder, address: fleet.on_postgres(folder / "fleet-postgres"), fleet.ON_POSTGRES),
    "pages": (lambda folder, address: pages.measured(folder / "pages"), pages.NAMES),
    "pages_postgres": (lambda folder, address: pages.on_postgres(folder / "pages-postgres"), pages.ON_POSTGRES),
    "viewers": (lambda folder, address: viewers.measured(folder / "viewers"), viewers.NAMES),
    "clusters": (lambda folder, address: clusters.measured(address, folder / "clusters", row), clusters.NAMES),
    "pods": (lambda folder, address: pods.measured(address, folder / "pods", row), pods.NAMES),
}


def main(parts: list[str]) -> int:
    """`python -m tests.bench [pipelines] [jobs] [graphs] [own_queue] [releases] [scale] [rehearsals] [masking] [door] [seals] [readers] [scans] [large_scans] [lists] [inbox] [audit] [inventory] [fleet] [fleet_viewers] [fleet_postgres] [pages] [pages_postgres] [viewers] [clusters] [pods]`; without names, all."""
    with tempfile.TemporaryDirectory() as folder:
        asyncio.run(all_of_it(Path(folder), parts or list(PARTS)))
    missing = [name for part in parts or PARTS for name in PARTS[part][1] if name not in ROWS]
    if missing:
        print(f"missing rows: {', '.join(missing)}", file=sys.stderr)
    return 1 if missing else 0


if __name__ == "__main__":
    code = main(sys.argv[1:])
    sys.stdout.flush()
    os._exit(code)
