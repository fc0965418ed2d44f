"""Plans whose shape costs more than their jobs: a chain of skipped jobs, and full layers."""

from __future__ import annotations

import os
import statistics
import subprocess
import sys
import time
from pathlib import Path

from tests.bench.bare import PAIRS
from tests.bench.rows import row
from workers.core.settings import Settings
from workers.engine import embedded as engine

NAMES = ["skips_200", "layers_7x12"]
GOAL_S = 2.0
HEAD = "apiVersion: sluiceway/v1\nkind: Pipeline\nname: {}\njobs:\n  first: {{run: 'true'}}\n"


def skips(count: int) -> str:
    """Each job is skipped at run time, for the one before it was."""
    needs = ["first", *(f"j{index}" for index in range(count - 1))]
    return HEAD.format("skips") + "".join(
        f"  j{index}: {{needs: {need}, when: \"needs.{need}.result == 'failed'\", run: 'true'}}\n"
        for index, need in enumerate(needs)
    )


def layers(depth: int, width: int) -> str:
    """Each job needs every job of the layer before."""
    text, above = HEAD.format("layers"), ["first"]
    for layer in range(depth):
        names = [f"l{layer}n{index}" for index in range(width)]
        text += "".join(f"  {name}: {{needs: [{', '.join(above)}], run: 'true'}}\n" for name in names)
        above = names
    return text


def measured(folder: Path) -> None:
    """`sluiceway run FILE` on an engine that is up, to its exit; the first run of each starts its pipeline's entity."""
    home, files = folder / "home", folder / "files"
    files.mkdir(parents=True)
    settings = Settings(home, Path(sys.prefix) / "tools")
    env = {**os.environ, "SLUICEWAY_HOME": str(home)}
    engine.up(settings)
    try:
        for name, text in (("skips_200", skips(200)), ("layers_7x12", layers(7, 12))):
            (files / f"{name}.yaml").write_text(text)
            command = [str(Path(sys.executable).with_name("sluiceway")), "run", str(files / f"{name}.yaml")]
            taken = [seconds(command, env) for _ in range(PAIRS + 1)][1:]
            median = statistics.median(taken)
            row(name, median, "s, `sluiceway run` to its exit", None, f"at most {GOAL_S:g} s", median <= GOAL_S)
    finally:
        engine.down(settings)


def seconds(command: list[str], env: dict[str, str]) -> float:
    """How long a command takes. Raises CalledProcessError when it fails."""
    began = time.perf_counter()
    subprocess.run(command, stdout=subprocess.DEVNULL, env=env, check=True)
    return time.perf_counter() - began
