"""What a person waits for: commands, a run on a warm engine, linting, and the engine itself."""

from __future__ import annotations

import os
import resource
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from tests.bench.bare import PAIRS
from tests.bench.rows import row
from workers.core.settings import Settings
from workers.engine import embedded as engine


def commands() -> None:
    """What a person waits for before a command says anything: the help, and a list of an engine without runs."""
    program = str(Path(sys.executable).with_name("sluiceway"))
    with tempfile.TemporaryDirectory() as folder:
        env = {**os.environ, "SLUICEWAY_HOME": folder}
        for name, argument, goal_ms in (("cli_help", "--help", 250), ("cli_runs", "runs", 400)):
            taken: list[float] = []
            bare: list[float] = []
            for _ in range(PAIRS):
                for command, into in (([sys.executable, "-c", "pass"], bare), ([program, argument], taken)):
                    began = time.perf_counter()
                    subprocess.run(command, stdout=subprocess.DEVNULL, env=env, check=True)
                    into.append(time.perf_counter() - began)
            median, baseline = statistics.median(taken), statistics.median(bare)
            row(name, median * 1000, "ms", baseline * 1000, f"under {goal_ms} ms", median * 1000 < goal_ms)


def warm_runs(folder: Path) -> None:
    """`sluiceway run FILE` on an engine that is up: the CPU of the command itself, and the time to its exit."""
    home, files = folder / "warm", folder / "files"
    files.mkdir()
    settings = Settings(home, Path(sys.prefix) / "tools")
    program = str(Path(sys.executable).with_name("sluiceway"))
    env = {**os.environ, "SLUICEWAY_HOME": str(home)}
    engine.up(settings)
    try:
        for name, steps, goal in (("cli_run", 1, "at most 0.5 s of CPU"), ("cli_steps_20", 20, "at most 1.0 s")):
            text = (
                f"apiVersion: sluiceway/v1\nkind: Pipeline\nname: {name.replace('_', '-')}\njobs:\n  only:\n    run:\n"
            )
            (files / f"{name}.yaml").write_text(text + '      - "true"\n' * steps)
            command = [program, "run", str(files / f"{name}.yaml")]
            _timed(command, env)  # the first run of a pipeline starts its entity
            taken: list[tuple[float, float]] = []
            bare: list[tuple[float, float]] = []
            for _ in range(PAIRS):
                bare.append(_timed([sys.executable, "-c", "pass"], env))
                taken.append(_timed(command, env))
            which = 1 if name == "cli_run" else 0
            mine, baseline = (statistics.median(one[which] for one in found) for found in (taken, bare))
            unit = "ms of CPU" if which else "ms"
            row(name, mine * 1000, unit, baseline * 1000, goal, mine <= (0.5 if which else 1.0))
    finally:
        engine.down(settings)


def _timed(command: list[str], env: dict[str, str]) -> tuple[float, float]:
    """Seconds that a command took, and seconds of CPU of it and of what it started and waited for."""
    before, began = resource.getrusage(resource.RUSAGE_CHILDREN), time.perf_counter()
    subprocess.run(command, stdout=subprocess.DEVNULL, env=env, check=True)
    took, after = time.perf_counter() - began, resource.getrusage(resource.RUSAGE_CHILDREN)
    return took, after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime


def linting() -> None:
    from domain.triggers.events import Event, EventKind
    from pipeline_defs.core import cel_syntax, expressions
    from pipeline_defs.documents import check
    from pipeline_defs.pipelines.compile import compile_plan

    text = (
        "apiVersion: sluiceway/v1\nkind: Pipeline\nname: x\nparams: {n: {type: integer, default: 1}}\njobs:\n"
        + "".join(
            f"  job{i}:\n    stage: build\n    needs: [{f'job{i - 1}' if i else ''}]\n    when: params.n > {i - 2000}\n    env:\n      A: ${{{{ event.branch }}}}-{i}\n    run:\n      - echo {i}\n"
            for i in range(1000)
        )
    )
    taken = []
    for _ in range(PAIRS):
        cel_syntax.parse.cache_clear()
        expressions._compiled.cache_clear()
        began = time.perf_counter()
        made = compile_plan(check(text.encode(), "x.yaml", lambda path: None), Event(EventKind.PUSH))
        taken.append(time.perf_counter() - began)
        assert len(made.jobs) == 1000
    row(
        "lint_1000",
        statistics.median(taken) * 1000,
        "ms, linting and planning",
        None,
        "at most 500 ms",
        statistics.median(taken) <= 0.5,
    )


def starting(folder: Path) -> None:
    settings = Settings(folder / "up", Path(sys.prefix) / "tools")
    began = time.perf_counter()
    engine.up(settings)
    took = time.perf_counter() - began
    engine.down(settings)
    row("up_ready", took, "s", None, "at most 5 s", took <= 5)
