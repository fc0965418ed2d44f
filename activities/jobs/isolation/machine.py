"""What this machine offers to isolate jobs: tried once per process."""

from __future__ import annotations

import json
import os
import subprocess
import tempfile
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from activities.jobs.isolation import paths
from activities.supervisor import program
from activities.supervisor.sandbox import JOB_USER
from domain.core.documents import Node, Object
from domain.jobs import isolation
from domain.jobs.isolation import JailSpec, Level, Machine

TIMEOUT_S = 20.0


@dataclass(frozen=True)
class Probed:
    """The levels, and the numbers that a job's supervisor needs."""

    machine: Machine
    uid: int
    landlock: int


@cache
def probed(folder: Path) -> Probed:
    """`folder`: where jobs will lie, in the engine's home; its file system and the way to it matter."""
    folder.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=folder, prefix=".probe-") as name:
        work = Path(name) / "work"
        work.mkdir()
        (Path(name) / "spec.json").write_text(json.dumps(_jail(work, paths.hidden(folder.parent))))
        found = Node(_answer(Path(name)))
    uid, landlock, why = found["uid"].whole(), found["landlock"].whole(), found["sandbox"].text()
    refused = {Level.SANDBOX: why} if why else {}
    if not landlock:
        refused[Level.LANDLOCK] = "the kernel has no Landlock, or it is off"
    return Probed(Machine(refused, _lacks(uid, landlock)), uid, landlock)


def _jail(work: Path, hidden: list[str]) -> JailSpec:
    return {
        "level": Level.SANDBOX,
        "hidden": hidden,
        "visible": [],
        "replaced": [],
        "writable": [(str(work), str(work))],
        "uid": 0 if os.getuid() else JOB_USER,
        "network": "open",
        "disk_bytes": 0,
        "processes": isolation.PROCESSES,
        "landlock": 0,
    }


def _answer(folder: Path) -> Object:
    command = program.command("probe", str(folder))
    try:
        ended = subprocess.run(command, capture_output=True, timeout=TIMEOUT_S, check=False, text=True)
        return Node(json.loads(ended.stdout)).object()
    except (OSError, ValueError, subprocess.TimeoutExpired) as broken:
        return {"sandbox": f"the probe did not answer: {broken}", "uid": 0, "landlock": 0}


def _lacks(uid: int, landlock: int) -> dict[Level, tuple[str, ...]]:
    user = () if uid or os.getuid() else ("a user of its own: it runs as root, without privileges",)
    return {Level.SANDBOX: user, Level.LANDLOCK: user, Level.PROCESS: user}
