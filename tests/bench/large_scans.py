"""A project of 150,000 lines, scanned as a whole, and again after one function has changed; and one of ten files.

The project is a part of Python's own library, in a git repository: real code of many kinds that each machine has. The
command is measured end to end, with all default scanners, beside the slowest of them alone.
"""

from __future__ import annotations

import ast
import asyncio
import json
import random
import resource
import shutil
import statistics
import subprocess
import sys
import sysconfig
import time
from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path

from activities.core import process
from activities.scans.port import Beside, OfCode
from activities.scans.scanners.registry import scanners
from activities.scans.secret_hashing import Masked
from activities.scans.view.view import build
from domain.core.documents import Node
from domain.core.values import Json
from tests.bench.bare import PAIRS
from tests.bench.scans import plainly
from workers.core import settings

LINES = 150_000
TOOLS = ("bandit", "semgrep", "dataflow", "trivy", "secrets", "markers")
NAMES = [
    *("scan_150k", "scan_150k_memory", "scan_150k_one_change", "scan_150k_hub_change"),
    *("scan_ten_files", "scan_ten_files_again"),
]
FEW = 10
PEERS = ("bandit", "semgrep", "trivy")
"""What people start one after another where they have no engine."""
HUB = "argparse.py"
"""Nearly every program of the library calls it: the most that one change can make to be followed again."""
SEED = 7
LEFT_OUT = {"test", "tests", "idlelib", "site-packages", "__pycache__", "lib2to3"}
LIMIT_S = 1_200


def project(folder: Path) -> tuple[Path, int]:
    """The files, committed, and the number of their lines."""
    library, lines = Path(sysconfig.get_paths()["stdlib"]), 0
    for path in _sources(library):
        if lines >= LINES and path.name != HUB:
            continue
        target = folder / path.relative_to(library)
        target.parent.mkdir(parents=True, exist_ok=True)
        shutil.copyfile(path, target)
        lines += path.read_bytes().count(b"\n")
    git = ("git", "-C", str(folder), "-c", "user.name=x", "-c", "user.email=x@example.org")
    for command in (("init", "-q"), ("add", "-A", "-f"), ("commit", "-q", "-m", "x")):
        subprocess.run([*git, *command], check=True)
    return folder.resolve(), lines


def _sources(library: Path) -> Iterator[Path]:
    for path in sorted(library.rglob("*.py"), key=lambda path: (path.name != HUB, path)):
        if not LEFT_OUT & set(path.relative_to(library).parts):
            yield path


class Command:
    """`sluiceway scan` in the folder, with a home of its own."""

    def __init__(self, home: Path, target: Path) -> None:
        self._env = {"PATH": "/usr/bin:/bin", "HOME": str(home), "SLUICEWAY_HOME": str(home / "engine")}
        self._target = target

    def __call__(self) -> tuple[float, Node]:
        """Seconds, and the report."""
        began = time.perf_counter()
        program = str(Path(sys.executable).with_name("sluiceway"))
        command = [program, "scan", str(self._target), "-f", "json", "--fail-on", "never"]
        done = subprocess.run(command, env=self._env, capture_output=True, check=False)
        return time.perf_counter() - began, Node(json.loads(done.stdout))


async def alone(target: Path, folder: Path) -> dict[str, float]:
    """Seconds by tool, each in a process of its own on the files that the engine gives it."""
    registered = scanners(settings.load().tools, masked=Masked(b"bench"))
    adapters = {name: one.beside(TOOLS) if isinstance(one, Beside) else one for name, one in registered.items()}
    view = build(target, folder / "view")
    taken: dict[str, float] = {}
    for tool in TOOLS:
        scratch = folder / tool
        (scratch / "home").mkdir(parents=True)
        (scratch / "cwd").mkdir()
        root = view.root if isinstance(adapters[tool], OfCode) else target
        kept, process.run = process.run, plainly
        began = time.perf_counter()
        try:
            done = await adapters[tool].run(root, scratch, "bench", LIMIT_S)
            if tool == "markers":  # it works in this process
                await asyncio.to_thread(partial(adapters[tool].parse, root, scratch, done))
        finally:
            process.run = kept
        taken[tool] = time.perf_counter() - began
    return taken


def chosen(target: Path) -> list[Path]:
    """As many files with functions as there are rounds, by chance."""
    every = [path for path in sorted(target.rglob("*.py")) if _function(path) is not None]
    return random.Random(SEED).sample(every, PAIRS)


def _function(path: Path) -> ast.stmt | None:
    """The first statement of the first function whose body begins on a line of its own."""
    for node in ast.walk(ast.parse(path.read_bytes())):
        if isinstance(node, ast.FunctionDef) and node.body[0].lineno > node.lineno:
            return node.body[0]
    return None


def edited(path: Path) -> None:
    """One more statement in a function."""
    first = _function(path)
    assert first is not None
    lines = path.read_bytes().splitlines(keepends=True)
    lines.insert(first.lineno - 1, b" " * first.col_offset + b"seen = 1\n")
    path.write_bytes(b"".join(lines))


def counted(report: Node) -> int:
    return len(list(report["findings"]))


async def scanned(folder: Path, address: str, row: Callable[..., None]) -> None:
    target, lines = await asyncio.to_thread(project, folder / "large")
    each = await alone(target, folder / "alone")
    slowest, bare = max(each.items(), key=lambda one: one[1])
    command = Command(folder / "home", target)
    whole, first = await asyncio.to_thread(command)
    taken_alone: Json = {tool: round(seconds, 2) for tool, seconds in each.items()}
    more = {"lines": lines, "slowest": slowest, "alone": taken_alone, "findings": counted(first)}
    row("scan_150k", whole, "s", bare, "at most 1.1 times the slowest tool", whole <= 1.1 * bare, **more)
    peak = resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss / 1e3
    row("scan_150k_memory", peak, "MB, the largest process", None, "stated", True)
    taken = []
    for path in await asyncio.to_thread(chosen, target):
        taken.append(await _after_a_change(command, path, counted(first)))
    median = statistics.median(taken)
    named: dict[str, Json] = {"all": [round(one, 2) for one in taken]}
    row("scan_150k_one_change", median, "s", None, "at most 3 s", median <= 3, **named)
    hub = await _after_a_change(command, target / HUB, counted(first))
    row("scan_150k_hub_change", hub, "s", None, "stated", True, file=HUB)
    await _few(folder, row)


async def _few(folder: Path, row: Callable[..., None]) -> None:
    """The command on ten files, as one person has them: nothing is known of them, and then all is."""
    target = folder / "few"
    target.mkdir()
    for number in range(FEW):
        (target / f"module_{number}.py").write_text(f"def double(value):\n    return value * {number}\n")
    each = await alone(target.resolve(), folder / "few-alone")
    command = Command(folder / "home", target)
    first, _ = await asyncio.to_thread(command)
    bare = sum(each[tool] for tool in PEERS)
    row("scan_ten_files", first, "s", bare, "under 2 s", first < 2, tools=list(PEERS))
    again, _ = await asyncio.to_thread(command)
    row("scan_ten_files_again", again, "s", None, "under 1 s", again < 1)


async def _after_a_change(command: Command, path: Path, findings: int) -> float:
    await asyncio.to_thread(edited, path)
    seconds, report = await asyncio.to_thread(command)
    assert counted(report) == findings, "another number of findings than of the whole scan"
    return seconds
