"""What a person waits for: many small jobs of a run, from the command to its exit, against a run of one job."""

from __future__ import annotations

import os
import statistics
import sys
from pathlib import Path

from tests.bench.bare import PAIRS
from tests.bench.graphs import HEAD, seconds
from tests.bench.rows import row
from workers.core.settings import Settings
from workers.engine import embedded as engine

NAMES = ["chain_20", "burst_50"]
GOAL_S = 1.5
ONE = HEAD.format("one")


def chain(count: int) -> str:
    """Each job needs the one before."""
    jobs = [
        f"  j{index}: {{needs: {f'j{index - 1}' if index else 'first'}, run: 'true'}}\n" for index in range(count - 1)
    ]
    return HEAD.format("chain") + "".join(jobs)


def burst(count: int) -> str:
    """None needs another."""
    return HEAD.format("burst") + "".join(f"  j{index}: {{run: 'true'}}\n" for index in range(count - 1))


def measured(folder: Path) -> None:
    """`sluiceway run FILE` on an engine that is up; the first run of each starts its pipeline's entity."""
    home, files = folder / "home", folder / "files"
    files.mkdir(parents=True)
    settings = Settings(home, Path(sys.prefix) / "tools")
    env = {**os.environ, "SLUICEWAY_HOME": str(home)}
    engine.up(settings)
    try:
        (files / "one.yaml").write_text(ONE)
        for name, text in (("chain_20", chain(20)), ("burst_50", burst(50))):
            (files / f"{name}.yaml").write_text(text)
            taken: dict[str, list[float]] = {"one": [], name: []}
            for _ in range(PAIRS + 1):
                for which, found in taken.items():
                    program = str(Path(sys.executable).with_name("sluiceway"))
                    found.append(seconds([program, "run", str(files / f"{which}.yaml")], env))
            one, all_ = (statistics.median(found[1:]) for found in taken.values())
            unit = "s, `sluiceway run` to its exit; baseline: a run of one job"
            row(name, all_, unit, one, f"at most {GOAL_S:g} s", all_ <= GOAL_S)
    finally:
        engine.down(settings)
