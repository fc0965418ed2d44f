"""What a supervisor says of its processes."""

from __future__ import annotations

import json
import os
from dataclasses import dataclass
from pathlib import Path

from activities.supervisor import launch, tree
from domain.core.documents import Manifest, Node
from domain.core.values import Json


def job(folder: Path, step: str, **more: Json) -> Path:
    """The folder of a job of one step at the level `process`, as a worker prepares it. `more`: of its spec."""
    for name in ("workspace", "home", "tmp"):
        (folder / name).mkdir(parents=True)
    env = {"PATH": os.environ["PATH"]}
    one: Manifest = {"name": "x", "run": step, "shell": "sh", "command": [], "script": "", "env": {}, "timeout_s": 0}
    jail: Manifest = {"level": "process", "hidden": [], "visible": [], "replaced": [], "writable": [], "uid": 0}
    jail |= {"network": "open", "disk_bytes": 0, "processes": 500, "landlock": 0}
    spec: Manifest = {"notes": [], "key": folder.name, "cwd": str(folder / "workspace"), "env": env, "steps": [one]}
    limits: Manifest = {
        "jail": jail,
        "after": [],
        "timeout_s": 60,
        "grace_s": 1,
        "memory_bytes": 0,
        "output_bytes": 10**6,
    }
    (folder / "spec.json").write_text(json.dumps(spec | limits | more))
    return folder


@dataclass(frozen=True)
class Process:
    pid: int
    """0: it does not run."""
    port: int
    ready: bool


def processes(folder: Path) -> list[Process]:
    """From `state.json` in the supervisor's folder; none before it is written."""
    told = Node(launch.read_json(folder / "state.json"))["instances"]
    return [Process(one["pid"].whole(), one["port"].whole(), bool(one["ready"])) for one in told]


def pids(folder: Path) -> list[int]:
    """In the order of the processes; 0 for one that does not run."""
    return [one.pid for one in processes(folder)]


def steps_of(folder: Path) -> list[int]:
    """Processes that the steps of a job have started, by their numbers on this machine; none before the first."""
    supervisor = launch.running(folder)
    own = _command(supervisor)
    return [pid for pid in tree.descendants(supervisor) if _command(pid) not in (own, b"")] if supervisor else []


def commands_below(folder: Path, program: bytes) -> list[int]:
    """Those that run one program."""
    return [pid for pid in steps_of(folder) if _command(pid).split(b"\0")[0] == program]


def _command(pid: int) -> bytes:
    try:
        return Path(f"/proc/{pid}/cmdline").read_bytes()
    except OSError:
        return b""
