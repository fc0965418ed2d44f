"""What a supervisor says of its processes."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from activities.supervisor import launch
from domain.core.documents import Node


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
